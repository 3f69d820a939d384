"""`toml_lines`: the line of every key, and one error for whatever is no TOML."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.errors import TomlError
from fastagi.toml_lines import WHOLE_FILE, TomlPath, parse

DOCUMENT = """\
# a comment
top = 1
a."b c".'d' = [1, # two
  2,
  { x = 3, y.z = 4 },
]

[site]
name = "office"

[site.deep.er]
k = 1

[[rule]]
name = "first"
to = ["x", "y"]
[rule.extra]
e = 1

[[rule]]
name = "second"
[[rule.part]]
p = 1
[[rule.part]]
p = 2
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("a",), 3),
        (("a", "b c", "d"), 3),
        (("a", "b c", "d", 0), 3),
        (("a", "b c", "d", 1), 4),
        (("a", "b c", "d", 2, "x"), 5),
        (("a", "b c", "d", 2, "y", "z"), 5),
        (("site",), 8),
        (("site", "name"), 9),
        (("site", "deep"), 11),
        (("site", "deep", "er", "k"), 12),
        (("rule",), 14),
        (("rule", 0), 14),
        (("rule", 0, "to", 1), 16),
        (("rule", 0, "extra"), 17),
        (("rule", 0, "extra", "e"), 18),
        (("rule", 1), 20),
        (("rule", 1, "part"), 22),
        (("rule", 1, "part", 1), 24),
        (("rule", 1, "part", 1, "p"), 25),
    ],
)
def test_every_key_has_its_line(path: TomlPath, line: int) -> None:
    """Tables, arrays of tables, dotted and quoted keys, items and inline tables are all found."""
    assert parse(DOCUMENT).line(path) == line


def test_what_is_missing_has_the_line_of_its_parent() -> None:
    """A key that is not there is blamed on the table it should be in; no table, on the file."""
    document = parse(DOCUMENT)

    assert document.line(("rule", 1, "then")) == 20
    assert document.line(("rule", 0, "to", 7)) == 16
    assert document.line(("limit", 0)) == WHOLE_FILE
    assert document.line(()) == WHOLE_FILE


def test_a_header_after_its_child_has_its_own_line() -> None:
    """`[x]` below `[x.y]` is where `x` is."""
    document = parse("[x.y]\n[x]\n")

    assert document.line(("x",)) == 2
    assert document.line(("x", "y")) == 1


def test_the_values_are_those_of_tomllib() -> None:
    """Values are not read a second way."""
    assert parse(DOCUMENT).data == tomllib.loads(DOCUMENT)


def test_bytes_are_utf_8_with_or_without_a_mark() -> None:
    """A byte order mark, which some editors write, is overlooked."""
    assert parse(b"\xef\xbb\xbfa = 1").data == {"a": 1}
    assert parse('"ä" = 1\n"ö" = 2'.encode()).line(("ö",)) == 2


def test_bytes_of_another_encoding_are_refused_with_their_line() -> None:
    """Latin-1 is named by the line it first shows in."""
    with pytest.raises(TomlError, match="UTF-8") as caught:
        parse(b"a = 1\nb = '\xe4'\n")
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a = 1\na = 2\n", 2, "this key is already set; keep one of the two"),
        ("a = word\n", 1, 'this is no value; text goes in quotes: `key = "text"` (column 5)'),
        ("\n= 1\n", 2, "this is neither `key = value` nor a `[table]` (column 1)"),
        ("a = [1,\n2", 2, "the array is not closed; end it with `]`"),
        (
            *("[rule]\n[b]\n[rule]\n", 3),
            "`[rule]` is here already; where there may be several, each is `[[rule]]` (column 6)",
        ),
        ("[a.b]\n[a.b]\n", 2, "`[a.b]` is here already"),
        ("a = {\n", 1, "invalid initial character"),
        ('a = 1\nb = "x\n', 2, "the string is not closed; end it with a quote"),
        ("\na" + ".a" * 40_000 + " = 1\n", 2, "there are too many dots in this line"),
    ],
)
def test_a_syntax_error_tells_line_and_cure(text: str, line: int, what: str) -> None:
    """The line is the error's own, and the words are plain where tomllib's are not."""
    with pytest.raises(TomlError) as caught:
        parse(text)
    assert caught.value.line == line
    assert caught.value.what.startswith(what)


def test_a_message_without_a_place_points_at_the_end() -> None:
    """An array that never ends is blamed on the last line."""
    with pytest.raises(TomlError) as caught:
        parse("a = 1\nb = [\n")
    assert caught.value.line == 3
    assert str(caught.value).startswith("line 3: ")


def test_nesting_without_end_is_an_error_like_any_other() -> None:
    """Ten thousand brackets end in a message, not in a RecursionError."""
    with pytest.raises(TomlError, match="nested too deep") as caught:
        parse("a = " + "[" * 10_000)
    assert caught.value.line == WHOLE_FILE


def test_a_number_without_end_is_an_error_like_any_other() -> None:
    """Python's own bound on digits ends in a message, not in a ValueError."""
    with pytest.raises(TomlError, match="too many digits"):
        parse("a = " + "9" * 5_000)


@given(st.text(alphabet=st.sampled_from("ab.\"'[]{}=,#\n\\ 1_-:Tx\ud800\x00é")))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but TomlError comes of text that is no TOML."""
    try:
        document = parse(text)
    except TomlError:
        return
    assert all(1 <= line <= text.count("\n") + 1 for line in document.lines.values())


def _paths(value: object, path: TomlPath = ()) -> list[TomlPath]:
    """List the path of everything in a document."""
    below: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        below = list(value.items())
    elif isinstance(value, list):
        below = list(enumerate(value))
    return [path, *(each for key, item in below for each in _paths(item, (*path, key)))]


keys = st.text(alphabet="ab é.\"'\\", max_size=3)


@given(st.lists(st.tuples(st.lists(keys, min_size=1, max_size=3), st.integers()), max_size=6))
def test_every_value_of_a_document_has_a_line(pairs: list[tuple[list[str], int]]) -> None:
    """Whatever the keys, what tomllib finds has a line of its own."""
    quoted = [(".".join(_quoted(key) for key in path), value) for path, value in pairs]
    text = "".join(f"{key} = [{value}, {{ k = 1 }}]\n" for key, value in quoted)
    try:
        document = parse(text)
    except TomlError:
        return
    assert set(_paths(document.data)) == {(), *document.lines}


def _quoted(key: str) -> str:
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def test_a_comment_after_a_list_hides_none_of_its_lines() -> None:
    """The grammar has it in the same node as the key."""
    document = parse('a = [\n  "x",\n  "y", # of y\n] # of a\n')
    assert [document.line(("a", each)) for each in range(2)] == [2, 3]
