"""Short-lived SIP credentials: who gets one, what is kept of it, and when Asterisk is told."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from fastagi.call import credentials
from fastagi.call.credentials import HandedOut, asked_for, every, hand_out, takes_two_factors
from fastagi.call.sign_in import sign_off
from fastagi.errors import LinkError, StoreError, VaultError
from fastagi.policy.model import Factor, Reason, SignInTerms
from fastagi.stores.records import Record
from fastagi.stores.sign_ins import Origin, SignedOff, Way
from fastagi.stores.store import FailureKind, Subject, SubjectKind
from tests.contract.store_kinds import PENALTY

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.call.credentials import Credential
    from fastagi.stores.store import Enrolment
    from tests.unit.call.conftest import World

BROWSER = ip_address("192.0.2.7")
NAME = "office/101"


class Asterisk:
    """Where phones are taken off, or not."""

    def __init__(self, *, has: bool = True, fails_at: int = 0) -> None:
        self.has = has
        self.fails_at = fails_at
        self.asked: list[tuple[str, str]] = []

    async def __call__(self, site: str, extension: str) -> bool:
        """Take a phone off."""
        self.asked.append((site, extension))
        if len(self.asked) == self.fails_at:
            raise LinkError("away")
        return self.has


async def made(
    world: World,
    enrolled: Enrolment,
    at: Asterisk | None = None,
    terms: SignInTerms | None = None,
    for_s: int | None = None,
) -> HandedOut | Reason:
    """Have one made."""
    policy = replace(world.policy, sign_in=terms or SignInTerms())
    asked = (policy, enrolled, Way.PAGE, BROWSER, 300, at or Asterisk(), world.ports)
    return await hand_out(*asked, for_s=for_s)


async def told(world: World, name: str = NAME) -> Credential | None:
    """Return what Asterisk is told."""
    return await asked_for(name, world.ports.policies, world.store, world.clock.now)


async def test_it_comes_with_a_sign_in_that_waits(world: World, enrolled: Enrolment) -> None:
    """For the browser's own address; and Asterisk is told a digest of it."""
    asterisk, now = Asterisk(), world.clock.now
    one = await made(world, enrolled, asterisk)
    assert isinstance(one, HandedOut)
    (waiting,) = await world.store.sign_ins("office", now)
    assert waiting == one.sign_in
    assert waiting.is_waiting
    assert (waiting.origin, waiting.until) == (Origin("192.0.2.7", "ws"), now + 300)
    assert (one.username, one.until) == ("101", now + 8 * 3600)
    found = await told(world)
    assert found is not None
    shown = f"101:dialguard:{one.password}"
    digest = hashlib.md5(shown.encode(), usedforsecurity=False).hexdigest()
    assert credentials.ha1_of(found, world.ports.vault) == digest
    assert asterisk.asked == [("office", "101")] * 2


async def test_of_the_password_nothing_is_kept_or_logged(
    world: World, enrolled: Enrolment
) -> None:
    """It has 192 random bits, and no two are alike; neither it nor its digest is in a `repr`."""
    with structlog.testing.capture_logs() as said:
        one, other = await made(world, enrolled), await made(world, enrolled)
    assert isinstance(one, HandedOut)
    assert isinstance(other, HandedOut)
    assert len(one.password) == 32
    assert one.password != other.password
    kept = await world.store.records("office", credentials.KIND, "", 9, world.clock.now)
    digest = credentials.ha1("101", other.password)
    assert len(kept) == 1
    for text in (repr(one), repr(kept), *(each.text for each in kept), repr(said)):
        for secret in (one.password, other.password, digest):
            assert secret not in text
    assert kept[0].text[-60:-40] not in repr(await told(world))
    assert [each["event"] for each in said if each["event"] != "signed-off"] == [
        "credential-handed-out"
    ] * 2


async def test_it_is_gone_with_its_sign_in(world: World, enrolled: Enrolment) -> None:
    """Whatever ended that, from that moment."""
    ends: list[Callable[[], object]] = [
        lambda: sign_off("office", "101", None, SignedOff.OPERATOR, world.ports),
        lambda: world.store.begin_attempt(
            "office",
            (Subject(SubjectKind.EXTENSION, "101", 1),),
            FailureKind.CODE,
            PENALTY,
            world.clock.now,
        ),
    ]
    for end in ends:
        assert isinstance(await made(world, enrolled), HandedOut)
        assert await told(world) is not None
        await end()  # type: ignore[misc]  # each is a step of the store
        assert await told(world) is None


