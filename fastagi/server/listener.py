"""Accepts Asterisk's connections, turns each into a question, and has it answered.

In order: may the address connect, is there room, is the environment sound, is the question ours,
is the token right, may the site be named from there, is there room for it, is it all Asterisk's
own word. Then, and only then, the story is asked. Whoever
fails one of these is closed upon without a word, then counted and told to `on_refused`: closing
comes first, so that nothing that goes wrong with the telling leaves a stranger inside.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeAlias

import structlog

from fastagi.agi.limits import Limits
from fastagi.call.channel import Argument, Channel, Question, Script
from fastagi.errors import ChannelGone, ChannelSilent, RemoteProtocolError
from fastagi.server.capacity import Capacity, Ceilings
from fastagi.server.deadlines import Deadlines
from fastagi.server.probing import FOR_S, Probing
from fastagi.server.question import question_of
from fastagi.server.refusal import Refusal, Refused
from fastagi.server.session import Session

if TYPE_CHECKING:
    import socket

    from structlog.typing import FilteringBoundLogger

    from fastagi.agi.environment import Environment
    from fastagi.server.door import Door

Answer: TypeAlias = Callable[[Question, Channel], Awaitable[None]]

BACKLOG: Final = 1024  # connections the kernel may hold for us
LAST_WORDS_S: Final = 1.0  # for a story to record its end once its channel is closed
LOG_EVERY_S: Final = 1.0  # refusals of one kind are logged so often, with how many there were

_log: FilteringBoundLogger = structlog.get_logger(__name__)


@dataclass(slots=True)
class Counters:
    """What came in since the start.

    Attributes:
        answered: Sessions whose story ran to its end.
        abandoned: Callers who were gone before their question could be asked.
        broken: Stories that raised: our bugs, each with a line in the log.
    """

    accepted: int = 0
    answered: int = 0
    abandoned: int = 0
    broken: int = 0
    refused: Counter[Refusal] = field(default_factory=Counter)


class Listener:
    """One listening socket and all its sessions; the `Owner` of each."""

    def __init__(
        self,
        answer: Answer,
        door: Door,
        *,
        ceilings: Ceilings = Ceilings(),  # noqa: B008 - frozen
        deadlines: Deadlines = Deadlines(),  # noqa: B008 - frozen
        limits: Limits = Limits(),  # noqa: B008 - frozen
        on_refused: Callable[[Refused], None] | None = None,
        site_of: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        """Begin with nobody inside.

        Args:
            answer: The story.
            door: Who may come in.
            ceilings: How many.
            deadlines: For how long.
            limits: How much each may say.
            on_refused: Told of whoever was closed upon.
            site_of: Of what a question names: the site whose share it takes; None where there is
                no other to keep anything for.
        """
        self._answer = answer
        self._door = door
        self._capacity = Capacity(ceilings)
        self._probing = Probing()
        self._deadlines = deadlines
        self._limits = limits
        self._on_refused = on_refused
        self._site_of = site_of
        self._sites: dict[Session, str] = {}
        self._server: asyncio.Server | None = None
        self._sessions: set[Session] = set()
        self._stories: set[asyncio.Task[None]] = set()
        self._draining = False
        self._empty = asyncio.Event()
        self._logged: dict[Refusal, tuple[float, int]] = {}
        self.counters = Counters()

    @property
    def sessions(self) -> int:
        """How many sessions there are now."""
        return len(self._sessions)

    async def listen(self, sock: socket.socket) -> None:
        """Accept on a socket that is bound already, perhaps together with other processes."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, sock=sock, backlog=BACKLOG)

    async def listen_on(self, host: str, port: int) -> int:
        """Bind and accept; return the port, which the system chooses where `port` is 0."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, host, port, backlog=BACKLOG)
        return int(self._server.sockets[0].getsockname()[1])

    async def drain(self, grace_s: float) -> None:
        """Accept no more; let sessions finish for so long, then close those that are left.

        Returns when all are gone: after `grace_s` no caller waits for us any more, and a second
        later the last story has ended, or was cancelled. Only our own descriptor is closed: other
        processes go on accepting on a socket that is shared.
        """
        if self._server is not None:
            self._server.close()
        await asyncio.sleep(0)  # whom the kernel handed to us already enters (uvloop: next turn)
        self._draining = True
        await self._wait_until_empty(grace_s)
        for session in tuple(self._sessions):
            session.close()
        await self._wait_until_empty(LAST_WORDS_S)
        for story in tuple(self._stories):
            story.cancel()
        await asyncio.gather(*self._stories, return_exceptions=True)

    # ------------------------------------------------------------------ Owner of the sessions

    def entered(self, session: Session) -> bool:
        """Let the session in, or cut it off."""
        self.counters.accepted += 1
        refusal = self._refusal_of(session.peer)
        if refusal is not None:
            session.cut()
            self._refuse(session, refusal, "closed at once")
            return False
        self._sessions.add(session)
        return True

    def greeted(self, session: Session, environment: Environment) -> None:
        """Begin the story of a question that is sound and comes from our dialplan."""
        try:
            question = question_of(environment, session.peer)
        except RemoteProtocolError as odd:
            self._turn_away(session, Refusal.BAD_QUESTION, str(odd))
            return
        if not self._door.trusts(question):
            self._turn_away(session, Refusal.BAD_TOKEN, "is the secret the same on both sides")
            return
        site = question.arguments.get(Argument.SITE, "")
        if not self._door.may_name(session.peer, site):
            self._turn_away(session, Refusal.FOREIGN_SITE, f"it may not ask for site `{site}`")
            return
        if (refusal := self._take_share(session, question, site)) is not None:
            self._turn_away(session, refusal, f"site `{site}` leaves no room for others")
            return
        story = asyncio.get_running_loop().create_task(self._tell_story(session, question))
        self._stories.add(story)
        story.add_done_callback(self._story_ended)

    def failed(self, session: Session, why: RemoteProtocolError | ChannelSilent) -> None:
        """Count a session that ended in an oddity or in silence."""
        silent = isinstance(why, ChannelSilent)
        self._refuse(session, Refusal.SILENT if silent else Refusal.ODD, str(why))
        if session.is_no_asterisk and self._probing.no_asterisk(session.peer, _now_s()):
            _log.warning("peer-shut-out", peer=session.peer, for_s=FOR_S)

    def left(self, session: Session) -> None:
        """Forget a session whose connection is gone."""
        if session in self._sessions:
            self._sessions.remove(session)
            self._capacity.leave(session.peer, self._sites.pop(session, None))
        self._note_if_empty()

    # ------------------------------------------------------------------ inside

    def _session(self) -> Session:
        return Session(self, self._deadlines, self._limits)

    def _refusal_of(self, peer: str) -> Refusal | None:
        if not self._door.admits(peer):
            return Refusal.STRANGER
        if self._probing.is_shut(peer, _now_s()):
            return Refusal.SHUT_OUT
        if self._draining:
            return Refusal.FULL
        return self._capacity.enter(peer, _now_s())

    def _take_share(self, session: Session, question: Question, named: str) -> Refusal | None:
        """Count a session as its site's, or say why that has too many."""
        site = self._site_of(named)
        if site is None or session not in self._sessions:
            return None
        surely = question.script == Script.RELEASE
        refusal = self._capacity.share(session.peer, site, _now_s(), surely=surely)
        if refusal is None:
            self._sites[session] = site
        return refusal

    async def _tell_story(self, session: Session, question: Question) -> None:
        try:
            if await self._still_asked(session, question):
                self._probing.asked_well(session.peer)
                async with asyncio.timeout(self._deadlines.session_s + LAST_WORDS_S):
                    await self._answer(_without_token(question), session)
                self.counters.answered += 1
        finally:
            session.close()

    async def _still_asked(self, session: Session, question: Question) -> bool:
        """Say whether it is Asterisk that asks, and somebody wants to know.

        A release is wanted even when Asterisk does not wait for us to have done it.
        """
        try:
            await session.prove()
        except ChannelSilent as silent:
            self.failed(session, silent)
            return False
        except ChannelGone as gone:
            self.counters.abandoned += gone.__cause__ is None  # else it was odd, and is counted
            return False
        if session.gone and question.script != Script.RELEASE:
            self.counters.abandoned += 1
            return False
        return True

    def _story_ended(self, story: asyncio.Task[None]) -> None:
        self._stories.discard(story)
        self._note_if_empty()
        broke = None if story.cancelled() else story.exception()
        if broke is not None:
            self.counters.broken += 1
            _log.error("story-broke", exc_info=broke)

    def _turn_away(self, session: Session, kind: Refusal, why: str) -> None:
        session.close()
        self._refuse(session, kind, why)

    def _refuse(self, session: Session, kind: Refusal, why: str) -> None:
        self.counters.refused[kind] += 1
        if self._on_refused is not None:
            self._on_refused(Refused(kind, session.peer, why))
        now_s = _now_s()
        last_s, unlogged = self._logged.get(kind, (-LOG_EVERY_S, 0))
        if now_s - last_s < LOG_EVERY_S:
            self._logged[kind] = (last_s, unlogged + 1)
            return
        self._logged[kind] = (now_s, 0)
        _log.warning("refused", kind=str(kind), peer=session.peer, why=why, unlogged=unlogged)

    def _note_if_empty(self) -> None:
        if not self._sessions and not self._stories:
            self._empty.set()

    async def _wait_until_empty(self, within_s: float) -> None:
        self._empty.clear()
        self._note_if_empty()
        timer = asyncio.get_running_loop().call_later(within_s, self._empty.set)
        await self._empty.wait()
        timer.cancel()


def _now_s() -> float:
    return asyncio.get_running_loop().time()


def _without_token(question: Question) -> Question:
    arguments = dict(question.arguments)
    arguments.pop(Argument.TOKEN, None)
    return replace(question, arguments=arguments)
