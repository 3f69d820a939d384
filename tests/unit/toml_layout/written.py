"""TOML as somebody, or something, might write it: whatever is allowed, and oddly set."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

GAP = st.sampled_from(["", " ", "  ", "\t", " \t "])
BREAK = st.sampled_from(["", "\n", "\n\n", "\n \t\n"])
WORD = st.sampled_from(["name", "to", "from", "then", "a", "b-c", "1", "true", "rule", "site"])
ODD_KEY = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=6)
KEY = st.one_of(
    WORD,
    ODD_KEY.map(lambda key: json.dumps(key, ensure_ascii=False)),
    WORD.map(lambda key: f"'{key}'"),
)
COMMENT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=20).map("#{}".format)
HOSTILE = st.sampled_from(
    [
        '# a = "b"',
        "# [table]",
        "#",
        "##",
        '# """',
        "# ]",
        "#\t\u202ex ",
        "# 日本語",
        "#:schema ./x",
    ]
)
TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12)
STRING = st.one_of(
    TEXT.map(lambda text: json.dumps(text, ensure_ascii=False)),
    TEXT.filter(lambda text: "'" not in text).map("'{}'".format),
    st.just('"""\na # no comment\n\\\n   b"""'),
    st.just("'''\n [x]\ny = 1 \n'''"),
)
SCALAR = st.one_of(
    STRING,
    st.sampled_from(["0x1F", "1_000", "-0.0", "+inf", "nan", "true", "false", "1e6", "0o7"]),
    st.sampled_from(["2026-12-25", "07:32:00", "2026-01-05T10:10:00Z", "2026-01-05 10:10:00.5"]),
)


@st.composite
def values(draw: DrawFn, depth: int = 0) -> str:
    """Return a value; arrays and inline tables hold others, arrays comments, too."""
    kind = draw(
        st.sampled_from(["scalar", "scalar", "array", "table"] if depth < 3 else ["scalar"])
    )
    if kind == "scalar":
        return draw(SCALAR)
    if kind == "table":
        names = draw(st.lists(WORD, unique=True, max_size=3))
        inside = ", ".join(
            f"{name}{draw(GAP)}={draw(GAP)}{draw(values(depth + 1))}" for name in names
        )
        return f"{{{draw(GAP)}{inside}{draw(GAP)}}}"
    items = draw(st.lists(values(depth + 1), max_size=4))
    spread = draw(st.booleans()) and depth < 2
    between = _between if spread else GAP
    written = "".join(f"{draw(between)}{each}{draw(between)}," for each in items)
    is_open: bool = draw(st.booleans())
    if items and is_open:
        written = written[:-1]
    return f"[{written}{draw(between)}]"


@st.composite
def _spaces(draw: DrawFn) -> str:
    comment = draw(st.one_of(st.none(), COMMENT, HOSTILE))
    return draw(GAP) + ("\n" if comment is None else f"{comment}\n") + draw(BREAK)


_between: SearchStrategy[str] = st.one_of(GAP, _spaces())


@st.composite
def _end_of_line(draw: DrawFn) -> str:
    comment = draw(st.one_of(st.just(""), COMMENT, HOSTILE))
    return f"{draw(GAP)}{comment}\n{draw(BREAK)}"


@st.composite
def documents(draw: DrawFn) -> str:
    """Return a whole document; now and then it repeats a key, and is none."""
    written = [draw(_end_of_line()) for _ in range(draw(st.integers(0, 3)))]
    for _ in range(draw(st.integers(0, 4))):
        for key in draw(st.lists(KEY, max_size=4, unique=True)):
            dotted = draw(st.sampled_from(["", "", "", f"{draw(GAP)}.{draw(GAP)}x"]))
            line = f"{draw(GAP)}{key}{dotted}{draw(GAP)}={draw(GAP)}{draw(values())}"
            written.append(line + draw(_end_of_line()))
            if draw(st.booleans()):
                written.append(draw(_end_of_line()))
        name = draw(KEY) + draw(st.sampled_from(["", "", ". y", ".'z'"]))
        header = draw(st.sampled_from(["[{}]", "[[{}]]", "[ {} ]", "[[ {} ]]"])).format(name)
        written.append(draw(GAP) + header + draw(_end_of_line()))
    return "".join(written)
