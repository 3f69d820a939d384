"""One worker as its supervisor sees it: a process, the pipe it speaks on, and its deadlines.

When a worker is started and what follows from its death is decided elsewhere, by the supervisor.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from fastagi.daemon import heartbeat

if TYPE_CHECKING:
    import signal
    from subprocess import Popen

NEVER: Final = float("inf")


class Start(Protocol):
    """How a worker is started: the writing end of its pipe is all that it must be given."""

    def __call__(self, number: int, pipe: int) -> Popen[bytes]:
        """Start worker `number`, which says its words on `pipe`."""
        ...


@dataclass(slots=True, eq=False)
class Life:
    """A worker that was started and not buried yet.

    Attributes:
        number: Its place. Two have the same number while one takes over from the other.
        pipe: The reading end; its end is the worker's end.
        started_at: On the supervisor's clock, as are all moments here.
        heard_at: When it last said a word; at first when it was started.
        ready: Whether it answers calls.
        leave_by: When it is killed if it is still there; `NEVER` until it was told to leave.
    """

    number: int
    process: Popen[bytes]
    pipe: int
    started_at: float
    heard_at: float
    ready: bool = False
    leave_by: float = NEVER

    @classmethod
    def begin(cls, start: Start, number: int, now: float) -> Life:
        """Start a worker.

        Raises:
            OSError: The system is out of memory, processes or descriptors.
        """
        reading, writing = os.pipe()
        try:
            os.set_blocking(reading, False)
            os.set_blocking(writing, False)
            process = start(number, writing)
        except OSError:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        return cls(number, process, reading, started_at=now, heard_at=now)

    def silent_at(self, start_s: float, silent_s: float) -> float:
        """Return when it will have been silent for too long."""
        return self.heard_at + (silent_s if self.ready else start_s)

    def hear(self, now: float) -> bytes:
        """Take in what it says; nothing means that it has ended.

        Raises:
            BlockingIOError: It said nothing after all (select(2), BUGS).
        """
        words = os.read(self.pipe, 4096)
        if words:
            self.heard_at = now
            self.ready = self.ready or heartbeat.READY in words
        return words

    def signal(self, asked: signal.Signals) -> None:
        """Send it a signal; who has ended is not sent any."""
        self.process.send_signal(asked)

    def leave(self, by: float) -> None:
        """Have it finish its calls, or be killed `by` then; told twice, the sooner holds."""
        self.leave_by = min(self.leave_by, by)
        self.process.terminate()

    def bury(self) -> int:
        """End what is left of it; returns its exit status."""
        self.process.kill()
        status = self.process.wait()
        os.close(self.pipe)
        return status
