"""`versions.manifest`: which files a version is of, and when it was in force."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from fastagi.errors import VersionError
from fastagi.versions import manifest
from fastagi.versions.manifest import Kept, Manifest, Role, Span

VERSION = "0123456789ab"
ONE = Manifest("office", VERSION, (Kept(Role.POLICY, "office.toml", "a" * 64, 7),))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """For nobody else to read."""
    manifest.write(tmp_path, ONE)
    assert manifest.read(tmp_path, "office", VERSION) == ONE
    assert ONE.policy.name == "office.toml"
    file = tmp_path / "office" / f"{VERSION}.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("site", ["", "..", "a/b", "Office", "x" * 65, "_blobs"])
def test_no_path_is_made_of_what_is_no_name(tmp_path: Path, site: str) -> None:
    """A line of the record, or who asks the API, names them."""
    with pytest.raises(VersionError, match="no site's name"):
        manifest.read(tmp_path, site, VERSION)


@pytest.mark.parametrize("version", ["", "../../etc", "0123456789AB", "0" * 13, "0123456789a\n"])
def test_no_path_is_made_of_what_is_no_version(tmp_path: Path, version: str) -> None:
    """Likewise."""
    with pytest.raises(VersionError, match="no version"):
        manifest.read(tmp_path, "office", version)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"files": []}',
        '{"files": [{"role": "policy"}]}',
        '{"files": [{"role": "king", "name": "", "digest": "", "size": 0}]}',
        '{"files": [{"role": "policy", "name": "", "digest": "../..", "size": 0}]}',
        '{"files": [{"role": "list", "name": "", "digest": "' + "a" * 64 + '", "size": 0}]}',
    ],
)
def test_what_is_none_of_ours_is_told(tmp_path: Path, text: str) -> None:
    """Never half believed."""
    (tmp_path / "office").mkdir()
    (tmp_path / "office" / f"{VERSION}.json").write_text(text)
    with pytest.raises(VersionError, match=r"cannot be read|none of ours"):
        manifest.read(tmp_path, "office", VERSION)


def test_what_is_not_kept_is_told(tmp_path: Path) -> None:
    """By its name."""
    with pytest.raises(VersionError, match=f"version {VERSION} of site `office` is not kept"):
        manifest.read(tmp_path, "office", VERSION)


def test_a_version_is_in_force_until_the_next_is() -> None:
    """One that comes back has two times; one that stays has one."""
    spans = manifest.with_another([], "a", 1.0)
    assert manifest.with_another(spans, "a", 2.0) == spans == [Span("a", 1.0)]
    spans = manifest.with_another(manifest.with_another(spans, "b", 2.0), "a", 3.0)
    assert spans == [Span("a", 1.0, 2.0), Span("b", 2.0, 3.0), Span("a", 3.0)]


def test_histories_are_by_site(tmp_path: Path) -> None:
    """What cannot be read is told, and not taken for none."""
    assert manifest.histories(tmp_path) == {}
    assert manifest.history(tmp_path, "office") == []
    manifest.write_history(tmp_path, "office", [Span("a", 1.0)])
    (tmp_path / "Other").mkdir()
    (tmp_path / "Other" / "history.json").write_text("[]")
    assert manifest.histories(tmp_path) == {"office": [Span("a", 1.0)]}
    (tmp_path / "office" / "history.json").write_text("[{}]")
    with pytest.raises(VersionError, match="cannot be read"):
        manifest.histories(tmp_path)


def test_a_folder_that_cannot_be_read_holds_not_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither that of all sites, nor that of one; a file among them is no site."""
    (tmp_path / "notes").write_text("no site")
    assert manifest.histories(tmp_path) == {}
    with pytest.raises(VersionError, match=r"notes` cannot be read"):
        manifest.histories(tmp_path / "notes")
    (tmp_path / "office").mkdir()

    def refuse(file: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied", str(file))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(VersionError, match=r"`.*history\.json` cannot be read"):
        manifest.histories(tmp_path)
