"""SARIF for code hosts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from fastagi.audit.finding import Kind
from fastagi.audit.place import Place
from fastagi.audit.report.fingerprint import fingerprints
from fastagi.audit.report.sarif import as_sarif
from tests.unit.audit.report.samples import ALL, HOSTILE, LOADED, UNGATED, WEAK, WHOLE_FILE
from tests.unit.audit.report.sarif_subset import SARIF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.audit.finding import Finding

HERE = PurePosixPath("pbx")


def _run(findings: Sequence[Finding], folder: PurePosixPath = HERE) -> dict[str, Any]:
    log = json.loads(json.dumps(as_sarif(findings, {WEAK: "a lift's phone"}, folder)))
    jsonschema_rs.Draft7Validator(SARIF, validate_formats=True).validate(log)
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def test_every_kind_is_a_rule_with_its_help() -> None:
    """Where there is no finding of it as well."""
    driver = _run([])["tool"]["driver"]
    assert driver["name"] == "dialguard"
    assert [each["id"] for each in driver["rules"]] == [each.value for each in Kind]
    for rule in driver["rules"]:
        assert rule["help"]["text"]
        assert "**What to do:**" in rule["help"]["markdown"]
    assert driver["rules"][0]["name"] == "UngatedTrunk"


def test_a_finding_is_a_result() -> None:
    """Its rule is found by number and name, its line by file and folder."""
    run = _run(ALL)
    rules = run["tool"]["driver"]["rules"]
    results = run["results"]
    for result, finding in zip(results, ALL, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.kind.value
    assert [each["message"]["text"] for each in results][1:3] == [
        "Endpoint `101` reaches `PJSIP/…@my-trunk` without the gate's yes. "
        "Ask the gate before this Dial.",
        "The password of `102` is the extension itself. Set a random one.",
    ]
    assert [each["level"] for each in results] == ["note", "error", "warning", "warning"]
    assert results[1]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "pbx/sub/my%20dialplan.conf"},
                "region": {"startLine": 12},
            }
        }
    ]
    marks = [each["partialFingerprints"] for each in results]
    assert marks == [{"dialguardFinding/v1": each} for each in fingerprints(ALL)]


def test_a_way_is_a_code_flow() -> None:
    """Line by line, each with where in the dialplan it is."""
    (result,) = _run([UNGATED])["results"]
    ((flow,),) = [each["threadFlows"] for each in result["codeFlows"]]
    places = [each["location"] for each in flow["locations"]]
    assert [each["message"]["text"] for each in places] == [each.text for each in UNGATED.way]
    assert "logicalLocations" not in places[0]
    assert places[1]["logicalLocations"] == [
        {"fullyQualifiedName": "phones,_9X.,1", "kind": "function"}
    ]
    assert places[1]["physicalLocation"]["region"] == {"startLine": 7}
    assert "codeFlows" not in _run([WEAK])["results"][0]


def test_what_is_accepted_is_suppressed() -> None:
    """With the reason; the others are not."""
    weak, ungated = _run([WEAK, UNGATED])["results"]
    assert weak["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "a lift's phone"}
    ]
    assert "suppressions" not in ungated


def test_a_place_is_told_as_far_as_it_is_known() -> None:
    """A whole file has no region; what AMI told is in no file."""
    whole, loaded = _run([WHOLE_FILE, LOADED])["results"]
    (place,) = whole["locations"]
    assert place == {"physicalLocation": {"artifactLocation": {"uri": "pbx/manager.conf"}}}
    (place,) = loaded["locations"]
    assert place == {"message": {"text": "the loaded dialplan"}}


@pytest.mark.parametrize(
    ("folder", "uri"),
    [
        (".", "pjsip.conf"),
        ("/etc/asterisk", "file:///etc/asterisk/pjsip.conf"),
        ("a:b/50% #1?", "a%3Ab/50%25%20%231%3F/pjsip.conf"),
    ],
)
def test_files_are_uris(folder: str, uri: str) -> None:
    """Relative in a repository, else absolute."""
    (result,) = _run([WEAK], PurePosixPath(folder))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri}


def test_hostile_names_stay_text() -> None:
    """In messages, and in the names of files."""
    place = Place(HOSTILE, 1)
    hop = replace(UNGATED.way[1], context=HOSTILE, text=HOSTILE, place=place)
    (result,) = _run([replace(UNGATED, message=HOSTILE, place=place, way=(hop,))])["results"]
    assert result["message"]["text"].startswith(HOSTILE.partition("\udc80")[0])
