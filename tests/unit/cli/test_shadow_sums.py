"""What is in shadow, summed up: from records that are there, and in few words."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from fastagi.cli.shadow_sums import WORDS, as_json, calls, say_what_differs, sums_of
from fastagi.policy.loading import load
from fastagi.shadows.differences import Kind, Tally, line
from fastagi.shadows.sums import Sum

if TYPE_CHECKING:
    import pytest

    from tests.unit.cli.conftest import Dialguard


def test_every_kind_has_its_words() -> None:
    """None is passed over."""
    assert list(WORDS) == list(Kind)


def test_calls_are_counted_as_one_speaks() -> None:
    """One call, and many."""
    assert [calls(each) for each in (0, 1, 12_031)] == ["0 calls", "1 call", "12,031 calls"]


def test_records_beside_each_other_are_summed_up(
    dialguard: Dialguard, capsys: pytest.CaptureFixture[str]
) -> None:
    """That of differences lies beside that of decisions, whether or not that is there."""
    policy, now = load(dialguard.policy), time.time()
    beside = dialguard.policy.with_name("office.shadow.toml")
    beside.write_text(dialguard.policy.read_text() + "# new\n")
    shadow = load(beside)
    tally = Tally("office", shadow.version, now - 60, now - 1, judged=7, failed=1)
    (dialguard.folder / "shadow.jsonl").write_text(line(tally, 4))
    (found,) = sums_of(policy, shadow, [dialguard.folder / "decisions.jsonl"], now - 3600)
    assert (found.judged, found.unjudged) == (7, 1)
    assert sums_of(policy, None, [], now) == []
    say_what_differs(policy, found)
    said = capsys.readouterr()
    assert "office: policy `office.shadow.toml`: for 0.0 days, 7 calls: none differs" in said.out
    assert "1 call not judged" in said.err


def test_programs_get_all_of_it() -> None:
    """What is JSON only, and whether it is enough."""
    told = json.loads(json.dumps(as_json(Sum("rule", "tried"))))
    assert (told["enough"], told["lacks"]) == (False, ["no call was held against it"])
