"""Patterns match, sort and cover as Asterisk's do."""

from __future__ import annotations

import functools
import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastagi.numbering.pattern import EXTENSION_MAX, Pattern


@pytest.mark.parametrize(
    ("text", "fits", "fits_not"),
    [
        ("101", ["101"], ["100", "1011", "10", "", "101\n", "_101"]),
        ("1XX", ["100", "199"], ["200", "10", "1000", "1xx", "1٣٣", "100\n", ""]),
        ("_1XX", ["100", "199"], ["200", "10", "1000"]),
        ("1xx", ["100"], ["200"]),
        ("ZX", ["10", "99"], ["00"]),
        ("zx", ["10"], ["00"]),
        ("NX", ["20", "99"], ["10", "00"]),
        ("nx", ["20"], ["10"]),
        ("[13-5]X", ["10", "39", "40", "50"], ["20", "60", "-0"]),
        ("_[a-c]1", ["a1", "c1"], ["d1", "A1"]),
        ("9.", ["91", "9+44"], ["9", "8", ""]),
        ("9!", ["9", "91"], ["8", ""]),
        (".", ["1", "anything"], [""]),
        ("!", ["", "1"], []),
        ("1-8-X", ["180"], ["1-8-0", "18"]),
        ("9-!-", ["9", "91"], ["8"]),
        ("*4X", ["*43"], ["443"]),
        ("#1", ["#1"], ["1"]),
        ("+44.", ["+442"], ["442", "+44"]),
        ("_alice", ["alice"], ["Alice"]),
        ("alice", ["alice"], ["Alice", "alice2", "alic", ""]),
        ("zoe.martin", ["zoe.martin"], ["1oe.martin", "zoe"]),
        ("10-1", ["10-1"], ["101"]),
    ],
)
def test_the_whole_text_must_fit(text: str, fits: list[str], fits_not: list[str]) -> None:
    """A pattern takes what `pbx.c` takes, and nothing that only begins or ends so."""
    pattern = Pattern.parse(text)
    assert [each for each in fits if not pattern.matches(each)] == []
    assert [each for each in fits_not if pattern.matches(each)] == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "a pattern is empty; write an extension such as `101` or `1XX`"),
        ("_", "`_` matches nothing; write an extension such as `1XX`"),
        ("_--", "`_--` matches nothing; write an extension such as `1XX`"),
        ("1[2", "a set in `1[2` is not closed; end it with `]`"),
        ("1[]", "a set in `1[]` is empty; write what it takes, such as `[1-5]`"),
        ("[9-1]", "`9-1` in `[9-1]` runs backwards; write `1-9`"),
        ("[1/]", "`/` in a set of `[1/]` cannot be dialled; leave it out"),
        ("[1-]", "`-` in a set of `[1-]` cannot be dialled; leave it out"),
        ("1.2", "nothing can follow `.` in `1.2`; put it last"),
        ("1!!", "nothing can follow `!` in `1!!`; put it last"),
        ("1]", "`]` in `1]` cannot be dialled; leave it out"),
        ("_1/2", "`/` in `_1/2` cannot be dialled; leave it out"),
        (
            "al ice",
            "`al ice` is neither a pattern nor a name; write letters, digits, `_`, `.` and `-`",
        ),
        ("1" * 80, "a pattern is longer than the 79 characters of Asterisk"),
    ],
)
def test_what_is_no_pattern_is_refused_with_advice(text: str, what: str) -> None:
    """What Asterisk would pass over with a warning is an error here, and says what to write."""
    with pytest.raises(ValueError, match=re.escape(what)) as caught:
        Pattern.parse(text)
    assert str(caught.value) == what


def test_a_pattern_is_a_value() -> None:
    """Patterns of one text are equal, hash alike, and show what was written."""
    assert Pattern("1XX") == Pattern.parse("1XX")
    assert hash(Pattern("1XX")) == hash(Pattern("1XX"))
    assert str(Pattern("_1XX")) == "_1XX"
    assert repr(Pattern("1XX")) == "Pattern(text='1XX')"


def test_the_most_specific_comes_first() -> None:
    """A name is before any pattern, a small set before a large one, a wildcard last."""
    in_order = ["100", "_100", "10[1-3]", "10N", "10Z", "10X", "10.", "10!", "1[01]0", "1XX"]
    patterns = [Pattern(each) for each in reversed(in_order)]
    patterns.sort(key=lambda each: each.specificity)
    assert [each.text for each in patterns] == in_order


# ------------------------------------------------------------------- against twins of `pbx.c`

