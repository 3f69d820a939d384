"""`rerun`: a run after each change, none without one, and an end by Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import typer

from fastagi.cli.rerun import rerun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path


def _moments(*each: Callable[[], object]) -> Callable[[Sequence[Path]], Iterator[object]]:
    """Let something be done before each look; after the last comes Ctrl-C."""
    left = list(each)

    def woken(folders: Sequence[Path]) -> Iterator[object]:
        assert all(each.is_dir() for each in folders)
        while left:
            left.pop(0)()
            yield ()

    return woken


def _nothing() -> None:
    pass


def test_it_runs_after_each_change_and_not_without(tmp_path: Path) -> None:
    """A change, the same again, a file that is gone, one that comes back."""
    file = tmp_path / "a.toml"
    file.write_text("1")
    runs: list[str] = []

    def run() -> Sequence[Path]:
        runs.append(file.read_text() if file.exists() else "")
        return [file]

    rerun(
        [],
        run,
        _moments(
            _nothing,
            lambda: file.write_text("22"),
            _nothing,
            file.unlink,
            lambda: file.write_text("333"),
        ),
    )
    assert runs == ["1", "22", "", "333"]


def test_what_changes_while_it_runs_is_seen_afterwards(tmp_path: Path) -> None:
    """It is looked at before."""
    file = tmp_path / "a.toml"
    file.write_text("1")
    runs: list[str] = []

    def run() -> Sequence[Path]:
        runs.append(file.read_text())
        if len(runs) == 2:
            file.write_text("333")
        return [file]

    rerun([], run, _moments(lambda: file.write_text("22"), _nothing, _nothing))
    assert runs == ["1", "22", "333"]


def test_what_changes_during_the_first_run_is_seen_as_well(tmp_path: Path) -> None:
    """As far as it is known before what it hangs on."""
    file = tmp_path / "a.toml"
    file.write_text("1")
    runs: list[str] = []

    def run() -> Sequence[Path]:
        runs.append(file.read_text())
        if len(runs) == 1:
            file.write_text("22")
        return [file]

    rerun([file], run, _moments(_nothing, _nothing, _nothing))
    assert runs == ["1", "22"]


def test_a_time_stands_before_each_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing is cleared."""
    rerun([], lambda: [tmp_path / "a"], _moments())
    told = capsys.readouterr().out
    assert told.count("─ ") >= 1
    assert "\x1b[2J" not in told


def test_ctrl_c_ends_it_whenever(tmp_path: Path) -> None:
    """Also during a run."""

    def interrupted() -> Sequence[Path]:
        raise KeyboardInterrupt

    rerun([tmp_path], interrupted)


def test_where_nothing_can_be_watched_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Too many watches, or none at all."""

    def woken(folders: Sequence[Path]) -> Iterator[object]:
        raise OSError("too many open files")

    with pytest.raises(typer.Exit) as ended:
        rerun([], lambda: [tmp_path / "a"], woken)
    assert ended.value.exit_code == 1
    assert "the files cannot be watched: too many open files" in capsys.readouterr().err


POLICY = """\
[site]
name = "s"
country = "GB"
timezone = "Europe/London"
internal = ["1XX"]
[[rule]]
name = "home"
then = "allow"
"""
CASES = """\
[[case]]
name = "London"
call = { from = "101", dial = "02079460000", at = "2026-01-05T10:10:00" }
expect = { verdict = "allow", rule = "home" }
"""


def test_the_command_watches_real_files_until_ctrl_c(tmp_path: Path) -> None:
    """Status 0, for that is how one ends it."""
    (tmp_path / "p.toml").write_text(POLICY)
    cases = tmp_path / "p.cases.toml"
    cases.write_text(CASES)
    command = [sys.executable, "-m", "fastagi", "test", "--watch", "p.toml"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=_hears_ctrl_c,
    ) as process:
        try:
            assert process.stdout is not None
            assert any("PASS  London" in line for line in process.stdout)
            assert any("1 of 1 cases pass" in line for line in process.stdout)
            fresh = tmp_path / "fresh"
            fresh.write_text(CASES.replace('"home" }', '"hmoe" }'))
            os.replace(fresh, cases)  # noqa: PTH105 - as an editor does
            assert any("FAIL  London" in line for line in process.stdout)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()


def _hears_ctrl_c() -> None:
    """Be deaf to it no more: a shell has what it runs in the background ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
