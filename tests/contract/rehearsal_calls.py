"""Calls made up by chance, to be put to the running gate and to a rehearsal of it.

They are nobody's: those of a nightmare, that reach whatever a policy can say. Bursts and long
silences, over both changes of the clock; the same few phones, numbers and names again and again;
callers who know no code, or say nothing; calls that ask for their next trunk, ask in another's
name, or are hung up.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from fastagi.policy.loading import load
from fastagi.policy.model import Factor
from fastagi.rehearsal.wanted import EVERY_FACTOR, Wanted

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from fastagi.policy.model import Policy

ROOT: Final = Path(__file__).parents[2]
SYSTEM: Final = "pbx"
OWN: Final = Path(__file__).parent / "rehearsed"


class SignIn(NamedTuple):
    """Somebody signs in on a phone."""

    extension: str
    at: float
    address: str
    transport: str
    can_show: frozenset[Factor]


class SignOff(NamedTuple):
    """Somebody signs off."""

    extension: str
    at: float


class HangUp(NamedTuple):
    """A call is hung up before its time."""

    call: str
    at: float


Act = Wanted | SignIn | SignOff | HangUp


@dataclass(frozen=True)
class Site:
    """Whose policy it is, and what its phones may be up to.

    Attributes:
        began: The moment of the first call: a day before the clock changes.
        extensions: Of phones that there are, of those that there are not, and what is none.
        crowd: Phones that call all at once, or again and again, now and then …
        crowd_dials: … and what, each time another number.
        rare: What calls of a few thousand reach by luck only; see `rehearsal_sides.expected`.
    """

    name: str
    file: Path
    began: float
    extensions: tuple[str, ...]
    numbers: tuple[str, ...]
    crowd: tuple[str, ...]
    crowd_dials: str
    addresses: tuple[str, ...] = ("10.0.0.5", "10.0.0.6", "10.9.1.1", "192.0.2.7", "")
    transports: tuple[str, ...] = ("udp", "TLS", "wss", "")
    trunks: tuple[str, ...] = ("", "one", "two")
    slice_s: int = 0
    rare: frozenset[str] = frozenset()

    def policy(self) -> Policy:
        """Load its policy."""
        return load(self.file)


SITES: Final = (
    Site(
        "office",
        ROOT / "policies/office.toml",
        1_774_710_000.0,  # 2026-03-28 15:00 UTC
        ("101", "102", "104", "107", "201", "202", "299", "999", "no/body"),
        (
            *("902079460000", "902079460001", "907400123456", "908081570000", "908451234567"),
            *("900390612345678", "900390612345679", "90033142614701", "90012025550123"),
            *("900881612345678", "909098790123", "102", "201", "999", "9999", "90204", "9"),
            *("", "*98", "00390612345678", "900390999", "905600123456", "907012345678"),
        ),
        crowd=tuple(f"10{last}" for last in range(10)),
        crowd_dials="9003906123456{:02}",
        slice_s=300,
    ),
    Site(
        "call-centre",
        ROOT / "policies/call-centre.toml",
        1_793_448_000.0,  # 2026-10-31 12:00 UTC
        ("2001", "2002", "2003", "3001", "3002", "9", "trunk-a"),
        (
            *("912125550123", "912125550188", "918005550100", "914165550123", "916715550123"),
            *("901144207946000", "90114420794600", "9011390612345678", "9011390612345679"),
            *(
                "901133142614701",
                "919005550123",
                "911",
                "9911",
                "2002",
                "3001",
                "95550123",
                "9011",
            ),
        ),
        crowd=(*(f"20{last:02}" for last in range(70)), "3001"),
        crowd_dials="912125550{:03}",
        rare=frozenset(
            {
                *("decided: tried-out", "decided: where-nobody-calls"),
                *("over: three-a-country", "reason: no-digits"),
            }
        ),
        addresses=("10.20.0.5", "10.20.9.9", "192.0.2.7", ""),
    ),
    Site(
        "hotel",
        ROOT / "policies/hotel.toml",
        1_792_857_600.0,  # 2026-10-24 16:00 UTC
        ("201", "202", "301", "401", "500", "501", "601", "9x"),
        (
            *("0910123456", "0600123456", "0900123456", "00033142614701", "000390612345678"),
            *("000390612345679", "0900800123", "0803123456", "0112", "112", "*81", "500", "0902"),
            *("0901123456", "00012025550123", "000881612345678", "01"),
        ),
        crowd=tuple(f"2{last:02}" for last in range(12)),
        crowd_dials="0003906123456{:02}",
        rare=frozenset({"brake: class"}),
        addresses=("10.0.0.5", "2001:db8::5", "2001:db8::6", ""),
    ),
    Site(
        "service-desk",
        ROOT / "policies/service-desk.toml",
        1_774_710_000.0,
        ("301", "302", "303", "401", "402", "999"),
        (
            *("9020123456", "90201234567", "90612345678", "900390612345678", "90033142614701"),
            *("9004930123456", "908001234", "909001234", "112", "301", "9004420794600"),
            *("90044207946000", "900881612345678", "90612345679", "9"),
        ),
        crowd=("401", "402", *(f"3{last:02}" for last in range(20))),
        crowd_dials="9003906123456{:02}",
        addresses=("10.0.0.5", "10.0.0.6", "2001:db8::5", ""),
        slice_s=120,
    ),
    Site(
        "new-and-braked",
        OWN / "new-and-braked.toml",
        1_774_710_000.0,
        ("101", "102", "103", "201", "202", "999"),
        (
            *("900390612345678", "90033142614701", "90034912345678", "9004930123456"),
            *("90012025550123", "900390612345679", "90033612345678", "902079460000"),
            *("907400123456", "102", "9112", "90204"),
        ),
        crowd=("101", "102", "103", "201", "202"),
        crowd_dials="900390612345{:03}",
        addresses=("10.0.0.5", "10.0.0.6", ""),
    ),
    Site(
        "everything",
        OWN / "everything.toml",
        1_774_710_000.0,
        ("101", "102", "103", "201", "202", "301", "302", "399", "299", "admin", "no/body", "77"),
        (
            *("902079460000", "902079460001", "901614960123", "907400123456", "907400123457"),
            *("907400123458", "907400123499", "907400999999", "908081570000", "908451234567"),
            *("900390612345678", "900390612345679", "90033142614701", "90033612345678"),
            *("90012025550123", "90034912345678", "9004930123456", "900881612345678"),
            *(
                "909098790123",
                "907012345678",
                "901132000000",
                "102",
                "301",
                "999",
                "9112",
                "90204",
            ),
            *("", "9", "900390999", "900353861234567", "90150012345", "905600123456"),
        ),
        crowd=("101", "102", "103", "301", "302", "201"),
        crowd_dials="900390612345{:03}",
        slice_s=90,
    ),
)


def acts(site: Site, dice: random.Random, count: int) -> Iterator[Act]:
    """Make up what happens, in order of time; `count` calls at least, and what goes with them."""
    at, made = site.began, 0
    last: list[Wanted] = []
    while made < count:
        at += _pause(dice)
        moment = round(at) if dice.random() < 0.7 else round(at, 3)
        at = max(at, moment)
        if dice.random() < 0.08:
            yield from _besides(site, dice, at, last)
        if dice.random() < 0.004:
            for wanted in _crowd(site, dice, at):
                made, at = made + 1, wanted.at
                yield wanted
        wanted = _again(dice, at, last) or _wanted(site, dice, at, made)
        last = [*last[-7:], wanted]
        made += 1
        yield wanted


def _crowd(site: Site, dice: random.Random, at: float) -> Iterator[Wanted]:
    """Have everybody call at once and for long; or one phone, again and again."""
    number = itertools.count(dice.randrange(30))
    if dice.random() < 0.5:
        callers, pause_s, talks_s = [*site.crowd, *site.crowd], 1.0, 1800.0
    else:
        callers, pause_s, talks_s = [dice.choice(site.crowd)] * 20, 40.0, 10.0
    dice.shuffle(callers)
    for extension in callers:
        dialled = site.crowd_dials.format(next(number))
        yield Wanted(at, extension, dialled, 5.0, talks_s, address=site.addresses[0])
        at += pause_s


def on_record(site: Site, dice: random.Random, count: int) -> Iterator[Wanted]:
    """Make up calls that records tell all of: to digits, in whole seconds, each by itself.

    Who calls is honest, at one address, and signs in where that is asked for.
    """
    digits = replace(
        site,
        numbers=tuple(each for each in site.numbers if each.isdecimal()),
        extensions=tuple(each for each in site.extensions if "/" not in each),
    )
    made = (each for each in acts(digits, dice, count) if isinstance(each, Wanted))
    for place, wanted in enumerate(made):
        at = math.ceil(wanted.at)
        yield Wanted(
            float(at),
            wanted.extension,
            wanted.dialled,
            float(int(wanted.rings_s)),
            int(wanted.talks_s),
            f"{SYSTEM}-{at}.{place}",
            SYSTEM,
            address=site.addresses[0],
            transport="tls",
            signs_in=True,
        )


def _pause(dice: random.Random) -> float:
    """Return how long nobody calls: mostly not at all, now and then for hours."""
    chance = dice.random()
    if chance < 0.25:
        return 0.0
    if chance < 0.85:
        return dice.expovariate(1 / 25)
    if chance < 0.985:
        return dice.expovariate(1 / 400)
    return dice.expovariate(1 / 18_000)


def _wanted(site: Site, dice: random.Random, at: float, place: int) -> Wanted:
    extension = _skewed(dice, site.extensions)
    who = site.extensions.index(extension)
    regular = dice.random() < 0.8
    address = site.addresses[who % 2] if regular else dice.choice(site.addresses)
    transport = site.transports[who % 2] if regular else dice.choice(site.transports)
    named = dice.random() < 0.7
    return Wanted(
        at,
        extension,
        _skewed(dice, site.numbers) if dice.random() < 0.6 else dice.choice(site.numbers),
        rings_s=float(dice.randrange(30)) if dice.random() < 0.8 else dice.random() * 9,
        talks_s=_talk(dice),
        call=f"{int(at)}.{place}" if named else "bad name" if dice.random() < 0.01 else "",
        node=dice.choice(("", "", "pbx-2")),
        trunk=dice.choice(site.trunks),
        address=address,
        transport=transport,
        can_show=_can_show(dice),
        silent=dice.random() < 0.02,
        # Of a phone of which nothing is told a rehearsal thinks that it is where it was.
        signs_in=bool(address and transport) and dice.random() < 0.3,
    )


def _again(dice: random.Random, at: float, last: list[Wanted]) -> Wanted | None:
    """Have a call ask for its next trunk, now and then; or in another's name."""
    named = [each for each in last if each.call]
    if not named or dice.random() > 0.12:
        return None
    once = dice.choice(named)
    again = once._replace(at=at, trunk=dice.choice(("", "one", "two")), talks_s=_talk(dice))
    chance = dice.random()
    if chance < 0.1:
        return again._replace(extension=dice.choice(last).extension)
    if chance < 0.25:
        return again._replace(dialled=dice.choice(last).dialled)
    if chance < 0.3:
        return again._replace(node="pbx-3")
    return again


