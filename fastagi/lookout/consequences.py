"""What follows of evidence, in the store: step-ups, locks, ends of sign-ins, bans, and the book.

What is seen waits here until the store has taken it. Of each watch and subject the strongest
evidence waits, and of each site and weight so many; what is heavier goes first, and of what weighs
alike each site in its turn. So a flood fills its own places, at the site that it is about, and the
store is written to at a pace that no attacker sets.

A little longer than other files: what waits, and what is done of it, have one state between them.
"""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.attacks import book
from fastagi.attacks.book import Did
from fastagi.bans import ban
from fastagi.bans.ban import Ban
from fastagi.bans.friend import befriend, unfriend
from fastagi.call import evidence
from fastagi.call.ports import LISTING_PATIENCE_S, soon
from fastagi.errors import BanError, StoreError
from fastagi.lookout import places
from fastagi.lookout.telling import Weight, name_of, weight_of
from fastagi.policy.model import ThenWatch
from fastagi.signs.familiar import Familiar
from fastagi.signs.sign import Per, Sign
from fastagi.stores.sign_ins import SignedOff

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from fastagi.lookout.ports import LookoutPorts
    from fastagi.policy.model import Policy, Watch
    from fastagi.signs.sign import Evidence

WAITING_OF_SITE: Final = 500
"""Evidence of one site and weight that may wait; of what comes then the oldest is let go."""

WAITING_MOST: Final = 5_000
"""The same of all sites together: then the site that has most waiting lets its oldest go."""

FRIENDS_MOST: Final = 1_000
"""Addresses that may wait to be known as friends."""

PACE_S: Final = 0.02
"""The least between two pieces of evidence: fifty a second are more than people read."""

AGAIN_S: Final = (0.5, 30.0)
"""Before it is tried again while the store is away; doubles up to the second."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Friend:
    """An address of a phone that showed its right password, which nobody had guessed at."""

    address: IPv4Address | IPv6Address
    until: float
    of: str = ""


class _Waiting:
    """Evidence of one weight that waits; no site pushes out more than its own."""

    def __init__(self) -> None:
        self._sites: dict[str, dict[tuple[str, str], Evidence]] = {}
        self.count = 0

    def put(self, what: Evidence) -> bool:
        """Have evidence wait; whether some was let go for it."""
        waiting = self._sites.setdefault(what.site, {})
        subject = _subject_of(what)
        there = waiting.get(subject)
        waiting[subject] = what if there is None or what.count >= there.count else there
        if there is not None:
            return False
        self.count += 1
        if len(waiting) > WAITING_OF_SITE:
            self._let_go(what.site)
        elif self.count > WAITING_MOST:
            sizes = {site: len(each) for site, each in self._sites.items()}
            # Of sites that have as much waiting it is the one that wants another place.
            self._let_go(max(sizes, key=lambda site: (sizes[site], site == what.site)))
        else:
            return False
        return True

    def _let_go(self, site: str) -> None:
        waiting = self._sites[site]
        del waiting[next(iter(waiting))]
        self.count -= 1
        if not waiting:
            del self._sites[site]

    def first(self) -> Evidence | None:
        """Return what is due: of the site whose turn it is, what waits longest."""
        waiting = next(iter(self._sites.values()), None)
        return None if waiting is None else next(iter(waiting.values()))

    def done(self, what: Evidence) -> None:
        """Let evidence wait no more; it is the next site's turn."""
        waiting, subject = self._sites.pop(what.site, {}), _subject_of(what)
        if waiting.get(subject) is what:  # else something stronger came meanwhile
            del waiting[subject]
            self.count -= 1
        if waiting:
            self._sites[what.site] = waiting


