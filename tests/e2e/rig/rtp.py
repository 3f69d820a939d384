"""What a phone hears: RTP, decoded (ITU-T G.711) and held against a sound file."""

from __future__ import annotations

import socket
import threading
import wave
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

HEADER: Final = 12  # bytes; RFC 3550, section 5.1, no CSRC and no extension
SKIPPED: Final = 800  # samples: of early media, the first frames may be lost
WINDOW: Final = 3600  # samples: 0.45 s are compared; a spoken digit is little longer
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
    """Return how alike the best stretch of `heard` is to the begin of a sound: 1 is the same.

    The begin, because callers key into prompts before they end. Every offset is tried: a sound
    that was played to its end ends with less than a frame, and what follows begins anywhere.
    """
    with wave.open(str(sound), "rb") as file:
        file.setpos(SKIPPED)
        frames = file.readframes(WINDOW)
    wanted = np.frombuffer(frames, dtype="<i2").astype(np.float64)
    rest = np.array(heard, dtype=np.float64)
    if len(rest) < len(wanted):
        return 0.0
    products = np.correlate(rest, wanted, mode="valid")
    energies = np.correlate(rest**2, np.ones_like(wanted), mode="valid") * (wanted @ wanted)
    return float(np.max(products / np.sqrt(np.maximum(energies, 1.0))))
