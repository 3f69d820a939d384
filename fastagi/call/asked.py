"""What the store is asked of a call besides, and what its answer means to the policy.

What is new of a call is told by marks that calls leave once they are let through: records, of the
extension and of the whole site. Of a country that an extension never called there is none, as the
store knows that by itself. A policy that speaks of none of it leaves no mark: where it is to speak
of one, all is new at first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from fastagi.call.admit import budget_of
from fastagi.numbering.calling_codes import area_of
from fastagi.policy.possible import may_be_new
from fastagi.policy.scope import Novelty
from fastagi.stores.store import Asked, Looked, Note

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.numbering.number import Number
    from fastagi.policy.asking import Question
    from fastagi.policy.model import Policy
    from fastagi.stores.records import Record
    from fastagi.stores.store import Known

DIALLED: Final = "dialled"
"""The kind of the marks' records."""

REMEMBERED_S: Final = 400 * 86_400
"""How long a mark lasts after the last call: what is dialled once a year is not new each time."""


def asked_of(
    question: Question, extension: str, number: Number, besides: tuple[Looked, ...] = ()
) -> Asked:
    """Put into the store's words what a decision hangs on, and what else is to be looked at."""
    marks = [mark(each, extension, number) for each in sorted(question.novel)]
    return Asked(
        (*(Looked(DIALLED, each, expected=True) for each in marks), *besides),
        tuple(map(budget_of, question.budgets)),
    )


def novel_of(
    question: Question, extension: str, number: Number, known: Known
) -> frozenset[Novelty]:
    """Return what of a call is new."""
    return frozenset(
        each
        for each in question.novel
        if (DIALLED, mark(each, extension, number)) not in known.records
    )


def marks_of(known: Known) -> Mapping[str, Record]:
    """Return the marks that are there of those that were asked for, by their keys."""
    return {key: found for (kind, key), found in known.records.items() if kind == DIALLED}


def over_of(known: Known) -> frozenset[str]:
    """Return the limits, of those that were asked for, of which nothing was left before a call."""
    return frozenset(each.limit for each in known.levels if each.used >= each.most)


def notes_of(policy: Policy, extension: str, number: Number, now: float) -> tuple[Note, ...]:
    """Return the marks that a call leaves: of all that the policy speaks of anywhere."""
    return tuple(
        Note(DIALLED, mark(each, extension, number), "", now + REMEMBERED_S)
        for each in sorted(may_be_new(policy, number) - {Novelty.COUNTRY})
    )


def mark(novelty: Novelty, extension: str, number: Number) -> str:
    """Return the key of the record that tells that something is not new any more."""
    own, site = f"extension/{extension}", "site/"
    match novelty:
        case Novelty.COUNTRY:
            return f"{own}/country/{number.country}"
        case Novelty.PREFIX:
            return f"{own}/prefix/{area_of(number.number)}"
        case Novelty.NUMBER:
            return f"{own}/number/{number.number}"
        case Novelty.SITE_COUNTRY:
            return f"{site}/country/{number.country}"
        case Novelty.SITE_PREFIX:
            return f"{site}/prefix/{area_of(number.number)}"
        case Novelty.SITE_NUMBER:
            return f"{site}/number/{number.number}"
        case _:
            assert_never(novelty)