class Consequences:
    """Does what follows, one after another, until cancelled.

    Args:
        ports: What it needs.
        familiar: Takes in what the store says of where an account was.
    """

    def __init__(self, ports: LookoutPorts, familiar: Familiar | None = None) -> None:
        self._ports = ports
        self._familiar = Familiar() if familiar is None else familiar
        self._waiting = {each: _Waiting() for each in Weight}
        self._friends: dict[str, Friend] = {}
        self._no_friends: dict[str, IPv4Address | IPv6Address] = {}
        self._due = asyncio.Event()

    def follow(self, what: Evidence) -> None:
        """Have follow of evidence what its watch says; never waits."""
        if self._waiting[weight_of(what)].put(what):
            self._ports.meter.dropped("unfollowed", 1)
        self._due.set()

    async def done(self, what: Evidence) -> None:
        """Do what follows of evidence before whoever asks goes on; it waits nowhere.

        Raises:
            StoreError: It is unknown whether it is done: whoever asks tries again.
        """
        await self._guarded(what)
        await asyncio.sleep(PACE_S)

    def befriend(self, friend: Friend) -> None:
        """Have an address known as one of a phone; never waits."""
        if len(self._friends) < FRIENDS_MOST:
            self._friends[str(friend.address)] = friend
            self._due.set()

    def unfriend(self, address: IPv4Address | IPv6Address) -> None:
        """Have an address be no friend any more, before anything else is done; never waits."""
        self._friends.pop(str(address), None)
        if len(self._no_friends) < FRIENDS_MOST:
            self._no_friends[str(address)] = address
            self._due.set()

    @property
    def count(self) -> int:
        """How much waits."""
        waiting = sum(each.count for each in self._waiting.values())
        return len(self._no_friends) + len(self._friends) + waiting

    async def run(self) -> None:
        """Do what is due, and again what the store did not take."""
        pause_s, trouble = AGAIN_S[0], ""
        while True:
            await self._due.wait()
            try:
                await self._next()
            except StoreError as error:
                if trouble != (trouble := str(error)):
                    log.error("attack-not-followed", why=trouble, waiting=self.count)
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, AGAIN_S[1])
            else:
                pause_s, trouble = AGAIN_S[0], ""
                await asyncio.sleep(PACE_S)

    async def _next(self) -> None:
        """Do one thing; the heaviest, and of these what waits longest.

        Raises:
            StoreError: It is unknown whether it is done: it waits on.
        """
        if self._no_friends:  # first: a ban of a friend would be refused
            name, address = next(iter(self._no_friends.items()))
            await unfriend(self._ports.store, address, self._ports.now())
            self._no_friends.pop(name, None)
            return
        for weight in sorted(Weight, reverse=True):
            waiting = self._waiting[weight]
            if (what := waiting.first()) is not None:
                await self._guarded(what)
                waiting.done(what)
                return
        if not self._friends:
            self._due.clear()
            return
        name, friend = next(iter(self._friends.items()))
        now = self._ports.now()
        await befriend(self._ports.store, friend.address, friend.until, now, friend.of)
        self._friends.pop(name, None)

    async def _guarded(self, what: Evidence) -> None:
        """Do what follows; a fault of ours must not hold up all that waits.

        Raises:
            StoreError: As `_next`.
        """
        try:
            await self._do(what)
        except StoreError:
            raise
        except Exception:  # a fault of ours must not hold up what waits
            log.exception("attack-follow-broke", site=what.site, watch=what.watch)

    async def _do(self, what: Evidence) -> None:
        policy = self._ports.policies.of(what.site) if what.site else None
        watch = None if policy is None else watch_of(policy, what.watch)
        if policy is None or watch is None:
            return  # the policy was changed meanwhile
        address = _read(what.address)
        if what.sign is Sign.SUCCESS_AFTER_GUESSING and address is not None:
            of = (what.site, what.account, address)
            if await places.is_kept(self._ports.store, self._familiar, *of, self._ports.now()):
                return  # another gate knows the phone there
        if watch.guards and what.account:  # under `shadow`, too: decisions tell what would be
            await evidence.keep(self._ports.store, policy, watch, what, self._ports.now())
        did = [Did.SHADOW] if watch.shadow else await self._follow(watch, what)
        country = "" if address is None else self._ports.country(address)
        now = self._ports.now()
        noted = book.note(self._ports.store, what, did, now, country=country)
        await soon(noted, LISTING_PATIENCE_S)

    async def _follow(self, watch: Watch, what: Evidence) -> list[Did]:
        """Do what a watch says, each of which may be done twice.

        Raises:
            StoreError: It is unknown whether it is done.
        """
        ports, then, did = self._ports, watch.then, [Did.TOLD]
        if what.account:
            steps = ((ThenWatch.STEP_UP, Did.STEPPED_UP), (ThenWatch.LOCK, Did.LOCKED))
            did += [done for each, done in steps if each in then]
        if ThenWatch.END_SIGN_IN in then and what.account:
            why = SignedOff.ATTACK
            of = (what.site, what.account, None, why, ports.now())
            for each in await soon(ports.store.end_sign_ins(*of), LISTING_PATIENCE_S):
                did.append(Did.SIGN_IN_ENDED)
                log.warning(
                    "sign-in-ended",
                    site=each.site,
                    extension=each.extension,
                    person=each.person,
                    watch=watch.name,
                )
        # Whoever shows a right password amid others' guesses may be a phone of yours that moved.
        guessed = watch.sign is Sign.SUCCESS_AFTER_GUESSING
        may_be_banned = (what.proven or watch.unproven) and not guessed
        if ThenWatch.BAN in then and may_be_banned and await self._ban(watch, what):
            did.append(Did.BANNED)
        return did

    async def _ban(self, watch: Watch, what: Evidence) -> bool:
        """Ban whose doing it was; whether it is banned. Who is on the allow list never is.

        Raises:
            StoreError: It is unknown whether it is banned.
        """
        ports, now = self._ports, self._ports.now()
        try:
            never = await ports.never.list(ports.store, now)
        except OSError as error:
            log.error("attack-not-banned", why=str(error))
            return False
        if what.per is Per.NETWORK:
            network = ipaddress.ip_network(what.name)
        else:
            address = _read(what.address)
            found = None if address is None else never.narrowed(address)
            if address is None:
                return False
            # Of who is never banned it is said why.
            network = found or ipaddress.ip_network(address)
        why = f"{what.sign}: {what.count} within {round(what.within_s)} s"
        given = Ban(network, now, now + watch.for_s, what.site, watch.name, why)
        try:
            await ban.put_on(ports.store, given, never, now)
        except BanError:
            return False  # the log says why
        return True


def watch_of(policy: Policy, name: str) -> Watch | None:
    """Return a watch of a policy by its name."""
    return next((each for each in policy.watches if each.name == name), None)


def _subject_of(what: Evidence) -> tuple[str, str]:
    return what.watch, name_of(what)


def _read(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None
