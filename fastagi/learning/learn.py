"""From calls to a policy, its cases, and what would have become of those calls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from fastagi.errors import LearningError
from fastagi.learning.cases import cases_text
from fastagi.learning.doubts import doubts
from fastagi.learning.habits import DAY_S, find_habits, most_within, understood
from fastagi.learning.proposal import propose
from fastagi.learning.site import learn_site
from fastagi.learning.suspects import find_suspects
from fastagi.learning.trial import try_out
from fastagi.learning.writing import policy_text
from fastagi.numbering.pattern import Pattern
from fastagi.policy.loading import load_text
from fastagi.rating.tariff import MONEY_UNIT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from fastagi.cdr.past_call import PastCall
    from fastagi.learning.habits import Habits
    from fastagi.learning.proposal import Prices
    from fastagi.learning.site import Site
    from fastagi.learning.suspects import Suspects
    from fastagi.learning.trial import Trial
    from fastagi.policy.model import Policy

LEAST: Final = 100
"""Of fewer calls nothing can be learnt."""

UNDERSTOOD: Final = 0.8
"""Where less of what was dialled is some number, country or prefix are wrong."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is said beside the calls.

    Attributes:
        name: Of the site.
        timezone: Its time zone.
        country: Its country.
        source: The file that the policy will be.
        outside_prefix: What is dialled for a line; None to find it.
        prices: A rate sheet; None for none.
    """

    name: str
    timezone: ZoneInfo
    country: str
    source: Path
    outside_prefix: str | None = None
    prices: Prices | None = None


@dataclass(frozen=True, slots=True)
class Learnt:
    """What came of it.

    Attributes:
        policy: The policy's text.
        cases: Its cases' text.
        site: How numbers are dialled.
        habits: What people do.
        suspects: What was not learnt from.
        trial: What would have become of the calls.
        unnamed: Callers that can be in no class, as no pattern names them.
        doubts: What of the policy is out of reason, a line each.
    """

    policy: str
    cases: str
    site: Site
    habits: Habits
    suspects: Suspects
    trial: Trial
    unnamed: tuple[str, ...]
    doubts: tuple[str, ...]


def learn(records: Iterable[PastCall], wish: Wish) -> Learnt:
    """Propose a policy from calls.

    Args:
        records: Of the site, in order of time.
        wish: What is said beside them.

    Raises:
        LearningError: There are too few calls, or they are dialled in no way that is known.
        PolicyError: The rate sheet cannot be read.
    """
    every = list(records)
    unnamed = tuple(sorted({call.extension for call in every if not _can_be_named(call)}))
    calls = [call for call in every if call.extension not in set(unnamed)]
    if len(calls) < LEAST:
        raise LearningError(
            f"there are {len(calls)} calls, and a policy is learnt from {LEAST} or more: give a "
            "longer time"
        )
    site = learn_site(calls, wish.timezone, wish.country, wish.outside_prefix)
    if site.understood < UNDERSTOOD:
        raise LearningError(
            f"only {site.understood:.0%} of what was dialled outside is a number, dialled in "
            f"`{site.country}` with the prefix `{site.outside_prefix}` for a line: say with "
            "`--country` and `--outside-prefix` what is right"
        )
    seen = understood(calls, site)
    suspects = find_suspects(seen)
    honest = [call for place, call in enumerate(seen) if place not in suspects.places]
    habits = find_habits(honest, site.extensions)
    prices = wish.prices
    if prices is not None:
        priced = policy_text(propose(site, habits, prices), wish.name, suspects.found)
        loaded = load_text(priced, wish.source)
        costs = try_out(loaded, calls, suspects.places).costs
        prices = replace(
            prices,
            unknown=_dearest(loaded),
            phone_a_day=most_within(sorted(costs), DAY_S),
            site_a_day=most_within(sorted((at, "", amount) for at, _, amount in costs), DAY_S),
        )
    proposal = propose(site, habits, prices)
    policy = policy_text(proposal, wish.name, suspects.found)
    trial = try_out(load_text(policy, wish.source), calls, suspects.places)
    odd = tuple(doubts(proposal.entries, honest))
    return Learnt(policy, cases_text(proposal), site, habits, suspects, trial, unnamed, odd)


def _dearest(policy: Policy) -> str:
    """Return the dearest price a minute of the policy's sheet, rounded up to a whole unit."""
    assert policy.rates is not None  # noqa: S101 - it was made with a sheet
    dearest = max((each.per_minute for each in policy.rates.sheet.prices()), default=0)
    return f"{max(1, -(-dearest // MONEY_UNIT))}.00"


def _can_be_named(call: PastCall) -> bool:
    """Tell whether a policy that names the phone names it and no other: `X.` would be anybody."""
    try:
        named = Pattern.parse(call.extension)
    except ValueError:
        return False
    is_one = not named.tail and all(len(each) == 1 for each in named.positions)
    return is_one and named.matches(call.extension)
