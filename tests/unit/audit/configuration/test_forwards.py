"""`configuration.forwards`: phones whose 302 is dialled as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.audit.configuration.forwards import check_forwards
from fastagi.audit.dialplan import Context, Dialplan, Step
from fastagi.audit.finding import Kind, Severity
from fastagi.audit.place import Place

if TYPE_CHECKING:
    from tests.unit.audit.configuration.conftest import Read

HERE = Place("extensions.conf", 7)
FILES = {
    "pjsip.conf": """\
[trunk]
type = endpoint
context = in
aors = trunk

[trunk]
type = aor
contact = sip:sip.example.net

[101]
type = endpoint
context = phones
aors = 101

[101]
type = aor
max_contacts = 1
"""
}
VARIABLES = {"RING": "tT${MORE}", "MORE": "i", "LOUD": "m", "WAY": "PJSIP/trunk"}


def dialplan(application: str, arguments: str) -> Dialplan:
    """Make a dialplan of one step."""
    step = Step("500", "", 1, "", application, arguments, HERE)
    return Dialplan({"in": Context("in", (step,), (), (), HERE)}, VARIABLES)


@pytest.mark.parametrize(
    ("application", "arguments"),
    [
        ("Dial", "PJSIP/101"),
        ("dial", "PJSIP/101,30"),
        ("Dial", "PJSIP/${EXTEN},30,tT"),
        ("Dial", "PJSIP/${EXTEN},30,U(i^i)m(i)"),
        ("Dial", "PJSIP/101,30,U(x^${WHO})"),
        ("Dial", "PJSIP/102&PJSIP/101,30,m"),
        ("Dial", "PJSIP/5@trunk&PJSIP/101,30,m"),
        ("Dial", "SIP/101,30,${LOUD}"),
        ("Dial", "${PJSIP_DIAL_CONTACTS(101)},30,t"),
        ("RetryDial", "sorry,5,3,PJSIP/101,30,m"),
        ("Page", "PJSIP/101&PJSIP/102,d,10"),
        ("Queue", "sales,c,,,300"),
        ("Queue", "sales"),
    ],
)
def test_a_phone_that_may_forward_is_found(read: Read, application: str, arguments: str) -> None:
    """With the line as it is written."""
    (finding,) = check_forwards(read(FILES), dialplan(application, arguments))
    assert (finding.kind, finding.severity, finding.place) == (
        Kind.REDIRECT,
        Severity.HIGH,
        HERE,
    )
    assert f"`{application}({arguments})`" in finding.message
    assert "option `i`" in finding.advice


@pytest.mark.parametrize(
    ("application", "arguments"),
    [
        ("Dial", "PJSIP/101,30,i"),
        ("Dial", "PJSIP/${EXTEN},30,tTi"),
        ("Dial", "PJSIP/101,30,${RING}"),
        ("Dial", "PJSIP/101,30,U(a^b)i"),
        ("Dial", "PJSIP/101,30,t${GUARD_DIAL}"),
        ("Dial", "PJSIP/${GUARD_NUMBER}@trunk,60,t"),
        ("Dial", "PJSIP/trunk/sip:5@sip.example.net"),
        ("Dial", "PJSIP/trunk"),
        ("Dial", "${WAY}"),
        ("Dial", "Local/101@inside/n"),
        ("Dial", "DAHDI/1"),
        ("Dial", ""),
        ("RetryDial", "sorry,5,3,PJSIP/101,30,i"),
        ("Page", "PJSIP/101,di,10"),
        ("Queue", "sales,ci,,,300"),
        ("Playback", "PJSIP/101"),
    ],
)
def test_what_takes_no_forward_is_none(read: Read, application: str, arguments: str) -> None:
    """Nor is what rings no phone."""
    assert list(check_forwards(read(FILES), dialplan(application, arguments))) == []


@pytest.mark.parametrize(
    ("options", "word"), [("t${OPTIONS}", "${OPTIONS}"), ("${IF($[${NOW}]?i)}", "${IF}")]
)
def test_options_that_only_the_channel_has_are_not_known(
    read: Read, options: str, word: str
) -> None:
    """Worth a look; with `i` beside them they are none."""
    (finding,) = check_forwards(read(FILES), dialplan("Dial", f"PJSIP/101,30,{options}"))
    assert (finding.kind, finding.severity) == (Kind.UNKNOWN, Severity.LOW)
    assert f"`{word}`" in finding.message
    assert list(check_forwards(read(FILES), dialplan("Dial", f"PJSIP/101,30,i{options}"))) == []
