"""A story and its ending, as a record for the decision log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.call.costs import reserved
from fastagi.decision_log.judged import CALLS, Judged
from fastagi.decision_log.record import Record

if TYPE_CHECKING:
    from fastagi.call.ending import Ending, Story


def record_of(story: Story, ending: Ending, now: float) -> Record:
    """Return what is put on record; what never became known is left empty."""
    caller, number, policy, decision = story.caller, story.number, story.policy, story.decision
    tariff = None if decision is None else decision.tariff
    return Record(
        at=now,
        site="" if policy is None else policy.site.name,
        call=story.call,
        extension=story.claimed_extension if caller is None else caller.extension,
        verdict=ending.verdict,
        reason=ending.reason,
        rule=ending.rule,
        reference=story.reference,
        number=story.claimed_number if number is None else number.number or number.dialled,
        category=None if number is None else number.category,
        country="" if number is None else number.country,
        node="" if caller is None else caller.node,
        channel="" if caller is None else caller.channel,
        address="" if caller is None or caller.address is None else str(caller.address),
        trunk="" if caller is None else caller.trunk,
        asked=story.asked,
        shown=story.shown,
        waited_s=now - story.began,
        seconds=ending.seconds,
        policy="" if policy is None else policy.version,
        shadows=() if decision is None else decision.shadows,
        over=story.over,
        without_store=story.without_store,
        person=story.person,
        override=story.override,
        price=None if tariff is None else tariff.per_minute,
        reserved=None if story.lease is None else reserved(story.lease),
        currency="" if policy is None or policy.rates is None else policy.rates.currency,
        crossed=tuple(dict.fromkeys(each.limit for each in story.crossed)),
        brakes=tuple((each.stage, each.name) for each in story.brakes),
        evidence=tuple((each.watch, each.words) for each in story.evidence),
        judged=_judged(story),
    )


def _judged(story: Story) -> Judged | None:
    """Return what the decision hung on; nothing that the story did not know anyway."""
    if story.policy is None or story.request is None or story.facts is None:
        return None
    full = "" if story.full is None else story.full.unit or CALLS
    used = tuple((each.limit, str(each.unit), each.used) for each in story.levels)
    return Judged(story.policy, story.request, story.facts, used, str(full), story.again)
