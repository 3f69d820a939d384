"""`decision_log.lookup`: the operator finds a decision by four digits, newest first."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from fastagi.decision_log.lookup import decisions_of, lookup


def _line(reference: str, call: str, site: str = "office") -> str:
    entry = {"site": site, "call": call, "reference": reference}
    return json.dumps(entry, separators=(",", ":")) + "\n"


def _calls(path: Path, reference: str, site: str | None = None) -> list[object]:
    return [entry["call"] for entry in lookup(path, reference, site)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file in use and three older ones, each named in one of logrotate's ways."""
    path = tmp_path / "decisions.jsonl"
    files = {
        path: _line("4071", "7") + _line("0001", "8") + _line("4071", "9", "hotel"),
        tmp_path / "decisions.jsonl.1": _line("4071", "5") + _line("4071", "6"),
        tmp_path / "decisions.jsonl-20260101": _line("4071", "4"),
    }
    for age, (file, text) in enumerate(files.items()):
        file.write_text(text)
        os.utime(file, (1_000_000 - age, 1_000_000 - age))
    packed = tmp_path / "decisions.jsonl.2.gz"
    packed.write_bytes(gzip.compress((_line("4071", "2") + _line("4071", "3")).encode()))
    os.utime(packed, (999_000, 999_000))
    (tmp_path / "another.jsonl").write_text(_line("4071", "0"))
    return path


def test_the_newest_comes_first_over_all_files(path: Path) -> None:
    """Over rotated and compressed files, and no others."""
    assert _calls(path, "4071") == ["9", "7", "6", "5", "4", "3", "2"]


def test_one_site_at_a_time(path: Path) -> None:
    """Tenants do not see each other's calls."""
    assert _calls(path, "4071", "hotel") == ["9"]
    assert _calls(path, "4071", "harbour") == []


def test_what_is_not_there_is_not_found(path: Path) -> None:
    """Nothing for another reference, nor where there is no file yet."""
    assert _calls(path, "9999") == []
    assert _calls(path.parent / "nowhere" / "decisions.jsonl", "4071") == []


def test_a_line_that_is_not_whole_is_passed_over(tmp_path: Path) -> None:
    """Torn, foreign, or of another shape: the rest is still found."""
    path = tmp_path / "decisions.jsonl"
    torn = _line("4071", "1").removesuffix("}\n") + "\n"
    path.write_text(torn + '[{"reference":"4071"}]\n' + _line("4071", "2") + "\x00\n")

    assert _calls(path, "4071") == ["2"]


def test_text_within_a_value_is_no_reference(tmp_path: Path) -> None:
    """A caller cannot make a call turn up under another's reference."""
    path = tmp_path / "decisions.jsonl"
    path.write_text(_line("0001", '","reference":"4071"'))

    assert _calls(path, "4071") == []


def test_a_file_rotated_away_in_between_is_no_error(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gone between listing and asking, or between asking and opening."""
    stat, gone = Path.stat, path.with_name("decisions.jsonl-20260101")

    def scripted(self: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if self == gone:
            gone.unlink(missing_ok=True)
        return stat(self, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", scripted)
    found = lookup(path, "4071")
    assert next(found)["call"] == "9"
    path.with_name("decisions.jsonl.1").unlink()

    assert [entry["call"] for entry in found] == ["7", "3", "2"]


@pytest.mark.parametrize("damage", [slice(None, -9), slice(None, 0), slice(None, 14)])
def test_a_file_still_being_compressed_is_no_error(path: Path, damage: slice) -> None:
    """What is missing of it is missing; the other files are searched."""
    packed = path.with_name("decisions.jsonl.2.gz")
    packed.write_bytes(packed.read_bytes()[damage])
    os.utime(packed, (999_000, 999_000))

    assert _calls(path, "4071")[:5] == ["9", "7", "6", "5", "4"]


def test_a_damaged_file_is_no_error(path: Path) -> None:
    """A bad block on the disk hides its own lines only."""
    packed = path.with_name("decisions.jsonl.2.gz")
    packed.write_bytes(packed.read_bytes()[:10] + b"\xff" * 40)
    os.utime(packed, (999_000, 999_000))

    assert _calls(path, "4071") == ["9", "7", "6", "5", "4"]


def test_a_file_that_may_not_be_read_is_an_oserror(tmp_path: Path) -> None:
    """The operator is told, rather than shown nothing."""
    path = tmp_path / "decisions.jsonl"
    path.mkdir()

    with pytest.raises(IsADirectoryError):
        list(lookup(path, "4071"))


def test_a_folder_that_may_not_be_read_is_an_oserror(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than taken for empty."""

    def forbidden(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr("pathlib.Path.iterdir", forbidden)
    with pytest.raises(PermissionError):
        list(lookup(tmp_path / "decisions.jsonl", "4071"))


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    """The service makes it."""
    assert list(lookup(tmp_path / "log" / "decisions.jsonl", "4071")) == []


def test_decisions_are_chosen_by_moment_and_call(tmp_path: Path) -> None:
    """Four digits come round again; what a call cost in the end is no decision."""
    path = tmp_path / "decisions.jsonl"
    entries = [
        {"time": "2026-01-05T10:10:00.000Z", "call": "1", "reason": "rule"},
        {"time": "2026-01-06T10:10:00.000Z", "call": "2", "reason": "allowed"},
        {"time": "2026-01-06T10:20:00.000Z", "call": "2", "reason": "settled"},
    ]
    path.write_text(
        "".join(
            json.dumps({**each, "site": "office", "reference": "4071"}, separators=(",", ":"))
            + "\n"
            for each in entries
        )
    )

    def found(**by: str) -> list[object]:
        return [each["call"] for each in decisions_of(path, "4071", **by)]

    assert found() == ["2", "1"]
    assert found(time="2026-01-05") == ["1"]
    assert found(call="2") == ["2"]
    assert found(site="hotel") == found(call="3") == []
