"""What whoever stole a password does, on a real Asterisk: a few short calls, and then many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.e2e.rig.phone import Key, Wait
from tests.e2e.rig.service import POLICY, Service
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.conftest import Evidence
    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.phone import Phone
    from tests.e2e.rig.trunk import FarEnd

TESTS: Final = ("902079460123", "902079470123", "902079480123")
NEXT: Final = "902079490123"

STEP_UP: Final = """
[[rule]]
name = "tried-out"
when = "over:tests"
then = "pin"

"""
WATCH: Final = """
[[limit]]
name = "tests"
per = "extension"
short = 3
within = "1h"
then = "watch"
"""


@pytest.fixture
def watchful(running: Asterisk, trunk: FarEnd, evidence: Evidence) -> Iterator[Service]:
    """Dialguard, which asks for a PIN after three short calls."""
    folder = running.root.scratch(f"service-{len(evidence.folders)}")
    evidence.folders.append(folder)
    policy = POLICY.replace("[[rule]]", f"{STEP_UP}[[rule]]", 1) + WATCH
    with Service(folder, running.ports.agi, policy) as service:
        yield service
        running.wait_idle()
        until(lambda: service.slots == [])
        evidence.keep(service)


def _judged(service: Service) -> list[dict[str, object]]:
    return [each for each in service.decisions if each["reason"] != "settled"]


def test_three_short_calls_and_the_next_one_is_asked_for_a_pin(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, watchful: Service
) -> None:
    """Who does not know it goes no further; who does, goes on; and so does everybody else."""
    for number in TESTS:
        assert phone("101").dial(number, talk_s=0.5).answered
        asterisk.wait_idle()
        until(lambda: watchful.slots == [])
    assert [each["asked"] for each in _judged(watchful)] == [[], [], []]
    assert not phone("101").dial(NEXT, talk_s=0.2).answered
    stopped = _judged(watchful)[-1]
    assert (stopped["rule"], stopped["reason"]) == ("tried-out", "not-enrolled")
    known = watchful.enrol("101", "83926154")
    assert phone("101").dial(NEXT, Wait(0.5), Key(f"{known.pin}#"), talk_s=1).answered
    assert _judged(watchful)[-1]["asked"] == ["pin"]
    assert phone("102").dial(NEXT, talk_s=0.2).answered
    assert len(trunk.calls) == 5
