"""Attacks on a real Asterisk are seen for what they are; a guessed password opens little."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from fastagi.cli.lookout_checkup import _hears
from fastagi.watcher.link import Login, connected
from tests.e2e.rig.asterisk import password
from tests.e2e.rig.attackers import OF_ONE_SCAN, register, svcrack, svwar
from tests.e2e.rig.service import Service
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastagi.watcher.link import Fields
    from tests.e2e.conftest import Evidence
    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.phone import Phone
    from tests.e2e.rig.trunk import FarEnd

ROME = "900390612345678"
LONDON = "902079460123"

WATCHES = """
[[watch]]
name = "scans"
sign = "enumeration"
per = "address"
count = 10
within = "1m"

[[watch]]
name = "scans-together"
sign = "enumeration"
per = "site"
count = 12
within = "1m"

[[watch]]
name = "guesses"
sign = "guessing"
per = "account"
count = 10
within = "1m"

[[watch]]
name = "sprays"
sign = "spraying"
per = "site"
count = 5
within = "10m"

[[watch]]
name = "broken-in"
sign = "success-after-guessing"
per = "account"
count = 10
within = "1h"
then = ["tell", "step-up"]
for = "1h"
ask = "pin"
"""


@pytest.fixture
def guarded(running: Asterisk, trunk: FarEnd, evidence: Evidence) -> Iterator[Service]:
    """Dialguard on the lookout; calls abroad take no more than the phone's password."""
    folder = running.root.scratch(f"service-{len(evidence.folders)}")
    service = Service(folder, running.ports.agi)
    service.watch(running.ports.ami, WATCHES)
    file = folder / "policy.toml"
    file.write_text(file.read_text().replace('then = "pin+totp"', 'then = "allow"'))
    with (folder / "dialguard.toml").open("a") as settings:
        settings.write("[lookout]\n")
    with service:
        evidence.folders.append(folder)
        until(lambda: "lookout-linked" in service.log)
        yield service
        evidence.keep(service)
        running.wait_idle()


def seen(service: Service) -> list[dict[str, object]]:
    """Return what was told of attacks."""
    lines = [line for line in service.log.splitlines() if '"attack-seen"' in line]
    return [json.loads(line) for line in lines]


def of(service: Service, watch: str) -> list[dict[str, object]]:
    """Return what a watch saw."""
    return [each for each in seen(service) if each["watch"] == watch]


def held_by(decision: dict[str, object]) -> list[str]:
    """Return the watches whose evidence a decision names."""
    evidence = decision["evidence"]
    assert isinstance(evidence, list)
    return [each["watch"] for each in evidence]


