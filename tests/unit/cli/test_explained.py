"""How an explanation is shown: to people, and to programs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fastagi.cli import explained
from fastagi.policy.explain import explain
from fastagi.policy.model import Facts
from tests.unit.policy.samples import HOME, MINUTES, ROME, call, policy_of, priced

LIMITS = """
[[rule]]
name = "a"
then = "allow"
[[limit]]
name = "one-number"
per = "number"
calls = 1
[[limit]]
name = "a-block"
per = "block"
spend = "20.00"
within = "24h"
"""


def test_what_is_known_besides_is_above_the_tables(capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its heading."""
    policy = policy_of('[[rule]]\nname = "a"\nthen = "allow"\n')
    request = call(policy, HOME)
    explained.show(explain(policy, request, Facts()), request, {"known": "nothing"})
    shown = capsys.readouterr().out
    assert (
        0
        < shown.index("  known    nothing")
        < shown.index("fits\ta" if "fits\ta" in shown else "decides\ta")
    )


def test_what_a_file_says_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    """The extension comes from a line of the record."""
    policy = policy_of()
    request = replace(call(policy, HOME), extension="1\x1b[2J")
    explained.show(explain(policy, request, Facts()), request)
    assert "\x1b" not in capsys.readouterr().out


def test_steps_have_their_figures_as_data() -> None:
    """Programs hold values against thresholds."""
    policy = priced(LIMITS, {"39": MINUTES})
    request = call(policy, ROME)
    told = explained.as_json(policy, explain(policy, request, Facts()), request)
    limits = told["limits"]
    assert isinstance(limits, list)
    assert limits[1]["figures"] == [
        {"what": "spend", "value": None, "threshold": "20.00", "needs": "1.20", "unit": "GBP"}
    ]


def test_of_a_masked_number_no_key_tells_more() -> None:
    """Slots and budgets that are the number's are named by it."""
    policy = priced(LIMITS, {"39": MINUTES})
    request = call(policy, ROME)
    told = explained.as_json(policy, explain(policy, request, Facts()), request, "+39061234xxxx")
    assert told["number"] == "+39061234xxxx"
    assert [each["key"] for each in told["claims"]] == ["+39061234xxxx"]  # type: ignore[attr-defined]  # a list of tables
    assert [each["key"] for each in told["budgets"]] == ["+39061234xx"]  # type: ignore[attr-defined]  # likewise
    assert "5678" not in str({**told, "rules": [], "limits": []})