PIECES = st.sampled_from(
    ["0", "1", "2", "9", "*", "X", "x", "Z", "N", "n", "[01]", "[2-5]", "[19]", "[0-9]", "-", "a"]
)
PATTERNS = st.builds(
    lambda pieces, tail: "_" + "".join(pieces) + tail,
    st.lists(PIECES, min_size=1, max_size=5),
    st.sampled_from(["", "", ".", "!"]),
).filter(lambda text: text.strip("_-"))
DIGITS = st.text("0123456789*#+a-", max_size=7)


def naive(text: str) -> re.Pattern[str]:
    """Turn a pattern into a regular expression, the way one would on paper."""
    text = text.removeprefix("_")
    out = ""
    for piece in re.findall(r"\[[^]]*\]|.", text):
        sets = {"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]", ".": "(?s:.+)", "!": "(?s:.*)", "-": ""}
        out += piece if piece[0] == "[" else sets.get(piece.upper(), re.escape(piece))
    return re.compile(out)


@given(text=PATTERNS, digits=DIGITS)
def test_matching_agrees_with_a_naive_twin(text: str, digits: str) -> None:
    """Whatever the pattern and the digits, a plain regular expression says the same."""
    assert Pattern(text).matches(digits) == bool(naive(text).fullmatch(digits))


def ext_cmp_pattern_pos(text: str) -> tuple[int, bytes, str]:
    """Score the first position of a pattern as the C function does: score, bits, what is left."""
    text = text.lstrip("-")
    if not text:
        return 0x30000, bytes(32), ""
    first, rest = text[0], text[1:]
    if first in ".!":
        return (0x18000 if first == "." else 0x28000), bytes(32), rest
    wildcards = {"X": "0123456789", "Z": "123456789", "N": "23456789"}
    among = wildcards.get(first.upper(), first)
    if first == "[":
        inside, _, rest = rest.partition("]")
        among = ""
        while inside:
            width = 3 if inside[1:2] == "-" else 1
            among += "".join(map(chr, range(ord(inside[0]), ord(inside[width - 1]) + 1)))
            inside = inside[width:]
    bits = bytearray(32)
    for each in among:
        bits[ord(each) // 8] |= 1 << (7 - ord(each) % 8)
    return len(set(among)) << 8 | ord(min(among)), bytes(bits), rest


def ext_cmp(left: str, right: str) -> int:
    """Compare two patterns as the C function does."""
    left, right = left.removeprefix("_"), right.removeprefix("_")
    while True:
        left_score, left_bits, left_rest = ext_cmp_pattern_pos(left)
        right_score, right_bits, right_rest = ext_cmp_pattern_pos(right)
        if left_score != right_score:
            return left_score - right_score
        if left_bits != right_bits:
            return 1 if right_bits > left_bits else -1
        if not left and not right:
            return 0
        left, right = left_rest, right_rest


@given(texts=st.lists(PATTERNS, min_size=2, max_size=6))
def test_specificity_agrees_with_asterisk(texts: list[str]) -> None:
    """Any patterns sort as `ext_cmp` of `pbx.c` sorts them."""
    ours = sorted(texts, key=lambda each: Pattern(each).specificity)
    assert ours == sorted(texts, key=functools.cmp_to_key(ext_cmp))


SMALL = st.builds(
    lambda pieces, tail: "_" + "".join(pieces) + tail,
    st.lists(st.sampled_from(["0", "1", "X", "Z", "[0-3]"]), min_size=0, max_size=2),
    st.sampled_from(["", ".", "!"]),
).filter(lambda text: text != "_")
EVERY_SHORT_TEXT = [
    "".join(each) for length in range(5) for each in itertools.product("0149a", repeat=length)
]


@settings(max_examples=200)
@given(ours=SMALL, theirs=SMALL)
def test_covering_is_exact(ours: str, theirs: str) -> None:
    """One pattern covers another exactly if nothing fits the other alone."""
    alone = [
        each
        for each in EVERY_SHORT_TEXT
        if Pattern(theirs).matches(each) and not Pattern(ours).matches(each)
    ]
    assert Pattern(ours).covers(Pattern(theirs)) == (not alone)


def test_a_pattern_covers_the_names_in_it() -> None:
    """A literal extension is covered like any other; a name by no digits."""
    assert Pattern("1XX").covers(Pattern("101"))
    assert not Pattern("101").covers(Pattern("1XX"))
    assert not Pattern("1XX").covers(Pattern("alice"))


@given(st.text(max_size=EXTENSION_MAX + 2))
def test_every_text_is_a_pattern_or_refused(text: str) -> None:
    """Nothing an operator writes raises anything but ValueError."""
    try:
        pattern = Pattern(text)
    except ValueError as error:
        assert str(error)  # noqa: PT017 - that it may raise, not that it must
    else:
        assert pattern.matches(text) in (True, False)
