"""`service_log`: JSON in a pipe, columns in a terminal, no secret in either."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
from typing import TYPE_CHECKING

import pytest
import structlog

from fastagi import service_log
from fastagi.service_log import WITHHELD, refuse_secrets

if TYPE_CHECKING:
    from pathlib import Path


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def _entries(pipe: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in pipe.getvalue().splitlines()]


def test_a_pipe_gets_one_json_object_a_line() -> None:
    """With time, level, and what stands in every line."""
    pipe = io.StringIO()
    service_log.configure(stream=pipe, worker=2)
    structlog.get_logger().info("listening", port=4573)
    structlog.get_logger().debug("not shown")

    (entry,) = _entries(pipe)
    assert str(entry.pop("time")).endswith("Z")
    assert entry == {"worker": 2, "event": "listening", "port": 4573, "level": "info"}


def test_a_line_is_one_write() -> None:
    """Workers share the stream: what is written in two parts ends up in another's line."""
    written: list[str] = []

    class Pipe(io.StringIO):
        def write(self, text: str) -> int:
            written.append(text)
            return len(text)

    service_log.configure(stream=Pipe())
    structlog.get_logger().info("listening")
    assert [json.loads(line)["event"] for line in written] == ["listening"]
    assert written[0].endswith("\n")


def test_stderr_is_where_it_goes(capsys: pytest.CaptureFixture[str]) -> None:
    """Stdout is for what commands print."""
    service_log.configure()
    structlog.get_logger().info("listening")
    printed = capsys.readouterr()

    assert printed.out == ""
    assert json.loads(printed.err)["event"] == "listening"


def test_a_terminal_gets_columns() -> None:
    """For people."""
    terminal = Terminal()
    service_log.configure(stream=terminal)
    structlog.get_logger().info("listening", port=4573)

    assert "listening" in terminal.getvalue()
    assert "{" not in terminal.getvalue()


def test_the_journal_gets_the_level_as_a_prefix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that it can be asked for warnings only, of ours and of libraries."""
    with (tmp_path / "journal").open("w+") as journal:
        found = os.fstat(journal.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
        service_log.configure(stream=journal)
        structlog.get_logger().info("listening")
        structlog.get_logger().warning("refused")
        structlog.get_logger().error("store-down")
        logging.getLogger("asyncio").warning("slow")
        try:
            raise LookupError
        except LookupError:
            structlog.get_logger().exception("failed")
        journal.seek(0)
        lines = journal.read().splitlines()
    assert [line[:3] for line in lines] == ["<6>", "<4>", "<3>", "<4>", "<3>"]
    assert json.loads(lines[1][3:])["event"] == "refused"


def test_a_stream_that_the_journal_does_not_read_has_no_prefix(tmp_path: Path) -> None:
    """The variable is inherited by what a service starts; stderr may be sent elsewhere."""
    with (tmp_path / "log").open("w") as file:
        assert not service_log.is_journal(file, {"JOURNAL_STREAM": "8:1"})
        assert not service_log.is_journal(file, {})
    assert not service_log.is_journal(io.StringIO(), {"JOURNAL_STREAM": "8:1"})


def test_libraries_speak_through_it_too() -> None:
    """Asyncio's warnings are lines like any other."""
    pipe = io.StringIO()
    service_log.configure(stream=pipe, worker=2)
    logging.getLogger("asyncio").warning("slow: %s", "callback")
    logging.getLogger("asyncio").info("not shown")

    (entry,) = _entries(pipe)
    assert (entry["event"], entry["level"], entry["worker"]) == ("slow: callback", "warning", 2)


@pytest.mark.parametrize(
    "name", ["pin", "PIN", "user_pin", "code", "digits", "totp_secret", "token", "recovery-codes"]
)
def test_a_secret_is_withheld_by_its_name(name: str) -> None:
    """At any depth."""
    event = {name: "4711", "inside": {name: "4711", "more": [{name: "4711"}, ({name: 1},)]}}
    shown = refuse_secrets(None, "info", event)

    assert "4711" not in str(shown)
    assert shown[name] == WITHHELD