async def test_without_a_phone_it_is_over_soon(world: World, enrolled: Enrolment) -> None:
    """With one it lasts as any sign-in; and never longer than was asked for."""
    one = await made(world, enrolled, for_s=600)
    assert isinstance(one, HandedOut)
    asked = (one.sign_in, replace(one.sign_in.origin, contact="c"), "pbx", one.until)
    world.clock.now += 299
    assert await told(world) is not None
    assert await world.store.place_sign_in(*asked, world.clock.now)
    world.clock.now += 300
    assert await told(world) is not None
    world.clock.now += 1
    assert await told(world) is None
    assert isinstance(await made(world, enrolled), HandedOut)
    world.clock.now += 300
    assert await told(world) is None


async def test_of_an_extension_the_last_is_good(world: World, enrolled: Enrolment) -> None:
    """Also where more than one sign-in may live at once."""
    terms = SignInTerms(at_once=3)
    first = await made(world, enrolled, terms=terms)
    second = await made(world, enrolled, terms=terms)
    assert isinstance(first, HandedOut)
    assert isinstance(second, HandedOut)
    found = await told(world)
    assert found is not None
    assert found.sign_in == second.sign_in.id
    digest = credentials.ha1_of(found, world.ports.vault)
    assert digest == credentials.ha1("101", second.password)
    (known,) = await every(world.store, "office", world.clock.now)
    assert known == found


async def test_all_are_listed_page_by_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those whose sign-in is over, so that their phones are taken off."""
    monkeypatch.setattr(credentials, "PAGE", 2)
    text = '{"sign_in": "x", "sealed": "d", "until": 9.0}'
    for extension in ("101", "102", "103", "104"):
        record = Record(extension, text, None)
        await world.store.put_record("office", credentials.KIND, record, None, 1.0)
    found = await every(world.store, "office", 2.0)
    assert [each.extension for each in found] == ["101", "102", "103", "104"]


@pytest.mark.parametrize(
    "name",
    ["", "101", "office/", "/101", "branch/101", "office/102", "office/%", "office/101/x", "%/%"],
)
async def test_who_asks_for_what_is_not_there_is_told_nothing(
    world: World, enrolled: Enrolment, name: str
) -> None:
    """Nor are wildcards any."""
    await made(world, enrolled)
    assert await told(world, name) is None


async def test_an_extension_whose_password_asterisk_has_gets_none(
    world: World, enrolled: Enrolment
) -> None:
    """And nothing is opened, or ended, for it."""
    assert await made(world, enrolled, Asterisk(has=False)) is Reason.UNPLACED
    assert await world.store.sign_ins("office", world.clock.now) == []


async def test_factors_that_are_others_by_now_get_none(world: World, enrolled: Enrolment) -> None:
    """What was shown is worth nothing any more."""
    await world.store.enrol("office", replace(enrolled, pin="another"))
    assert await made(world, enrolled) is Reason.WRONG_CODE


@pytest.mark.parametrize("fails_at", [1, 2])
async def test_where_asterisk_is_away_nothing_lives(
    world: World, enrolled: Enrolment, fails_at: int
) -> None:
    """Whoever registered before would be there still."""
    with pytest.raises(LinkError):
        await made(world, enrolled, Asterisk(fails_at=fails_at))
    assert await told(world) is None
    assert await world.store.sign_ins("office", world.clock.now) == []


async def test_who_is_outrun_again_and_again_gets_none(
    world: World, enrolled: Enrolment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others put theirs at every such moment."""

    async def refuses(*_: object) -> bool:
        return False

    monkeypatch.setattr(world.store, "put_record", refuses)
    with pytest.raises(StoreError, match="again and again"):
        await made(world, enrolled)
    assert await world.store.sign_ins("office", world.clock.now) == []


async def test_what_is_kept_of_one_is_no_other(world: World, enrolled: Enrolment) -> None:
    """Whoever can write to the database cannot have another password in its place."""
    await made(world, enrolled)
    found = await told(world)
    assert found is not None
    others: tuple[dict[str, Any], ...] = (
        {"extension": "102"},
        {"sign_in": "x"},
        {"site": "branch"},
        {"sealed": "d"},
    )  # Any: as the fields are
    for other in others:
        with pytest.raises(VaultError):
            credentials.ha1_of(replace(found, **other), world.ports.vault)


@pytest.mark.parametrize(
    ("factors", "enough"),
    [
        ((Factor.PIN, Factor.TOTP), True),
        ((Factor.TOTP, Factor.PIN), True),
        ((Factor.PIN,), False),
        ((Factor.TOTP,), False),
        ((), False),
    ],
)
def test_one_factor_is_not_enough(
    world: World, factors: tuple[Factor, ...], *, enough: bool
) -> None:
    """What somebody knows, and what they have."""
    policy = replace(world.policy, sign_in=SignInTerms(factors))
    assert takes_two_factors(policy) is enough
