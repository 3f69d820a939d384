"""`reading`: every mistake in a TOML file is told, with its line, in plain words."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field, TypeAdapter

from fastagi.errors import PolicyError
from fastagi.policy.document import Name, Table
from fastagi.policy.reading import BYTES_MAX, Reader

SOURCE = Path("p.toml")


class Inner(Table):
    """A table in a table."""

    some: int = 0


class Outer(Table):
    """A table of every kind of value."""

    name: Name
    count: int = Field(1, ge=1, le=9)
    flag: bool = False
    items: list[Name] = Field([], min_length=1)
    for_: int = Field(0, alias="for")
    inner: Inner | None = None
    many: dict[Name, Inner] = Field({})
    ratio: float = 1.0


def _read(text: str | bytes) -> tuple[Outer | None, list[str]]:
    reader = Reader(SOURCE, text)
    table = reader.table(Outer, "t")
    return table, [f"{each.line}: {each.what}" for each in reader.problems]


def _refused(text: str | bytes) -> list[str]:
    with pytest.raises(PolicyError) as refused:
        Reader(SOURCE, text)
    return [str(each) for each in refused.value.problems]


def test_a_table_that_is_right_is_read() -> None:
    """Values come out, and nothing is complained of."""
    table, problems = _read('[t]\nname = "a"\nfor = 3\n')
    assert problems == []
    assert table is not None
    assert (table.name, table.for_) == ("a", 3)


def test_a_table_that_is_not_there_is_none() -> None:
    """Whether it must be there is for others to say."""
    assert _read("") == (None, [])


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("[t]\n", ["1: `name` is missing"]),
        ('[t]\nname = "a"\ncuont = 1\n', ["3: `cuont` is not known here; did you mean `count`?"]),
        ('[t]\nname = "a"\nfro = 1\n', ["3: `fro` is not known here; did you mean `for`?"]),
        (
            '[t]\nname = "a"\n[t.inner]\nsmoe = 1\n',
            ["4: `smoe` is not known here; did you mean `some`?"],
        ),
        (
            '[t]\nname = "a"\nmany = { b = { some = 1, smoe = 1 } }\n',
            ["3: `smoe` is not known here; did you mean `some`?"],
        ),
        ("[t]\nname = 3\n", ["2: this is no text; write it in quotes"]),
        (
            '[t]\nname = "a"\ncount = "2"\n',
            ["3: `count` must be a whole number, such as `count = 2`"],
        ),
        ('[t]\nname = "a"\ncount = 0\n', ["3: `count` must be at least 1"]),
        (f'[t]\nname = "a"\ncount = {"9" * 99}\n', ["3: `count` must be at most 9"]),
        ('[t]\nname = "a"\nflag = 1\n', ["3: `flag` must be `true` or `false`"]),
        (
            '[t]\nname = "a"\nitems = "b"\n',
            ['3: `items` must be a list, such as `items = ["…"]`'],
        ),
        (
            '[t]\nname = "a"\nitems = []\n',
            [
                "3: `items` is empty and would fit nothing; leave it out if it is not to restrict",
            ],
        ),
        ('[t]\nname = "a"\nitems = [\n "b",\n 3]\n', ["5: this is no text; write it in quotes"]),
        ("t = 3\n", ["1: `t` must be a table of `key = value`"]),
        ('[t]\nname = "a"\nratio = "x"\n', ["3: `ratio`: Input should be a valid number"]),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, problems: list[str]) -> None:
    """What is wrong, and what to write instead."""
    assert _read(text) == (None, problems)


def test_every_mistake_is_told_at_once() -> None:
    """Nobody has to load a policy ten times."""
    _, problems = _read("[t]\nname = 3\ncount = 0\nflag = 1\nx = 1\n")
    assert [each[:1] for each in problems] == ["2", "3", "4", "5"]


def test_unknown_keys_at_the_top_are_told() -> None:
    """A misspelt section is not passed over."""
    reader = Reader(SOURCE, "ruel = 1\nrule = 1\n")
    reader.only_keys(["rule", "limit"])
    assert list(map(str, reader.problems)) == [
        "p.toml:1: `ruel` is not known here; did you mean `rule`?"
    ]
    assert reader.has("rule")
    assert not reader.has("limit")


def test_named_entries_are_read_one_by_one() -> None:
    """One that is wrong is None, and its neighbours are read; names are read too."""
    reader = Reader(SOURCE, '[n]\na = "x"\nb = 3\n"c d" = "y"\n')
    name = TypeAdapter[str](Name).validate_python
    assert reader.named(name, name, "n") == {"a": "x", "b": None, "c d": "y"}
    assert [each.line for each in reader.problems] == [4, 3]
    assert reader.named(name, name, "absent") == {}


def test_a_section_of_names_must_be_a_table() -> None:
    """`classes = 3` is told as such."""
    reader = Reader(SOURCE, "n = 3\n")
    name = TypeAdapter[str](Name).validate_python
    assert reader.named(name, name, "n") == {}
    assert list(map(str, reader.problems)) == ["p.toml:1: `n` must be a table, such as `[n]`"]


def test_arrays_of_tables_are_read_one_by_one() -> None:
    """Those that are right come with their path, those that are wrong are told."""
    reader = Reader(SOURCE, '[[t]]\nname = "a"\n[[t]]\n[[t]]\nname = "b"\n')
    assert [(path, table.name) for path, table in reader.each(Outer, "t")] == [
        (("t", 0), "a"),
        (("t", 2), "b"),
    ]
    assert list(map(str, reader.problems)) == ["p.toml:3: `name` is missing"]
    assert list(reader.each(Outer, "absent")) == []


def test_an_array_of_tables_must_be_one() -> None:
    """`[rule]` for `[[rule]]` is the likeliest of slips."""
    reader = Reader(SOURCE, '[t]\nname = "a"\n')
    assert list(reader.each(Outer, "t")) == []
    assert list(map(str, reader.problems)) == [
        "p.toml:1: `t` must be an array of tables: write `[[t]]`"
    ]


def test_lines_and_errors_can_be_had() -> None:
    """Who finds more wrong says so by path, and the reading ends with all of it, each once."""
    reader = Reader(SOURCE, "a = 1\nb = 2\n")
    reader.raise_if_wrong()
    assert (reader.line(("b",)), reader.lines) == (2, {("a",): 1, ("b",): 2})
    reader.wrong(("b",), "no")
    reader.wrong(("b",), "no")
    with pytest.raises(PolicyError, match=r"\Ap\.toml:2: no\Z"):
        reader.raise_if_wrong()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a = 1\na = 2\n", "p.toml:2: "),
        ("a = \n", "p.toml:1: "),
        (b"\xff", "p.toml:1: this is not UTF-8"),
        (b"a" * (BYTES_MAX + 1), "p.toml: this is larger than 1 MiB"),
        ("x = " + "[" * 5000, "p.toml: arrays or tables are nested too deep"),
        ("\na" + ".a" * 500 + " = 1\n", "p.toml:2: there are too many dots"),
        ("x = 1" + "0" * 5000, "p.toml: a number has too many digits"),
    ],
)
def test_what_is_no_toml_is_refused(text: str | bytes, problem: str) -> None:
    """One problem, and no other exception."""
    (told,) = _refused(text)
    assert told.startswith(problem)


def test_no_problem_moves_a_terminal() -> None:
    """Whoever said what is wrong may have repeated what stands there."""
    reader = Reader(SOURCE, "a = 1\n")
    reader.wrong(("a",), "`\x1b[2J` is wrong")
    assert list(map(str, reader.problems)) == ["p.toml:1: `\\x1b[2J` is wrong"]


def test_text_that_reads_otherwise_than_it_is_is_told() -> None:
    """Also in a comment: whoever reviews a policy must see what it says."""
    reader = Reader(SOURCE, "a = 1\n# allow\u202e yned\n".encode())
    assert list(map(str, reader.problems)) == [
        "p.toml:2: a character that reorders text (`\\u202e`) stands here; delete it"
    ]
