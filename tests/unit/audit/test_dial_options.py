"""Options of `Dial` are told from their arguments, and from those of others."""

from __future__ import annotations

import pytest

from fastagi.audit.dial_options import beside_ours

GLOBALS = {"TRUNK_OPTIONS": "Tr${MORE}", "MORE": "M(music)", "LOOP": "${LOOP}p"}


@pytest.mark.parametrize(
    ("line", "options"),
    [
        (" same => n,Dial(PJSIP/${GUARD_NUMBER}@trunk,60,${GUARD_DIAL})", [""]),
        ("Dial(PJSIP/${GUARD_NUMBER}@trunk,60,gA(hello)${GUARD_DIAL})", ["gA"]),
        ("Dial(PJSIP/a@t&PJSIP/b@t,60,${GUARD_DIAL}S(1)g)", ["Sg"]),
        ("ExecIf($[1 = 1]?dial(PJSIP/a@t,${IF($[2]?3:4)},M(a^b(c))p${GUARD_DIAL}))", ["Mp"]),
        ("Dial(PJSIP/a@t,60,${TRUNK_OPTIONS}${GUARD_DIAL})", ["TrM"]),
        ("Dial(PJSIP/a@t,60,${UNKNOWN}$[1+1]${IF($[1]?M:P)}${GUARD_DIAL})", [""]),
        ("Dial(PJSIP/a@t,60,${LOOP}${GUARD_DIAL})", ["p"]),
        ("Dial(PJSIP/a@t,60,${GUARD_DIAL},http://url/M)", [""]),
        ("Dial(PJSIP/101,30,M(x))", []),
        ("Dial(PJSIP/101)", []),
        ("RetryDial(x,1,1,PJSIP/a@t,60,M(x)${GUARD_DIAL})", []),
        ("Dial(PJSIP/a@t,60,M${GUARD_DIAL}", []),
    ],
)
def test_the_options_beside_ours_are_found(line: str, options: list[str]) -> None:
    """Those of a `Dial` that has ours; what nobody knows, and what is torn, is no option."""
    assert list(beside_ours(line, GLOBALS)) == [frozenset(each) for each in options]
