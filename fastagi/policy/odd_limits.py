"""What is odd in limits: those that never matter, and those that stop what nobody meant them to.

It never says that a limit does not matter which does. It may miss one: every price of the rate
sheet is taken for one that any call may have. A little longer than other files, as what one limit
leaves to another is the same reasoning for every unit.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, assert_never

from fastagi.numbering.number import Category
from fastagi.policy.limits import BLOCK_DIGITS, currency_of
from fastagi.policy.limits_in_words import WORDS, money, so_much
from fastagi.policy.model import Per, Then, ThenLimit, Unit
from fastagi.policy.reach import HOME_ONLY, contains
from fastagi.policy.scope import COUNTRIES_ABROAD, named_limits
from fastagi.policy.wording import all_of, duration, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastagi.policy.model import Limit, Policy
    from fastagi.policy.scope import Destinations
    from fastagi.rating.tariff import Tariff

PARTS: Final = {
    Per.EXTENSION: (),
    Per.CLASS: (Per.EXTENSION,),
    Per.COUNTRY: (Per.NUMBER,),
    Per.NUMBER: (),
    Per.BLOCK: (Per.NUMBER,),
    Per.TRUNK: (),
    Per.SITE: (Per.EXTENSION, Per.CLASS, Per.COUNTRY, Per.NUMBER, Per.BLOCK, Per.TRUNK),
}
"""What is counted within what: an extension's calls are among those of its class."""

MINUTE_S: Final = 60

IN_A_BLOCK: Final = 10**BLOCK_DIGITS


def find_odd(policy: Policy) -> Iterator[tuple[int, str]]:
    """Find what is odd, each with its line."""
    for place, limit in enumerate(policy.limits):
        yield from _idle(policy, place)
        yield from _unwatched(policy, limit)
        if not limit.only_counts:
            yield from _never_reached(policy, limit)
            yield from _of_money(policy, limit)
        yield from _rolling_faster_than_calls(policy, limit)
    yield from _boundless_abroad(policy)


# ----------------------------------------------------------------------------- beside another


def _idle(policy: Policy, place: int) -> Iterator[tuple[int, str]]:
    """Find what of a limit never matters, as another always comes before it."""
    limit, longest_s = policy.limits[place], policy.site.longest_s
    name = quoted(limit.name)
    if limit.duration_s is not None and limit.duration_s > longest_s:
        what = f"limit {name} never ends a call: the site's `longest` does before, at"
        yield limit.line, f"{what} {quoted(duration(longest_s))}"
    elif other := _idled_by(policy, place, _ends_before):
        what = f"limit {name} never ends a call: {quoted(other.name)} ends all of its calls"
        yield limit.line, f"{what}, and no later"
    if other := _idled_by(policy, place, _is_cheaper):
        what = f"{_part(limit, 'price')} {name} never matters: {quoted(other.name)} lets none of"
        yield limit.line, f"{what} its calls through that costs more"
    if other := _idled_by(policy, place, _is_full_before):
        yield limit.line, _never_full(limit, other, "calls")
    for unit, _ in limit.budgets:
        if other := _idled_by(policy, place, partial(_is_used_up_before, unit)):
            yield limit.line, _never_full(limit, other, WORDS[unit])


def _unwatched(policy: Policy, limit: Limit) -> Iterator[tuple[int, str]]:
    """Find limits that only watch, and that no rule asks for; and what asks in vain for one."""
    name = quoted(limit.name)
    asking = [rule for rule in policy.rules if limit.name in named_limits(rule.scope)]
    if limit.then is ThenLimit.WATCH and not asking:
        what = f"limit {name} only watches, and no rule asks for it"
        yield limit.line, f'{what}; write one with `when = "over:{limit.name}"`'
    for rule in asking:
        callers, counted = rule.scope.classes, limit.scope.classes
        if callers and counted and callers.isdisjoint(counted):
            what = f"rule {quoted(rule.name)} asks for {name}, which counts no call of"
            yield rule.line, f"{what} {all_of(sorted(callers))}"


def _never_full(limit: Limit, other: Limit, word: str) -> str:
    same = (limit.scope, limit.per) == (other.scope, other.per)
    counted = "the same" if same else "all of its calls"
    what = f"{_part(limit, word)} {quoted(limit.name)} never matters: {quoted(other.name)} counts"
    return f"{what} {counted}, and allows no more"


