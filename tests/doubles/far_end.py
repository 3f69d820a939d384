"""Asterisk's side of a FastAGI connection, after `res_agi.c` and the recorded transcripts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.doubles.parse_args import parse_args
from tests.doubles.scripted_channel import Does, keyed

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from tests.doubles.scripted_channel import Act

CALL = "1767607800.42"
ARGUMENTS = (f"call={CALL}", "dialled=00390612345678", "endpoint=101")


def environment(
    *arguments: str, script: str = "outbound", name: str = "unknown", uniqueid: str = CALL
) -> bytes:
    """Return an environment as Asterisk 22 sends it; the caller's name is the caller's text."""
    return "".join(
        f"{line}\n"
        for line in (
            "agi_network: yes",
            *([f"agi_network_script: {script}"] if script else []),
            f"agi_request: agi://127.0.0.1:4573/{script}",
            "agi_channel: PJSIP/101-00000001",
            "agi_language: en",
            "agi_type: PJSIP",
            f"agi_uniqueid: {uniqueid}",
            "agi_version: 22.10.1",
            "agi_callerid: 101",
            f"agi_calleridname: {name}",
            "agi_callingpres: 0",
            "agi_callingani2: 0",
            "agi_callington: 0",
            "agi_callingtns: 0",
            "agi_dnid: 00390612345678",
            "agi_rdnis: unknown",
            "agi_context: dialguard",
            "agi_extension: outbound",
            "agi_priority: 7",
            "agi_enhanced: 0.0",
            "agi_accountcode: ",
            "agi_threadid: 139916572755648",
            *(f"agi_arg_{at}: {each}" for at, each in enumerate(arguments or ARGUMENTS, 1)),
            "",
        )
    ).encode("utf-8", "surrogateescape")


class FarEnd:
    """Obeys commands, and remembers what came of them.

    Attributes:
        lines: Every line received.
        variables: Those that were set, in order.
        heard: The sounds of each GET DATA.
        answered: Whether the channel was answered.
        progressed: Whether early media was offered.
        closed: Whether the connection was ended, by either side.
    """

    def __init__(self, acts: Sequence[Act] = (), greeting: bytes = b"", *, dead: bool = False):
        """Follow `acts`, one a GET DATA; a `dead` channel refuses what needs a caller."""
        self._acts = list(acts)
        self._greeting = greeting or environment()
        self._dead = dead
        self.lines: list[bytes] = []
        self.variables: dict[str, str] = {}
        self.heard: list[tuple[str, ...]] = []
        self._played: list[str] = []
        self.answered = False
        self.progressed = False
        self.closed = asyncio.Event()

    async def converse(self, port: int) -> None:
        """Connect, send the environment, obey until the connection ends."""
        await self._converse(*await asyncio.open_connection("127.0.0.1", port))

    async def converse_on(self, line: socket.socket) -> None:
        """Do so on a connection that is made already."""
        line.setblocking(False)
        await self._converse(*await asyncio.open_connection(sock=line))

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(self._greeting)
            while line := await reader.readline():
                reply = self.obey(line)
                if reply is None:
                    writer.transport.abort()
                    return
                writer.write(reply)
        except ConnectionError:
            return
        finally:
            self.closed.set()
            writer.close()

    def obey(self, line: bytes) -> bytes | None:
        """Return what Asterisk answers to a line, nothing if it freezes, None if it is gone."""
        self.lines.append(line)
        words = [word.decode() for word in parse_args(line.rstrip(b"\n"))]
        match [word.upper() for word in words[:2]]:
            case ["NOOP"]:
                return b"200 result=0\n"
            case ["ANSWER"] if not self._dead:
                self.answered = True
                return b"200 result=0\n"
            case ["STREAM", "FILE"] if not self._dead:
                return self._stream_file(words[2])
            case ["GET", "DATA"] if not self._dead:
                return self._get_data(words)
            case ["ANSWER"] | ["GET", "DATA"] | ["STREAM", "FILE"]:
                return b"511 Command Not Permitted on a dead channel or intercept routine\n"
            case ["SET", "VARIABLE"] if len(words) == 4:
                self.variables[words[2]] = words[3]
                return b"200 result=1\n"
            case ["SET", "VARIABLE"]:
                return (
                    b"520-Invalid command syntax.  Proper usage follows:\n"
                    b"Sets a variable to the current channel.\n"
                    b"520 End of proper usage.\n"
                )
            case ["EXEC", "PROGRESS"]:
                self.progressed = not self._dead
                return b"200 result=-1\n" if self._dead else b"200 result=0\n"
            case ["EXEC", "MSET"]:
                for pair in words[2].split(","):
                    name, _, value = pair.partition("=")
                    self.variables[name] = value
                return b"200 result=0\n"
            case ["EXEC", _]:
                return b"200 result=-2\n"
            case _:
                return b"510 Invalid or unknown command\n"

    def _stream_file(self, sound: str) -> bytes | None:
        """Play a sound; a caller who will hang up, or keys ahead, does so at the last one."""
        self._played.append(sound)
        return b"200 result=0 endpos=8000\n"

    def _get_data(self, words: list[str]) -> bytes | None:
        self.heard.append((*self._played, words[2]))
        self._played.clear()
        if "nosuchfile" in words[2] or "&" in words[2]:
            return b"200 result=-1\n"
        match self._acts.pop(0) if self._acts else Does.NOTHING:
            case Does.NOTHING:
                return b"200 result= (timeout)\n"
            case Does.HANG_UP:
                self._dead = True
                return b"200 result=-1\nHANGUP\n"
            case Does.LOSE:
                return None
            case Does.FREEZE:
                return b""
            case act:
                got = keyed(act, int(words[4]))
                return f"200 result={got.digits}{' (timeout)' * got.timed_out}\n".encode()
