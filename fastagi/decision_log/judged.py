"""What a decision hung on that neither its policy nor the rest of its line tells.

It is at the end of each line of a call that was judged, as `facts`: what is as usual is left out.
Of a number whose last digits are not shown it tells what they were matched by, so that the
decision can be explained without them: `rebuilt` reads it all again. No secret is in it: factors
are named, and never keyed digits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastagi.numbering.number import Category
from fastagi.policy.limits import tariff_of
from fastagi.policy.traps import is_touched

if TYPE_CHECKING:
    from fastagi.numbering.number import Number
    from fastagi.policy.model import Facts, Policy, Request

CALLS: Final = "calls"
"""What is full of a limit whose slots are all taken; else it is a unit of a budget."""

SHOWN_WHOLE: Final = frozenset({Category.EMERGENCY, Category.INTERNAL})
"""Numbers that are nobody's private affair: an ambulance, a colleague."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A call as it was judged last, by which policy.

    Attributes:
        used: Limit, unit and how much of it was used before the call, of those that were asked
            for; nobody asks the store for more than the call hangs on.
        full: What was used up of the limit that refused the call, as the store told: `calls`, or
            a unit; empty where it refused nothing.
        again: Whether the call was let through before, and asked for its next trunk.
    """

    policy: Policy = field(repr=False)
    request: Request
    facts: Facts
    used: tuple[tuple[str, str, int], ...] = ()
    full: str = ""
    again: bool = False


def facts_of(judged: Judged, mask: int) -> dict[str, object]:
    """Return what is put on record.

    Args:
        judged: The call.
        mask: How many last digits of outside numbers are not shown.
    """
    request, facts = judged.request, judged.facts
    used: dict[str, dict[str, int]] = {}
    for limit, unit, count in judged.used:
        used.setdefault(limit, {})[unit] = count
    told: dict[str, object] = {
        "at": request.at.timestamp(),
        "transport": request.transport,
        "transferred": request.transferred,
        "off_net": request.off_net,
        "number_reported": request.number_reported,
        "address_reported": request.address_reported,
        "locked_out": facts.locked_out,
        "shown": sorted(facts.shown),
        "proven": dict(sorted(facts.proven_s.items())),
        "signed_in": facts.signed_in,
        "new_country": not facts.known_country,
        "novel": sorted(facts.novel),
        "over": sorted(facts.over),
        "braked": facts.braked,
        "watched": sorted(facts.watched),
        "overridden": facts.overridden,
        "used": used,
        "full": judged.full,
        "again": judged.again,
        **_of_number(judged, mask),
    }
    return {name: value for name, value in told.items() if value or name == "at"}


def _of_number(judged: Judged, mask: int) -> dict[str, object]:
    """Return what is told of the number besides what the line tells."""
    policy, request = judged.policy, judged.request
    number = request.number
    if number.category is Category.INTERNAL:
        return {"dialled": number.dialled if number.dialled != number.number else ""}
    told: dict[str, object] = {"to": [*sorted(number.categories - {number.category})]}
    told["why"] = number.why
    if mask > 0 and number.category not in SHOWN_WHOLE:
        others = sorted(number.categories - {number.category})
        told["to"] = [*others, *matches(policy, number, mask)]
        told["trap"] = is_touched(policy, request.extension, number)
        tariff = tariff_of(policy, request)
        if tariff is not None and number.is_e164:
            costs = (tariff.first_s, tariff.first_cost, tariff.next_s, tariff.next_cost)
            told["tariff"] = list(costs)
    return told


def matches(policy: Policy, number: Number, hidden: int = 0) -> list[str]:
    """Return the `prefix:` and `list:` items of a policy that take a number, shortest first.

    Args:
        policy: The site's.
        number: The number, with all its digits.
        hidden: How many of its last digits are not shown: nor are they in a prefix.
    """
    if not number.is_e164:
        return []
    digits = number.number[1:]
    seen = digits[: max(0, len(digits) - hidden)].ljust(len(digits), "x")
    lengths = range(1, len(digits) + 1)
    found = [f"prefix:+{seen[:each]}" for each in lengths if digits[:each] in policy.prefixes]
    return found + [
        f"list:{name}" for name, table in policy.lists.items() if table.longest(digits) is not None
    ]
