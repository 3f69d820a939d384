"""Arguments are cut as they are written."""

from __future__ import annotations

from fastagi.audit.ways.source import branches, call, end_of, parts, pieces, read_names


def test_pieces_are_cut_outside_of_brackets() -> None:
    """And of quotes, and not behind a backslash."""
    assert pieces('a,${b,c},$[d,e],f(g,h),"i,j",k\\,l', ",") == (
        "a", "${b,c}", "$[d,e]", "f(g,h)", '"i,j"', "k\\,l",
    )  # fmt: skip
    assert pieces("a,b,c", ",", 1) == ("a", "b,c")
    assert pieces("a),b", ",") == ("a)", "b")


def test_what_is_substituted_is_told_from_the_rest() -> None:
    """With what stands inside of it; a dollar alone is one."""
    assert parts("a$b${c${d}}$[1 + 2]") == (
        ("", "a$b"), ("{", "c${d}"), ("", ""), ("[", "1 + 2"), ("", ""),
    )  # fmt: skip
    assert parts("${a") == (("", ""), ("{", "a"), ("", ""))


def test_branches_and_calls() -> None:
    """As GotoIf and Exec have them."""
    assert branches('$["${x:1}" = "?"]?a,b:c') == ('$["${x:1}" = "?"]', "a,b", "c")
    assert branches("x") == ("x", "", "")
    assert branches("x?:no") == ("x", "", "no")
    assert call("Dial(a(b),c)") == ("Dial", "a(b),c")
    assert call("Hangup") == ("Hangup", "")
    assert call("Dial(a") == ("Dial", "a")
    assert end_of("${a{b}c", 1) == 7
    assert end_of("${a}c", 1) == 3
    assert list(read_names("${a}${CUT(b,,1)}")) == ["a", "CUT", "b"]
