"""Signals as bytes on a socket, which a selector can wait for together with pipes."""

from __future__ import annotations

import contextlib
import signal
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@contextlib.contextmanager
def heard(asked: Sequence[signal.Signals]) -> Iterator[socket.socket]:
    """Turn these signals into bytes, one each, with the signal's number; only in the main thread.

    Whatever was done about them before is put back at the end.
    """
    reading, writing = socket.socketpair()
    reading.setblocking(False)
    writing.setblocking(False)
    # A handler must exist for the wakeup descriptor to be written to; it has nothing to do.
    before = {each: signal.signal(each, lambda *_: None) for each in asked}
    wakeup = signal.set_wakeup_fd(writing.fileno())
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(wakeup)
        for each, handler in before.items():
            signal.signal(each, handler)
        reading.close()
        writing.close()
