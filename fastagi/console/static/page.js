// What a page does better with a script: the time left counts down, and the end shows by itself.
// Without it the page says the same, as of when it was loaded.
"use strict";

const ASK_EVERY_S = 5;
const SOON_S = 300;

const left = document.getElementById("left");
if (left) {
  const began = performance.now();
  const seconds = Number(left.dataset.seconds);
  const soon = document.getElementById("soon");
  const written = (count, unit) =>
    new Intl.NumberFormat(left.dataset.language, { style: "unit", unit, unitDisplay: "short" }).format(count);

  const show = () => {
    const now = Math.max(0, seconds - (performance.now() - began) / 1000);
    const minutes = Math.ceil(now / 60);
    const parts = [];
    if (minutes >= 60) parts.push(written(Math.floor(minutes / 60), "hour"));
    if (now < 60) parts.push(written(Math.ceil(now), "second"));
    else if (minutes % 60 || minutes < 60) parts.push(written(minutes % 60, "minute"));
    left.textContent = parts.join(" ");
    if (now <= SOON_S) soon.hidden = false;
    if (now === 0) location.assign(left.dataset.home);
  };

  const ask = async () => {
    try {
      const answer = await fetch(left.dataset.state, { headers: { Accept: "application/json" } });
      if (answer.ok && !(await answer.json()).live) location.assign(left.dataset.home);
    } catch {
      // Away for a moment: asked again soon.
    }
  };

  show();
  setInterval(show, 1000);
  setInterval(() => { if (!document.hidden) ask(); }, ASK_EVERY_S * 1000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
}

const trouble = document.getElementById("trouble");
if (trouble) trouble.focus();
