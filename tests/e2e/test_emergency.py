"""Emergency calls reach the trunk, whatever is broken."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tests.e2e.rig.phone import Key, Step, Wait
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.rig.phone import Phone
    from tests.e2e.rig.service import Service
    from tests.e2e.rig.stand_in import StandIn
    from tests.e2e.rig.trunk import FarEnd


def _calls_for_help(phone: Phone, trunk: FarEnd) -> None:
    """With the outside prefix and without, both get through at once."""
    trunk.forget()
    for dialled in ("999", "9999", "112", "9112"):
        outcome = phone.dial(dialled, talk_s=0.3)
        assert outcome.answered
        assert outcome.seconds_to_sound < 2
    assert trunk.calls == ["999", "999", "112", "112"]


def test_with_no_service_at_all(phone: Callable[[str], Phone], trunk: FarEnd) -> None:
    """Nothing listens on the service's port."""
    _calls_for_help(phone("101"), trunk)


def test_nobody_is_even_asked(
    phone: Callable[[str], Phone], trunk: FarEnd, stand_in: StandIn
) -> None:
    """The exact extension wins over the pattern that asks."""
    _calls_for_help(phone("101"), trunk)
    assert stand_in.conversations == []


def test_with_the_service_hung(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """SIGSTOP, as a full disk or a debugger might do it."""
    service.freeze()
    _calls_for_help(phone("101"), trunk)
    service.thaw()


def test_with_the_store_gone(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """The folder of the database is taken away from under the service."""
    shutil.move(service.folder / "store", service.folder / "lost")
    (service.folder / "store").write_text("no folder")
    assert phone("101").dial("902079460123").cause == 41  # as other calls find out
    assert service.decisions[-1]["reason"] == "store-down"
    _calls_for_help(phone("101"), trunk)


def test_from_a_phone_that_is_locked_out(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """Five wrong PINs later: nothing costs, and help still comes."""
    service.enrol("110", "68205317")
    wrong: list[Step] = [Key("1122#"), Wait(0.2)]
    for _ in range(2):
        phone("110").dial("907400123456", Wait(0.5), *wrong * 3, talk_s=25)
    outcome = phone("110").dial("907400123456", talk_s=5)
    assert service.decisions[-1]["reason"] == "locked-out"
    assert not outcome.answered
    assert trunk.calls == []
    _calls_for_help(phone("110"), trunk)


def test_from_a_phone_whose_cap_is_reached(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """The cap is for other calls."""
    up = [phone("111").call("902079460123", talk_s=15) for _ in range(2)]
    until(lambda: all(call.is_answered for call in up))
    _calls_for_help(phone("111"), trunk)
    assert len(service.slots) == 2
    for call in up:
        call.outcome()


def test_the_service_allows_them_too(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """Where a dialplan asks before an emergency call all the same, the answer is yes."""
    assert phone("101").dial("*86999").answered
    assert trunk.calls == ["999"]
    assert service.slots == []
    assert service.decisions[-1]["reason"] == "emergency"
