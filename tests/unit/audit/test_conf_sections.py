"""Templates, `(+)`, `+=`."""

from __future__ import annotations

import pytest

from fastagi.audit.conf_sections import Drafts, StumbleError, put
from fastagi.audit.place import Place


def read(text: str) -> Drafts:
    """Read lines that hold no comments and no directives."""
    drafts = Drafts()
    for number, line in enumerate(text.strip().split("\n"), 1):
        place = Place("x.conf", number)
        if line.startswith("["):
            drafts.begin(line, place)
        else:
            assert drafts.current is not None
            assert put(drafts.current, line, place) == ""
    return drafts


def shown(text: str) -> dict[str, list[str]]:
    """Return the settings by the names of their sections, as `name=value@line`."""
    return {
        each.name + "!" * each.is_template: [
            f"{own.name}={own.value}@{own.place.line}" for own in each.settings
        ]
        for each in read(text).sections()
    }


def test_settings_are_read_in_their_order() -> None:
    """Each knows its line, and how it is written."""
    (section,) = read("[a]\nx = 1\nx=>2\ny =>3 > 4").sections()
    assert section.place == Place("x.conf", 1)
    assert [(each.name, each.value, each.arrow) for each in section.settings] == [
        ("x", "1", False),
        ("x", "2", True),
        ("y", "3 > 4", True),
    ]
    assert "3 > 4" not in repr(section)


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        ("[t](!)\na=1\n[x](t)\nb=2", {"t!": ["a=1@2"], "x": ["a=1@2", "b=2@4"]}),
        (
            "[a]\na=1\n[b]\na=2\n[x](B,A)",
            {"a": ["a=1@2"], "b": ["a=2@4"], "x": ["a=2@4", "a=1@2"]},
        ),
        (
            "[t](!)\na=1\n[u](!,t)\nb=2\n[x](u)",
            {"t!": ["a=1@2"], "u!": ["a=1@2", "b=2@4"], "x": ["a=1@2", "b=2@4"]},
        ),
        ("[x]\na=1\n[y]\n[X](+)\nb=2", {"x": ["a=1@2", "b=2@5"], "y": []}),
        ("[t](!)\na=1\n[x]\n[x](t,+)", {"t!": ["a=1@2"], "x": ["a=1@2"]}),
        ("[t](!)\na=1\n[x]\nb=2\n[x](+,t)", {"t!": ["a=1@2"], "x": ["b=2@4", "a=1@2"]}),
        ("[x]\n[x](+,+,!)\na=1", {"x!": ["a=1@3"]}),
        ("[x]\n[x](!,+)\na=1", {"x!": ["a=1@3"]}),
        ("[t](!)\na=1\n[t](+TEMPLATES=include)\nb=2", {"t!": ["a=1@2", "b=2@4"]}),
        ("[t](!)\n[t](+TEMPLATES=restrict)\nb=2", {"t!": ["b=2@3"]}),
        ("[t](!)\na=1\n[x]()", {"t!": ["a=1@2"], "x": ["a=1@2"]}),
        ("[x]\ntype=aor\n[x](+type=aor)\na=1", {"x": ["type=aor@2", "a=1@4"]}),
        ("[x]\na=1\na+=,2\na += 3", {"x": ["a=1,2 3@2"]}),
        ("[x]\nb=1\nb+=>2", {"x": ["b=1>2@2"]}),
        ("[x]\na+=1", {"x": ["a=1@2"]}),
        ("[x]\na=1\nA+=2", {"x": ["a=1@2", "A=2@3"]}),
        ("[x]\na=1\na=2\na+=3", {"x": ["a=1@2", "a=23@3"]}),
        ("[x]\na=\na+=2", {"x": ["a=2@2"]}),
        ("[x]\n\\[a = 1", {"x": ["[a=1@2"]}),
        ("[x]\n\\=a=1", {"x": ["=a=1@2"]}),
        ("[a b]\n[]\n[c](!)x", {"a b": [], "": [], "c!": []}),
    ],
)
def test_sections_are_put_together(text: str, sections: dict[str, list[str]]) -> None:
    """As Asterisk does, in its order; each setting is where it is written."""
    assert shown(text) == sections


def test_a_condition_chooses_among_sections_of_one_name() -> None:
    """`[101](+type=auth)` goes on with the one that has it."""
    two = "[101]\ntype=endpoint\n[101]\ntype=auth\n"
    endpoint, auth = read(f"{two}[101](+type=auth)\na=1\n[101](+type=^aut&a=1)\nb=2").sections()
    assert [each.name for each in endpoint.settings] == ["type"]
    assert [each.name for each in auth.settings] == ["type", "a", "b"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[x", "no `]`"),
        ("[x](y", r"no `\)`"),
        ("[x](y)", r"`\[y\]`"),
        ("[x]()", r"`\[\]`"),
        ("[y]\n[x](y, y)", r"`\[ y\]`"),
        ("[x](+)", "goes on with"),
        ("[x](!)\n[x](+)", "goes on with"),
        ("[x]\n[x](+TEMPLATES=restrict)", "goes on with"),
        ("[x]\n[x](+type=aor)", "goes on with"),
        ("[x]\n[x](+aor)", "goes on with"),
        ("[x]\na=1\n[x](+,x)", "may never end"),
        ("[0]\na=1\n" + "\n".join(f"[{n}]({n - 1},{n - 1})" for n in range(1, 30)), "may never"),
        ("[x]\n\\ a=1", "escapes nothing"),
        ("[x]\n\\", "escapes nothing"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_asterisk_stumbles(text: str, what: str) -> None:
    """It says over what, and what to do about it."""
    with pytest.raises(StumbleError, match=what) as stumbled:
        read(text)
    assert stumbled.value.advice


def test_an_expression_that_is_not_known_is_told() -> None:
    """It may choose any section: none is chosen, and the place is kept."""
    drafts = Drafts()
    drafts.begin("[x]", Place("x", 1))
    with pytest.raises(StumbleError):
        drafts.begin("[x](+type=a*)", Place("x", 2))
    assert drafts.unknown == [Place("x", 2)]


@pytest.mark.parametrize(
    ("text", "what"), [("a", "no `=`"), ("= 1", "no name"), ("\\a", "no `=`")]
)
def test_lines_that_are_left_out_say_why(text: str, what: str) -> None:
    """Asterisk warns, and goes on."""
    drafts = read("[x]")
    assert drafts.current is not None
    assert what in put(drafts.current, text, Place("x", 2))
    assert drafts.current.settings == []


def test_what_stands_behind_a_bracket_is_left_out() -> None:
    """A blank before the parenthesis is enough."""
    drafts = read("[t](!)")
    assert drafts.begin("[x] (t)", Place("x", 2))
    assert not drafts.begin("[y](t) ", Place("x", 3))