def scan(asterisk: Asterisk) -> None:
    """Try twelve accounts that there are not, from one address."""
    svwar(asterisk, *((f"{5000 + number}", "127.0.0.9") for number in range(12 // OF_ONE_SCAN)))


def words(count: int) -> list[str]:
    """Return passwords that are nobody's."""
    return [f"wrong-{number}" for number in range(count)]


OURS = ("dialguard", "watcher-of-the-rig")


def login(asterisk: Asterisk, as_whom: tuple[str, str] = OURS) -> Login:
    """Return how to log in at Asterisk."""
    user, secret = as_whom
    return Login("rig", "127.0.0.1", asterisk.ports.ami, user, lambda: secret)


def test_who_watches_calls_hears_nothing_of_attacks(asterisk: Asterisk, guarded: Service) -> None:
    """Though its user may: a flood of it would reach whoever answers calls."""
    heard: list[str] = []

    async def listen() -> None:
        def hear(event: Fields) -> None:
            heard.append(event["Event"])

        async with connected(login(asterisk), hear) as link:
            await asyncio.to_thread(scan, asterisk)
            await asyncio.to_thread(until, lambda: of(guarded, "scans") != [])
            await asyncio.to_thread(asterisk.cli, "channel originate Local/s@phones extension x@x")
            await link.ask("Ping")

    asyncio.run(listen())
    assert "Newchannel" in heard
    assert {"InvalidAccountID", "ChallengeSent", "SuccessfulAuth"}.isdisjoint(heard)


def test_the_doctor_knows_who_may_hear_of_attacks(asterisk: Asterisk) -> None:
    """By a login of its own, of which Asterisk tells who may hear it."""
    assert asyncio.run(_hears(login(asterisk))).mark == "OK"
    deaf = asyncio.run(_hears(login(asterisk, ("auditor", "auditor-of-the-rig"))))
    assert (deaf.mark, "`[auditor]` in manager.conf" in deaf.cure) == ("FAIL", True)


def test_a_scan_from_one_address_is_seen_after_ten_accounts(
    asterisk: Asterisk, guarded: Service
) -> None:
    """For a scan, and nothing else."""
    scan(asterisk)
    until(lambda: of(guarded, "scans") != [])
    told = of(guarded, "scans")[0]
    assert (told["sign"], told["address"], told["count"]) == ("enumeration", "127.0.0.9", 10)
    assert {each["sign"] for each in seen(guarded)} == {"enumeration"}


def test_a_scan_that_is_spread_over_addresses_is_seen_together(
    asterisk: Asterisk, guarded: Service
) -> None:
    """No address tries more than two accounts; the site sees sixteen."""
    svwar(asterisk, *((f"{5100 + n}", f"127.0.0.{20 + n}") for n in range(8)))
    until(lambda: of(guarded, "scans-together") != [])
    told = of(guarded, "scans-together")[0]
    assert told["count"] == 12
    assert int(str(told["addresses"])) >= 12 / OF_ONE_SCAN
    assert of(guarded, "scans") == []


def test_guesses_at_one_phone_are_seen_from_one_address_and_from_many(
    asterisk: Asterisk, guarded: Service
) -> None:
    """After ten wrong passwords, wherever they come from."""
    svcrack(asterisk, words(12), guarded.folder, ("101", "127.0.0.9"))
    until(lambda: of(guarded, "guesses") != [])
    told = of(guarded, "guesses")[0]
    assert (told["extension"], told["count"], told["addresses"]) == ("101", 10, 1)
    many = [("102", f"127.0.0.{30 + number}") for number in range(6)]
    svcrack(asterisk, words(2), guarded.folder, *many)
    until(lambda: len(of(guarded, "guesses")) == 2)
    told = of(guarded, "guesses")[1]
    assert (told["extension"], told["count"]) == ("102", 10)
    assert int(str(told["addresses"])) > 1
    assert of(guarded, "broken-in") == []


def test_one_password_for_many_phones_is_seen(asterisk: Asterisk, guarded: Service) -> None:
    """At the fifth phone: one password each, and each from an address of its own."""
    phones = [(f"{103 + number}", f"127.0.0.{40 + number}") for number in range(6)]
    svcrack(asterisk, ["1234"], guarded.folder, *phones)
    until(lambda: of(guarded, "sprays") != [])
    told = of(guarded, "sprays")[0]
    assert (told["sign"], told["count"]) == ("spraying", 5)
    assert of(guarded, "guesses") == []


def test_a_phone_with_an_old_password_is_no_attack(asterisk: Asterisk, guarded: Service) -> None:
    """It tries thrice after a change, and then somebody keys the new one in."""
    for _ in range(3):
        assert register(asterisk, "109", "the-old-one") == 401
    register(asterisk, "109", password("109"))
    # What is told after it is told of something else: by then all of the above has been looked at.
    scan(asterisk)
    until(lambda: of(guarded, "scans") != [])
    assert [each for each in seen(guarded) if each["extension"] == "109"] == []
    assert of(guarded, "sprays") == []


def test_a_guessed_password_opens_no_call_abroad(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, guarded: Service
) -> None:
    """The first is refused for want of the PIN, with what was seen; a call at home passes."""
    guarded.enrol("101", "739154")
    guarded.enrol("110", "739155")
    for each in ("101", "110"):
        assert phone(each).dial(ROME).answered  # before, the password was enough
    guesses = [*words(11), password("101")]
    svcrack(asterisk, guesses, guarded.folder, ("101", "127.0.0.9"))
    until(lambda: "extension-watched" in guarded.log)
    told = of(guarded, "broken-in")[0]
    assert (told["extension"], told["address"]) == ("101", "127.0.0.9")
    stolen = phone("101").dial(ROME, talk_s=60, at="127.0.0.9")
    until(lambda: len(guarded.decisions) == 3)
    decision = guarded.decisions[-1]
    assert (decision["verdict"], decision["asked"], decision["shown"]) == ("deny", ["pin"], [])
    assert held_by(decision) == ["broken-in"]
    assert stolen.ended_by_asterisk
    guarded.change_policy('then = ["tell", "step-up"]', 'then = ["tell", "step-up", "lock"]')
    assert not phone("101").dial(ROME, at="127.0.0.9").answered
    until(lambda: len(guarded.decisions) == 4)
    decision = guarded.decisions[-1]
    assert (decision["reason"], decision["rule"]) == ("watched", "broken-in")
    assert held_by(decision) == ["broken-in"]
    assert trunk.calls.count("+390612345678") == 2
    assert phone("101").dial(LONDON).answered
    assert phone("110").dial(ROME).answered
