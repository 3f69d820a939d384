"""How keys and values are written."""

from __future__ import annotations

import pytest

from fastagi.toml_layout.values import comments_in, first_name, key, text_of, value
from fastagi.toml_lines import tree_of


def _pair(text: str) -> tuple[str, str, str]:
    pair = tree_of(text).named_children[0]
    written, inner = pair.named_children[:2]
    return first_name(written), key(written), value(inner, 20)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a = 1", ("a", "a", "1")),
        ("\"a\" . 'b c'.d = 'x'", ("a", 'a."b c".d', '"x"')),
        ('"" = ""', ("", '""', '""')),
        ("\"a.b\" = '\"'", ("a.b", '"a.b"', "'\"'")),
        ("'a\\' = {}", ("a\\", "'a\\'", "{}")),
        ("a = { b=[1,2] , c . d={e='f'} }", ("a", "a", '{ b = [1, 2], c.d = { e = "f" } }')),
        ("a = [1,2,]", ("a", "a", "[1, 2]")),
        ("a = [[1,2],[ 3 ]]", ("a", "a", "[[1, 2], [3]]")),
        ("a = '''\nb'''", ("a", "a", "'''\nb'''")),
        ("a = [1, 2, 3, 4, 5, 6, 7]", ("a", "a", "[\n" + "".join(
            f"  {each},\n" for each in range(1, 8)) + "]")),
        ("a = [ [ 1, # one\n2 ], ]", ("a", "a", "[\n  [\n    1, # one\n    2,\n  ],\n]")),
        ("a = [ # all\n]", ("a", "a", "[\n  # all\n]")),
        ("a = ['''\nb''']", ("a", "a", "['''\nb''']")),
        ("a = [{ b = [ # x\n1] }]", ("a", "a", "[{ b = [ # x\n1] }]")),
    ],
)  # fmt: skip
def test_a_key_and_its_value(text: str, written: tuple[str, str, str]) -> None:
    """Plain where that is the same, and as it was where nothing else can be."""
    assert _pair(text) == written


def test_comments_are_found_wherever_they_are() -> None:
    """In order, as they are counted before and after."""
    tree = tree_of("# a\nb = [ # c\n 1 ] # d\n[e] # f\n# g\n")
    assert [text_of(each) for each in comments_in(tree)] == ["# a", "# c", "# d", "# f", "# g"]
