"""The brake: on an extension, its class or the whole site, for a while after the last hit.

A hit is a call that a limit with `then = "brake"` was too small for, or that a rule with
`brake = true` denied; or an operator. There is a record for each extension, class or site that is
braked. First an extension is; where another one of its class is by then, the class is; where
another class is, or an extension of another class beside a whole class, the site is.

What an operator put on, and no call hit since, brakes nothing else; neither does a call that comes
of a transfer or a forward: whoever rings a phone that forwards itself brakes that one only.

Whoever puts a brake on writes first, and looks then; and writes what follows, and looks again, for
as long as anything does. So of two hits at one moment, at whatever gates, at least one sees both.

What a brake touches, and what it asks for then, is the policy's to say (`policy.braking`); what
one is, and what follows from it, `brake` says. Here it is put on by calls and by hand, read,
listed and lifted, and nobody else knows how it is written.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, assert_never

import structlog

from fastagi.call.brake import (
    WIDEST_FIRST,
    following,
    kept_on,
    names_of,
    put_on_by,
)
from fastagi.call.brake import Brake as Brake
from fastagi.call.brake import Hit as Hit
from fastagi.call.brake import in_words as in_words
from fastagi.call.brake import key_of as key_of
from fastagi.call.identify import ENDPOINT
from fastagi.call.ports import soon
from fastagi.policy.decision import class_of, is_known, may_be_braked
from fastagi.policy.model import Stage
from fastagi.stores.records import Record
from fastagi.stores.shadows import is_shadow
from fastagi.stores.store import Looked

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from fastagi.policy.model import Policy, Request
    from fastagi.stores.records import Records

KIND: Final = "brake"

WHY_MAX: Final = 200  # characters
LONGEST_S: Final = 30 * 86_400
"""How long a brake may be on that an operator put on; by hits it stays on as long as they come."""

PAGE: Final = 500  # records read in one step

log = structlog.get_logger(__name__)


# ----------------------------------------------------------------------------- at a call


def looked_for(policy: Policy, request: Request) -> tuple[Looked, ...]:
    """Return the records that a decision hangs on: none where no brake would touch the call."""
    if not may_be_braked(policy, request):
        return ()
    names = names_of(policy, request.extension)
    return tuple(Looked(KIND, key_of(*each), expected=False) for each in names)


def braked(policy: Policy, request: Request, there: Collection[tuple[str, str]]) -> Stage | None:
    """Return how far the brake is on that a call falls under; None where none is.

    Args:
        policy: The site's.
        request: The call.
        there: Kind and key of each record that was looked for and is there.
    """
    if not there:
        return None
    names = names_of(policy, request.extension)
    return next((stage for stage, name in names if (KIND, key_of(stage, name)) in there), None)


# ----------------------------------------------------------------------------- on


async def hit(records: Records, policy: Policy, what: Hit, now: float) -> Sequence[Brake]:
    """Put the brake on, as far as it goes by now; return every one that was put on or renewed.

    Raises:
        StoreError: It is unknown how far it was put on.
    """
    given = put_on_by(policy, what, now)
    done = [await put_on(records, given, now)]
    while True:
        there = await every(records, policy.site.name, now)
        wider = [each for each in following(given, there) if each.key not in _keys(done)]
        if not wider:
            return done
        for each in wider:
            done.append(await put_on(records, each, now))


def _keys(brakes: Sequence[Brake]) -> set[str]:
    return {each.key for each in brakes}


async def put_on(records: Records, brake: Brake, now: float) -> Brake:
    """Put one brake on, or keep it on for longer; never for less. Return it as it is now.

    Raises:
        StoreError: It is unknown whether it is on.
    """
    while True:
        found = await soon(records.record(brake.site, KIND, brake.key, now))
        there = None if found is None else _read(brake.site, found)
        kept = brake
        if there is not None:
            kept = kept_on(there, brake)
        before = None if found is None else found.text
        if await soon(records.put_record(brake.site, KIND, _record(kept), before, now)):
            if there is None and not kept.by:  # an operator knows, and it is in the trail
                _tell(kept)
            return kept


def _tell(brake: Brake) -> None:
    if is_shadow(brake.site):
        return  # nobody is to be woken by what a policy in shadow would do
    log.warning(
        "brake-on",
        site=brake.site,
        stage=str(brake.stage),
        name=brake.name,
        cause=brake.cause,
        call=brake.call,
        reference=brake.reference,
        until=brake.until,
    )


# ----------------------------------------------------------------------------- by hand


def check(policy: Policy, stage: Stage, name: str, for_s: int, why: str) -> None:
    """See that a brake can be put on by hand.

    Raises:
        ValueError: It cannot; says what can be done.
    """
    if policy.brake is None:
        site = policy.site.name
        raise ValueError(f"nothing in the policy of `{site}` speaks of a brake; write `[brake]`")
    match stage:
        case Stage.EXTENSION:
            known = ENDPOINT.fullmatch(name) and is_known(policy, name, class_of(policy, name))
            if not known:
                raise ValueError(f"{name!r} is in no class, and no inside number: none would call")
        case Stage.CLASS:
            classes = [each.name for each in policy.classes]
            if name not in classes:
                raise ValueError(f"there is no class {name!r}; there is {', '.join(classes)}")
        case Stage.SITE:
            if name:
                raise ValueError("a site is braked as a whole; leave the name out")
        case _:
            assert_never(stage)
    if not 0 < for_s <= LONGEST_S:
        raise ValueError(f"a brake is on for {LONGEST_S // 86_400} days at most")
    if len(why) > WHY_MAX or not why.isprintable():
        raise ValueError(f"say why in one line of up to {WHY_MAX} characters")


async def by_hand(
    records: Records,
    policy: Policy,
    stage: Stage,
    name: str,
    for_s: int,
    by: str,
    why: str,
    now: float,
) -> Brake:
    """Put a brake on that no call hit; just this one. See `check`.

    Raises:
        ValueError: It cannot be put on; says what can be done.
        StoreError: It is unknown whether it is on.
    """
    check(policy, stage, name, for_s, why)
    own = {
        Stage.EXTENSION: class_of(policy, name) or "",
        Stage.CLASS: name,
        Stage.SITE: "",
    }[stage]
    given = Brake(policy.site.name, stage, name, own, now, now + for_s, by=by, why=why)
    return await put_on(records, given, now)


async def every(records: Records, site: str, now: float) -> list[Brake]:
    """Return every brake of a site that is on, the widest first.

    Raises:
        StoreError: They cannot be read.
    """
    found: list[Brake] = []
    after = ""
    while page := await soon(records.records(site, KIND, after, PAGE, now)):
        found.extend(_read(site, each) for each in page)
        after = page[-1].key
        if len(page) < PAGE:
            break
    return sorted(found, key=lambda each: (WIDEST_FIRST.index(each.stage), each.name))


async def lift(records: Records, site: str, stage: Stage, name: str, now: float) -> Brake | None:
    """Lift one brake, and return it; None where there is none.

    Others that its calls fall under stay on.

    Raises:
        StoreError: It is unknown whether it was lifted.
    """
    taken = await soon(records.take_record(site, KIND, key_of(stage, name), now))
    return None if taken is None else _read(site, taken)


# ----------------------------------------------------------------------------- records

WRITTEN: Final = ("class_name", "since", "cause", "call", "reference", "by", "why", "alone")


def _record(brake: Brake) -> Record:
    # `until` is part of the text, too: of two who keep it on for longer, one is told.
    text = json.dumps({name: getattr(brake, name) for name in (*WRITTEN, "until")})
    return Record(brake.key, text, brake.until)


def _read(site: str, record: Record) -> Brake:
    stage, _, name = record.key.partition("/")
    read = json.loads(record.text)
    return Brake(site, Stage(stage), name, **read)
