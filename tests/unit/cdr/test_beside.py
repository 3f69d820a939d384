"""Reading in a process of its own."""

from __future__ import annotations

import io
import marshal
import pickle
import sys
from typing import TYPE_CHECKING, Any

import pytest

from fastagi.cdr.beside import CALLS, END, ERROR, LENGTH, PORTION, PROGRESS, Beside, serve
from fastagi.cdr.plan import CsvFile, Plan
from fastagi.errors import RecordsError
from tests.unit.cdr.rows import NOON, a_row, write

if TYPE_CHECKING:
    from pathlib import Path


def frames_of(plan: Plan) -> list[tuple[str, Any]]:
    """Return what is sent of a plan, in this process."""
    sent = io.BytesIO()
    serve(io.BytesIO(pickle.dumps(plan)), sent)
    sent.seek(0)
    found = []
    while length := sent.read(LENGTH.size):
        frame = sent.read(*LENGTH.unpack(length))
        found.append(marshal.loads(frame))  # noqa: S302 - we wrote it
    return found


def test_what_is_sent(tmp_path: Path) -> None:
    """Calls in portions, how far it is, and the counts at the end."""
    rows = [a_row(NOON + number) for number in range(PORTION + 3)]
    frames = frames_of(Plan((CsvFile(write(tmp_path / "Master.csv", *rows)),)))
    assert [kind for kind, _ in frames] == [PROGRESS, CALLS, CALLS, END]
    assert [len(content) for kind, content in frames if kind == CALLS] == [PORTION, 3]
    assert frames[-1][1][0] == PORTION + 3


def test_what_cannot_be_read_is_sent_as_words(tmp_path: Path) -> None:
    """The other side raises it."""
    ((kind, message),) = frames_of(Plan((CsvFile(tmp_path / "nothing.csv"),)))
    assert kind == ERROR
    assert "nothing.csv` cannot be read: No such file" in message


def test_who_listens_no_more(tmp_path: Path) -> None:
    """The end, without a complaint."""

    class Gone(io.BytesIO):
        def write(self, _: object, /) -> int:
            raise BrokenPipeError

    plan = Plan((CsvFile(write(tmp_path / "Master.csv", a_row())),))
    gone = Gone()
    serve(io.BytesIO(pickle.dumps(plan)), gone)
    assert gone.getvalue() == b""


def test_the_real_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says the same; and what lies in the working folder is none of Python's own modules."""
    (tmp_path / "csv.py").write_text("raise SystemExit('taken from the working folder')\n")
    monkeypatch.chdir(tmp_path)
    plan = Plan((CsvFile(write(tmp_path / "Master.csv", a_row())),))
    other = Beside(plan)
    assert list(other.frames()) == frames_of(plan)
    other.close()


def test_a_process_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, and nobody waits for ever."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    other = Beside(Plan((CsvFile(tmp_path / "Master.csv"),)))
    with pytest.raises(RecordsError, match="the process that reads the records is gone"):
        list(other.frames())
    other.close()
