"""Reads records in a process of its own, so that whoever works on the calls has the other core.

`python -P -m fastagi.cdr.beside` takes a plan from its standard input, and writes what it finds to
its standard output: frames of a length, a letter and a value. The plan is on no command line, as
a database's password is in it.
"""

from __future__ import annotations

import marshal
import pickle
import signal
import struct
import subprocess
import sys
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, Final, cast

from fastagi.cdr.reading import calls_of
from fastagi.cdr.tally import Tally
from fastagi.errors import RecordsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.cdr.plan import Plan, Progress

PORTION: Final = 500
"""Calls that are handed over at once."""

LENGTH: Final = struct.Struct("!I")

CALLS, PROGRESS, END, ERROR = "calls", "progress", "end", "error"


class Beside:
    """The other process, as the one that started it sees it."""

    def __init__(self, plan: Plan) -> None:
        # Without -P what lies in the working folder would be taken for Python's own modules.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "fastagi.cdr.beside"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        given = cast("IO[bytes]", self._process.stdin)
        self._taken = cast("IO[bytes]", self._process.stdout)
        with suppress(BrokenPipeError):  # what is gone at once is told of by `frames`
            given.write(pickle.dumps(plan))
            given.close()

    def frames(self) -> Iterator[tuple[str, Any]]:
        """Give out what it sends, to the end.

        Raises:
            RecordsError: It is gone before.
        """
        kind = ""
        while kind not in (END, ERROR):
            length = self._taken.read(LENGTH.size)
            if len(length) < LENGTH.size:
                raise RecordsError(
                    "the process that reads the records is gone before its end; there may have "
                    "been no memory left"
                )
            (count,) = LENGTH.unpack(length)
            received = self._taken.read(count)
            kind, content = marshal.loads(received)  # noqa: S302 - our own process wrote it
            yield kind, content

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self._taken.close()


def serve(given: IO[bytes], taken: IO[bytes]) -> None:
    """Be the other process: read what is planned, and send calls, until all are sent.

    Args:
        given: Where the plan comes from.
        taken: Where frames go to; when nobody takes them any more, that is the end, too.
    """
    plan: Plan = pickle.load(given)  # noqa: S301 - of the process that started this one
    tally = Tally()

    def send(kind: str, content: Any) -> None:
        frame = marshal.dumps((kind, content))
        taken.write(LENGTH.pack(len(frame)) + frame)
        taken.flush()

    def tell(progress: Progress) -> None:
        send(PROGRESS, (progress.done, progress.total, progress.rows))

    with suppress(BrokenPipeError):
        try:
            portion: list[tuple[Any, ...]] = []
            for call in calls_of(plan, tally, tell):
                portion.append(call)
                if len(portion) >= PORTION:
                    send(CALLS, portion)
                    portion = []
            send(CALLS, portion)
            send(END, tally.state())
        except RecordsError as error:
            send(ERROR, str(error))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who listens, who then goes
    serve(sys.stdin.buffer, sys.stdout.buffer)
