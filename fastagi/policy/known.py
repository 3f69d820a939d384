"""What may be known of a call besides what the call says itself, and how a case writes that."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from fastagi.policy.limits_in_words import WORDS
from fastagi.policy.model import Factor, Facts, Stage, Unit
from fastagi.policy.mutants import Part
from fastagi.policy.scope import Novelty, named_limits
from fastagi.policy.used import Used
from fastagi.rating.tariff import amount

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastagi.policy.model import Limit, Policy
    from fastagi.policy.mutants import Mutant


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a call.

    Attributes:
        texts: The same as keys and values of a case's `call`.
        facts: What is proven, new, over, braked, watched.
        used: What was used of limits before it.
    """

    texts: tuple[str, ...] = ()
    facts: Facts = field(default_factory=Facts)
    used: Mapping[str, Used] = field(default_factory=dict)


def what_may_be_known(policy: Policy, mutant: Mutant) -> Iterator[Known]:
    """Find what may be known of a call that matters to a slip; the plainest first."""
    plain = (
        Known(),
        Known(('shown = ["pin", "totp"]',), Facts(shown=frozenset(Factor))),
        Known(("signed_in = true",), Facts(signed_in=True)),
    )
    yield from plain
    for more in _of_part(policy, mutant):
        yield from (_both(each, more) for each in plain)
    if policy.asks_for_novelty:
        country = Known(("first_time_country = true",), Facts(known_country=False))
        others = sorted(policy.asks_for_novelty - {Novelty.COUNTRY})
        yield country
        if others:
            listed = ", ".join(f'"{each}"' for each in others)
            yield _both(country, Known((f"novel = [{listed}]",), Facts(novel=frozenset(others))))


def _of_part(policy: Policy, mutant: Mutant) -> Iterator[Known]:
    match mutant.part:
        case Part.LIMIT:
            limit = next(each for each in policy.limits if each.name == mutant.name)
            yield from (Known((text,), used={limit.name: x}) for text, x in _all_used(limit))
        case Part.WATCH:
            yield Known((f'watched = ["{mutant.name}"]',), Facts(watched=frozenset({mutant.name})))
        case Part.BRAKE:
            yield Known(('braked = "site"',), Facts(braked=Stage.SITE))
        case Part.RULE | Part.HONEYPOT:
            names = sorted({x for each in mutant.scopes for x in named_limits(each)})
            if names:
                listed = ", ".join(f'"{each}"' for each in names)
                yield Known((f"over = [{listed}]",), Facts(over=frozenset(names)))


def _all_used(limit: Limit) -> Iterator[tuple[str, Used]]:
    """Say that all of a limit is used, of each thing that it counts."""
    if limit.calls is not None:
        text = f"used = {{ {limit.name} = {{ calls = {limit.calls} }} }}"
        yield text, Used(calls=limit.calls)
    for unit, most in limit.budgets:
        so_much = str(most)
        if unit is Unit.SPEND:
            so_much = f'"{amount(most)}"'
        elif unit is Unit.SECONDS:
            so_much = str(most // 60)
        text = f"used = {{ {limit.name} = {{ {WORDS[unit]} = {so_much} }} }}"
        yield text, Used(units={unit: most})


def _both(one: Known, other: Known) -> Known:
    facts = replace(
        one.facts,
        over=other.facts.over,
        novel=other.facts.novel,
        watched=other.facts.watched,
        braked=other.facts.braked,
    )
    return Known((*one.texts, *other.texts), facts, other.used)
