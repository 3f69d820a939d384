"""`dialguard versions`: which there are, what they said, and what changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fastagi.cli import versions
from fastagi.policy.loading import load
from fastagi.versions import keep

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard


def _kept(dialguard: Dialguard, at: float, text: str | None = None) -> str:
    """Have the policy come into force at a moment; return its version."""
    if text is not None:
        dialguard.policy.write_text(text)
    policy = load(dialguard.policy)
    keep(dialguard.folder / "versions", policy, at)
    return policy.version


def _with_list(dialguard: Dialguard, digits: str) -> str:
    (dialguard.folder / "irsf.csv").write_text(f"+{digits}\n")
    text = dialguard.policy.read_text()
    return text if "[lists]" in text else text + '\n[lists]\nirsf = "irsf.csv"\n'


def test_versions_are_listed_the_newest_first(dialguard: Dialguard) -> None:
    """What is in force has no end."""
    assert dialguard.on_settings("versions").stdout == ""
    old = _kept(dialguard, 1.0)
    new = _kept(dialguard, 2.0, dialguard.policy.read_text() + "# more\n")
    lines = dialguard.on_settings("versions").stdout.splitlines()
    assert [each.split("\t")[:2] for each in lines] == [["office", new], ["office", old]]
    told = json.loads(dialguard.on_settings("versions", "list", "--json").stdout)
    assert [(each["since"], each["until"]) for each in told] == [(2.0, None), (1.0, 2.0)]
    assert told[0]["files"] == 1
    assert dialguard.on_settings("versions", "list", "--site", "hotel").stdout == ""


def test_a_version_is_printed_as_it_was(dialguard: Dialguard) -> None:
    """Byte by byte, and any of its files."""
    text = _with_list(dialguard, "88213")
    version = _kept(dialguard, 1.0, text)
    dialguard.policy.write_text("gone")
    assert dialguard.on_settings("versions", "show", version).stdout == text
    shown = dialguard.on_settings("versions", "show", version, "--file", "irsf.csv")
    assert shown.stdout == "+88213\n"
    told = json.loads(dialguard.on_settings("versions", "show", version, "--json").stdout)
    assert [each["role"] for each in told["files"]] == ["policy", "list"]
    done = dialguard.on_settings("versions", "show", version, "--file", "irfs.csv")
    assert done.exit_code == 1
    assert "did you mean `irsf.csv`?" in done.stderr


def test_what_changed_is_shown_line_by_line(dialguard: Dialguard) -> None:
    """In the policy, and in which of its files."""
    old = _kept(dialguard, 1.0, _with_list(dialguard, "88213"))
    text = dialguard.policy.read_text().replace("calls = 2", "calls = 1")
    _with_list(dialguard, "88216")
    new = _kept(dialguard, 2.0, text)
    shown = dialguard.on_settings("versions", "diff", old, new).stdout
    assert "-calls = 2\n+calls = 1\n" in shown
    assert "-+88213\n++88216\n" in shown
    assert "both are the same" in dialguard.on_settings("versions", "diff", old, old).stdout


def test_of_a_long_file_it_is_said_that_it_changed(
    dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody reads a million lines of it."""
    bare = _kept(dialguard, 1.0)
    old = _kept(dialguard, 2.0, _with_list(dialguard, "88213"))
    _with_list(dialguard, "882")
    new = _kept(dialguard, 3.0)
    monkeypatch.setattr(versions, "COMPARED_MAX", 0)
    assert (
        "irsf.csv: 7 bytes became 5" in dialguard.on_settings("versions", "diff", old, new).stdout
    )
    assert "irsf.csv: is new" in dialguard.on_settings("versions", "diff", bare, new).stdout
    assert "irsf.csv: is gone" in dialguard.on_settings("versions", "diff", new, bare).stdout


