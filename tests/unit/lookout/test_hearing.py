"""Hearing one Asterisk: what it tells of who knocks, and what it never made."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, TypeAlias, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.errors import StoreError
from fastagi.lookout import hearing
from fastagi.lookout.hearing import Hearing
from fastagi.signs.sighting import Seen
from fastagi.watcher.blocks import END
from fastagi.watcher.link import Login
from tests.doubles.manager import Manager
from tests.unit.lookout.samples import Counted, ports, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from structlog.typing import EventDict

    from fastagi.signs.sighting import Sighting
    from fastagi.stores.store import Store
    from tests.doubles.shaky_store import ShakyStore

QUICK_S = 0.01
DIGEST = "0123456789abcdef0123456789abcdef"


def event(name: str, *own: str, account: str = "101", address: str = "203.0.113.9") -> bytes:
    """Return a security event as Asterisk writes it."""
    lines = [
        f"Event: {name}",
        "Privilege: security,all",
        "EventTV: 2026-11-30T14:00:00.123+0000",
        "Severity: Error",
        "Service: PJSIP",
        "EventVersion: 1",
        f"AccountID: {account}",
        "SessionID: 1234@203.0.113.9",
        "LocalAddress: IPV4/UDP/192.0.2.1/5060",
        f"RemoteAddress: IPV4/UDP/{address}/5062",
        *own,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


Own: TypeAlias = tuple[str, ...]

EVENTS: list[Own] = [
    ("InvalidAccountID",),
    ("ChallengeResponseFailed", "Challenge: 1", "Response: 2", "ExpectedResponse: "),
    ("SuccessfulAuth", "UsingPassword: 1"),
    ("FailedACL",),
]
"""Names, and what each has of its own."""

WRONG = event("ChallengeResponseFailed", "Challenge: 1", "Response: 2", "ExpectedResponse: ")
RIGHT = event("SuccessfulAuth", "UsingPassword: 1")


class Heard:
    """A hearing under way, and what came of it."""

    def __init__(self, manager: Manager, shaky: ShakyStore) -> None:
        self.manager = manager
        self.meter = Counted()
        self.seen: list[Sighting] = []
        self.registered: list[Sighting] = []
        self.away = 0
        self.secret = manager.secret
        login = Login("pbx", "127.0.0.1", manager.port, "dialguard", lambda: self.secret)
        self.hearing = Hearing(
            login,
            ports(shaky.store, meter=self.meter),
            self.seen.append,
            self._registers,
            lambda node, phone: (node, phone[:1]) == ("pbx", "1"),
        )

    async def _registers(self, sighting: Sighting) -> None:
        if self.away:
            self.away -= 1
            raise StoreError("away")
        self.registered.append(sighting)

    def has(self, phone: str, agent: str = "a phone", contact: str = DIGEST) -> None:
        """Have a phone registered."""
        name = f"{phone};@{contact}"
        self.manager.functions |= {
            f"PJSIP_ENDPOINT({phone},aors)": phone,
            f"PJSIP_AOR({phone},contact)": name,
            f"PJSIP_CONTACT({name},uri)": f"sip:{phone}@198.51.100.1:5060",
            f"PJSIP_CONTACT({name},user_agent)": agent,
        }

    def knows(self, phone: str) -> bool:
        """Whether what a phone registered was looked at."""
        return phone in {each.account for each in self.registered}

    def hints(self, phone: str) -> None:
        """Have Asterisk tell of its contact."""
        self.manager.forge(Event="ContactStatus", EndpointName=phone)


@pytest.fixture
async def heard(shaky: ShakyStore, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Heard]:
    """A hearing that is linked."""
    for name in ("LOOK_S", "COUNT_S"):
        monkeypatch.setattr(hearing, name, QUICK_S)
    monkeypatch.setattr(hearing, "BACKOFF_S", (QUICK_S, QUICK_S))
    async with Manager() as manager:
        made = Heard(manager, shaky)
        running = asyncio.create_task(made.hearing.run())
        await until(lambda: made.meter.up.get("pbx"))
        yield made
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_it_asks_for_security_events_and_contacts_only(heard: Heard) -> None:
    """Nothing of calls."""
    assert heard.manager.asked("Login")[0]["Events"] == "security,system"


async def test_what_asterisk_tells_is_seen_and_counted(heard: Heard) -> None:
    """A challenge is no sign of anything; other events are no security events."""
    heard.manager.send(event("ChallengeSent", "Challenge: 1") + WRONG + RIGHT)
    heard.manager.forge(Event="PeerStatus", Peer="PJSIP/101")
    await until(lambda: heard.meter.events == 3)
    assert [each.seen for each in heard.seen] == [Seen.WRONG_PASSWORD, Seen.RIGHT_PASSWORD]
    assert {(each.account, str(each.address), each.node) for each in heard.seen} == {
        ("101", "203.0.113.9", "pbx")
    }
    assert heard.meter.forged == 0


async def test_what_asterisk_never_made_counts_for_nothing(
    heard: Heard, told: list[EventDict]
) -> None:
    """Lines in an account, an event within one, and what is left of it."""
    heard.manager.send(
        event("InvalidAccountID", account="x\r\nRemoteAddress: IPV4/UDP/192.0.2.7/5060")
        + event("InvalidAccountID", account="x\r\n\r\nEvent: SuccessfulAuth")
        + event("InvalidAccountID", account="caf\N{LATIN SMALL LETTER E WITH ACUTE}")
    )
    heard.manager.send(b"Event: SuccessfulAuth\r\n\r\n")
    await until(lambda: heard.seen)
    await until(lambda: heard.meter.forged == 4)
    assert [each.seen for each in heard.seen] == [Seen.UNKNOWN_ACCOUNT]
    assert {each["event"] for each in told} == {"ami-forged"}


PIECES = st.sampled_from(
    [
        *("\r\n", "\r\n\r\n", "\n", "\r", ": ", "101", "192.0.2.7", "Event: SuccessfulAuth"),
        *("RemoteAddress: IPV4/TCP/192.0.2.7/5060", "Service: PJSIP", "AccountID: 102"),
        *("UsingPassword: 1", "Privilege: security,all", "SessionID: ", "EventVersion: 1"),
        "EventTV: 2026-11-30T14:00:00.123+0000",
    ]
)
"""What somebody writes who knows what Asterisk writes."""


@given(st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join), st.sampled_from(EVENTS))
def test_whatever_an_account_is_called_nobody_else_is_seen(account: str, own: Own) -> None:
    """No text that an attacker writes makes him somebody else: of 36 bytes that Asterisk takes."""
    seen: list[Sighting] = []
    account = account.encode()[:36].decode(errors="ignore")

    async def registers(_: Sighting) -> None:
        return

    login = Login("pbx", "127.0.0.1", 1, "dialguard", lambda: "")
    store = cast("Store", None)  # nobody asks it
    hears = Hearing(login, ports(store), seen.append, registers, lambda *_: True)
    for block in event(*own, account=account).split(END):
        hears._take(block)
    assert {str(each.address) for each in seen} <= {"203.0.113.9"}
    assert {each.transport for each in seen} <= {"udp"}
    assert {each.account for each in seen} <= {account, ""}


async def test_a_registration_is_asked_about_and_its_contact_not_believed(heard: Heard) -> None:
    """A contact may name the address of somebody else."""
    heard.has("101")
    heard.hints("101")
    heard.hints("901")
    heard.hints("1/../../x")
    await until(lambda: heard.registered)
    (sighting,) = heard.registered
    assert (sighting.seen, sighting.account, sighting.address) == (Seen.REGISTERED, "101", None)
    assert (len(sighting.agent), sighting.transport, sighting.proven) == (40, "", False)
    asked = {each["Variable"] for each in heard.manager.asked("Getvar")}
    assert not any("901" in each or "/" in each for each in asked)


async def test_what_was_looked_at_is_looked_at_again_when_it_changes(heard: Heard) -> None:
    """A phone registers each minute, mostly the same."""
    heard.has("101")
    for _ in range(3):
        heard.hints("101")
        await until(lambda: heard.registered)
        await asyncio.sleep(3 * QUICK_S)
    assert len(heard.registered) == 1
    heard.has("101", "another phone", DIGEST[::-1])
    heard.hints("101")
    await until(lambda: len(heard.registered) == 2)
    assert heard.registered[0].agent != heard.registered[1].agent


async def test_a_phone_of_which_nothing_is_told_is_passed_over(heard: Heard) -> None:
    """Not registered, with two contacts, or where Asterisk has no such function."""
    heard.has("101")
    heard.manager.functions["PJSIP_AOR(101,contact)"] += f",101;@{DIGEST[::-1]}"
    heard.manager.functions |= {"PJSIP_ENDPOINT(102,aors)": "102"}
    heard.manager.functions |= {"PJSIP_AOR(102,max_contacts)": "1"}
    heard.manager.untold.add("PJSIP_ENDPOINT(103,aors)")
    heard.has("104")
    for each in ("101", "102", "103"):
        heard.hints(each)
    await until(lambda: len(heard.manager.asked("Getvar")) >= 8)
    heard.hints("104")
    await until(lambda: heard.registered)
    assert [each.account for each in heard.registered] == ["104"]


async def test_what_the_store_did_not_take_is_tried_again(
    heard: Heard, told: list[EventDict]
) -> None:
    """And the hearing goes on."""
    heard.away = 2
    heard.has("101")
    heard.has("102")
    heard.hints("101")
    heard.hints("102")
    await until(lambda: len(heard.registered) == 2)
    assert [each["event"] for each in told].count("lookout-failed") == 2


async def test_a_fault_of_ours_ends_no_hearing(
    heard: Heard, told: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told with its trace."""
    monkeypatch.setattr(hearing, "whereabouts", None)
    heard.has("101")
    heard.hints("101")
    await until(lambda: "lookout-broke" in [each["event"] for each in told])
    heard.manager.send(WRONG)
    await until(lambda: heard.seen)


