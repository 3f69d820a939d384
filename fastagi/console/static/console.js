// What is new on a page, as it happens. Without this script every page is whole all the same.
"use strict";

(() => {
  const events = document.body.dataset.events;
  const state = document.getElementById("state");
  if (!events || !state || !window.EventSource) {
    return;
  }
  const waiting = new Map();

  // What somebody points at, or is about to press, must not move from under the finger.
  const isHeld = (part) =>
    part.contains(document.activeElement) || part.querySelector("tbody:hover") !== null;

  const show = () => {
    for (const [name, html] of waiting) {
      const part = document.getElementById(`part-${name}`);
      if (part && !isHeld(part)) {
        part.innerHTML = html; // made by the server, which escapes whatever others chose
        waiting.delete(name);
      }
    }
    document.body.classList.toggle("held", waiting.size > 0);
  };

  const say = (text) => {
    if (state.textContent !== text) {
      state.textContent = text;
    }
  };

  const listen = () => {
    const source = new EventSource(events);
    source.addEventListener("open", () => say("Live."));
    source.addEventListener("parts", (event) => {
      const news = JSON.parse(event.data);
      for (const [name, html] of Object.entries(news.parts)) {
        waiting.set(name, html);
      }
      show();
    });
    source.addEventListener("over", () => {
      source.close();
      window.location.reload();
    });
    source.addEventListener("error", () => {
      say("Not live; trying again …");
      if (source.readyState === EventSource.CLOSED) {
        // It was refused: too many watch, or the store is away. Not all at once, then.
        setTimeout(listen, 10000 * (1 + Math.random()));
      }
    });
  };

  listen();
  document.addEventListener("pointermove", show);
  document.addEventListener("focusout", () => setTimeout(show));
})();