def _part(limit: Limit, word: str) -> str:
    """Name a limit, or the part of it where it has others."""
    parts = [WORDS[unit] for unit, _ in limit.budgets]
    parts += [key for key in ("calls", "price") if getattr(limit, key) is not None]
    parts += ["duration"] if limit.duration_s is not None else []
    return "limit" if parts == [word] else f"`{word}` of limit"


def _idled_by(
    policy: Policy, place: int, comes_before: Callable[[Limit, Limit], bool]
) -> Limit | None:
    """Return another limit that speaks of all calls of one, and always comes before it, if any.

    Of two that are the same, the first idles the second.
    """
    limit = policy.limits[place]
    for other_place, other in enumerate(policy.limits):
        if other_place == place or limit.only_counts or other.only_counts:
            continue
        if not comes_before(other, limit):
            continue
        if not contains(policy, other.scope, limit.scope):
            continue
        mutual = comes_before(limit, other) and contains(policy, limit.scope, other.scope)
        if other_place < place or not mutual:
            return other
    return None


def _ends_before(one: Limit, other: Limit) -> bool:
    if one.duration_s is None or other.duration_s is None:
        return False
    return one.duration_s <= other.duration_s


def _is_cheaper(one: Limit, other: Limit) -> bool:
    return one.price is not None and other.price is not None and one.price <= other.price


def _is_full_before(one: Limit, other: Limit) -> bool:
    if one.calls is None or other.calls is None:
        return False
    return one.calls <= other.calls and _counts_all(one, other)


def _is_used_up_before(unit: Unit, one: Limit, other: Limit) -> bool:
    given, other_given = one.most(unit), other.most(unit)
    if given is None or other_given is None:
        return False
    return given <= other_given and one.within_s >= other.within_s and _counts_all(one, other)


def _counts_all(one: Limit, other: Limit) -> bool:
    """Tell whether what one limit counts together are all calls that another does, or more."""
    return one.per is not None and (other.per == one.per or other.per in PARTS[one.per])


# ----------------------------------------------------------------------------- the most there is


def _never_reached(policy: Policy, limit: Limit) -> Iterator[tuple[int, str]]:
    """Find budgets that all calls together cannot use up."""
    for unit, most in limit.budgets:
        bound = _most_used(policy, limit, unit)
        if bound is not None and most >= bound:
            what = f"{_part(limit, WORDS[unit])} {quoted(limit.name)} never matters: all its calls"
            amounts = so_much(unit, bound, currency_of(policy))
            yield limit.line, f"{what} together cannot come to more than {amounts}"


def _most_used(policy: Policy, limit: Limit, unit: Unit) -> int | None:
    """Return the most that can ever stand against a budget of a limit; None if that is unknown.

    What a call used counts from its beginning until `within` after its end, so what counts at one
    moment is of calls that began up to `within` and a call's length ago.
    """
    longest_s, tariffs = _longest_s(policy, limit), _tariffs(policy)
    attempts, at_a_time = _most_attempts(policy, limit, longest_s), _most_at_a_time(policy, limit)
    # Talk since then, one call after the other, and what the last ones have reserved.
    talk_s = None if at_a_time is None else at_a_time * (limit.within_s + 2 * longest_s)
    match unit:
        case Unit.SPEND if not tariffs:
            return None
        case Unit.SPEND:
            call = max(each.cost(longest_s) for each in tariffs)
            second = max(max(each.first_cost, each.next_cost) for each in tariffs)
            return _least(_times(attempts, call), _times(talk_s, second))
        case Unit.SECONDS:
            return _least(_times(attempts, longest_s), talk_s)
        case Unit.NUMBERS:
            return _least(attempts, IN_A_BLOCK if limit.per is Per.BLOCK else None)
        case Unit.COUNTRIES:
            return _least(attempts, limit.most(Unit.NUMBERS))
        case Unit.EXTENSIONS | Unit.SHORT:
            return attempts
        case Unit.ATTEMPTS:
            return None
        case _:
            assert_never(unit)


def _times(count: int | None, each: int) -> int | None:
    return None if count is None else count * each


def _least(*bounds: int | None) -> int | None:
    return min((each for each in bounds if each is not None), default=None)


