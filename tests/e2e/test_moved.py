"""Sign-ins on a real Asterisk whose phone registers anew, and the calls of those that are over."""

from __future__ import annotations

import asyncio
import re
import time
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import pytest

from fastagi.stores.opening import open_store
from fastagi.stores.sign_ins import Origin, SignedOff, SignIn, Way
from fastagi.watcher.link import Login, connected
from fastagi.watcher.registered import digest_of, registered
from fastagi.watcher.whereabouts import whereabouts
from tests.e2e.rig.forger import forge, hammering
from tests.e2e.rig.roaming import RoamingPhone
from tests.e2e.rig.service import Service
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from fastagi.stores.store import Store
    from fastagi.watcher.link import Link
    from tests.e2e.conftest import Evidence
    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.phone import Phone
    from tests.e2e.rig.trunk import FarEnd

Found = TypeVar("Found")

NODE = "127.0.0.1"
ELSEWHERE = "127.0.0.5"
WHERE = "*83"
"""Has Asterisk write down where the call comes from."""

SURELY_LOOKED_AT_S = 2.0
"""How long after an event all is over that becomes of it."""


@pytest.fixture
def watched(running: Asterisk, trunk: FarEnd, evidence: Evidence) -> Iterator[Service]:
    """Dialguard with a watcher that is linked; calls abroad need a sign-in."""
    folder = running.root.scratch(f"service-{len(evidence.folders)}")
    service = Service(folder, running.ports.agi)
    service.watch(running.ports.ami, "\n[sign-in]\n")
    file = folder / "policy.toml"
    file.write_text(file.read_text().replace('"pin+totp"', '"sign-in"'))
    with service:
        evidence.folders.append(folder)
        until(lambda: "ami-linked" in service.log)
        yield service
        evidence.keep(service)
        running.wait_idle()


@pytest.fixture
def roaming(asterisk: Asterisk) -> Iterator[Callable[..., RoamingPhone]]:
    """A phone that registers, by its extension and its address; in the end none is registered."""
    made: list[RoamingPhone] = []

    def make(extension: str, host: str = NODE) -> RoamingPhone:
        made.append(RoamingPhone(asterisk, extension, host))
        return made[-1]

    yield make
    for each in made:
        each.leave()


# ------------------------------------------------------------------------- the store, and Asterisk


def stored(service: Service, work: Callable[[Store], Awaitable[Found]]) -> Found:
    """Do something in the service's store."""

    async def done() -> Found:
        store = open_store(f"sqlite:///{service.folder}/store/dialguard.db")
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(done())


def asked(asterisk: Asterisk, work: Callable[[Link], Awaitable[Found]]) -> Found:
    """Ask Asterisk something, as the watcher does."""

    async def done() -> Found:
        login = Login(NODE, NODE, asterisk.ports.ami, "dialguard", lambda: "watcher-of-the-rig")
        async with connected(login) as link:
            return await work(link)

    return asyncio.run(done())


def signed_in(service: Service, asterisk: Asterisk, extension: str) -> None:
    """Sign somebody in on a phone, at the place it is registered now."""
    found = asked(asterisk, lambda link: registered(link, extension))
    assert found is not None
    now = time.time()
    new = SignIn(
        site="office",
        extension=extension,
        id=f"of-{extension}",
        person=extension,
        way=Way.PAGE,
        origin=Origin("127.0.0.1", "udp", digest_of("phone"), found.digest),
        node=NODE,
        since=now,
        until=now + 3600,
        idle_s=0,
        used=now,
    )
    assert stored(service, lambda store: store.open_sign_in(new, None, 5, now)) is not None


def sign_in(service: Service, extension: str) -> SignIn:
    """Return a phone's sign-in, over or not."""
    id = f"of-{extension}"
    found = stored(service, lambda store: store.sign_in("office", extension, id, time.time()))
    assert found is not None
    return found


def is_over(service: Service, extension: str) -> bool:
    """Tell whether a sign-in is over."""
    return sign_in(service, extension).ended is not None


def wait(seconds: float) -> None:
    """Let time pass."""
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() > end)


# ------------------------------------------------------------------------- phones that move


def test_who_is_signed_in_is_so_no_more_within_a_second_of_a_move(
    roaming: Callable[..., RoamingPhone], asterisk: Asterisk, watched: Service
) -> None:
    """The phone registers from another address; a phone that stays keeps its sign-in."""
    here, stays = roaming("131"), roaming("132")
    here.register()
    stays.register()
    signed_in(watched, asterisk, "131")
    signed_in(watched, asterisk, "132")
    moved_at = roaming("131", ELSEWHERE).register()
    until(lambda: is_over(watched, "131"))
    over = sign_in(watched, "131")
    assert over.why is SignedOff.MOVED
    assert over.ended is not None
    assert over.ended - moved_at < 1
    assert watched.log.count("sign-in-moved") == 1
    assert not is_over(watched, "132")


def test_a_phone_that_leaves_or_is_joined_by_another_has_moved(
    roaming: Callable[..., RoamingPhone], asterisk: Asterisk, watched: Service
) -> None:
    """What is registered is something else then."""
    leaves, joined = roaming("131"), roaming("133")
    leaves.register()
    joined.register()
    signed_in(watched, asterisk, "131")
    signed_in(watched, asterisk, "133")
    left_at = leaves.leave()
    joined_at = roaming("133", ELSEWHERE).register()
    until(lambda: is_over(watched, "131") and is_over(watched, "133"))
    for extension, at in (("131", left_at), ("133", joined_at)):
        over = sign_in(watched, extension)
        assert over.why is SignedOff.MOVED
        assert over.ended is not None
        assert over.ended - at < 1


