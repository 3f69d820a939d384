"""`dialguard explain --reference`: by the policy of then, and honest where that cannot be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fastagi.cli.past_decisions import policy_then
from fastagi.decision_log.judged import Judged
from fastagi.decision_log.record import Record, line
from fastagi.policy.decision import decide
from fastagi.policy.loading import load
from fastagi.policy.model import Facts, Reason, Verdict
from fastagi.versions import keep
from tests.unit.policy.samples import HOME, SUNDAY, call

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard


def put(dialguard: Dialguard, *, kept: bool = True, settled: bool = False, **said: object) -> str:
    """Put a call of a Sunday on record, which the policy as it is denied; return its version."""
    policy = load(dialguard.policy)
    if kept:
        keep(dialguard.folder / "versions", policy, 1.0)
    request = call(policy, HOME, at=SUNDAY)
    decision = decide(policy, request, Facts())
    fields: dict[str, object] = {
        "at": SUNDAY.timestamp(),
        "site": "office",
        "call": "1767521400.1",
        "extension": "101",
        "verdict": decision.verdict,
        "reason": Reason.SETTLED if settled else decision.reason,
        "rule": decision.rule,
        "reference": "4711",
        "number": request.number.number,
        "category": request.number.category,
        "country": "GB",
        "address": "10.0.0.5",
        "policy": policy.version,
        "judged": Judged(policy, request, Facts()),
    }
    with (dialguard.folder / "decisions.jsonl").open("a") as log:
        log.write(line(Record(**fields | said), 4))  # type: ignore[arg-type]  # by name
    return policy.version


def _relax(dialguard: Dialguard) -> None:
    text = dialguard.policy.read_text()
    dialguard.policy.write_text(text.replace('when = "office"\n', ""))


def test_a_call_is_explained_by_the_policy_of_then(dialguard: Dialguard) -> None:
    """Whatever the policy says by now: on Sundays it was denied."""
    version = put(dialguard)
    _relax(dialguard)
    done = dialguard.on_settings("explain", "--reference", "4711")
    assert done.exit_code == 2, done.output
    assert "deny by none (no-rule), call 1767521400.1" in done.stdout
    assert "only when `office`; no hours hold" in done.stdout
    assert f"version {version}, as it was" in done.stdout
    assert "+44207946xxxx" in done.stdout
    assert done.stderr == ""


def test_programs_get_all_of_it(dialguard: Dialguard) -> None:
    """The line, the explanation, and whether today's code agrees."""
    put(dialguard)
    done = dialguard.on_settings("explain", "--reference", "4711", "--json")
    told = json.loads(done.stdout)
    assert (told["agrees"], told["note"], told["others"]) == (True, None, [])
    assert told["decision"]["reason"] == told["explanation"]["reason"] == "no-rule"
    assert told["explanation"]["number"] == "+44207946xxxx"


def test_of_several_the_newest_is_explained_and_the_others_are_listed(
    dialguard: Dialguard,
) -> None:
    """Four digits come round again; what a call cost in the end is no decision."""
    put(dialguard, call="1.1", at=SUNDAY.timestamp() - 86_400)
    put(dialguard, call="1.2")
    put(dialguard, call="1.2", settled=True)
    done = dialguard.on_settings("explain", "--reference", "4711")
    assert "call 1.2\n" in done.stdout
    assert "--call 1.1" in done.stdout
    for chosen in (("--call", "1.1"), ("--time", "2026-01-03")):
        done = dialguard.on_settings("explain", "--reference", "4711", *chosen)
        assert "call 1.1\n" in done.stdout


def test_a_version_that_is_not_kept_is_said(dialguard: Dialguard) -> None:
    """And what the record has is shown all the same; status 1."""
    version = put(dialguard, kept=False)
    done = dialguard.on_settings("explain", "--reference", "4711")
    assert done.exit_code == 1
    assert "deny by none (no-rule)" in done.stdout
    assert f"version {version} of site `office` is not kept here" in done.stderr


def test_what_comes_to_something_else_today_is_said(dialguard: Dialguard) -> None:
    """Status 1, and what the code makes of it today."""
    put(dialguard, verdict=Verdict.ALLOW, rule="at-home", reason=Reason.ALLOWED, seconds=60)
    done = dialguard.on_settings("explain", "--reference", "4711")
    assert done.exit_code == 1
    assert "today's code makes deny by `none` (no-rule) of it" in done.stderr
    told = json.loads(dialguard.on_settings("explain", "--reference", "4711", "--json").stdout)
    assert told["agrees"] is False


def test_what_somebody_wrote_into_the_record_moves_no_cursor(dialguard: Dialguard) -> None:
    """Names come from callers."""
    put(dialguard, rule="\x1b[2J", call="\x1b]0;x\x07", verdict=Verdict.ALLOW)
    put(dialguard, rule="\x1b[2J", call="\x1b]0;x\x07", verdict=Verdict.ALLOW)
    done = dialguard.on_settings("explain", "--reference", "4711")
    assert "\x1b" not in done.stdout + done.stderr


def test_a_reference_that_nobody_heard_is_said(dialguard: Dialguard) -> None:
    """Status 1; likewise where the record cannot be read."""
    done = dialguard.on_settings("explain", "--reference", "0000")
    assert done.exit_code == 1
    assert "no decision has the reference `0000`" in done.stderr
    (dialguard.folder / "decisions.jsonl").mkdir()
    done = dialguard.on_settings("explain", "--reference", "0000")
    assert done.exit_code == 1
    assert "cannot be read" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("office.toml", "--reference", "4711"), "leave policy, extension and digits out"),
        ((), "name a policy, an extension and the digits it dials"),
        (("office.toml", "101"), "name a policy, an extension and the digits it dials"),
        (("office.toml", "101", HOME, "--call", "1.1"), "choose among those of a `--reference`"),
    ],
)
def test_one_thing_is_explained_at_a_time(
    dialguard: Dialguard, words: tuple[str, ...], said: str
) -> None:
    """A call that might be, or one that was."""
    done = dialguard.on_settings("explain", *words)
    assert done.exit_code == 1
    assert said in done.stderr


def test_a_line_that_no_policy_was_asked_for_has_none(dialguard: Dialguard) -> None:
    """A question that nobody could read, for one."""
    policy, why = policy_then(dialguard.folder, {"site": "", "policy": ""})
    assert policy is None
    assert "none was asked" in why


def test_what_passes_all_over_is_said(dialguard: Dialguard) -> None:
    """There are decisions with that reference: which of them is meant is what is wrong."""
    put(dialguard)
    words = ("explain", "--reference", "4711")
    for chosen, said in (
        (("--call", "nope"), "is of call `nope`"),
        (("--time", "2031-01"), "is at `2031-01`"),
        (("--site", "hotel", "--call", "nope"), "is of site `hotel` of call `nope`"),
    ):
        done = dialguard.on_settings(*words, *chosen)
        assert done.exit_code == 1
        assert f"none of the decisions with the reference `4711` {said}" in done.stderr
    for time in ("yesterday", "2026-01-04 11", "2026-01-04T11:00:00.000Z0"):
        done = dialguard.on_settings(*words, "--time", time)
        assert (done.exit_code, "begins no moment" in done.stderr) == (1, True)
