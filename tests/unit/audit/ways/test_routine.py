"""The gate's routine is told from one that was changed."""

from __future__ import annotations

import pytest

from fastagi.audit.dialplan import Dialplan
from fastagi.audit.finding import Kind
from fastagi.audit.place import Place
from fastagi.audit.ways import routine
from fastagi.audit.ways.shipped import STEPS
from tests.unit.audit.ways.text import DIALPLANS, dialplan

SHIPPED = (DIALPLANS / "dialguard.conf").read_text()


def changes(text: str) -> list[tuple[int, str]]:
    """Return line and message of what is not as it was shipped."""
    found = list(routine.changes(dialplan(text)))
    assert {each.kind for each in found} <= {Kind.ROUTINE}
    return [(each.place.line, each.message) for each in found]


def line_of(text: str) -> int:
    """Return the line of the shipped file that begins like this."""
    lines = SHIPPED.splitlines()
    return next(at for at, line in enumerate(lines, 1) if line.startswith(text))


def test_the_shipped_one_is_as_it_was_shipped() -> None:
    """And where there is none, none was changed."""
    assert changes(SHIPPED) == []
    assert changes("[phones]\n") == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"ALLOW" | ', '"DENY" | ', "`outbound`, priority 15"),
        ("exten => refuse,1,", "exten => refuse,1,NoOp()\n same => n,", "`refuse`, priority 1"),
        ("exten => spent,1,", "exten => other,1,NoOp()\nexten => spent,1,", "`other`, priority 1"),
        ("exten => unspeakable,1,Hangup(28)", "", "steps of the gate's routine are missing"),
        ("[dialguard]", "[dialguard]\ninclude => x", "includes what was not shipped"),
        ("[dialguard-answered]", "[elsewhere]", "context `dialguard-answered`"),
    ],
)
def test_a_change_is_told(old: str, new: str, message: str) -> None:
    """With the line, where it is one."""
    assert old in SHIPPED
    (found,) = changes(SHIPPED.replace(old, new, 1))
    assert message in found[1]
    if "priority" in message:
        begins = ' same => n,GotoIf($["${GUARD_VERDICT}" != "ALLOW"' if "15" in message else old
        assert found[0] == line_of(begins)


def test_the_digests_are_those_of_the_file() -> None:
    """If this fails, write what it says into `shipped.py`."""
    plan: Dialplan = dialplan(SHIPPED)
    assert routine.digests(plan.contexts[name] for name in routine.CONTEXTS) == STEPS


def test_lines_are_told_without_codes() -> None:
    """Nor passwords that are set."""
    (step, other, third) = (
        dialplan(
            "[a]\nexten => 1,1,DISA(1234,inside)\n"
            " same => n,Set(MY_TOKEN=abc)\n same => n,Goto(b,${EXTEN},1)\n"
        )
        .contexts["a"]
        .steps
    )
    assert routine.hop("a", step).text == "DISA(…,inside)"
    assert routine.hop("a", other).text == "Set(MY_TOKEN=…)"
    assert routine.hop("a", third).text == "Goto(b,${EXTEN},1)"
    assert routine.hop("a", third).place == Place("extensions.conf", 4)


def test_only_what_was_shipped_is_ours() -> None:
    """An extension that somebody added to its context is walked."""
    assert routine.is_ours("dialguard", "outbound")
    assert not routine.is_ours("dialguard", "board")
    assert not routine.is_ours("phones", "outbound")
