"""What is held against an extension: that a `[[watch]]` saw an attack on it, and what it saw.

There is a record for each extension and watch, for as long as the watch's `for` says; later
evidence keeps it there for longer, and never for less. What follows for a call is the policy's to
say (`policy.watching`); a record of a watch that the policy has no more holds nothing.

Only of extensions that the policy knows: who tries accounts that there are not makes no records.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.call.identify import ENDPOINT
from fastagi.call.ports import soon
from fastagi.errors import StoreError
from fastagi.policy.decision import class_of, guards_of, is_known
from fastagi.signs.sign import Evidence, Per, Sign
from fastagi.signs.words import in_words
from fastagi.stores.records import Record
from fastagi.stores.store import Looked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from fastagi.policy.model import Decision, Policy, Request, Watch
    from fastagi.stores.records import Records

KIND: Final = "watch"

TEXT_MOST: Final = 80
"""Characters kept of each text of an evidence: an address or a network is shorter."""

COUNT_MOST: Final = 1_000_000_000
PAGE: Final = 500  # records read in one step

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Held:
    """What is held against an extension.

    Attributes:
        since: When the watch first saw an attack; later evidence changes nothing of that.
        until: When it is held against the extension no more, if no evidence comes.
        evidence: The latest.
    """

    site: str
    watch: str
    extension: str
    since: float
    until: float
    evidence: Evidence

    @property
    def key(self) -> str:
        """Names it among those of its site."""
        return key_of(self.watch, self.extension)

    @property
    def words(self) -> str:
        """Say what was seen."""
        return in_words(self.evidence)


def key_of(watch: str, extension: str) -> str:
    """Return the key of a record; no name of a watch has a slash in it."""
    return f"{watch}/{extension}"


# ----------------------------------------------------------------------------- at a call


def looked_for(policy: Policy, request: Request) -> tuple[Looked, ...]:
    """Return the records that a decision hangs on: none where no watch would touch the call."""
    return tuple(
        Looked(KIND, key_of(each.name, request.extension), expected=False)
        for each in guards_of(policy, request)
    )


def watched(
    policy: Policy, request: Request, there: Collection[tuple[str, str]]
) -> frozenset[str]:
    """Return the names of the watches that saw an attack on the extension and touch the call.

    Args:
        policy: The site's.
        request: The call.
        there: Kind and key of each record that was looked for and is there.
    """
    if not there:
        return frozenset()
    return frozenset(
        each.name
        for each in guards_of(policy, request)
        if (KIND, key_of(each.name, request.extension)) in there
    )


def named_in(policy: Policy, decision: Decision) -> frozenset[str]:
    """Return the names of the watches that a decision tells of, those under `shadow` too."""
    shadows = {name for name, _ in decision.shadows}
    own = {each.name for each in policy.guards if each.shadow}
    return frozenset(decision.watches) | (shadows & own)


async def of_call(
    records: Records, site: str, extension: str, names: Iterable[str], now: float
) -> tuple[Held, ...]:
    """Return what is held against an extension by some watches, by name.

    It only tells why a call was judged as it was: what cannot be read is left out, and logged.
    """
    found = []
    for name in sorted(names):
        try:
            record = await soon(records.record(site, KIND, key_of(name, extension), now))
        except StoreError as error:
            log.warning("evidence-not-read", extension=extension, watch=name, error=str(error))
            break
        if record is not None:
            found.append(_read(site, record))
    return tuple(found)


# ----------------------------------------------------------------------------- kept


async def keep(
    records: Records, policy: Policy, watch: Watch, what: Evidence, now: float
) -> Held | None:
    """Hold evidence against the extension that it is about; for longer, if some is held already.

    Returns:
        What is held by now; None where the watch holds nothing against anybody, or no phone of
        the site has that name.

    Raises:
        StoreError: It is unknown whether it is held.
    """
    extension = what.account
    known = ENDPOINT.fullmatch(extension) and is_known(
        policy, extension, class_of(policy, extension)
    )
    if not (watch.guards and known):
        return None
    given = Held(policy.site.name, watch.name, extension, now, now + watch.for_s, _bounded(what))
    while True:
        found = await soon(records.record(given.site, KIND, given.key, now))
        kept = given if found is None else _kept(_read(given.site, found), given)
        before = None if found is None else found.text
        if await soon(records.put_record(given.site, KIND, _record(kept), before, now)):
            if found is None:
                _tell(kept, watch)
            return kept


def _kept(there: Held, given: Held) -> Held:
    """Return what becomes of what is held, as more is seen; of two, what was seen last is told."""
    later = given if given.evidence.at >= there.evidence.at else there
    return replace(later, since=there.since, until=max(there.until, given.until))


def _bounded(what: Evidence) -> Evidence:
    """Cut off what no honest sender writes."""
    return replace(
        what,
        name=what.name[:TEXT_MOST],
        address=what.address[:TEXT_MOST],
        so_far=what.so_far[:TEXT_MOST],
        count=min(what.count, COUNT_MOST),
        addresses=min(what.addresses, COUNT_MOST),
    )


def _tell(held: Held, watch: Watch) -> None:
    log.warning(
        "extension-watched",
        site=held.site,
        extension=held.extension,
        watch=held.watch,
        then=sorted(map(str, watch.then)),
        shadow=watch.shadow,
        until=held.until,
        evidence=held.words,
    )


# ----------------------------------------------------------------------------- by hand


async def every(records: Records, site: str, now: float) -> list[Held]:
    """Return all that is held against extensions of a site, by extension.

    Raises:
        StoreError: It cannot be read.
    """
    found: list[Held] = []
    after = ""
    while page := await soon(records.records(site, KIND, after, PAGE, now)):
        found.extend(_read(site, each) for each in page)
        after = page[-1].key
        if len(page) < PAGE:
            break
    return sorted(found, key=lambda each: (each.extension, each.watch))


async def lift(records: Records, site: str, extension: str, watch: str, now: float) -> Held | None:
    """Hold no more what a watch saw, and return it; None where nothing is held.

    What others saw is held on; and the watch may see it again.

    Raises:
        StoreError: It is unknown whether it is held.
    """
    taken = await soon(records.take_record(site, KIND, key_of(watch, extension), now))
    return None if taken is None else _read(site, taken)


async def of_extension(records: Records, site: str, extension: str, now: float) -> list[Held]:
    """Return what is held against one extension, by watch.

    Raises:
        StoreError: It cannot be read.
    """
    return [each for each in await every(records, site, now) if each.extension == extension]


async def lift_all(
    records: Records, site: str, extension: str, watch: str, now: float
) -> list[Held]:
    """Hold no more what a watch saw, or where none is named all did; return what was held.

    Raises:
        StoreError: It is unknown what is held.
    """
    there = await of_extension(records, site, extension, now)
    names = [watch] if watch else [each.watch for each in there]
    taken = [await lift(records, site, extension, each, now) for each in names]
    return [each for each in taken if each is not None]


# ----------------------------------------------------------------------------- records


def _record(held: Held) -> Record:
    # `until` is part of the text, too: of two who keep it on for longer, one is told.
    text = json.dumps(
        {"since": held.since, "until": held.until, "evidence": asdict(held.evidence)}
    )
    return Record(held.key, text, held.until)


def _read(site: str, record: Record) -> Held:
    watch, _, extension = record.key.partition("/")
    read = json.loads(record.text)
    told = read.pop("evidence")
    evidence = Evidence(**told | {"sign": Sign(told["sign"]), "per": Per(told["per"])})
    return Held(site, watch, extension, **read, evidence=evidence)