def _most_attempts(policy: Policy, limit: Limit, longest_s: int) -> int | None:
    """Return how many calls can count at one moment, by what limits say of attempts."""
    begun_s = limit.within_s + longest_s
    bounds = [
        attempts * -(-begun_s // each.within_s)
        for each in _beside(policy, limit)
        if (attempts := each.most(Unit.ATTEMPTS)) is not None and _counts_all(each, limit)
    ]
    return min(bounds, default=None)


def _most_at_a_time(policy: Policy, limit: Limit) -> int | None:
    """Return how many of the calls that a limit counts together there can be at one time."""
    beside = (each for each in _beside(policy, limit) if _counts_all(each, limit))
    return _least(*(each.calls for each in beside))


def _longest_s(policy: Policy, limit: Limit) -> int:
    """Return the longest that a call may last which a limit speaks of."""
    seconds = policy.site.longest_s
    for each in _beside(policy, limit):
        seconds = min(seconds, each.duration_s or seconds, each.most(Unit.SECONDS) or seconds)
    return seconds


def _beside(policy: Policy, limit: Limit) -> Iterator[Limit]:
    """Find the limits, itself among them, that speak of all its calls, and refuse."""
    for each in policy.limits:
        if not each.only_counts and contains(policy, each.scope, limit.scope):
            yield each


# ----------------------------------------------------------------------------- money and time


def _tariffs(policy: Policy) -> list[Tariff]:
    """Return every tariff that a call may have."""
    if policy.rates is None:
        return []
    unknown = policy.rates.unknown
    return [*policy.rates.sheet.prices(), *([] if unknown is None else [unknown])]


def _of_money(policy: Policy, limit: Limit) -> Iterator[tuple[int, str]]:
    """Find amounts with which next to nothing can be called."""
    minutes = [each.cost(MINUTE_S) for each in _tariffs(policy) if each.cost(MINUTE_S)]
    spend = limit.most(Unit.SPEND)
    if minutes and spend is not None and spend < min(minutes):
        currency = currency_of(policy)
        what = f"limit {quoted(limit.name)} gives {money(spend, currency)}, but no minute costs"
        yield limit.line, f"{what} less than {money(min(minutes), currency)}, so no call lasts one"
    dearest = [each.per_minute for each in _tariffs(policy)]
    if dearest and limit.price is not None and limit.price < min(dearest):
        currency = currency_of(policy)
        what = f"limit {quoted(limit.name)} lets nobody call: no number is as cheap as"
        yield limit.line, f"{what} {money(limit.price, currency)} a minute"


def _rolling_faster_than_calls(policy: Policy, limit: Limit) -> Iterator[tuple[int, str]]:
    """Find limits on what calls use in a time that is shorter than one call."""
    longest_s = _longest_s(policy, limit)
    used = [WORDS[unit] for unit, _ in limit.budgets if unit in (Unit.SPEND, Unit.SECONDS)]
    if used and limit.within_s < longest_s:
        what = f"limit {quoted(limit.name)} is on {all_of(used)} in {duration(limit.within_s)}"
        hint = "make `within` longer, or write a `duration`"
        yield limit.line, f"{what}, but one call may last {duration(longest_s)}; {hint}"


def _boundless_abroad(policy: Policy) -> Iterator[tuple[int, str]]:
    """Find policies that know what calls cost, and yet bound nothing of it abroad."""
    if policy.rates is None:
        return
    home = policy.site.country
    opened = any(
        rule.then is not Then.DENY and not rule.shadow and _is_abroad(rule.scope.to, home)
        for rule in policy.rules
    )
    bounded = any(
        limit.most(Unit.SPEND) is not None
        and not limit.only_counts
        and (_is_abroad(limit.scope.to, home) or _may_be_abroad(limit.scope.to))
        for limit in policy.limits
    )
    if opened and not bounded:
        what = "no limit says how much may be spent on international calls"
        hint = 'write one, with `per = "extension"`, `spend = "20.00"` and `within = "24h"`'
        yield policy.lines.get(("rates",), 0), f"{what}; {hint}"


def _is_abroad(to: Destinations | None, home: str) -> bool:
    """Tell whether a `to` list surely takes numbers abroad."""
    return (
        to is None
        or Category.INTERNATIONAL in to.categories
        or bool(to.countries - {home})
        or not to.novel.isdisjoint(COUNTRIES_ABROAD)
    )


def _may_be_abroad(to: Destinations | None) -> bool:
    return to is None or bool(to.categories - HOME_ONLY or to.prefixes or to.lists or to.novel)
