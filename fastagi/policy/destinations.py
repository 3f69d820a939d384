"""What a `to` list is made of: categories, countries, prefixes, lists, and what is new.

Whether a list of that name exists is for `loading` to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fastagi.numbering.number import GLOBAL, Category
from fastagi.policy.scope import REPORTED, Destinations, Novelty
from fastagi.policy.values import COUNTRIES, E164_PREFIX, read_country, read_name, read_prefix
from fastagi.policy.wording import nearest, one_of, quoted


class Kind(StrEnum):
    """The kinds of items of a `to` list; those with a colon take a value behind it."""

    CATEGORY = "category"
    COUNTRY = "country"
    PREFIX = "prefix"
    LIST = "list"
    NOVEL = "first-time"
    """One of the words of `Novelty`."""
    REPORTED = REPORTED


@dataclass(frozen=True, slots=True)
class Destination:
    """One item of a `to` list.

    Attributes:
        text: As it was written.
        value: The category, the country, the digits of the prefix, the name of the list or what
            is new.
    """

    text: str
    kind: Kind
    value: str


WORDS: Final = (*Category, *Novelty, Kind.REPORTED)
"""Items that are one word."""

DESTINATIONS: Final = (*WORDS, "country:FR", "prefix:+39", "list:NAME")
"""What can be written in `to`, for messages."""


def read_destination(text: str) -> Destination:
    """Read `premium`, `country:FR`, `prefix:+39`, `list:NAME` or one word."""
    if text == Kind.REPORTED:
        return Destination(text, Kind.REPORTED, "")
    if text in set(Novelty):
        return Destination(text, Kind.NOVEL, text)
    kind, colon, value = text.partition(":")
    match kind if colon else "":
        case Kind.COUNTRY:
            return Destination(
                text, Kind.COUNTRY, GLOBAL if value == GLOBAL else read_country(value)
            )
        case Kind.PREFIX:
            return Destination(text, Kind.PREFIX, read_prefix(value))
        case Kind.LIST:
            return Destination(text, Kind.LIST, read_name(value))
    if text not in set(Category):
        raise ValueError(f"{quoted(text)} is no destination; {_destination_meant(text)}")
    return Destination(text, Kind.CATEGORY, text)


def destinations(items: list[Destination]) -> Destinations:
    """Put the items of a `to` list together."""

    def of(kind: Kind) -> list[str]:
        return [item.value for item in items if item.kind is kind]

    return Destinations(
        text=tuple(item.text for item in items),
        categories=frozenset(map(Category, of(Kind.CATEGORY))),
        countries=frozenset(of(Kind.COUNTRY)),
        prefixes=tuple(of(Kind.PREFIX)),
        lists=tuple(of(Kind.LIST)),
        novel=frozenset(map(Novelty, of(Kind.NOVEL))),
        reported=bool(of(Kind.REPORTED)),
    )


def _destination_meant(text: str) -> str:
    if text in COUNTRIES:
        return f"did you mean `country:{text}`?"
    if E164_PREFIX.fullmatch(text):
        return f"did you mean `prefix:{text}`?"
    hint = nearest(text, WORDS)
    return hint if hint.startswith("did") else f"write {one_of(DESTINATIONS)}"
