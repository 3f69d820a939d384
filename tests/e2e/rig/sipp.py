"""SIPp processes, and the SIP messages they saw, read from their own traces."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.e2e.rig.roots import sipp_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SCENARIOS: Final = Path(__file__).resolve().parents[1] / "sipp"
MESSAGE_HEAD: Final = re.compile(
    r"^-{20,} (?P<at>\S+)\n\w+ message (?P<way>sent|received) \[\d+\] bytes *:\n\n", re.M
)
_numbers = count()


@dataclass(frozen=True, slots=True)
class Message:
    """One SIP message as SIPp traced it.

    Attributes:
        at: Seconds since the epoch.
        sent: Whether SIPp sent it; else it received it.
    """

    at: float
    sent: bool
    text: str

    @property
    def start(self) -> str:
        """The start line."""
        return self.text.split("\n", 1)[0].strip()

    @property
    def status(self) -> int:
        """The status code of a response; 0 of a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        """The method of a request; empty of a response."""
        return "" if self.status else self.start.split(" ", 1)[0]

    @property
    def user(self) -> str:
        """The user part of a request's URI, as it stands there."""
        found = re.match(r"\w+ sips?:(?:(?P<user>[^@;]*)@)?", self.start)
        return (found["user"] or "") if found else ""

    def header(self, name: str) -> str:
        """Return a header's value; empty if it is not there."""
        found = re.search(rf"^{name}:[ \t]*(?P<value>.*?)\r?$", self.text, re.I | re.M)
        return found["value"] if found else ""

    @property
    def cseq_method(self) -> str:
        """The method that the CSeq names."""
        return self.header("CSeq").split()[-1] if self.header("CSeq") else ""


class Sipp:
    """One SIPp process."""

    def __init__(
        self,
        scenario: str,
        values: Mapping[str, str],
        arguments: Sequence[str],
        target: str = "",
        *,
        fields: Sequence[str] = (),
    ) -> None:
        """Start it.

        Args:
            scenario: The name of a file in `SCENARIOS`.
            values: What to put into it, by name.
            arguments: More of its command line.
            target: Whom to call; nobody, if it is to be called.
            fields: What `[field0]` is, call after call.
        """
        self._root = sipp_root()
        self.folder = self._root.scratch(f"sipp-{next(_numbers)}")
        text = (SCENARIOS / scenario).read_text()
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        (self.folder / "scenario.xml").write_text(text)
        inside = self._root.inside(self.folder)
        if fields:
            (self.folder / "fields.csv").write_text("\n".join(("SEQUENTIAL", *fields)) + "\n")
            arguments = [*arguments, "-inf", f"{inside}/fields.csv"]
        command = self._root.command(
            self._root.sipp,
            *([target] if target else []),
            *("-sf", f"{inside}/scenario.xml"),
            *("-trace_msg", "-message_file", f"{inside}/messages"),
            *("-trace_err", "-error_file", f"{inside}/errors"),
            *("-nostdin", "-timer_resol", "10", "-skip_rlimit", "-aa"),
            *arguments,
        )
        with (self.folder / "screen").open("wb") as screen:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=screen, stderr=subprocess.STDOUT
            )

    @property
    def messages(self) -> list[Message]:
        """Every message it has sent or received so far."""
        file = self.folder / "messages"
        return list(_read(file.read_text(errors="replace"))) if file.exists() else []

    @property
    def errors(self) -> str:
        """What it complained about."""
        file = self.folder / "errors"
        return file.read_text(errors="replace") if file.exists() else ""

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def wait(self, within_s: float) -> int:
        """Wait for its end and return its exit status."""
        return self._process.wait(within_s)

    def stop(self) -> None:
        """End it; its traces stay readable."""
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def remove(self) -> None:
        """Remove its traces."""
        with contextlib.suppress(OSError):
            shutil.rmtree(self.folder)


def _read(trace: str) -> Iterator[Message]:
    heads = list(MESSAGE_HEAD.finditer(trace))
    ends = [*(head.start() for head in heads[1:]), len(trace)]
    for head, end in zip(heads, ends[: len(heads)], strict=True):
        at = datetime.fromisoformat(head["at"]).timestamp()
        yield Message(at, head["way"] == "sent", trace[head.end() : end])