def _besides(site: Site, dice: random.Random, at: float, last: list[Wanted]) -> Iterator[Act]:
    """Have somebody do something else than to call."""
    chance = dice.random()
    if chance < 0.6:
        known = site.extensions[:-1]
        extension = dice.choice(known)
        who = site.extensions.index(extension)
        transport = site.transports[who % 2]
        yield SignIn(extension, at, site.addresses[who % 2], transport, _can_show(dice))
    elif chance < 0.7:
        yield SignOff(site.extensions[0], at)
    elif last and (call := dice.choice(last).call):
        yield HangUp(call, at)


def _talk(dice: random.Random) -> float:
    chance = dice.random()
    if chance < 0.2:
        return 0.0
    if chance < 0.5:
        return float(dice.randrange(1, 45))
    if chance < 0.95:
        return dice.lognormvariate(5.2, 1.0)
    return float(dice.randrange(600, 20_000))


def _can_show(dice: random.Random) -> frozenset[Factor]:
    if dice.random() < 0.8:
        return EVERY_FACTOR
    return frozenset(each for each in Factor if dice.random() < 0.5)


def _skewed(dice: random.Random, of: tuple[str, ...]) -> str:
    """Choose one, those first more often."""
    return of[int(len(of) * dice.random() ** 2)]
