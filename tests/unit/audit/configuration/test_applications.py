"""`configuration.applications`: what an application dials, and where it goes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.audit.configuration.applications import Target, targets


@pytest.mark.parametrize(
    ("application", "arguments", "found"),
    [
        ("Dial", "PJSIP/1@t,30", [Target("PJSIP/1@t")]),
        ("dial", "PJSIP/101 & Local/5@in/n", [Target("PJSIP/101"), Target("", "in", "5")]),
        ("Dial", "Local/${EXTEN}@out", [Target("", "out", None)]),
        ("Dial", "Local/5@${WHERE}", [Target("", "", "5")]),
        ("Dial", "Local/5", [Target("", "default", "5")]),
        ("Page", "PJSIP/101&PJSIP/102,d", [Target("PJSIP/101"), Target("PJSIP/102")]),
        ("Originate", "PJSIP/1@t,exten,in,5,1", [Target("PJSIP/1@t"), Target("", "in", "5")]),
        ("Originate", "PJSIP/101,app,Playback,x", [Target("PJSIP/101")]),
        ("Originate", "PJSIP/101,exten,in", [Target("PJSIP/101"), Target("", "in", "s")]),
        ("Gosub", "in,s,1(${EXTEN},x)", [Target("", "in", "s")]),
        ("Gosub", "in,${X},1", [Target("", "in", None)]),
        ("Goto", "5,1", [Target("", "", "5")]),
        ("Gosub", "label", [Target()]),
        ("Gosub", "in,s,1(", [Target()]),
        ("Macro", "leave,1", [Target("", "macro-leave", "s")]),
        ("Playback", "tt-monkeys", []),
        ("Dial", "", []),
    ],
)
def test_what_an_application_reaches(
    application: str, arguments: str, found: list[Target]
) -> None:
    """As far as it is written down; a variable is anything."""
    assert list(targets(application, arguments)) == found


@given(st.sampled_from(["Dial", "Originate", "Gosub", "Macro", "Goto"]), st.text())
def test_no_arguments_break_it(application: str, arguments: str) -> None:
    """Whatever is written leads somewhere, or nowhere."""
    for target in targets(application, arguments):
        assert "${" not in target.context