def test_what_only_sounds_like_a_secret_is_shown() -> None:
    """Words count, not letters within them."""
    event = {"event": "x", "pinned": 1, "exit_status": 3, "encoder": "y", "count": [1, 2]}

    assert refuse_secrets(None, "info", dict(event)) == event


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_a_traceback_shows_no_local_variables(stream: type[io.StringIO]) -> None:
    """A PIN is a local variable while it is checked."""
    out = stream()
    service_log.configure(stream=out)
    keyed = "".join(map(str, (7, 3, 9, 1)))
    try:
        if keyed:
            raise LookupError("wrong")
    except LookupError:
        structlog.get_logger().exception("failed")
        logging.getLogger("asyncio").exception("failed too")

    shown = out.getvalue()
    assert shown.count("LookupError: wrong") == 2
    assert keyed not in shown


def test_a_caller_cannot_forge_a_line_in_a_pipe() -> None:
    """A newline in a name is text."""
    pipe = io.StringIO()
    service_log.configure(stream=pipe)
    structlog.get_logger().info("refused", channel='x\n{"event":"allowed"}\r\x1b[2J')

    assert len(_entries(pipe)) == 1
    assert "\x1b" not in pipe.getvalue()


def test_a_caller_cannot_steer_a_terminal() -> None:
    """Escape sequences are shown, not obeyed; a traceback keeps its lines."""
    terminal = Terminal()
    service_log.configure(stream=terminal)
    try:
        raise ValueError("bad \x1b]0;title\x07 name")
    except ValueError:
        structlog.get_logger().exception("refused", channel="x\nforged\x1b[2J", seconds=3)

    shown = terminal.getvalue()
    assert "\x1b[2J" not in shown
    assert "\x1b]0;" not in shown
    assert "\nforged" not in shown
    assert "\nValueError: bad \\x1b]0;title\\x07 name" in shown


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
@pytest.mark.parametrize(
    "error", [BrokenPipeError(32, "Broken pipe"), OSError(28, "No space"), ValueError("closed")]
)
def test_a_stream_that_nobody_reads_harms_nobody(
    stream: type[io.StringIO], error: Exception
) -> None:
    """A log line is no reason for a decision to fail, in our code or a library's."""

    class Broken(stream):  # type: ignore[valid-type, misc]  # mypy knows no class by parameter
        def write(self, text: str) -> int:
            raise error

        def flush(self) -> None:
            raise error

    service_log.configure(stream=Broken())
    structlog.get_logger().error("store-down")
    logging.getLogger("asyncio").error("slow")


def test_a_pipe_whose_reader_is_gone_is_written_to_again_and_again() -> None:
    """As under `serve 2>&1 | tee` once `tee` was killed: the buffer fills, and nothing raises."""
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w", buffering=1) as pipe:  # noqa: PTH123 - a descriptor
        service_log.configure(stream=pipe)
        for _ in range(100):
            structlog.get_logger().error("store-down", cause="x" * 1000)
        with pytest.raises(BrokenPipeError):
            pipe.write("y" * 10_000)
        with contextlib.suppress(BrokenPipeError):
            pipe.close()


def test_who_overhears_gets_each_line_without_its_secrets() -> None:
    """The libraries' lines, too; and the stream has them all the same."""
    stream, overheard = io.StringIO(), list[dict[str, object]]()
    service_log.configure(stream=stream, overhear=overheard.append, worker=1)  # type: ignore[arg-type]  # an EventDict is a dict
    structlog.get_logger().error("bypass", node="pbx", user_pin="4711")
    logging.getLogger("library").warning("beware")
    (ours, theirs) = overheard
    assert (ours["event"], ours["worker"], ours["node"]) == ("bypass", 1, "pbx")
    assert ours["user_pin"] == WITHHELD
    assert theirs["event"] == "beware"
    assert len(stream.getvalue().splitlines()) == 2
