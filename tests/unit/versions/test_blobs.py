"""`versions.blobs`: contents under their digest, once, and whole or not at all."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from fastagi.errors import VersionError
from fastagi.versions import blobs

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where they are kept."""
    return tmp_path / "versions"


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """Return a file of some length."""
    file = tmp_path / "rates.csv"
    file.write_text("39,1.20\n" * 300_000)
    return file


def test_what_is_kept_comes_back(folder: Path, sheet: Path, tmp_path: Path) -> None:
    """In bytes, and into a file; compressed meanwhile, for nobody else to read."""
    digest = blobs.digest_of(sheet)
    blobs.put(folder, sheet, digest)
    assert blobs.get(folder, digest) == sheet.read_bytes()
    blobs.unpack(folder, digest, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == sheet.read_bytes()
    (file,) = (folder / "_blobs").glob("*/*")
    assert file.stat().st_size < sheet.stat().st_size / 100
    assert file.stat().st_mode & 0o777 == 0o600
    for made in (file.parent, folder / "_blobs", folder):
        assert made.stat().st_mode & 0o777 == 0o700


def test_the_same_is_kept_once(folder: Path, sheet: Path) -> None:
    """What is there is not written again."""
    digest = blobs.digest_of(sheet)
    blobs.put(folder, sheet, digest)
    (file,) = (folder / "_blobs").glob("*/*")
    before = file.stat().st_ino
    blobs.put(folder, sheet, digest)
    assert file.stat().st_ino == before


def test_a_file_that_changes_is_not_kept_under_what_it_was(folder: Path, sheet: Path) -> None:
    """And nothing of it is left."""
    digest = blobs.digest_of(sheet)
    sheet.write_text("39,0.01\n")
    with pytest.raises(VersionError, match="changes while it is kept"):
        blobs.put(folder, sheet, digest)
    assert not list((folder / "_blobs").glob("*/*"))


@pytest.mark.parametrize(
    "tampered",
    [b"", b"no gzip", gzip.compress(b"another", mtime=0), gzip.compress(b"x" * 99, mtime=0)[:-9]],
    ids=["empty", "no gzip", "another", "cut off"],
)
def test_what_was_tampered_with_does_not_come_back(
    folder: Path, sheet: Path, tmp_path: Path, tampered: bytes
) -> None:
    """Not in part, and not as something else."""
    digest = blobs.digest_of(sheet)
    blobs.put(folder, sheet, digest)
    (file,) = (folder / "_blobs").glob("*/*")
    file.write_bytes(tampered)
    with pytest.raises(VersionError, match=digest[:12]):
        blobs.get(folder, digest)
    with pytest.raises(VersionError, match=digest[:12]):
        blobs.unpack(folder, digest, tmp_path / "again")


def test_what_is_used_no_more_goes_with_what_a_crash_left(folder: Path, sheet: Path) -> None:
    """And the others stay."""
    digest = blobs.digest_of(sheet)
    blobs.put(folder, sheet, digest)
    sheet.write_text("other")
    other = blobs.digest_of(sheet)
    blobs.put(folder, sheet, other)
    (folder / "_blobs" / other[:2] / "left.draft").touch()
    assert set(blobs.sizes(folder)) == {digest, other}
    blobs.forget_others(folder, {digest})
    assert set(blobs.sizes(folder)) == {digest}
    assert not list(folder.rglob("*.draft"))
