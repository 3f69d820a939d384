"""Which calls passed the gate by."""

from __future__ import annotations

import pytest

from fastagi.watcher.bypass import is_on_guarded_trunk, is_suspect, judge
from fastagi.watcher.channels import Channel, Channels
from tests.unit.watcher.samples import LEG, begins, dials, marks, policy, row

HANG_UP = policy('[bypass]\ntrunks = ["my-trunk"]\nthen = "hang-up"\n')


def leg(*events: dict[str, str]) -> Channel:
    """Return the leg after some events."""
    channels = Channels()
    for each in events:
        channels.hear(each, 1.0)
    found = channels.of(LEG)
    assert found is not None
    return found


def test_a_leg_without_a_mark_is_a_bypass() -> None:
    """An alarm, where the policy says nothing else."""
    found = judge(leg(begins(), dials()), [policy()])
    assert found is not None
    assert not found.hang_up
    assert found.number is not None
    assert found.number.dialled == "+441632960000"


def test_it_is_hung_up_where_any_policy_of_the_trunk_wants_it() -> None:
    """Two sites may share a trunk."""
    found = judge(leg(begins(), dials()), [policy(site="branch"), HANG_UP])
    assert found is not None
    assert found.hang_up
    assert found.policy.site.name == "branch"


def test_a_leg_of_an_unknown_number_is_never_hung_up() -> None:
    """It might be an ambulance's."""
    rings = {"Event": "Newstate", "Uniqueid": LEG, "ChannelState": "5"}
    for events in ((begins(), rings), (begins(), dials("@x"))):
        found = judge(leg(*events), [HANG_UP])
        assert found is not None
        assert (found.hang_up, found.number) == (False, None)


@pytest.mark.parametrize(
    "events",
    [
        (begins(), marks(), dials()),  # it asked
        (begins(), dials("112@my-trunk")),  # an emergency
        (begins(state="4"), dials()),  # it comes in
        (begins(),),  # it is not dialled yet
        (begins(name="PJSIP/101-00000001"), dials()),  # a phone is rung
        (begins(name="Local/x@y-00000001;1"), dials()),
    ],
)
def test_what_may_be_is_none(events: tuple[dict[str, str], ...]) -> None:
    """Calls that asked, and those that need not."""
    assert judge(leg(*events), [HANG_UP]) is None


def test_nothing_is_where_no_trunk_is_guarded() -> None:
    """As in a policy that says nothing of it."""
    assert judge(leg(begins(), dials()), [policy("")]) is None
    assert not is_on_guarded_trunk(leg(begins()), [policy("")])


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
