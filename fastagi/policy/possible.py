"""Which rules a call may fit, while it is not known what is new of it and what limit it is over.

Novelty only ever brings a call into a scope; `over:` may do either, and each name of it is taken
by itself, as if it had nothing to do with the others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from fastagi.policy.limits import limits_of
from fastagi.policy.matching import places
from fastagi.policy.model import Then
from fastagi.policy.scope import APART, COUNTRIES_ABROAD, OVER, Novelty

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.numbering.number import Number
    from fastagi.policy.model import Policy, Rule
    from fastagi.policy.scope import Circumstances

PREFIXES: Final = frozenset({Novelty.PREFIX, Novelty.SITE_PREFIX})
"""What only E.164 numbers have."""


def may_be_new(policy: Policy, number: Number) -> frozenset[Novelty]:
    """Return what of a number a policy asks for, and may be new."""
    found = policy.asks_for_novelty
    if not found or number.category in APART:
        return frozenset()
    if number.country in ("", policy.site.country):
        found -= COUNTRIES_ABROAD
    return found if number.is_e164 else found - PREFIXES


@dataclass(frozen=True, slots=True)
class Open:
    """Rules by their bits, as of `matching`.

    Attributes:
        fits: Those that the call may fit, address and transport being known …
        may_fit: … and those where one of these is not.
        surely: Those of both that it fits whatever turns out.
    """

    fits: int
    may_fit: int
    surely: int

    @property
    def all(self) -> int:
        """All that it may fit."""
        return self.fits | self.may_fit


def open_rules(policy: Policy, call: Circumstances) -> Open:
    """Return which rules a call fits, whatever of it is new, and whatever limit it is over."""
    new = may_be_new(policy, call.number)
    anything = replace(call, novel=new, over=frozenset(), may_be_over=frozenset())
    names = [f"{OVER}{each}" for each in may_be_over(policy, anything)]
    fits, may_fit = policy.rule_index.fitting(anything, dict.fromkeys(names, True))
    nothing = replace(anything, novel=frozenset())
    surely = policy.rule_index.fitting(nothing, dict.fromkeys(names, False))
    return Open(fits, may_fit, surely[0] | surely[1])


def may_be_over(policy: Policy, call: Circumstances) -> list[str]:
    """Return the limits that rules ask for by `over:`, and that a call falls under."""
    if not policy.asks_for_limits:
        return []
    return [each.name for each in limits_of(policy, call) if each.name in policy.asks_for_limits]


def that_may_decide(policy: Policy, call: Circumstances) -> Iterator[Rule | None]:
    """Find every rule that may decide, whatever turns out; None is for no rule at all.

    There may be one that another always comes before; none is missing.
    """
    opened = open_rules(policy, call)
    for place in places(opened.all):
        rule = policy.rules[place]
        if rule.shadow or not _may_decide(rule, opened, place, call):
            continue
        yield rule
        if _settles(rule, opened, place):
            return
    yield None


def hanging(policy: Policy, call: Circumstances) -> int:
    """Return the rules, by their bits, that a call fits or not as it turns out, and that matter.

    Those below a rule that surely decides do not.
    """
    opened = open_rules(policy, call)
    found = opened.all & ~opened.surely
    for place in places(opened.surely):
        rule = policy.rules[place]
        decides = not rule.shadow and _may_decide(rule, opened, place, call)
        if decides and _settles(rule, opened, place):
            return found & ((1 << place) - 1)
    return found


def _may_decide(rule: Rule, opened: Open, place: int, call: Circumstances) -> bool:
    """Tell as `decision.that_decides`: unknown address or transport is no reason to allow."""
    known = bool(opened.fits >> place & 1)
    allows = rule.then is Then.ALLOW or (rule.then is Then.SIGN_IN and call.signed_in)
    return known or not allows


def _settles(rule: Rule, opened: Open, place: int) -> bool:
    """Tell whether no rule below one decides, whatever turns out."""
    known = bool(opened.fits >> place & 1)
    return bool(opened.surely >> place & 1) and (known or rule.then is Then.DENY)
