"""Calls that cost money, on a real Asterisk: paid for first, settled by what was talked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from fastagi.daemon.keys import make_keys
from tests.e2e.rig.service import POLICY, Service
from tests.e2e.rig.waiting import until
from tests.servers.alone import Durable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.e2e.conftest import Evidence
    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.phone import Phone
    from tests.e2e.rig.trunk import FarEnd

NATIONAL: Final = "902079460123"
RATES: Final = "prefix,price_per_minute,connect_fee,first_seconds,next_seconds\n44,0.60,0,1,1\n"
"""A cent a second."""

BUDGET: Final = """
[rates]
file = "rates.csv"
currency = "GBP"

[[limit]]
name = "a-day"
per = "extension"
spend = "0.30"
within = "24h"
"""
SECONDS: Final = 30
"""What it lasts."""

SLICE_S: Final = 8

NODE: Final = "money"


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Durable]:
    """A store that can be killed."""
    server = Durable(tmp_path / "redis")
    server.start()
    yield server
    server.stop()


def _service(asterisk: Asterisk, evidence: Evidence, store: str = "") -> Service:
    folder = asterisk.root.scratch(f"service-{len(evidence.folders)}")
    (folder / "rates.csv").write_text(RATES)
    evidence.folders.append(folder)
    return Service(folder, asterisk.ports.agi, POLICY + BUDGET, store=store)


@pytest.fixture
def priced(running: Asterisk, trunk: FarEnd, evidence: Evidence) -> Iterator[Service]:
    """Dialguard, where a phone has 0.30 a day, which last for half a minute."""
    with _service(running, evidence) as service:
        yield service
        running.wait_idle()
        until(lambda: service.slots == [])
        evidence.keep(service)


@pytest.fixture
def sliced(
    running: Asterisk, trunk: FarEnd, evidence: Evidence, redis: Durable
) -> Iterator[Service]:
    """The same, with a watcher that pays for calls slice by slice, and Redis to be killed."""
    service = _service(running, evidence, store=redis.url)
    make_keys(service.folder / "keys")
    service.watch(running.ports.ami)
    with (service.folder / "dialguard.toml").open("a") as settings:
        settings.write(f'node = "{NODE}"\nslice_s = {SLICE_S}\n')
    running.cli(f"dialplan set global DIALGUARD_NODE {NODE}")
    with service:
        until(lambda: "calls-looked-after" in service.log)
        yield service
        running.wait_idle(2 * SECONDS)
        running.give_up_releases()
        running.cli('dialplan set global DIALGUARD_NODE ""')
        evidence.keep(service)


def _settled(service: Service) -> list[dict[str, object]]:
    return [each for each in service.decisions if each["reason"] == "settled"]


def test_a_call_costs_what_was_talked(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, priced: Service
) -> None:
    """All that it might cost is reserved, and the rest is given back; then less is left."""
    assert phone("101").dial(NATIONAL, talk_s=3).answered
    until(lambda: _settled(priced) != [])
    allowed, settled = priced.decisions
    assert (allowed["seconds"], allowed["reserved"], allowed["price"]) == (SECONDS, "0.30", "0.60")
    talked_s = trunk.talked_s()
    seconds = int(str(settled["seconds"]))
    assert talked_s - 0.1 < seconds < talked_s + 1.5
    assert settled["cost"] == f"0.{seconds:02}"
    assert phone("101").dial(NATIONAL, talk_s=1).status == 403
    assert priced.decisions[-1]["rule"] == "a-day"
    assert phone("102").dial(NATIONAL, talk_s=0.2).answered


def test_a_call_that_nobody_answers_costs_nothing(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, priced: Service
) -> None:
    """Nor does the next one find anything missing."""
    assert not phone("101").dial(f"*82{NATIONAL}", patience_s=10).answered
    until(lambda: _settled(priced) != [])
    assert (_settled(priced)[0]["seconds"], _settled(priced)[0]["cost"]) == (0, "0.00")
    assert phone("101").dial(NATIONAL, talk_s=0.2).answered
    assert priced.decisions[-1]["reserved"] == "0.30"


def test_two_calls_share_a_budget_and_go_on(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, sliced: Service
) -> None:
    """Each has a slice of it, and gets the next one before that is over."""
    calls = [phone("101").call(NATIONAL, talk_s=SLICE_S + 2)]
    calls.append(phone("101").call("902079460124", talk_s=2))
    until(lambda: all(each.is_answered for each in calls))
    # As each was let through: on a busy machine the first may have its next slice by now.
    assert [each["reserved"] for each in sliced.decisions] == ["0.08", "0.08"]
    assert not calls[1].outcome().ended_by_asterisk
    assert not calls[0].outcome().ended_by_asterisk
    until(lambda: len(_settled(sliced)) == 2)
    short, long = (int(str(each["seconds"])) for each in _settled(sliced))
    assert short < SLICE_S < long
    assert _settled(sliced)[1]["reserved"] == f"0.{2 * SLICE_S:02}"


def test_a_call_ends_with_its_slice_where_everybody_is_dead(
    phone: Callable[[str], Phone],
    asterisk: Asterisk,
    trunk: FarEnd,
    sliced: Service,
    redis: Durable,
) -> None:
    """Gate, watcher and store are killed under it: Asterisk alone sees to it."""
    call = phone("101").call(NATIONAL, talk_s=3 * SLICE_S)
    until(lambda: call.is_answered)
    redis.node.kill()
    sliced.kill()
    assert call.outcome().ended_by_asterisk
    assert trunk.talked_s() < SLICE_S + 0.5
