"""`lists`: prefixes by the million, and every line that is none is told."""

from __future__ import annotations

import time
from hashlib import sha256
from pathlib import Path

import pytest

from fastagi.errors import PolicyError
from fastagi.policy.lists import PROBLEMS_MAX, read_list


def _list(folder: Path, text: str | bytes) -> Path:
    file = folder / "l.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def _problems(file: Path) -> list[str]:
    with pytest.raises(PolicyError) as refused:
        read_list(file)
    return [f"{each.line}: {each.what}" for each in refused.value.problems]


def test_a_list_is_one_prefix_a_line(tmp_path: Path) -> None:
    """With a plus or without, with remarks, empty lines, and the line ends of any system."""
    file = _list(tmp_path, "\ufeff# a list\n+88213\r\n\n  8835110  # iNum\n+53#Cuba\n53\n")
    table, digest = read_list(file)
    assert len(table) == 3
    assert table.longest("88213999") == "88213"
    assert table.longest("5371234567") == "53"
    assert digest == sha256(file.read_bytes()).digest()


def test_an_empty_list_is_a_list(tmp_path: Path) -> None:
    """That it is odd is for `checking` to say."""
    assert len(read_list(_list(tmp_path, ""))[0]) == 0


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("44\n0039\n", "2: `0039` is no prefix of E.164; write the country code first"),
        ("++44", "1: `+44` is no prefix of E.164"),
        ("1234567890123456", "1: `1234567890123456` is no prefix of E.164"),
        ("٣٩", "1: `٣٩` is no prefix of E.164"),
        ("39,Italy", "1: `39,Italy` has several columns; keep the prefix"),
        ("39;Italy", "1: `39;Italy` has several columns"),
        (b"44\n\xff", "2: this is not UTF-8"),
    ],
)
def test_a_line_that_is_no_prefix_is_told(tmp_path: Path, text: str | bytes, problem: str) -> None:
    """By its own line, not that of the policy."""
    (told,) = _problems(_list(tmp_path, text))
    assert told.startswith(problem)


def test_a_file_of_another_kind_is_not_told_line_by_line(tmp_path: Path) -> None:
    """A wrong file has a million wrong lines; the first twenty say enough."""
    told = _problems(_list(tmp_path, "x\n" * 1000))
    assert len(told) == PROBLEMS_MAX + 1
    assert told[-1] == "21: and 980 more lines are no prefixes"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With the words of the system."""
    assert _problems(tmp_path / "nowhere.csv") == [
        "0: this file cannot be read: no such file or directory"
    ]


def test_a_link_and_an_absolute_path_are_fine(tmp_path: Path) -> None:
    """Lists are often kept elsewhere."""
    link = tmp_path / "link.csv"
    link.symlink_to(_list(tmp_path, "44\n"))
    assert len(read_list(link)[0]) == 1


def test_a_million_prefixes_take_seconds(tmp_path: Path) -> None:
    """A carrier's whole list can be used as it is."""
    file = _list(tmp_path, "\n".join(map(str, range(1_000_000_000, 1_001_000_000))))
    began = time.process_time()
    table, _ = read_list(file)
    assert len(table) == 1_000_000
    assert time.process_time() - began < 20
