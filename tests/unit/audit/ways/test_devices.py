"""What a dial string names."""

from __future__ import annotations

import pytest

from fastagi.audit.entry import Devices
from fastagi.audit.ways.devices import Where, device, is_judged, options
from fastagi.audit.ways.language import ANYTHING, DIGITS, KEYS, Language, of_any
from fastagi.audit.ways.values import Hole, Origin, Value, unknown

DEVICES = Devices(frozenset({"101"}), frozenset({"t", "9"}))
DIGIT: Value = (Hole(Language((DIGITS,)), Origin.DIALLED, "EXTEN"),)
KEYED: Value = (Hole(Language((), KEYS, 2), Origin.DIALLED, "EXTEN"),)
WIDE: Value = (Hole(ANYTHING, Origin.DIALLED, "EXTEN"),)
NUMBER: Value = (Hole(of_any(DIGITS), Origin.NUMBER, "GUARD_NUMBER"),)


@pytest.mark.parametrize(
    ("value", "where", "number"),
    [
        (("PJSIP/101",), Where.PHONE, ()),
        (("pjsip/5@101",), Where.PHONE, ("5",)),
        (("PJSIP/t",), Where.TRUNK, ()),
        (("PJSIP/5@t",), Where.TRUNK, ("5",)),
        (("PJSIP/nobody",), Where.TRUNK, ()),
        (("PJSIP/101/sip:5@there",), Where.TRUNK, ("5",)),
        (("PJSIP/t/sips:", *NUMBER, "@there"), Where.TRUNK, NUMBER),
        (("PJSIP/t/", *NUMBER), Where.TRUNK, NUMBER),
        (("PJSIP/", *KEYED), Where.PHONE, ()),
        (("PJSIP/", *DIGIT), Where.TRUNK, DIGIT),
        (("PJSIP/", *WIDE), Where.TRUNK, WIDE),
        (("PJSIP/", *unknown("x")), Where.UNKNOWN, ()),
        (("PJSIP/5@", *unknown("x")), Where.TRUNK, ("5",)),
        (("SIP/t/5",), Where.TRUNK, ("5",)),
        (("IAX2/me@t/5@x",), Where.TRUNK, ("5",)),
        ((*unknown("x"), "/", *NUMBER), Where.TRUNK, NUMBER),
        (("Console/dsp",), Where.PHONE, ()),
        (("Local/5@out/n",), Where.LOCAL, ("5",)),
        (("Local/5/n",), Where.LOCAL, ("5",)),
        (unknown("x"), Where.UNKNOWN, unknown("x")),
        (KEYED, Where.PHONE, KEYED),
    ],
)
def test_devices_are_told_apart(value: Value, where: Where, number: Value) -> None:
    """Phones by their names; whatever is not one of ours is a trunk."""
    found = device(value, DEVICES)
    assert (found.where, found.number) == (where, number)


def test_a_local_channel_has_a_context() -> None:
    """Or Asterisk's own."""
    assert device(("Local/5@out/n",), DEVICES).context == ("out",)
    assert device(("Local/5",), DEVICES).context is None


@pytest.mark.parametrize(
    ("number", "judged"),
    [
        (NUMBER, True),
        (("+", *NUMBER), True),
        ((*NUMBER, *unknown("x")), True),
        (("0", *NUMBER), False),
        ((*unknown("x"), *NUMBER), False),
        ((*NUMBER, "1"), False),
        (WIDE, False),
        (unknown("x"), False),
        ((), False),
    ],
)
def test_nothing_but_the_judged_number(number: Value, judged: bool) -> None:
    """A plus is no digit; what stands behind in an unknown variable is FreePBX's suffix."""
    assert is_judged(number) is judged


def test_options_are_split() -> None:
    """Letters, what is in their parentheses, ours, and what nobody knows."""
    binding = Hole(ANYTHING, Origin.BINDING, "GUARD_DIAL")
    value: Value = ("gL(1:2)U(", *WIDE, "^(x))", *unknown("y"), binding)
    assert options(value) == [
        ("g", None),
        ("L", ("1:2",)),
        ("U", (*WIDE, "^(x)")),
        ("?", None),
        ("$", None),
    ]
    assert options(("(x)g",)) == [("g", None)]
