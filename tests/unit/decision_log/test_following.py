"""The lines out of the record as they come, through rotations."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from fastagi.decision_log import following
from fastagi.decision_log.following import Place, end_of, lines_after
from fastagi.decision_log.shared_file import SharedFile


def read_all(path: Path, place: Place | None) -> tuple[list[bytes], Place | None]:
    """Read on until there is no more."""
    found = []
    while lines := lines_after(path, place):
        found += [line for line, _ in lines]
        place = lines[-1][1]
    return found, place


def line(number: int) -> bytes:
    """Return a line that is like no other."""
    return f'{{"n":{number}}}\n'.encode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file in use."""
    return tmp_path / "decisions.jsonl"


def test_every_line_comes_once_through_rotations(path: Path) -> None:
    """In order, however they are written and whenever they are read."""
    file = SharedFile(path, rotate_bytes=30, keep=100)
    place, found = end_of(path), []
    assert place is None
    for number in range(60):
        file.append(line(number))
        if number % 7 == 0:
            more, place = read_all(path, place)
            found += more
    found += read_all(path, place)[0]
    assert found == [line(number) for number in range(60)]


def test_it_goes_on_after_any_line(path: Path) -> None:
    """Each has its place."""
    path.write_bytes(b"".join(map(line, range(5))))
    places = [None, *(place for _, place in lines_after(path, None))]
    for number, place in enumerate(places):
        assert read_all(path, place)[0] == [line(each) for each in range(number, 5)]


def test_the_end_is_where_only_what_is_new_comes(path: Path) -> None:
    """Of an empty file, too."""
    path.touch()
    nothing = end_of(path)
    path.write_bytes(line(0) + line(1))
    end = end_of(path)
    assert lines_after(path, end) == []
    with path.open("ab") as file:
        file.write(line(2))
    assert read_all(path, end)[0] == [line(2)]
    assert read_all(path, nothing)[0] == [line(0), line(1), line(2)]


def test_a_line_that_is_not_whole_waits(path: Path) -> None:
    """Half of it is no line."""
    path.write_bytes(line(0) + b'{"n"')
    found, place = read_all(path, None)
    assert found == [line(0)]
    with path.open("ab") as file:
        file.write(b":1}\n")
    assert read_all(path, place)[0] == [b'{"n":1}\n']


def test_more_than_is_read_at_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Comes in steps."""
    monkeypatch.setattr(following, "CHUNK", 20)
    path.write_bytes(b"".join(map(line, range(9))))
    assert read_all(path, None)[0] == [line(each) for each in range(9)]


def test_another_file_with_the_same_inode_is_another(path: Path) -> None:
    """It is known by its first line; one that was begun anew is read from its beginning."""
    path.write_bytes(line(0) + line(1))
    _, place = read_all(path, None)
    with path.open("r+b") as file:  # as copytruncate does
        file.truncate(0)
    assert read_all(path, place)[0] == []
    with path.open("ab") as file:
        file.write(line(7) + line(8) + line(9))
    assert read_all(path, place)[0] == [line(7), line(8), line(9)]


def test_where_the_file_is_gone_the_oldest_is_gone_on_with(path: Path) -> None:
    """Compressed ones are not read."""
    with gzip.open(path.with_name("decisions.jsonl.2.gz"), "wb") as file:
        file.write(line(0))
    path.with_name("decisions.jsonl.1").write_bytes(line(1))
    path.write_bytes(line(2))
    assert read_all(path, Place(1, "x", 5))[0] == [line(1), line(2)]


def test_a_file_that_vanishes_as_it_is_looked_at(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was rotated away: the others are read."""
    path.write_bytes(line(0))
    gone = path.with_name("decisions.jsonl.1")
    monkeypatch.setattr(following, "newest_first", lambda _: [path, gone])
    _, place = read_all(path, None)
    assert [each for each, _ in lines_after(path, None)] == [line(0)]
    assert lines_after(path, place) == []
