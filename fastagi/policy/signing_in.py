"""How a policy has people sign in: said in words, and what of it is odd."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.policy.model import Bond, LiveCalls, Then
from fastagi.policy.wording import all_of, duration, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.policy.model import Policy, Rule, SignInTerms
    from fastagi.toml_lines import TomlPath

TABLE: Final = "sign-in"

TO_DIAL_S: Final = 60
"""How long it takes at least to hang up after signing in, to look a number up and to dial it."""

DAY_S: Final = 24 * 3600
LONGEST_DAY_S: Final = 25 * 3600
"""The day on which the clocks are set back."""


# ----------------------------------------------------------------------------- in words


def in_words(terms: SignInTerms) -> str:
    """Say what has to be shown, for how long it holds, and for whom."""
    parts = [
        all_of(terms.factors),
        *(["also on a phone of others"] if terms.anywhere else []),
        ", ".join(_ends(terms)),
        _bound(terms),
        *([f"{terms.at_once} at once"] if terms.at_once > 1 else []),
        *(["its calls end with it"] if terms.calls is LiveCalls.END else []),
    ]
    return "; ".join(parts)


def _ends(terms: SignInTerms) -> Iterator[str]:
    yield f"for {duration(terms.for_s)} at most"
    if terms.until is not None:
        yield f"until {terms.until:%H:%M}"
    if terms.idle_s:
        yield f"{duration(terms.idle_s)} without a call"


def _bound(terms: SignInTerms) -> str:
    if not terms.bound_to:
        return "bound to nothing"
    return f"bound to {all_of(sorted(terms.bound_to))} of the phone"


# ----------------------------------------------------------------------------- what is odd


def find_odd(policy: Policy) -> Iterator[tuple[TomlPath, str]]:
    """Find what an administrator hardly meant, where anybody can sign in at all."""
    rules = [rule for rule in policy.rules if rule.then is Then.SIGN_IN]
    if rules:
        yield from _how_long(policy.sign_in)
        yield from _from_where(policy.sign_in, rules)
        yield from _on_whose_phone(policy, rules)
    elif (TABLE,) in policy.lines:
        what = "no rule asks for a sign-in, so nothing comes of this table"
        yield (TABLE,), f'{what}; write `then = "sign-in"` in a rule, or leave it out'


def _how_long(terms: SignInTerms) -> Iterator[tuple[TomlPath, str]]:
    for key, seconds in (("for", terms.for_s), ("idle", terms.idle_s)):
        if 0 < seconds < TO_DIAL_S:
            what = f"`{key}` leaves {quoted(duration(seconds))} to dial after signing in"
            yield (TABLE, key), f"{what}; make it longer"
    lasts = quoted(duration(terms.for_s))
    if terms.idle_s >= terms.for_s:
        yield (TABLE, "idle"), f"`idle` ends no sign-in: `for` does before, after {lasts}"
    if terms.until is not None:
        if terms.for_s >= LONGEST_DAY_S:
            what = "`for` ends no sign-in: `until` does before, within a day"
            yield (TABLE, "for"), f"{what}; make it shorter, or leave it out"
    elif terms.for_s > DAY_S and not 0 < terms.idle_s <= DAY_S:
        what = f"who goes home signed in leaves the phone open for up to {lasts}"
        yield (TABLE, "for"), f'{what}; write `until = "19:00"`, or `idle = "30m"`'


def _from_where(terms: SignInTerms, rules: list[Rule]) -> Iterator[tuple[TomlPath, str]]:
    """Find sign-ins that a thief can use from home.

    What a phone says it is, is a claim, and what is registered is the endpoint's, not the call's.
    """
    if Bond.ADDRESS in terms.bound_to:
        return
    if open_to_all := _from_anywhere(rules):
        what = "a stolen SIP password opens from anywhere what somebody signed in to"
        hint = f"put `address` in, or say a `network` in {all_of(open_to_all)}"
        yield (TABLE, "bound_to"), f"without `address`, {what}; {hint}"


def open_from_anywhere(policy: Policy) -> list[str]:
    """Name the rules that ask for a sign-in and hold wherever the phone is."""
    return _from_anywhere([rule for rule in policy.rules if rule.then is Then.SIGN_IN])


def _from_anywhere(rules: list[Rule]) -> list[str]:
    return [rule.name for rule in rules if not _is_somewhere(rule)]


def _is_somewhere(rule: Rule) -> bool:
    networks = rule.scope.networks
    return bool(networks) and not any(each.negated for each in networks)


def _on_whose_phone(policy: Policy, rules: list[Rule]) -> Iterator[tuple[TomlPath, str]]:
    """Find what people get on phones of others that they do not on their own."""
    if not policy.sign_in.anywhere:
        return
    for rule in rules:
        others = [each.name for each in policy.classes if each.name not in rule.scope.classes]
        if rule.scope.classes and others:
            mine = all_of(sorted(rule.scope.classes))
            what = f"what rule {quoted(rule.name)} keeps for {mine} is open to people of"
            how = "who sign in on such a phone with factors of their own"
            yield (TABLE, "anywhere"), f"{what} {all_of(others)}, {how}"
