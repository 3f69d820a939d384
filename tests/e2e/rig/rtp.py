"""What a phone hears: RTP, decoded (ITU-T G.711) and held against a sound file."""

from __future__ import annotations

import socket
import threading
import wave
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

HEADER: Final = 12  # bytes; RFC 3550, section 5.1, no CSRC and no extension
FRAME: Final = 160  # samples in 20 ms at 8 kHz
WINDOW: Final = 8000  # samples: one second is compared
PCMU: Final = 0  # payload type; RFC 3551


def _linear(byte: int) -> int:
    """Decode one µ-law byte (ITU-T G.711, table 2)."""
    byte = ~byte & 0xFF
    magnitude = (((byte & 0x0F) << 3) + 0x84) << ((byte & 0x70) >> 4)
    return 0x84 - magnitude if byte & 0x80 else magnitude - 0x84


LINEAR: Final = tuple(_linear(byte) for byte in range(256))


class Ear:
    """A socket whose port a phone names in its SDP; keeps the audio that arrives."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        self._packets: dict[int, bytes] = {}
        self._open = True
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open = False
        self._thread.join(5)
        self._socket.close()

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def samples(self) -> list[int]:
        """What was heard so far, as 16-bit samples at 8 kHz."""
        return [LINEAR[byte] for _, audio in sorted(self._packets.items()) for byte in audio]

    def _listen(self) -> None:
        arrived = 0
        while self._open:
            with suppress(TimeoutError):
                packet = self._socket.recv(2048)
                if packet[1] & 0x7F == PCMU:
                    # In order of arrival: a new sound may come with sequence numbers of its own.
                    self._packets[arrived] = packet[HEADER:]
                    arrived += 1


def likeness(heard: Sequence[int], sound: Path) -> float:
    """Return how alike the best second of `heard` is to the first of a sound: 1 is the same.

    The first, because callers key into prompts before they end.

    Asterisk plays a file in frames of 20 ms, so only offsets of whole frames are tried.
    """
    with wave.open(str(sound), "rb") as file:
        frames = file.readframes(file.getnframes())
    played = [
        int.from_bytes(frames[at : at + 2], "little", signed=True)
        for at in range(0, len(frames), 2)
    ]
    wanted = played[:WINDOW]
    window = len(wanted)
    return max(
        (
            _correlation(heard[at : at + window], wanted)
            for at in range(0, len(heard) - window + 1, FRAME)
        ),
        default=0.0,
    )


def _correlation(left: Sequence[int], right: Sequence[int]) -> float:
    """Return the normalised correlation of two stretches of sound of equal length."""
    product = sum(a * b for a, b in zip(left, right, strict=True))
    energy = sum(a * a for a in left) * sum(b * b for b in right)
    return product / float(energy) ** 0.5 if energy else 0.0
