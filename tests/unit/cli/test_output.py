"""How every command speaks."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import typer

from fastagi.cli import output
from fastagi.cli.output import Status
from fastagi.errors import Problem, SettingsError, StoreError


def test_a_table_in_a_pipe_is_tab_separated(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a heading, as `cut` and `awk` like it."""
    output.show_table(["name", "why"], [["abroad", "fits [by] `international`"]])
    assert capsys.readouterr().out == "abroad\tfits [by] `international`\n"


def test_a_table_in_a_terminal_has_a_heading(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what callers chose is text, never markup."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    output.show_table(["name"], [["[red]x"]], title="rules", styles={"[red]x": "bold"})
    shown = capsys.readouterr().out
    assert "name" in shown
    assert "[red]x" in shown


def test_no_rows_are_said_in_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe gets nothing."""
    output.show_table(["name"], [], none="nobody")
    assert capsys.readouterr().out == ""
    monkeypatch.setenv("FORCE_COLOR", "1")
    output.show_table(["name"], [], none="nobody")
    assert capsys.readouterr().out == "nobody\n"


def test_cards_stand_one_below_the_other_in_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that nothing is cut off; in a pipe each is a line."""
    rows = [["101", "deny"], ["102", "allow"]]
    output.show_cards(["extension", "verdict"], rows)
    assert capsys.readouterr().out == "101\tdeny\n102\tallow\n"
    monkeypatch.setenv("FORCE_COLOR", "1")
    output.show_cards(["extension", "verdict"], rows)
    shown = capsys.readouterr().out.split()
    assert shown.count("verdict") == 2
    assert shown.index("101") < shown.index("deny") < shown.index("102")


@pytest.mark.parametrize(("columns", "table"), [("40", True), ("12", False)])
def test_a_list_is_a_table_where_it_fits(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    columns: str,
    table: bool,
) -> None:
    """Else cards, in which nothing is cut off."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", columns)
    output.show_list(["number", "call"], [["+442079460000", "1.2"]], none="nobody")
    shown = capsys.readouterr().out
    assert ("│" in shown) is table
    assert "+442079460000" in shown
    output.show_list(["number", "call"], [], none="nobody")
    assert capsys.readouterr().out == "nobody\n"


def test_a_moment_is_shown_as_the_clock_on_the_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the second, in this machine's time zone."""
    monkeypatch.setenv("TZ", "Europe/Madrid")
    time.tzset()
    try:
        assert output.local_time(1767607800.0) == "2026-01-05 11:10:00"
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()


def test_json_is_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    """With every letter as it is."""
    output.show_json({"site": "Büro", "status": Status.DONE})
    assert '"Büro"' in capsys.readouterr().out


def test_problems_of_files_are_status_3(capsys: pytest.CaptureFixture[str]) -> None:
    """One a line, as editors jump to them."""
    with pytest.raises(typer.Exit) as ended:
        output.give_up(SettingsError([Problem(Path("d.toml"), 3, "no")]))
    assert ended.value.exit_code == Status.INVALID
    assert capsys.readouterr().err == "d.toml:3: no\n"


def test_other_errors_are_status_1_with_their_cause(capsys: pytest.CaptureFixture[str]) -> None:
    """The driver's own words help."""
    error = StoreError("the store is down")
    error.__cause__ = OSError("disk full")
    with pytest.raises(typer.Exit) as ended:
        output.give_up(error)
    assert ended.value.exit_code == Status.FAILED
    assert capsys.readouterr().err == "error: the store is down: disk full\n"


def test_what_cannot_be_done_is_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr."""
    with pytest.raises(typer.Exit) as ended:
        output.fail("there is none")
    assert ended.value.exit_code == Status.FAILED
    assert capsys.readouterr().err == "error: there is none\n"
