"""Call records that a real Asterisk writes of calls through the shipped dialplan, read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.cdr.plan import Assumed
from fastagi.cdr.records import open_records
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.cdr.past_call import PastCall
    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.phone import Phone
    from tests.e2e.rig.service import Service
    from tests.e2e.rig.trunk import FarEnd

NATIONAL = "902079460123"
ROME = "900390612345678"


def test_what_asterisk_wrote_is_what_was_called(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, service: Service
) -> None:
    """Two calls, one that was refused, and one inside: who, what, when, how long, by which trunk.

    What else is in the file (releases, the trunk's own legs) is left out, and counted.
    """
    before = len(asterisk.cdr)
    assert phone("101").dial(NATIONAL, talk_s=2).answered
    assert phone("102").dial(NATIONAL).answered
    assert not phone("103").dial(ROME).answered  # nobody has enrolled it

    asterisk.wait_idle()
    until(lambda: {"101", "102", "103"} <= {row[1] for row in asterisk.cdr[before:]})
    file = asterisk.home / "log" / "cdr-csv" / "Master.csv"
    with open_records([file], Assumed(address="127.0.0.1")) as records:
        calls = [each for each in records if each.place and _line(each) > before]

    by = {each.extension: each for each in calls}
    assert set(by) == {"101", "102", "103"}
    assert [by[each].dialled for each in ("101", "102", "103")] == [NATIONAL, NATIONAL, ROME]
    assert [by[each].trunk for each in ("101", "102", "103")] == ["my-trunk", "my-trunk", ""]
    assert 2 <= by["101"].talked_s <= 4
    assert by["102"].talked_s >= 1  # somebody answered, however briefly
    assert by["103"].talked_s == 0
    assert {each.node for each in calls} == {f"rig{asterisk.version}"}
    assert {each.address for each in calls} == {"127.0.0.1"}
    assert [each.at for each in calls] == sorted(each.at for each in calls)
    assert records.skipped["local"] >= 2  # the releases, each of two channels
    assert "broken" not in records.skipped
    assert records.rows == len(asterisk.cdr)
    assert records.notes == ()  # the rig writes UTC, and that is found out
    # By the second in `uniqueid`, which Asterisk takes when the channel comes to be.
    assert all(abs(each.at - float(each.call.split("-")[1])) <= 1 for each in calls)


def _line(call: PastCall) -> int:
    return int(call.place.rpartition(":")[2])
