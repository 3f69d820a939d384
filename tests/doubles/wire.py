"""A transport without a socket: what is written is kept, what is said is fed by hand."""

from __future__ import annotations

import asyncio
from typing import Any


class Wire(asyncio.Transport):
    """One end of a connection that is not there.

    Attributes:
        written: Every write, in order; a write is whole or not at all.
        aborted: Whether it was cut off rather than closed.
        closed: Whether it was closed or cut off.
    """

    def __init__(self, protocol: asyncio.Protocol, peer: str | None = "127.0.0.1") -> None:
        """Connect the protocol."""
        super().__init__({"peername": (peer, 49152)} if peer else {})
        self._protocol = protocol
        self.written: list[bytes] = []
        self.aborted = False
        self.closed = False
        protocol.connection_made(self)

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Keep what is written."""
        self.written.append(bytes(data))

    def close(self) -> None:
        """Close, and say so a moment later, as real transports do."""
        if not self.closed:
            self.closed = True
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        """Cut off."""
        self.aborted = self.aborted or not self.closed
        self.close()

    def is_closing(self) -> bool:
        """Say whether it was closed."""
        return self.closed

    def lose(self) -> None:
        """Have the connection reset by the peer."""
        self.closed = True
        self._protocol.connection_lost(ConnectionResetError())