def test_a_refresh_and_a_restart_at_the_same_place_end_nothing(
    roaming: Callable[..., RoamingPhone], asterisk: Asterisk, watched: Service
) -> None:
    """Each REGISTER is a new dialogue with the same contact, as after a restart."""
    phone = roaming("131")
    phone.register()
    signed_in(watched, asterisk, "131")
    for agent in ("phone", "phone", "phone after an update"):
        phone.register(agent=agent)
    wait(SURELY_LOOKED_AT_S)
    assert not is_over(watched, "131")


def test_a_forged_event_ends_nothing(
    roaming: Callable[..., RoamingPhone], asterisk: Asterisk, watched: Service
) -> None:
    """However often it comes."""
    roaming("131").register()
    signed_in(watched, asterisk, "131")
    event = ("Event: ContactStatus", "EndpointName: 131")
    forge(asterisk, *event)
    with hammering(asterisk, *event, every_s=0.05):
        wait(SURELY_LOOKED_AT_S)
    assert "ami-forged" in watched.log
    assert not is_over(watched, "131")
    assert "watch-broke" not in watched.log
    roaming("131", ELSEWHERE).register()
    until(lambda: is_over(watched, "131"))


def test_a_move_while_nobody_watched_is_not_missed(
    roaming: Callable[..., RoamingPhone], asterisk: Asterisk, watched: Service
) -> None:
    """The watcher looks at all as it links."""
    roaming("131").register()
    signed_in(watched, asterisk, "131")
    watched.kill()
    roaming("131", ELSEWHERE).register()
    watched.start()
    until(lambda: is_over(watched, "131"))
    assert sign_in(watched, "131").why is SignedOff.MOVED


# ------------------------------------------------------------------------- where a phone is


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_where_a_phone_is_said_to_be_its_calls_come_from(
    phone: Callable[[str], Phone],
    roaming: Callable[..., RoamingPhone],
    asterisk: Asterisk,
    watched: Service,
    transport: str,
) -> None:
    """Address, transport and both digests are those of the dialplan."""
    agent = 'A "Phone"/1.0; (über) $%,'
    where = roaming("131")
    where.register(agent=agent, transport=transport)
    found = asked(asterisk, lambda link: whereabouts(link, "131"))
    assert found is not None
    said = len(asterisk.log)
    phone("131").dial(WHERE, transport=transport, headers=[f"User-Agent: {agent}"])
    pattern = r"at (\S+):\d+ agent (\w{40}) contact (\w{40})"
    until(lambda: re.search(pattern, asterisk.log[said:]) is not None)
    match = re.search(pattern, asterisk.log[said:])
    assert match is not None
    assert (found.address, found.agent, found.contact) == match.groups()
    assert found.transport == transport


def test_what_a_phone_registers_cannot_mislead(
    roaming: Callable[..., RoamingPhone], asterisk: Asterisk, watched: Service
) -> None:
    """Line breaks and commas in its contact are a user's name and no more."""
    where = roaming("131")
    for user in ("x%0d%0aValue:%20y", "x%0d%0a%0d%0aEvent:%20Hangup", "%2c,x;y=z"):
        where.register(user=user)
        found = asked(asterisk, lambda link: whereabouts(link, "131"))
        assert found is not None
        assert (found.address, found.transport) == ("127.0.0.1", "udp")
    assert "ami-forged" not in watched.log


def test_nobody_can_say_where_two_phones_or_none_are(
    roaming: Callable[..., RoamingPhone], asterisk: Asterisk, watched: Service
) -> None:
    """Nor a phone that stands in the configuration, nor one that is not there at all."""
    one, two = roaming("133"), roaming("133", ELSEWHERE)
    one.register()
    assert asked(asterisk, lambda link: whereabouts(link, "133")) is not None
    two.register()
    for extension in ("133", "101", "nobody"):
        assert asked(asterisk, partial(whereabouts, endpoint=extension)) is None
    one.leave()
    assert asked(asterisk, lambda link: whereabouts(link, "133")) is not None
    two.leave()
    assert asked(asterisk, lambda link: whereabouts(link, "133")) is None


# ------------------------------------------------------------------------- calls of sign-ins


def test_exactly_the_calls_of_a_sign_in_that_is_over_are_hung_up(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, watched: Service
) -> None:
    """Where the policy says so: not one that needed no sign-in, nor a colleague's."""
    watched.change_policy("[sign-in]\n", '[sign-in]\ncalls = "end"\nbound_to = ["address"]\n')
    for extension in ("101", "102"):
        signed_in(watched, asterisk, extension)
    theirs = phone("101").call("900390612345678", talk_s=30)
    national = phone("101").call("902079460123", talk_s=8)
    other = phone("102").call("900390612345679", talk_s=8)
    until(lambda: all(each.is_answered for each in (theirs, national, other)))
    ended_at = time.time()
    stored(
        watched,
        lambda store: store.end_sign_ins("office", "101", None, SignedOff.OPERATOR, ended_at),
    )
    outcome = theirs.outcome()
    assert outcome.ended_by_asterisk
    assert outcome.messages[-1].at - ended_at < 3
    assert not national.outcome().ended_by_asterisk
    assert not other.outcome().ended_by_asterisk
    assert "signed off" in watched.log
