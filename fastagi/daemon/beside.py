"""A process beside the workers that no call waits for: it is kept alive, and never waited for.

It starts once the first worker is ready, and so holds up no start of the service. When it dies it
is started again, ever more slowly; neither that nor its silence costs a call, or ends the service.
"""

from __future__ import annotations

import selectors
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.daemon import heartbeat
from fastagi.daemon.life import NEVER, Life

if TYPE_CHECKING:
    from fastagi.daemon.life import Start

PAUSE_S: Final = 0.5
"""Before it is started again; doubles with each death in a row …"""

PAUSE_AT_MOST_S: Final = 60.0
"""… up to this."""

SETTLED_S: Final = 60.0
"""One that lived this long owes its death to something new: the pause starts anew."""

SILENT_S: Final = 15.0
"""What it may be silent. It yields to whatever else the machine does, and so may wait for long."""

LEAVE_S: Final = 5.0
"""What it is given to end."""

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class Beside:
    """One process, or when it is started.

    Attributes:
        name: What logs call it.
        fill_at: When it is started, on the supervisor's clock, as are all moments here.
    """

    name: str
    start: Start
    start_s: float = heartbeat.START_S
    silent_s: float = SILENT_S
    fill_at: float = NEVER
    life: Life | None = None
    pause_s: float = PAUSE_S
    ending: bool = False

    @property
    def is_over(self) -> bool:
        """Whether it has ended, for good."""
        return self.ending and self.life is None

    def look(self, selector: selectors.BaseSelector, now: float) -> None:
        """End it where it is silent or outstays its leave; start it where it is due."""
        life = self.life
        if life is not None and now >= min(self._silent_at(life), life.leave_by):
            log.error("process-silent", process=self.name, silent_s=round(now - life.heard_at, 1))
            self._bury(selector, life, now)
        if self.life is None and not self.ending and self.fill_at <= now:
            self._begin(selector, now)

    def look_at(self) -> float:
        """Return when there is something to look at next."""
        if self.life is not None:
            return min(self._silent_at(self.life), self.life.leave_by)
        return NEVER if self.ending else self.fill_at

    def hear(self, selector: selectors.BaseSelector, now: float) -> None:
        """Take in what it says; the end of its pipe is its end."""
        life = self.life
        if life is None:
            return
        was_ready = life.ready
        try:
            words = life.hear(now)
        except BlockingIOError:  # pragma: no cover - a spurious wakeup; select(2), BUGS
            return
        if not words:
            self._bury(selector, life, now)
        elif life.ready and not was_ready:
            log.info("process-ready", process=self.name)

    def renew(self, now: float) -> None:
        """Have it end, and another take its place; who knocks meanwhile waits in the kernel."""
        if self.life is not None:
            self.life.leave(now + LEAVE_S)

    def end(self, now: float) -> None:
        """Have it end, for good."""
        self.ending = True
        self.renew(now)

    def kill(self) -> None:
        """End it at once."""
        if self.life is not None:
            self.life.process.kill()

    def _silent_at(self, life: Life) -> float:
        return life.silent_at(self.start_s, self.silent_s)

    def _begin(self, selector: selectors.BaseSelector, now: float) -> None:
        try:
            self.life = Life.begin(self.start, 0, now)
        except OSError as error:  # no memory, no more processes: that may pass
            log.error("process-not-started", process=self.name, error=str(error))
            self._pause(now)
            return
        selector.register(self.life.pipe, selectors.EVENT_READ, self)
        log.info("process-started", process=self.name, pid=self.life.process.pid)

    def _bury(self, selector: selectors.BaseSelector, life: Life, now: float) -> None:
        selector.unregister(life.pipe)
        status = life.bury()
        self.life = None
        if self.ending or life.leave_by != NEVER:
            self.fill_at = now
            log.info("process-ended", process=self.name, status=status)
            return
        if now - life.started_at >= SETTLED_S:
            self.pause_s = PAUSE_S
        log.error("process-died", process=self.name, status=status, pause_s=self.pause_s)
        self._pause(now)

    def _pause(self, now: float) -> None:
        self.fill_at = now + self.pause_s
        self.pause_s = min(2 * self.pause_s, PAUSE_AT_MOST_S)
