"""The pages that change by themselves (calls, decisions, lockouts, sign-ins), and their news.

Each is whole without a script. With one it hears what is new by server-sent events: the parts that
changed, made once for all who watch.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import Counter
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from fastapi.responses import StreamingResponse

from fastagi.console.operators.accounts import Role
from fastagi.console.operators.board import WATCHERS
from fastagi.console.operators.parts import PARTS_OF, Look, Part, render_all, words_of
from fastagi.console.operators.visits import OVER, PREFIX, Answer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from fastapi import Response

    from fastagi.console.operators.board import Seen
    from fastagi.console.operators.visits import Doors, Visit

SAID: Final = {
    "ended": "The call was ended.",
    "gone": "That call is up no more.",
    "cleared": "The lockout was cleared.",
    "lifted": "The brake was lifted.",
    "off": "No such brake is on any more.",
    "freed": "That watch holds it no more.",
    "free": "That watch does not hold it any more.",
    "nothing": "Nothing is held against that one any more.",
    "signed-off": "The sign-in was ended.",
    "over": "That sign-in is over already.",
}
"""What a page says of what was done, by the word for it in its address."""

SIGN_OF_LIFE_S: Final = 15.0
"""How long a stream may be silent: proxies end those that are for longer."""

FILTERS: Final = 32
"""Streams of decisions with words to look for; each is made by itself."""

SHARE: Final = 8
"""What part of all streams those may have who see some sites only: one eighth, all who see the
same together."""


def open_doors(doors: Doors) -> None:
    """Open them."""
    filtered = _Bound(FILTERS)
    shares: Counter[tuple[frozenset[str], bool]] = Counter()
    for name, path in (
        ("calls", "/"),
        ("decisions", "/decisions"),
        ("lockouts", "/lockouts"),
        ("sign-ins", "/sign-ins"),
    ):
        doors.page(path, Role.VIEWER, _page(name))

    async def first(visit: Visit) -> Response:
        return visit.elsewhere("/")

    async def events(visit: Visit) -> Response:
        return await _events(visit, filtered, shares)

    doors.page("", Role.VIEWER, first)
    doors.page("/events", Role.VIEWER, events)


class _Bound:
    """How many there may be of something, and are."""

    def __init__(self, most: int) -> None:
        self.left = most


def _page(name: str) -> Answer:
    async def answer(visit: Visit) -> Response:
        return await show(visit, name)

    return answer


async def show(visit: Visit, name: str) -> Response:
    """Show one of the pages."""
    desk = visit.desk
    words = visit.asked("words")
    seen = await visit.look()
    asks = urlencode({"page": name, "words": words} if words else {"page": name})
    return visit.page(
        f"{name.replace('-', '_')}.html",
        events=f"{PREFIX}/events?{asks}",
        parts=render_all(name, seen, desk.renderer, look_of(visit)),
        at=seen.at,
        said=SAID.get(visit.asked("said"), ""),
        words=words,
        can_end=desk.backstage.end_call is not None,
    )


def look_of(visit: Visit) -> Look:
    """Return who looks, and for what."""
    assert visit.session is not None  # noqa: S101 - the door has seen to it
    return Look(
        visit.session.operator.role,
        visit.desk.backstage.end_call is not None,
        words_of(visit.asked("words")),
    )


async def _events(
    visit: Visit, filtered: _Bound, shares: Counter[tuple[frozenset[str], bool]]
) -> Response:
    name, look = visit.asked("page"), look_of(visit)
    if name not in PARTS_OF:
        return visit.say("There is no such page.", 404)
    by_itself = bool(look.words) and Part.DECISIONS in PARTS_OF[name]
    whose = (visit.sites, by_itself)
    most = (FILTERS if by_itself else WATCHERS) // SHARE
    if (
        visit.desk.board.watchers >= WATCHERS
        or (by_itself and not filtered.left)
        or (visit.sites and shares[whose] >= most)
    ):
        return visit.say("Too many are watching. Reload the page now and then.", 503)
    stream = _stream(visit, name, look, filtered if by_itself else _Bound(1))
    stream = _counted(stream, shares, whose)
    return StreamingResponse(
        stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


async def _counted(
    stream: AsyncGenerator[str, None],
    shares: Counter[tuple[frozenset[str], bool]],
    whose: tuple[frozenset[str], bool],
) -> AsyncGenerator[str, None]:
    """Count a stream while somebody reads it."""
    shares[whose] += 1
    try:
        async with contextlib.aclosing(stream):
            async for each in stream:
                yield each
    finally:
        shares[whose] -= 1


async def _stream(
    visit: Visit, name: str, look: Look, filtered: _Bound
) -> AsyncGenerator[str, None]:
    """Yield what is new, until who watches goes away, or may not any more."""
    assert visit.session is not None  # noqa: S101 - the door has seen to it
    key, watchers = visit.session.key, visit.desk.watchers
    told: dict[str, str] = {}
    spoke_s = time.monotonic()
    filtered.left -= 1
    try:
        async with contextlib.AsyncExitStack() as opened:
            opened.enter_context(watchers.watching(key))
            readings = await opened.enter_async_context(
                contextlib.aclosing(visit.desk.board.watch())
            )
            async for reading in readings:
                seen = reading.of(visit.sites)
                may = await watchers.may(key)
                if may is False:
                    yield OVER
                    return
                fresh = {}
                if may:
                    made = render_all(name, seen, visit.desk.renderer, look)
                    fresh = {part: html for part, html in made.items() if told.get(part) != html}
                now_s = time.monotonic()
                if fresh:
                    told |= fresh
                    spoke_s = now_s
                    yield _told(seen, name, look, fresh)
                elif now_s - spoke_s >= SIGN_OF_LIFE_S:
                    spoke_s = now_s
                    yield ": still here\n\n"
                await asyncio.sleep(0)  # who watches with many may not keep others waiting
    finally:
        filtered.left += 1


def _told(seen: Seen, name: str, look: Look, fresh: Mapping[str, str]) -> str:
    """Return the event that tells of some parts: it, too, is made once for all."""
    key = (name, look, tuple(fresh))
    made = seen.rendered.get(key)
    if made is None:
        data = json.dumps({"parts": dict(fresh)})
        made = seen.rendered[key] = f"event: parts\ndata: {data}\n\n"
    return made
