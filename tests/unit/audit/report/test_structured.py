"""JSON for programs."""

from __future__ import annotations

import json

from fastagi.audit.report.fingerprint import fingerprints
from fastagi.audit.report.structured import as_json
from tests.unit.audit.report.samples import ALL, UNGATED, WEAK


def test_a_finding_is_told_whole() -> None:
    """With its way, and what is not accepted says null."""
    (found,) = json.loads(json.dumps(as_json([UNGATED], {})))
    assert found == {
        "kind": "ungated-trunk",
        "severity": "high",
        "message": UNGATED.message,
        "advice": UNGATED.advice,
        "file": "sub/my dialplan.conf",
        "line": 12,
        "way": [
            {
                "context": "",
                "extension": "",
                "priority": 0,
                "text": "endpoint `101`: context = phones",
                "file": "pjsip.conf",
                "line": 3,
            },
            {
                "context": "phones",
                "extension": "_9X.",
                "priority": 1,
                "text": "Goto(outside,${EXTEN},1)",
                "file": "extensions.conf",
                "line": 7,
            },
            {
                "context": "outside",
                "extension": "_X.",
                "priority": 2,
                "text": "Dial(PJSIP/${EXTEN}@my-trunk)",
                "file": "sub/my dialplan.conf",
                "line": 12,
            },
        ],
        "fingerprint": fingerprints([UNGATED])[0],
        "accepted": None,
    }


def test_reasons_are_told() -> None:
    """Beside what is accepted; the order stays."""
    found = json.loads(json.dumps(as_json(ALL, {WEAK: "a lift's phone"})))
    assert [each["accepted"] for each in found] == [None, None, "a lift's phone", None]
    assert [each["line"] for each in found] == [each.place.line for each in ALL]
