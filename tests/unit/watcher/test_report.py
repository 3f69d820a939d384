"""What is told of a bypass."""

from __future__ import annotations

import json

from fastagi.decision_log.record import line
from fastagi.watcher.bypass import Bypass, judge
from fastagi.watcher.channels import Channels
from fastagi.watcher.report import record_of, words_of
from fastagi.watcher.truth import Leg
from tests.unit.watcher.samples import CALLER, LEG, begins, dials, policy

RINGS = {"Event": "Newstate", "Uniqueid": LEG, "ChannelState": "5"}


def bypass(*events: dict[str, str]) -> Bypass:
    """Return the bypass that some events tell of."""
    channels = Channels()
    for each in events:
        channels.hear(each, 1.0)
    channel = channels.of(LEG)
    assert channel is not None
    found = judge(channel, Leg(None), [policy()])
    assert found is not None
    return found


def test_the_record_says_who_dialled_what_by_which_trunk() -> None:
    """The number is masked as every other."""
    record = json.loads(line(record_of(bypass(begins(), dials()), "pbx", 1000.0), 4))
    told = {name: record[name] for name in ("node", "call", "extension", "trunk", "number")}
    assert told == {
        "node": "pbx",
        "call": CALLER,
        "extension": "101",
        "trunk": "my-trunk",
        "number": "+44163296xxxx",
    }
    assert (record["verdict"], record["reason"], record["rule"]) == ("deny", "bypass", "bypass")


def test_a_leg_that_no_channel_dialled_is_its_own_call() -> None:
    """Originated, and nobody told the number."""
    record = record_of(bypass(begins(), RINGS), "pbx", 1000.0)
    assert (record.call, record.extension, record.number) == (LEG, "", "")


def test_the_log_masks_the_number() -> None:
    """Or says that it is not known."""
    assert words_of(bypass(begins(), dials()), "pbx", 4)["number"] == "+44163296xxxx"
    words = words_of(bypass(begins(), RINGS), "pbx", 4)
    assert (words["number"], words["caller"], words["then"]) == ("unknown", "none", "alarm")