async def test_it_links_again_after_asterisk_was_away(heard: Heard, told: list[EventDict]) -> None:
    """And tells once why not, while that stays the same."""
    await heard.manager.stop()
    await until(lambda: heard.meter.up["pbx"] is False)

    def whys() -> list[object]:
        return [each["why"] for each in told if each["event"] == "lookout-not-linked"]

    await until(lambda: any("nobody answers" in str(each) for each in whys()))
    assert len(whys()) <= 2
    await heard.manager.start()
    await until(lambda: heard.meter.up["pbx"])
    heard.manager.send(WRONG)
    await until(lambda: heard.seen)


async def test_phones_without_end_are_not_all_remembered(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is forgotten is looked at again; one whose contact cannot be read is nobody."""
    monkeypatch.setattr(hearing, "REMEMBERED_MAX", 1)

    def is_seen(phone: str) -> bool:
        return phone in {it.account for it in heard.registered}

    for each in ("101", "102"):
        heard.has(each)
        heard.hints(each)
        await until(partial(heard.knows, each))
    assert list(heard.hearing._had) == ["102"]
    heard.has("103")
    heard.manager.functions[f"PJSIP_CONTACT(103;@{DIGEST},uri)"] = "nonsense"
    heard.hints("103")
    heard.has("104")
    heard.hints("104")
    await until(partial(heard.knows, "104"))
    await until(lambda: not heard.hearing._hinted)
    assert not heard.knows("103")


async def test_hints_without_end_take_no_memory_without_end(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may forge them."""
    monkeypatch.setattr(hearing, "LOOK_S", 60.0)
    monkeypatch.setattr(hearing, "HINTS_MAX", 10)
    monkeypatch.setattr(hearing, "REMEMBERED_MAX", 1)
    for number in range(100):
        heard.hearing._hint({"Event": "ContactStatus", "EndpointName": f"1{number}"})
    assert len(heard.hearing._hinted) <= 10
