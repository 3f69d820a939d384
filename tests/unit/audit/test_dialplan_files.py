"""The dialplan of files, as Asterisk would load it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.audit.dialplan import Include, Switch
from fastagi.audit.dialplan_files import read_dialplan, shrunk, split_call, split_extension
from fastagi.audit.finding import Severity
from fastagi.audit.place import Place

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.audit.dialplan import Dialplan
    from fastagi.audit.finding import Finding
    from tests.unit.audit.conftest import Etc


def read(etc: Etc, text: str) -> tuple[Dialplan, tuple[Finding, ...]]:
    """Read a dialplan of one file."""
    return read_dialplan(etc({"extensions.conf": text}))


def steps(etc: Etc, text: str) -> list[str]:
    """Return the steps of `[a]`: `line: extension/caller priority(label) call(arguments)`."""
    dialplan, _ = read(etc, f"[a]\n{text}")
    return [
        f"{each.place.line}: {each.extension}{'/' * bool(each.caller_id)}{each.caller_id} "
        f"{each.priority}{f'({each.label})' * bool(each.label)} "
        f"{each.application}({each.arguments})"
        for each in dialplan.contexts["a"].steps
    ]


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("exten => 1,1,NoOp(x)", ["2: 1 1 NoOp(x)"]),
        ("EXTEN=1, 1 , NoOp(x) y)z", ["2: 1 1 NoOp(x) y)"]),
        ("exten => 1,1,Hangup", ["2: 1 1 Hangup()"]),
        ("exten => 1,1", ["2: 1 1 ()"]),
        ("exten => 1,1,Dial,SIP/x,20", ["2: 1 1 Dial,SIP/x,20()"]),
        ("exten => 1,1,${APP}(x)", ["2: 1 1 ${APP}(x)()"]),
        ("exten => 1,1,NoOp(${A},$[1],f(x))", ["2: 1 1 NoOp(${A},$[1],f(x))"]),
        ("exten => 1,1,A()\nsame => n,B()\nsame => n,C",
         ["2: 1 1 A()", "3: 1 2 B()", "4: 1 3 C()"]),
        ("exten => 1,1,A()\nexten => 2,n,B()", ["2: 1 1 A()", "3: 2 2 B()"]),
        ("exten => 1,5(l),A()\nsame => n+2(m),B()", ["2: 1 5(l) A()", "3: 1 8(m) B()"]),
        ("exten => 1,5,A()\nexten => 2,s,B()\nexten => 3,same,C()\nexten => 3,next,D()",
         ["2: 1 5 A()", "3: 2 5 B()", "4: 3 5 C()", "5: 3 6 D()"]),
        ("exten => 1,1(l),A()\nexten => 1,l+101,B()", ["2: 1 1(l) A()", "3: 1 102 B()"]),
        ("exten => 1,1(l),A()\nexten => 1,2(l),B()", ["2: 1 1(l) A()", "3: 1 2 B()"]),
        ("exten => 1,hint,SIP/1\nsame => 1,A()", ["3: 1 1 A()"]),
        ("exten => 1,1+x,A()", ["2: 1 1 A()"]),
        ("exten => 1/5(0)-0,1,A()\nsame => n,B()\nexten => 1,1,C()\nexten => 1/,1,D()",
         ["2: 1/500 1 A()", "3: 1/500 2 B()", "4: 1 1 C()", "5: 1/<none> 1 D()"]),
        ("exten => _9[1,2]X,1,A()", ["2: _9[1,2]X 1 A()"]),
        ("exten => _1[2 3] 4,1,A()", ["2: _1[2 3]4 1 A()"]),
        ("samething => n,A()\nexten => 1,1,B()", ["3: 1 1 B()"]),
        ("#include extensions.conf\n", []),
    ],
)  # fmt: skip
def test_steps_are_read(etc: Etc, text: str, read_as: list[str]) -> None:
    """As they are loaded, in the order of the files."""
    assert steps(etc, text) == read_as


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            "exten => 1,1,A()\nexten => 1,1,B()",
            "`1` has a priority 1 already, at extensions.conf:2",
        ),
        ("same => n,A()", "before any `exten`"),
        ("exten => 1,n,A()", "`n` is no priority here"),
        ("exten => 1,0,A()", "`0` is no priority"),
        ("exten => 1,-1,A()", "`-1` is no priority"),
        ("exten => 1,+5,A()", "`+5` is no priority"),
        ("exten => 1,4294967297,A()", "`4294967297` is no priority"),
        ("exten => 1,l,A()", "`l` is no priority"),
        ("exten => 1", "it has no priority"),
        ("exten => ,1,A()", "has no name"),
        ("exten => 1,1(l,A()", "no `)`"),
        ("exten => 1,1,A(x", "`A(` has no `)`"),
        ("exten => 1,hint,SIP/1\nsame => n,A()", "its priority is 0"),
        ("exten => 1,hint,SIP/1\nexten => 1,hint,SIP/2", "`1` has a hint already"),
        ("extn => 1,1,A()", "no `extn =`"),
        ("exten => ${ENV(X)},1,A()", "depends on where and when"),
        ("include => a$[1]", "depends on where and when"),
    ],
)
def test_what_asterisk_leaves_out_is_told(etc: Etc, text: str, what: str) -> None:
    """With the line, and what to do about it."""
    _, findings = read(etc, f"[a]\n{text}")
    (finding,) = findings
    assert what in finding.message
    assert finding.advice
    assert finding.place == Place("extensions.conf", 2 + text.count("\n"))


def test_contexts_are_put_together(etc: Etc) -> None:
    """Of all sections of one name; of templates nothing is left but what they gave."""
    dialplan, findings = read(
        etc,
        "[general]\nstatic=yes\n[t](!)\nexten => h,1,Hangup()\n[a](t)\nexten => 1,1,A()\n[b]\n"
        "[a]\nexten => 2,1,B()\n[A]\nexten => 3,1,C()\n[GLOBALS]\nX=1\n",
    )
    assert findings == ()
    assert list(dialplan.contexts) == ["a", "b", "A"]
    inside = dialplan.contexts["a"]
    assert inside.place == Place("extensions.conf", 5)
    assert [str(each.place) for each in inside.steps] == [
        *("extensions.conf:4", "extensions.conf:6", "extensions.conf:9"),
    ]
    assert dialplan.variables == {"X": "1"}


def test_lines_of_a_template_are_told_once(etc: Etc) -> None:
    """However many take them."""
    _, findings = read(etc, "[t](!)\nexten => 1,x,A()\n[a](t)\n[b](t)\n")
    assert len(findings) == 1


def test_ways_elsewhere_are_read(etc: Etc) -> None:
    """Includes with their hours, switches; digits that are ignored are no way."""
    dialplan, findings = read(
        etc,
        "[globals]\nS=shop\n[a]\ninclude => ${S},9:00-17:00,mon-fri,*,*\ninclude => ${S}\n"
        "include => ${S}\nswitch => ${S}/x/y\nlswitch => ${S}/x\neswitch = Lua\nignorepat => 9\n",
    )
    here = [Place("extensions.conf", line) for line in range(10)]
    context = dialplan.contexts["a"]
    assert context.includes == (
        Include("shop", "9:00-17:00,mon-fri,*,*", here[4]),
        Include("shop", "", here[5]),
    )
    assert context.switches == (
        Switch("shop", "x/y", here[7]),
        Switch("${S}", "x", here[8]),
        Switch("Lua", "", here[9]),
    )
    assert findings == ()


def test_globals_are_set_before_all_else(etc: Etc) -> None:
    """Of every section of that name; the dialplan has them as they are written."""
    dialplan, _ = read(
        etc,
        "[a]\nexten => _${LONG}X,1,A()\n[globals]\n__PRE=9\nENV(A)=b\n[b]\n"
        "[globals]\nLONG=${PRE}0\nODD=$[1+1]\n",
    )
    assert dialplan.contexts["a"].steps[0].extension == "_90X"
    assert dialplan.variables == {"PRE": "9", "LONG": "${PRE}0", "ODD": "$[1+1]"}


def test_files_of_a_folder_are_one_dialplan(etc: Etc) -> None:
    """Each step knows its own file."""
    folder = etc(
        {
            "extensions.conf": "[a]\nexten => 1,1,A()\n#include d/*.conf\nsame => n,C()\n",
            "d/x.conf": "same => n,B()\n[b]\nexten => 2,1,D()\n",
        }
    )
    dialplan, findings = read_dialplan(folder)
    assert findings == ()
    places = [(each.priority, str(each.place)) for each in dialplan.contexts["a"].steps]
    assert places == [(1, "extensions.conf:2"), (2, "d/x.conf:1"), (3, "extensions.conf:4")]
    assert dialplan.contexts["b"].place == Place("d/x.conf", 2)


def test_a_file_that_asterisk_refuses_is_no_dialplan(etc: Etc) -> None:
    """It loads nothing of it; the line is told."""
    dialplan, findings = read(etc, "[a]\nexten => 1,1,A()\n#include gone.conf\n")
    assert dialplan.contexts == {}
    assert [each.severity for each in findings] == [Severity.MEDIUM]


def test_a_folder_without_a_dialplan_is_told(tmp_path: Path) -> None:
    """It is the wrong folder, mostly."""
    dialplan, (finding,) = read_dialplan(tmp_path)
    assert dialplan.contexts == {}
    assert "no such file" in finding.message


def test_what_is_not_read_is_told(etc: Etc) -> None:
    """A dialplan in another language, which is loaded too."""
    _, findings = read_dialplan(etc({"extensions.conf": "[a]\n", "extensions.lua": ""}))
    assert [each.place.file for each in findings] == ["extensions.lua"]


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("1,1,A()", ("1", "1,A()")),
        ("_[1,2],n", ("_[1,2]", "n")),
        ("_[1,2", ("_[1,2", "")),
        ("]1,2", ("]1", "2")),
        (r"1\,2,3", (r"1\,2", "3")),
        ("1", ("1", "")),
        ("1\\", ("1\\", "")),
        ("", ("", "")),
    ],
)
def test_an_extension_ends_at_its_comma(value: str, parts: tuple[str, str]) -> None:
    """Those in brackets, or behind a backslash, are its own."""
    assert split_extension(value) == parts


@pytest.mark.parametrize(
    ("call", "parts"),
    [
        ("A", ("A", "", True)),
        (" A(b) c", ("A", "b", True)),
        ("A(b)c)d", ("A", "b)c", True)),
        ("A (b", ("A ", "b", False)),
        ("A()", ("A", "", True)),
        ("$[x](b)", ("$[x](b)", "", True)),
        ("A(${x}(b)", ("A", "${x}(b", True)),
    ],
)
def test_a_call_is_split(call: str, parts: tuple[str, str, bool]) -> None:
    """At its first parenthesis, and its last."""
    assert split_call(call) == parts


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("(030) 12-34.56", "030123456"),
        ("_5-[1-3].", "_5[1-3]."),
        ("1.", "1."),
        ("", ""),
    ],
)
def test_a_callers_number_is_shrunk(number: str, kept: str) -> None:
    """To its digits; sets of a pattern stay."""
    assert shrunk(number) == kept


TELLING = (
    *("[a]", "[general]", "[globals]", "[b](a)", "A=1", "exten => 1,1,A(b)", "same => n,B"),
    *("exten => _${A}X/2,n(l),C(", "exten => 1,hint,x", "include => a,*,*,*", "switch => R/x"),
    *("same => l+1,D()", "exten => ${${", "exten => 1,9999999999999999999999,A()"),
)


@given(st.lists(st.one_of(st.sampled_from(TELLING), st.text(max_size=20)), max_size=9))
def test_no_text_makes_it_fail(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    """Whatever stands in it; priorities of an extension are each there once, from 1 on."""
    folder = tmp_path_factory.getbasetemp() / "noise-of-dialplan"
    folder.mkdir(exist_ok=True)
    (folder / "extensions.conf").write_bytes("\n".join(lines).encode("utf-8", "replace"))
    dialplan, _ = read_dialplan(folder)
    for context in dialplan.contexts.values():
        numbers = [(each.extension, each.caller_id, each.priority) for each in context.steps]
        assert len(set(numbers)) == len(numbers)
        assert all(number >= 1 for _, _, number in numbers)
