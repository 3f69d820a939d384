"""Watching over all sites: what was seen is held against each policy's `[[watch]]`.

Whatever sees an attacker hands it in by `see`: the Asterisks of the settings, and the gate's own
door. It costs microseconds, waits for nothing, and takes no more memory than is said here, however
much comes. What follows, `consequences` does, and what phones have, `habits` knows.

A little longer than other files, as each sighting passes through all of it in one step.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.errors import StoreError
from fastagi.lookout import places
from fastagi.lookout.consequences import Consequences, Friend
from fastagi.lookout.guessers import GUESSES, GUESSES_WITHIN_S, Guessers
from fastagi.lookout.habits import habits_of, learn
from fastagi.lookout.telling import Telling
from fastagi.lookout.whose import Whose
from fastagi.signs.places import number_of, phone_place
from fastagi.signs.recogniser import Recogniser
from fastagi.signs.sighting import Seen
from fastagi.signs.sign import Evidence, Per, Sign
from fastagi.signs.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from fastagi.lookout.habits import News
    from fastagi.lookout.ports import LookoutPorts
    from fastagi.policy.model import Policy, Watch
    from fastagi.signs.sighting import Sighting

FRIEND_S: Final = 7 * 86_400.0
"""How long an address is a friend after a phone showed its right password from there."""

LOOKED_AT_S: Final = 3_600.0
"""How long what a phone showed is not looked at again: it registers every minute."""

LOOKED_AT_MOST: Final = 20_000

CAME_MOST: Final = 2_000
"""Phones that may wait to be looked at, whether they have anything new …"""

CAME_OF_ACCOUNT: Final = 8
"""… and of one account, from different places: who has one password fills no place of others. What
is not looked at now is as its phone registers again; it is not known by then."""

AGAIN_S: Final = (0.5, 30.0)
"""Before the store is asked again; doubles up to the second."""

EVERY_SITE: Final = ("",)

PASSWORDS: Final = frozenset({Seen.WRONG_PASSWORD, Seen.RIGHT_PASSWORD})

COUNTED_PER_S: Final = 20_000
"""How often a second what may be of several sites is counted for one of them. With a hundred
sites on one Asterisk, unknown accounts are seen two hundred times a second, which is enough to
know a scan by; with one site, and of passwords, all is seen."""

GUESSED: Final = frozenset({Seen.UNKNOWN_ACCOUNT, Seen.WRONG_PASSWORD})

TOUCHES: Final = frozenset({Seen.UNKNOWN_ACCOUNT, Seen.WRONG_PASSWORD, Seen.RIGHT_PASSWORD})
"""What is seen of whoever tries an account."""

NEW: Final = frozenset({Sign.NEW_ADDRESS, Sign.NEW_COUNTRY, Sign.NEW_AGENT, Sign.NEW_TRANSPORT})

log = structlog.get_logger(__name__)


class Lookout:
    """That of one gate.

    Args:
        ports: What it needs.
        sites: By node, the sites whose phones register there; any where none is named.
        clock: One that only goes on, in seconds.
    """

    def __init__(
        self,
        ports: LookoutPorts,
        sites: Mapping[str, Collection[str]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ports = ports
        self._clock = clock
        self._whose = Whose(sites)
        self._recogniser = Recogniser(())
        self._watches: dict[tuple[str, str], Watch] = {}
        self._of_new: dict[tuple[str, Sign], list[Watch]] = {}
        self._telling = Telling(ports.meter.dropped)
        self.consequences = Consequences(ports, self._recogniser.familiar)
        self._guessers = Guessers()
        self._to_recall: dict[str, None] = {}
        self._recalled: set[str] = set()
        self._is_to_recall = asyncio.Event()
        self._looked_at: dict[tuple[str, ...], float] = {}
        self._came: dict[tuple[str, ...], Sighting] = {}
        self._came_of: Counter[tuple[str, ...]] = Counter()  # by site and account
        self._has_come = asyncio.Event()
        self._site_count = 0
        self._second = self._spent = self._shed = 0

    def change(self, policies: Mapping[str, Policy]) -> None:
        """Take in the policies in force, by site."""
        self._whose.change(policies)
        self._site_count = len(policies)
        self._recalled &= policies.keys()
        self._to_recall = {each: None for each in policies if each not in self._recalled}
        self._is_to_recall.set()
        of_all = [(site, watch) for site, policy in policies.items() for watch in policy.watches]
        self._watches = {(site, watch.name): watch for site, watch in of_all}
        of_new = defaultdict(list)
        for site, watch in of_all:
            if watch.sign in NEW:
                of_new[site, watch.sign].append(watch)
        self._of_new = dict(of_new)
        own = [own_terms(site) for site, policy in policies.items() if not _sees_guessed(policy)]
        self._recogniser.replace([*(terms_of(site, watch) for site, watch in of_all), *own])

    def is_phone(self, node: str, account: str) -> bool:
        """Whether an account is one of a site's phones at an Asterisk."""
        return any(self._whose.knows(site, account) for site in self._whose.of(node, account))

    # ------------------------------------------------------------------------- seeing

    def see(self, sighting: Sighting) -> None:
        """Take a sighting in; at once, and whatever it is."""
        try:
            if sighting.site:
                self._see(sighting)
                return
            sites = self._whose.of(sighting.node, sighting.account)
            self._guess(sites, sighting)
            if self._has_room(sites, sighting):
                for site in sites:
                    self._see(replace(sighting, site=site) if site else sighting)
                if sighting.account and sighting.seen in TOUCHES:
                    self._trapped(sighting)
        except Exception:  # a fault of ours must not end the hearing
            log.exception("lookout-broke", node=sighting.node)

    def _guess(self, sites: Sequence[str], sighting: Sighting) -> None:
        """Have who guesses be nobody's friend, whatever site it is at, and whatever is shed."""
        address, familiar = sighting.address, self._recogniser.familiar
        if address is None or not sighting.proven or sighting.seen not in GUESSED:
            return
        place = phone_place(number_of(address))
        # A phone whose password was changed tries its old one, and is no stranger for that.
        of = (sighting.account, place, sighting.at)
        if sighting.seen is Seen.WRONG_PASSWORD and any(
            familiar.knows(each, *of) for each in sites
        ):
            return
        if self._guessers.add(place, sighting.at):
            self.consequences.unfriend(address)

    def _has_room(self, sites: Sequence[str], sighting: Sighting) -> bool:
        """Whether a sighting is counted, which many sites have to share the work of counting.

        Where there is one site, or it is about a password, it always is.
        """
        cost = self._site_count if sites == EVERY_SITE else len(sites)
        if cost <= 1 or sighting.seen in PASSWORDS:
            return True
        second = int(self._clock())
        if second != self._second:
            self._second, self._spent = second, 0
            if self._shed:
                self._ports.meter.dropped("shed", self._shed)
                self._shed = 0
        self._spent += cost
        if self._spent <= COUNTED_PER_S:
            return True
        self._shed += 1
        return False

    def _trapped(self, sighting: Sighting) -> None:
        """See whoever tries an account that is a trap, whatever he tries there."""
        for site in self._whose.laid_by(sighting.node, sighting.account):
            self._see(replace(sighting, site=site, seen=Seen.TRAP))

    def _see(self, sighting: Sighting) -> None:
        found = self._recogniser.see(sighting)
        for each in found:
            self._found(each)
        if sighting.seen is Seen.RIGHT_PASSWORD:
            self._let_in(sighting)

    def _found(self, what: Evidence) -> None:
        """Tell of evidence, and have follow what its watch says, once in a while."""
        watch = self._watches.get((what.site, what.watch))
        if watch is None:
            return
        if self._is_told(what, watch):
            self.consequences.follow(what)

    def _is_told(self, what: Evidence, watch: Watch) -> bool:
        """Tell of evidence, once in a while; whether it was time to."""
        self._ports.meter.found(what.site, what.sign)
        now = self._clock()
        if not self._telling.is_news(what, now):
            return False
        self._telling.tell(what, watch.then, now, shadow=watch.shadow)
        return True

    # ------------------------------------------------------------------------- phones

    def _let_in(self, sighting: Sighting) -> None:
        """Look at who showed a right password: whether there is anything new, and a friend."""
        address, now = sighting.address, self._ports.now()
        if address is None or not self._whose.knows(sighting.site, sighting.account):
            return
        what = (sighting.site, sighting.account, str(address), sighting.transport)
        has_room = len(self._came) < CAME_MOST and self._came_of[what[:2]] < CAME_OF_ACCOUNT
        if self._looked_at.get(what, 0.0) <= now and (has_room or what in self._came):
            self._came_of[what[:2]] += what not in self._came
            self._came[what] = sighting
            self._has_come.set()

    def _note(self, key: tuple[str, ...], now: float) -> None:
        self._looked_at.pop(key, None)
        self._looked_at[key] = now + LOOKED_AT_S
        if len(self._looked_at) > LOOKED_AT_MOST:
            del self._looked_at[next(iter(self._looked_at))]

    async def run(self) -> None:
        """Look at phones that came, until cancelled."""
        pause_s, trouble = AGAIN_S[0], ""
        while True:
            await self._has_come.wait()
            if not self._came:
                self._has_come.clear()
                continue
            key, sighting = next(iter(self._came.items()))
            try:
                await self._look_at(sighting)
                await self._befriend(sighting)
            except StoreError as error:
                if trouble != (trouble := str(error)):
                    log.error("attack-not-followed", why=trouble, waiting=len(self._came))
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, AGAIN_S[1])
                continue
            except Exception:  # a fault of ours must not end the looking
                log.exception("lookout-broke", node=sighting.node)
            pause_s, trouble = AGAIN_S[0], ""
            del self._came[key]
            self._came_of[key[:2]] -= 1
            if not self._came_of[key[:2]]:
                del self._came_of[key[:2]]
            self._note(key, self._ports.now())
            await asyncio.sleep(0)

    async def _befriend(self, sighting: Sighting) -> None:
        """Have a place known where a right password came from that nobody had guessed at.

        Raises:
            StoreError: It is unknown whether it is known.
        """
        familiar, address = self._recogniser.familiar, sighting.address
        of = (sighting.site, sighting.account)
        place = phone_place(number_of(address))
        if address is None or not familiar.knows(*of, place, sighting.at):
            return
        if self._guessers.knows(place, self._ports.now()):
            self.consequences.unfriend(address)
            return
        await places.keep(self._ports.store, familiar, *of, self._ports.now())
        self.consequences.befriend(Friend(address, self._ports.now() + FRIEND_S, " ".join(of)))

    async def recall(self) -> None:
        """Know the places again that were known before this process, or a site, began.

        Raises:
            StoreError: They cannot be read; what is read by then is not read again.
        """
        self._is_to_recall.clear()
        while self._to_recall:
            site, familiar = next(iter(self._to_recall)), self._recogniser.familiar
            await places.recall(self._ports.store, familiar, site, self._ports.now())
            self._to_recall.pop(site, None)
            self._recalled.add(site)

    async def to_recall(self) -> None:
        """Wait until there is a site of which no place was recalled yet."""
        while not self._to_recall:
            self._is_to_recall.clear()
            await self._is_to_recall.wait()

    async def registered(self, sighting: Sighting) -> None:
        """Take in what a phone registered.

        Raises:
            StoreError: It is not known what it had.
        """
        for site in self._whose.of(sighting.node, sighting.account):
            if self._whose.knows(site, sighting.account):
                await self._look_at(replace(sighting, site=site))

    async def _look_at(self, sighting: Sighting) -> None:
        """Hold a phone against what it had.

        What follows of what is new is in the store before this is known: whoever ends the process
        in between has it seen as new once more.

        Raises:
            StoreError: It is not known what it had, or whether this is known from now on.
        """
        ports = self._ports
        if sighting.address is not None and not sighting.country:
            sighting = replace(sighting, country=ports.country(sighting.address))
        of = (sighting.site, sighting.account)
        while True:
            now = ports.now()
            habits = await habits_of(ports.store, *of, now, ports.keep_s)
            for each in habits.news(sighting):
                await self._new(sighting, each)
            if habits.knows(sighting):
                return
            if await learn(ports.store, sighting, habits, now, ports.keep_s):
                return

    async def _new(self, sighting: Sighting, news: News) -> None:
        """Tell of what is new, and do what follows.

        Raises:
            StoreError: It is unknown whether that is done.
        """
        for watch in self._of_new.get((sighting.site, news.sign), ()):
            what = Evidence(
                site=sighting.site,
                watch=watch.name,
                sign=news.sign,
                per=Per.ACCOUNT,
                name=sighting.account,
                account=sighting.account,
                address="" if sighting.address is None else str(sighting.address),
                count=1,
                within_s=0.0,
                addresses=1,
                proven=sighting.proven,
                at=sighting.at,
                so_far=news.so_far,
            )
            self._is_told(what, watch)
            await self.consequences.done(
                what
            )  # told of lately or not: the last try may have failed


def _sees_guessed(policy: Policy) -> bool:
    """Whether a policy has it looked at who guessed a password, or watches for nothing at all."""
    signs = {each.sign for each in policy.watches}
    return not signs or Sign.SUCCESS_AFTER_GUESSING in signs


def terms_of(site: str, watch: Watch) -> Terms:
    """Return from when on a watch of a site sees a sign."""
    return Terms(site, watch.name, watch.sign, watch.per, watch.count, watch.within_s)


def own_terms(site: str) -> Terms:
    """Return the gate's own, whatever a policy watches for: who guessed is nobody's friend.

    What it sees nobody is told of; but the recogniser learns no place by it.
    """
    return Terms(site, "", Sign.SUCCESS_AFTER_GUESSING, Per.ACCOUNT, GUESSES, GUESSES_WITHIN_S)
