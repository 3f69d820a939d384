"""Which calls passed the gate by."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fastagi.watcher.bypass import is_on_guarded_trunk, is_suspect, judge
from fastagi.watcher.channels import Channel, Channels, read_mark
from fastagi.watcher.dialled import Dialled
from fastagi.watcher.truth import Leg
from tests.unit.watcher.samples import LEG, MARKED, begins, dials, marks, policy, row, turns_to

HANG_UP = policy('[bypass]\ntrunks = ["my-trunk"]\nthen = "hang-up"\n')


def leg(*events: dict[str, str]) -> Channel:
    """Return the leg after some events."""
    channels = Channels()
    for each in events:
        channels.hear(each, 1.0)
    found = channels.of(LEG)
    assert found is not None
    return found


UNTOLD = Leg(None)
"""What is known where Asterisk tells nothing of a leg."""


def told(number: str = "+390612345678", *, endpoint: str = "my-trunk") -> Leg:
    """Return what Asterisk tells of an unmarked leg."""
    return Leg(None, endpoint, Dialled(number, plain=number != ""))


def test_a_leg_without_a_mark_is_a_bypass() -> None:
    """An alarm, where the policy says nothing else; the number is the one that it went to."""
    found = judge(leg(begins(), dials("112@my-trunk")), told(), [policy()])
    assert found is not None
    assert not found.hang_up
    assert found.number is not None
    assert found.number.dialled == "+390612345678"


def test_it_is_hung_up_where_any_policy_of_the_trunk_wants_it() -> None:
    """Two sites may share a trunk."""
    found = judge(leg(begins(), dials()), UNTOLD, [policy(site="branch"), HANG_UP])
    assert found is not None
    assert found.hang_up
    assert found.number is not None
    assert found.policy.site.name == "branch"


def test_a_leg_of_which_nobody_told_a_number_is_never_hung_up() -> None:
    """It might be an ambulance's."""
    found = judge(leg(begins(), turns_to("5")), UNTOLD, [HANG_UP])
    assert found is not None
    assert (found.hang_up, found.number) == (False, None)


def test_a_leg_that_goes_to_no_number_is_as_the_policy_says() -> None:
    """Where Asterisk tells so, or an extension dialled it."""
    originated = {each: value for each, value in dials("x@y").items() if each != "Channel"}
    for events, asked, hang_up in (
        ((begins(), dials("x@y")), UNTOLD, True),
        ((begins(), originated), UNTOLD, False),
        ((begins(),), told(""), True),
    ):
        found = judge(leg(*events), asked, [HANG_UP])
        assert found is not None
        assert (found.hang_up, found.number) == (hang_up, None)
        alarm = judge(leg(*events), asked, [policy()])
        assert alarm is not None
        assert not alarm.hang_up


@pytest.mark.parametrize(
    "string",
    ["my-trunk/sip:390612345678@provider;x=/999", "my-trunk/sip:112@provider;x=y"],
)
def test_a_uri_with_more_to_it_is_no_emergency(string: str) -> None:
    """Where only the dial string is known."""
    found = judge(leg(begins(), dials(string)), UNTOLD, [HANG_UP])
    assert found is not None
    assert found.hang_up


@pytest.mark.parametrize(
    ("events", "asked"),
    [
        ((begins(), dials()), Leg(read_mark(MARKED))),  # it asked
        ((begins(), dials()), told("112")),  # an emergency
        ((begins(), dials("112@my-trunk")), UNTOLD),  # the same, by what was heard
        ((begins(), dials()), told(endpoint="101")),  # it was said to be of the trunk, and is not
    ],
)
def test_what_may_be_is_none(events: tuple[dict[str, str], ...], asked: Leg) -> None:
    """Calls that asked, and those that need not."""
    assert judge(leg(*events), asked, [HANG_UP]) is None


def test_nothing_is_where_no_trunk_is_guarded() -> None:
    """As in a policy that says nothing of it."""
    assert judge(leg(begins(), dials()), told(), [policy("")]) is None
    assert not is_on_guarded_trunk(leg(begins()), [policy("")])


@pytest.mark.parametrize(
    ("events", "suspected"),
    [
        ((begins(),), True),
        ((begins(), marks(), dials()), True),  # what is said of a mark may be forged
        ((begins(), {"Event": "Rename", "Uniqueid": LEG, "Newname": "x"}), True),  # as this may
        ((begins(state="4"), dials()), False),  # it comes in
        ((begins(name="PJSIP/101-00000001"), dials()), False),  # a phone is rung
        ((begins(name="Local/x@y-00000001;1"), dials()), False),
    ],
)
def test_whatever_goes_out_by_a_guarded_trunk_is_suspected(
    events: tuple[dict[str, str], ...], suspected: bool
) -> None:
    """Under whatever name it began."""
    assert is_suspect(leg(*events), [policy()]) == suspected


def test_a_leg_is_suspected_once_and_only_if_seen_from_its_beginning() -> None:
    """What was up before may have asked."""
    seen = leg(begins(), dials())
    assert is_suspect(seen, [policy()])
    seen.judged = True
    assert not is_suspect(seen, [policy()])
    channels = Channels()
    channels.list([row(mark="(null)")], 0.0)
    channels.hear(dials(), 1.0)
    known = channels.of(LEG)
    assert known is not None
    assert not is_suspect(known, [policy()])
    assert is_on_guarded_trunk(known, [policy()])


def test_on_a_trunk_of_several_sites_it_is_whose_phone_dialled() -> None:
    """Their policy alone says what is done; that of another neither hears of it nor ends it."""
    theirs = policy('[bypass]\ntrunks = ["my-trunk"]\nthen = "hang-up"\n', site="branch")
    strangers = replace(theirs, classes=(), site=replace(theirs.site, internal=()))
    found = judge(leg(begins(), dials()), UNTOLD, [strangers, policy()])
    assert found is not None
    assert (found.policy.site.name, found.hang_up) == ("office", False)
