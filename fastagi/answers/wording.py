"""Which calls are meant, in few words: under what conditions, and to which numbers.

Words for numbers are exact: they take all that is meant, and nothing else. They are of what a
reader knows: countries, categories, the policy's own prefixes and lists; what is left is prefixes.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from babel import Locale

from fastagi.answers import moments
from fastagi.answers.entries import entries
from fastagi.answers.numbers import prefixes_of
from fastagi.numbering.number import GLOBAL, Category
from fastagi.policy.scope import APART
from fastagi.policy.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from fastagi.answers.numbers import Group
    from fastagi.answers.situations import Path
    from fastagi.answers.table import Table
    from fastagi.policy.model import Policy

_PREFIXES_MAX: Final = 12
_LESS_WORTH: Final = 0.8
"""What each exception leaves of a word's worth."""


# ----------------------------------------------------------------------------- conditions


class Conditions:
    """Words for situations.

    Args:
        policy: Whose names are used, and whose clock.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._known: dict[object, str] = {}

    def words(self, path: Path, table: Table) -> str:
        """Say in which situations; empty where that is in all."""
        every = {
            name: tuple(each for values in axis for each in values)
            for name, axis in zip(path.situation._fields, table.axes, strict=True)
        }
        key = tuple((*each, every[each[0]]) for each in path.told)
        if key not in self._known:
            parts = (self._one(name, values, every[name]) for name, values in path.told)
            self._known[key] = ", ".join(filter(None, parts))
        return self._known[key]

    def _one(self, name: str, values: Sequence[object], every: Sequence[object]) -> str:
        match name:
            case "passed_on":
                named = " or ".join(str(each) for each in values if each)
                also = ", or not" if "" in values else ""
                return f"if the call is {named}{also}" if named else ""
            case "cell":
                cells = [each for each in values if isinstance(each, moments.Cell)]
                whole = [each for each in every if isinstance(each, moments.Cell)]
                return moments.in_words(cells, whole, self._policy)
            case "signed_in":
                return (
                    "while somebody is signed in"
                    if True in values
                    else "while nobody is signed in"
                )
            case "network":
                return " or ".join(_from_where(each) for each in values)
            case "transport":
                return " or ".join(
                    "by a transport nobody knows" if each is None else f"by {each}"
                    for each in values
                )
            case "new":
                return _any_of(values, "where nothing is new", "where new is ")
            case "reported":
                return "if others report the number" if True in values else "if nobody reports it"
            case _:
                nothing = "with nothing left of "
                return _any_of(values, "while something is left of each limit", nothing)


def _any_of(values: Sequence[object], nothing: str, something: str) -> str:
    """Say of sets of names which are meant."""
    sets = [each for each in values if isinstance(each, frozenset)]
    named = [" and ".join(quoted(str(name)) for name in sorted(each)) for each in sets if each]
    parts = [nothing] if frozenset() in sets else []
    if named:
        parts.append(something + " or ".join(named))
    return ", or ".join(parts)


def _from_where(network: object) -> str:
    if network is None:
        return "from an address nobody knows"
    names = getattr(network, "names", ())
    inside = sorted(frozenset().union(*names))
    return f"from {' and '.join(map(quoted, inside))}" if inside else "from no named network"


# ----------------------------------------------------------------------------- numbers


@functools.cache  # some 250
def country(code: str) -> str:
    """Return the English name of a country; that of the codes of none is our own."""
    if code == GLOBAL:
        return "global codes"
    names = Locale("en").territories
    return str(names.get(code, code))


class Vocabulary:
    """Words for the groups of numbers in question.

    Args:
        every: All of them.
        policy: Whose words are used.
        whole: What all of them are called, where that is not every number there is.
    """

    def __init__(self, every: Sequence[Group], policy: Policy, whole: str = "") -> None:
        self._whole = whole
        self._every = {id(each): each for each in every}
        home = policy.site.country
        self._broad = _items(_broad(each, whole) for each in every)
        self._narrow = _items(_narrow(each, home, policy) for each in every)

    def words(self, some: Sequence[Group]) -> str:
        """Say which numbers some groups are."""
        if len(some) == len(self._every) > 1:
            return self._whole or "every number"
        return ", ".join(self._parts(some)) or "no number"

    def _parts(self, some: Sequence[Group]) -> Iterator[str]:
        """Say which numbers some groups are, the broadest word first."""
        left = {id(each): each for each in some}
        meant = frozenset(left)
        parts: list[tuple[str, frozenset[int]]] = []
        while left:
            words, ids = self._broadest(left, meant)
            if not ids:
                break
            parts.append((words, ids & meant))
            left = {key: each for key, each in left.items() if key not in ids}
        for part in tuple(parts):  # a later one may have taken all that an earlier one did
            others = [ids for words, ids in parts if words != part[0]]
            if part[1] <= frozenset().union(*others):
                parts.remove(part)
        yield from (words for words, _ in parts)
        yield from _spelled(list(left.values()))

    def _broadest(
        self, left: Mapping[int, Group], meant: frozenset[int]
    ) -> tuple[str, frozenset[int]]:
        """Return the word that takes most of what is left, and nothing that is not meant."""
        best = self._best([*self._broad, *self._narrow], left, self._every.keys() - meant)
        worth = float(len(best[1] & left.keys()))
        for words, ids in self._broad:
            covers = len(ids & left.keys())
            if ids <= meant or covers * _LESS_WORTH <= worth:
                continue
            exceptions = self._exceptions(ids - meant, ids & meant)
            if exceptions and covers * _LESS_WORTH ** len(exceptions) > worth:
                worth = covers * _LESS_WORTH ** len(exceptions)
                best = (f"{words} but {', '.join(exceptions)}", ids)
        return best

    def _exceptions(self, some: frozenset[int], kept: frozenset[int]) -> list[str]:
        """Return words that take some groups and none that is kept; none where none do."""
        found: list[str] = []
        left = {key: self._every[key] for key in some}
        while left:
            words, ids = self._best([*self._broad, *self._narrow], left, kept)
            if not ids:
                return []
            found.append(words)
            left = {key: each for key, each in left.items() if key not in ids}
        return found

    def _best(
        self,
        items: Iterable[tuple[str, frozenset[int]]],
        left: Mapping[int, Group],
        kept: AbstractSet[int],
    ) -> tuple[str, frozenset[int]]:
        """Return the word that takes most of what is left, and nothing that is kept."""
        fitting = (each for each in items if each[1].isdisjoint(kept))
        best = max(fitting, key=lambda each: len(each[1] & left.keys()), default=_NO_WORD)
        return best if best[1] & left.keys() else _NO_WORD


_NO_WORD: Final[tuple[str, frozenset[int]]] = ("", frozenset())


def _items(words: Iterable[tuple[Group, Iterable[str]]]) -> list[tuple[str, frozenset[int]]]:
    found: dict[str, set[int]] = {}
    for group, some in words:
        for each in some:
            found.setdefault(each, set()).add(id(group))
    return [(word, frozenset(ids)) for word, ids in found.items()]


def _broad(group: Group, whole: str) -> tuple[Group, list[str]]:
    """Return the words that take a group of numbers and many others."""
    number = group.number
    if number.category is Category.UNALLOCATED:
        return group, ["unallocated numbers"]
    every = f"allocated numbers of {whole}" if whole else "every outside number"
    found = [] if number.category in APART else [every]
    if Category.INTERNATIONAL in number.categories:
        found.append("numbers abroad")
    if number.category is Category.INTERNATIONAL:
        return group, [*found, "ordinary numbers abroad"]
    return group, [*found, f"{number.category} numbers"]


def _narrow(group: Group, home: str, policy: Policy) -> tuple[Group, list[str]]:
    """Return the words that take a group of numbers and few others."""
    number, found = group.number, []
    if number.category not in APART:
        of = country(number.country)
        kind = "ordinary" if number.category is Category.INTERNATIONAL else str(number.category)
        where = "at home" if number.country == home else "abroad"
        found += [f"{kind} numbers {where}", f"{kind} numbers of {of}"]
        if number.category is not Category.UNALLOCATED:
            found.append(of)
    if number.is_e164:
        digits = number.number
        known = "" if number.category is Category.UNALLOCATED else "allocated "
        for to in (each.scope.to for each in entries(policy)):
            for prefix in to.prefixes if to else ():
                if digits.startswith(f"+{prefix}"):
                    found += [f"+{prefix}…", f"{known or 'unallocated '}numbers of +{prefix}…"]
            for name in to.lists if to else ():
                if policy.lists[name].longest(digits) is not None:
                    what = f"`list:{name}`"
                    found += [what, f"{known or 'unallocated '}numbers of {what}"]
    return group, found


def _spelled(some: Sequence[Group]) -> Iterator[str]:
    """Write numbers down as prefixes, the first of them, and say how many more there are."""
    every = list(dict.fromkeys(f"+{each}…" for each, _ in _prefixes(some)))
    every += [text for each in some for text in each.texts]
    if not every:
        return
    shown = every[:_PREFIXES_MAX]
    more = len(every) - len(shown)
    rest = f" and {more} more prefixes" if more else ""
    yield f"{', '.join(shown)}{rest}"


def _prefixes(some: Sequence[Group]) -> Iterator[tuple[str, int]]:
    yield from sorted(prefixes_of(each for one in some for each in one.ranges))