def test_a_file_moves_no_cursor(dialguard: Dialguard) -> None:
    """Lines of a difference are shown as they are written."""
    old = _kept(dialguard, 1.0)
    (dialguard.folder / "irsf.csv").write_text("# \x1b[2J\n+1\n")
    new = _kept(dialguard, 2.0, dialguard.policy.read_text() + '\n[lists]\nx = "irsf.csv"\n')
    shown = dialguard.on_settings("versions", "diff", old, new).stdout
    assert "\x1b" not in shown
    assert "\\x1b" in shown


def test_what_is_not_kept_is_said(dialguard: Dialguard) -> None:
    """With what may be meant."""
    done = dialguard.on_settings("versions", "show", "0123456789ab")
    assert done.exit_code == 1
    assert "none is, yet" in done.stderr
    version = _kept(dialguard, 1.0)
    done = dialguard.on_settings("versions", "show", version[:-1] + "x")
    assert f"did you mean `{version}`?" in done.stderr


def test_a_version_of_several_sites_wants_the_site(dialguard: Dialguard) -> None:
    """And two sites are not compared."""
    version = _kept(dialguard, 1.0)
    folder = dialguard.folder / "versions"
    (folder / "hotel").mkdir()
    for name in (f"{version}.json", "history.json"):
        (folder / "hotel" / name).write_bytes((folder / "office" / name).read_bytes())
    done = dialguard.on_settings("versions", "show", version)
    assert "say --site: hotel, office" in done.stderr
    assert dialguard.on_settings("versions", "show", version, "--site", "office").exit_code == 0
    other = _kept(dialguard, 2.0, dialguard.policy.read_text().replace('"office"', '"branch"', 1))
    (folder / "hotel" / "history.json").unlink()
    done = dialguard.on_settings("versions", "diff", version, other)
    assert done.exit_code == 1
    assert f"version {other} of `branch`" in done.stderr


def test_what_cannot_be_read_is_said(dialguard: Dialguard) -> None:
    """No traceback."""
    version = _kept(dialguard, 1.0)
    for file in (dialguard.folder / "versions" / "_blobs").glob("*/*"):
        file.unlink()
    done = dialguard.on_settings("versions", "show", version)
    assert done.exit_code == 1
    assert "cannot be read" in done.stderr
    (dialguard.folder / "versions" / "office" / f"{version}.json").write_text("?")
    for words in (("versions",), ("versions", "show", version)):
        done = dialguard.on_settings(*words)
        assert done.exit_code == 1
        assert "cannot be read" in done.stderr


def test_a_beginning_is_enough_where_it_is_unique(dialguard: Dialguard) -> None:
    """As long as nobody has to guess which is meant."""
    old = _kept(dialguard, 1.0)
    new = _kept(dialguard, 2.0, dialguard.policy.read_text() + "# more\n")
    assert old[:4] != new[:4]
    shown = dialguard.on_settings("versions", "diff", old[:4], new[:5])
    assert (shown.exit_code, "+# more" in shown.stdout) == (0, True)
    assert dialguard.on_settings("versions", "show", old[:3]).exit_code == 1
    folder = dialguard.folder / "versions" / "office"
    told = json.loads((folder / "history.json").read_text())
    other = old[:11] + ("0" if old[11] != "0" else "1")
    (folder / "history.json").write_text(json.dumps([*told, {**told[0], "version": other}]))
    done = dialguard.on_settings("versions", "show", old[:11])
    assert done.exit_code == 1
    assert (
        f"`{old[:11]}` begins several versions: {', '.join(sorted((old, other)))}" in done.stderr
    )
    assert dialguard.on_settings("versions", "show", old).exit_code == 0
    done = dialguard.on_settings("versions", "show", old, "--site", "hotel")
    assert "of site `hotel` is not kept here" in done.stderr


def test_a_folder_that_cannot_be_read_is_said(dialguard: Dialguard) -> None:
    """And not taken for one that holds nothing."""
    (dialguard.folder / "versions").write_text("no folder")
    done = dialguard.on_settings("versions")
    assert done.exit_code == 1
    assert "versions` cannot be read" in done.stderr
