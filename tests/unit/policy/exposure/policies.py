"""Policies by chance, with prices by chance: rules, and one to four limits of any kind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from fastagi.policy.exposure.destinations import Destination
from fastagi.policy.model import Novelty
from fastagi.rating.tariff import Tariff
from tests.unit.policy.samples import HERE, RATES, policy_of, rates_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastagi.policy.model import Policy

SITE: Final = """\
[site]
name = "test"
country = "GB"
timezone = "Europe/London"
internal = ["10[1-3]", "20[1-2]"]
longest = "30m"

[classes]
staff = ["10[1-3]"]
lobby = ["20[1-2]"]

[hours]
office = ["Mon-Fri 08:00-18:30"]
"""

EXTENSIONS: Final = ("101", "102", "103", "201", "202")

PREFIXES: Final = ("44", "39", "33", "881")

ALIKE: Final = 8
"""Numbers of each kind."""

DIALLED: Final = tuple(
    f"{stem}{last}"
    for stem in ("0207946000", "0039061234567", "003314261470", "0088161234567")
    for last in range(ALIKE)
)


@dataclass(frozen=True)
class World:
    """A policy, and all numbers that there are."""

    policy: Policy
    numbers: Sequence[Destination]

    def __repr__(self) -> str:
        """Show what the limits say; prices are in the numbers."""
        prices = {each.tariff for each in self.numbers}
        return f"{[*self.policy.rules]}\n{[*self.policy.limits]}\n{prices}"


@st.composite
def tariffs(draw: st.DrawFn) -> Tariff:
    """Return a price, by the increments that carriers bill by."""
    first_s, next_s = draw(st.sampled_from([(60, 60), (1, 1), (30, 6), (60, 1), (6, 60)]))
    a_minute = draw(st.sampled_from([30_000, 110_000, 450_000, 1_200_000, 6_000_000]))
    fee = draw(st.sampled_from([0, 0, 70_000]))
    return Tariff(first_s, -(-a_minute * first_s // 60) + fee, next_s, -(-a_minute * next_s // 60))


_RULES: Final = (
    '[[rule]]\nname = "{}"\nto = ["satellite"]\nthen = "deny"\n',
    '[[rule]]\nname = "{}"\nto = ["country:IT"]\nwhen = "not office"\nthen = "deny"\n',
    '[[rule]]\nname = "{}"\nfrom = ["lobby"]\nto = ["international"]\nthen = "deny"\n',
    '[[rule]]\nname = "{}"\nto = ["first-time-number"]\nwhen = "over:watched"\nthen = "deny"\n',
    '[[rule]]\nname = "{}"\nto = ["country:IT"]\nwhen = "not over:watched"\nthen = "allow"\n',
    '[[rule]]\nname = "{}"\nto = ["first-time-prefix-of-site"]\nthen = "sign-in"\n',
    '[[rule]]\nname = "{}"\nto = ["international"]\nthen = "pin+totp"\n',
)

_WATCHED: Final = """
[[limit]]
name = "watched"
per = "extension"
to = ["international"]
attempts = 3
within = "1h"
then = "watch"
"""

READINGS: Final = tuple(
    (frozenset(novel), frozenset(over))
    for novel in ((), (Novelty.NUMBER,), Novelty)
    for over in ((), ("watched",))
)
"""What may be new of a call, and what it may be over; whether it really is, no matter."""

_BUDGETS: Final = {
    "spend": ['"1.00"', '"5.00"', '"7.30"', '"20.00"'],
    "minutes": ["1", "5", "30"],
    "attempts": ["1", "3", "20"],
    "numbers": ["1", "2"],
    "countries": ["1", "2"],
    "calls": ["1", "2", "3"],
}


_NEVER: Final = {"country": {"countries"}, "number": {"numbers", "countries"}}
"""Of one country there is one at most."""


@st.composite
def _limits(draw: st.DrawFn, name: str, *, different: bool) -> str:
    pers = ["extension", "extension", "class", "site", "country", "number"]
    per = draw(st.sampled_from(pers if different else pers[:-1]))
    never = _NEVER.get(per, set()) if different else {"numbers", "countries"}
    known = sorted(set(_BUDGETS) - never)
    kinds = draw(st.lists(st.sampled_from(known), min_size=1, max_size=2, unique=True))
    lines = ["[[limit]]", f'name = "{name}"', f'per = "{per}"']
    lines += [f"{kind} = {draw(st.sampled_from(_BUDGETS[kind]))}" for kind in kinds]
    if kinds != ["calls"]:
        lines.append(f'within = "{draw(st.sampled_from(["10m", "1h", "5h", "24h"]))}"')
    new = 'to = ["first-time-number", "country:FR"]'
    scopes = ["", "", 'to = ["international"]', 'from = ["staff"]', new]
    lines.append(draw(st.sampled_from(scopes)))
    return "\n".join(lines)


@st.composite
def worlds(draw: st.DrawFn, *, different: bool = True) -> World:
    """Return a policy with its numbers.

    Args:
        draw: Hypothesis'.
        different: Whether limits may be on how many different numbers or countries are called, or
            on each number.
    """
    rules = [rule.format(f"r{place}") for place, rule in enumerate(_RULES) if draw(st.booleans())]
    limits = [
        draw(_limits(f"l{place}", different=different)) for place in range(draw(st.integers(1, 4)))
    ]
    prices = {prefix: draw(tariffs()) for prefix in PREFIXES}
    return world_of("\n".join([*rules, *limits, _WATCHED]), prices)


def world_of(text: str, prices: Mapping[str, Tariff]) -> World:
    """Return a policy of these rules and limits, where all else is allowed; with its numbers."""
    last = '[[rule]]\nname = "all"\nthen = "allow"\n'
    site = SITE + RATES
    policy = replace(
        policy_of(f"{text}\n{last}", site=site, source=HERE / "p.toml"), rates=rates_of(prices)
    )
    numbers = [policy.plan.read(each) for each in DIALLED]
    rates = rates_of(prices)
    return World(policy, [Destination(each, rates.tariff(each, 0)) for each in numbers])
