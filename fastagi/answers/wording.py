"""Which calls are meant, in few words: under what conditions, and to which numbers.

Words for numbers are exact: they take all that is meant, and nothing else. They are of what a
reader knows: countries, categories, the policy's own prefixes and lists; what is left is prefixes.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from babel import Locale

from fastagi.answers import moments
from fastagi.answers.numbers import prefixes_of
from fastagi.numbering.number import GLOBAL, Category
from fastagi.policy.scope import APART
from fastagi.policy.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from fastagi.answers.moments import Cell
    from fastagi.answers.numbers import Group
    from fastagi.answers.table import Path, Table
    from fastagi.policy.model import Policy

_PREFIXES_MAX: Final = 12
_EXCEPTIONS_MAX: Final = 8
_ENOUGH: Final = 3
"""How many groups something broad has to take to be named with exceptions."""


# ----------------------------------------------------------------------------- conditions


def conditions(path: Path, table: Table, policy: Policy) -> str:
    """Say in which situations; empty where that is in all."""
    return ", ".join(_conditions(path, table, policy))


def _conditions(path: Path, table: Table, policy: Policy) -> Iterator[str]:
    every = dict(zip(path.situation._fields, table.axes, strict=True))
    for name, values in path.told:
        match name:
            case "passed_on":
                named = [str(each) for each in values if each]
                own = ["the caller's own"] if "" in values else []
                yield f"if the call is {' or '.join([*own, *named])}"
            case "cell":
                cells: list[Cell] = list(values)  # type: ignore[arg-type]  # of this field
                whole: list[Cell] = list(every[name])  # type: ignore[arg-type]  # likewise
                yield moments.in_words(cells, whole, policy)
            case "signed_in":
                yield "while somebody is signed in" if True in values else "while nobody is"
            case "network":
                yield " or ".join(_from_where(each) for each in values)
            case "transport":
                yield " or ".join(
                    "by a transport nobody knows" if each is None else f"by {each}"
                    for each in values
                )
            case "new":
                yield _any_of(values, "where nothing is new", "where new is ")
            case "reported":
                yield "if others report the number" if True in values else "if nobody reports it"
            case _:
                yield _any_of(values, "while something is left of each limit", "with nothing left of ")


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
    """

    def __init__(self, every: Sequence[Group], policy: Policy) -> None:
        self._every = {id(each): each for each in every}
        home = policy.site.country
        self._broad = _items(_broad(each) for each in every)
        self._narrow = _items(_narrow(each, home, policy) for each in every)

    def words(self, some: Sequence[Group]) -> str:
        """Say which numbers some groups are."""
        if len(some) == len(self._every) > 1:
            return "every number"
        return ", ".join(self._parts(some)) or "no number"

    def _parts(self, some: Sequence[Group]) -> Iterator[str]:
        """Say which numbers some groups are, the broadest word first."""
        left = {id(each): each for each in some}
        meant = frozenset(left)
        while left:
            words, ids = self._broadest(left, meant)
            if not ids:
                break
            yield words
            left = {key: each for key, each in left.items() if key not in ids}
        yield from _spelled(list(left.values()))

    def _broadest(
        self, left: Mapping[int, Group], meant: frozenset[int]
    ) -> tuple[str, frozenset[int]]:
        """Return the word that takes most of what is left, and nothing that is not meant."""
        best = self._best([*self._broad, *self._narrow], left, self._every.keys() - meant)
        for words, ids in self._broad:
            besides = ids - meant
            covers = len(ids & left.keys())
            if not besides or covers < _ENOUGH or covers <= len(best[1] & left.keys()):
                continue
            exceptions = self._exceptions(besides, ids & meant)
            if exceptions and len(exceptions) <= _EXCEPTIONS_MAX:
                best = (f"{words} but {', '.join(exceptions)}", ids)
        return best

    def _exceptions(self, some: frozenset[int], kept: frozenset[int]) -> list[str]:
        """Return words that take some groups, whatever else, but none that is kept."""
        found = []
        left = {key: self._every[key] for key in some}
        while left:
            words, ids = self._best([*self._broad, *self._narrow], left, kept)
            if not ids:
                return [*found, *_spelled(list(left.values()))]
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


def _broad(group: Group) -> tuple[Group, list[str]]:
    """Return the words that take a group of numbers and many others."""
    number = group.number
    if number.category is Category.UNALLOCATED:
        return group, ["unallocated numbers"]
    found = [] if number.category in APART else ["every outside number"]
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
        for to in (each.scope.to for each in (*policy.rules, *policy.limits)):
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
    yield f"{' '.join(shown)}{rest}"


def _prefixes(some: Sequence[Group]) -> Iterator[tuple[str, int]]:
    yield from sorted(prefixes_of(each for one in some for each in one.ranges))
