"""`configuration.disa`: dial tones for strangers."""

from __future__ import annotations

import pytest

from fastagi.audit.configuration.disa import check_disa
from fastagi.audit.dialplan import Context, Dialplan, Step
from fastagi.audit.finding import Kind, Severity
from fastagi.audit.place import Place

HERE = Place("extensions.conf", 7)


def dialplan(application: str, arguments: str) -> Dialplan:
    """Make a dialplan of one step."""
    step = Step("500", "", 1, "", application, arguments, HERE)
    return Dialplan({"in": Context("in", (step,), (), (), HERE)})


@pytest.mark.parametrize(
    ("arguments", "severity"),
    [
        ("no-password,phones", Severity.HIGH),
        ("No-Password", Severity.HIGH),
        ("", Severity.HIGH),
        ("1234,phones", Severity.MEDIUM),
        ("11111111111,phones", Severity.MEDIUM),
        ("92748105,phones", Severity.LOW),
        ("/etc/asterisk/codes,phones", Severity.LOW),
        ("${CODE},phones", Severity.LOW),
    ],
)
@pytest.mark.parametrize("application", ["DISA", "disa"])
def test_a_dial_tone_is_found(application: str, arguments: str, severity: Severity) -> None:
    """The easier its code, the worse; the code is never told."""
    (finding,) = check_disa(dialplan(application, arguments))
    assert (finding.kind, finding.severity, finding.place) == (Kind.DISA, severity, HERE)
    assert "1234" not in finding.message
    into = "phones" if "phones" in arguments else "disa"
    assert f"context `{into}`" in finding.message


def test_other_applications_are_none() -> None:
    """A name that is alike is another."""
    assert list(check_disa(dialplan("DISAX", "no-password"))) == []
    assert list(check_disa(Dialplan({}))) == []
