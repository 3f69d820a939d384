"""`configuration.features`: what keys run, and what of it dials."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastagi.audit.configuration.features import check_features, read_features
from fastagi.audit.finding import Kind, Severity

if TYPE_CHECKING:
    from tests.unit.audit.configuration.conftest import Read

PHONE = "[101]\ntype=endpoint\naors=101\n[101]\ntype=aor\nmax_contacts=1\n"


@pytest.mark.parametrize(
    ("written", "application", "arguments"),
    [
        ("*1,self,Dial(PJSIP/1@t,30),default", "Dial", "PJSIP/1@t,30"),
        ("*1,peer/both,Dial(PJSIP/1@t", "Dial", "PJSIP/1@t"),
        ('*1,self,Gosub,"ctx,s,1",default', "Gosub", "ctx,s,1"),
        ("*1,self,Playback,tt-monkeys,default", "Playback", "tt-monkeys"),
        ("*1,self,Set,X=${F(1,2)}", "Set", "X=${F(1"),
        ("*1,self,Hangup", "Hangup", ""),
        ("*1", "", ""),
    ],
)
def test_a_feature_code_is_written_in_three_ways(
    read: Read, written: str, application: str, arguments: str
) -> None:
    """With brackets, with quotes, with neither."""
    (feature,) = read_features(read({"features.conf": f"[applicationmap]\nx => {written}\n"}))
    assert (feature.application, feature.arguments) == (application, arguments)
    assert (feature.who, feature.place.line) == ("feature code `x`", 2)


def test_the_wizard_makes_extensions(read: Read) -> None:
    """Where it has a hint, an extension and an application."""
    text = (
        "[101]\ntype=wizard\nhas_hint=yes\nhint_exten=101\n"
        "hint_application=Dial(${HINT})\n[102]\ntype=wizard\nhint_application=Dial(x/y)\n"
    )
    (feature,) = read_features(read({"pjsip_wizard.conf": text}))
    assert (feature.who, feature.application) == ("extension `101` of the wizard", "Dial")


@pytest.mark.parametrize(
    ("run", "severity"),
    [
        ("Dial(PJSIP/1@my-trunk)", Severity.HIGH),
        ("Dial(PJSIP/101&DAHDI/g1/5)", Severity.HIGH),
        ("Originate(PJSIP/1@t,app,Playback,x)", Severity.HIGH),
        ("AGI(agi://192.0.2.1/x)", Severity.MEDIUM),
        ("System(x)", Severity.MEDIUM),
        ("Gosub(label)", Severity.MEDIUM),
    ],
)
def test_a_feature_code_that_dials_is_found(read: Read, run: str, severity: Severity) -> None:
    """A trunk is certain; a script may be anything."""
    files = read(
        {"pjsip.conf": PHONE, "features.conf": f"[applicationmap]\nabroad => *9,self,{run}\n"}
    )
    (finding,) = check_features(files)
    assert (finding.kind, finding.severity) == (Kind.FEATURE, severity)
    assert str(finding.place) == "features.conf:2"
    assert "`abroad`" in finding.message


@pytest.mark.parametrize(
    "run",
    ["Dial(PJSIP/101)", "Dial(Local/5@in)", "Gosub(ctx,s,1)", "Playback,tt-monkeys", "Park()"],
)
def test_what_rings_a_phone_or_asks_the_dialplan_is_sound(read: Read, run: str) -> None:
    """The ways tell what the dialplan does with it."""
    files = read({"pjsip.conf": PHONE, "features.conf": f"[applicationmap]\nx => *9,self,{run}\n"})
    assert list(check_features(files)) == []


@given(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_no_text_breaks_it(read: Read, text: str) -> None:
    """Whatever stands behind the keys."""
    files = read({"features.conf": f"[applicationmap]\nx => {text}\n"})
    for finding in check_features(files):
        assert finding.kind is Kind.FEATURE
