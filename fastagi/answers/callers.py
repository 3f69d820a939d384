"""Everybody who may call, in groups that policies cannot tell apart: by class, mostly.

Which patterns of Asterisk an extension fits is found position by position: all patterns are read
side by side, and of the characters only those count that some pattern tells apart. So every
combination of patterns that any extension has is met, with an extension that has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.numbering.pattern import EXTENSION_MAX
from fastagi.policy.decision import class_of, is_known
from fastagi.policy.traps import is_trap
from fastagi.policy.wording import all_of, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fastagi.numbering.pattern import Pattern
    from fastagi.policy.model import Policy

_OTHERS: Final = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""What an extension may have where it fits no pattern."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a policy sees of a caller.

    Attributes:
        class_name: None where it is in none.
        known: Whether it is a phone of the site: in a class, or an inside number.
        trap: Whether no honest caller has it.
    """

    class_name: str | None
    known: bool
    trap: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """Extensions that are alike.

    Attributes:
        extension: One of them.
        places: What each policy sees of them.
    """

    extension: str
    places: tuple[Place, ...]


def callers(policies: Sequence[Policy]) -> list[Caller]:
    """Find every kind of caller there is; those that nobody knows come last."""
    patterns = [
        pattern
        for policy in policies
        for pattern in (
            *(each for one in policy.classes for each in one.patterns),
            *policy.site.internal,
            *policy.honeypot.extensions,
        )
    ]
    found: dict[tuple[Place, ...], Caller] = {}
    for extension in examples(patterns):
        caller = caller_of(policies, extension)
        found.setdefault(caller.places, caller)
    return sorted(found.values(), key=lambda each: not any(place.known for place in each.places))


def caller_of(policies: Sequence[Policy], extension: str) -> Caller:
    """Return what policies see of an extension."""
    places = []
    for policy in policies:
        name = class_of(policy, extension)
        trap = is_trap(policy, extension)
        places.append(Place(name, is_known(policy, extension, name), trap))
    return Caller(extension, tuple(places))


def examples(patterns: Iterable[Pattern]) -> Iterator[str]:
    """Return an extension for every combination of patterns that any one fits; shortest first."""
    every = list(dict.fromkeys(patterns))
    longest = max((len(each.positions) + 1 for each in every), default=0)
    now = {frozenset(range(len(every))): ""}
    for length in range(min(longest + 1, EXTENSION_MAX)):
        after: dict[frozenset[int], str] = {}
        for alive, text in now.items():
            for character in _told_apart([every[each] for each in sorted(alive)], length):
                left = frozenset(
                    each for each in alive if _goes_on(every[each], length, character)
                )
                after.setdefault(left, text + character)
        now = after
        yield from now.values()


def _goes_on(pattern: Pattern, at: int, character: str) -> bool:
    if at < len(pattern.positions):
        return character in pattern.positions[at]
    return bool(pattern.tail)


def _told_apart(patterns: Sequence[Pattern], at: int) -> Iterator[str]:
    """Return one character for every combination of patterns that one fits at a position."""
    sets = [each.positions[at] for each in patterns if at < len(each.positions)]
    found: dict[tuple[bool, ...], str] = {}
    for character in (*sorted(frozenset().union(*sets)), *_OTHERS):
        found.setdefault(tuple(character in each for each in sets), character)
    yield from found.values()


def in_words(caller: Caller, policy: Policy, place: int = 0) -> str:
    """Say who that is to one of the policies: `staff` (`10X`)."""
    seen = caller.places[place]
    if seen.trap:
        return "traps"
    if seen.class_name is not None:
        own = next(each for each in policy.classes if each.name == seen.class_name)
        return f"{quoted(own.name)} ({', '.join(map(str, own.patterns))})"
    if seen.known:
        return f"inside phones of no class ({all_of(map(str, policy.site.internal))})"
    return "who is no phone of the site"
