"""From one format of policies to the next, in order, with comments and layout kept.

A migration is a function that changes the document and says what it changed, and why. It is added
at the end of `MIGRATIONS` when `format.FORMAT` goes up, and stays there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import tomlkit

from fastagi.policy.format import FORMAT, why_not_this_format
from fastagi.toml_lines import parse

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

Change: TypeAlias = "Callable[[TOMLDocument], Iterable[str]]"

_FIRST_WORD: Final = re.compile(r"^[ \t]*[^#\s]", re.MULTILINE)


class Migration(NamedTuple):
    """The way to a format from the one before.

    Attributes:
        to: The format that it makes.
        change: Changes the document in place, and says what it changed and why.
    """

    to: int
    change: Change


class Migrated(NamedTuple):
    """What became of a policy.

    Attributes:
        text: As it is to be written.
        notes: What changed and why, in order; none where nothing did.
    """

    text: str
    notes: Sequence[str]


MIGRATIONS: Final[tuple[Migration, ...]] = ()
"""In order. The first format with a number is the first there was, so there is none yet."""


def migrate(
    text: str, migrations: Sequence[Migration] = MIGRATIONS, known: int = FORMAT
) -> Migrated:
    """Bring a policy to the format of today, and write the number into it.

    Args:
        text: The policy; its format is 1 where it does not say.
        migrations: The ways there are, in order.
        known: The format of today.

    Raises:
        TomlError: It is no TOML.
        ValueError: Its format is none, or newer than today's; says so.
    """
    written = parse(text).data.get("format")
    why_not = why_not_this_format(written, known)
    if why_not is not None and not _is_older(written, known):
        raise ValueError(why_not)
    notes: list[str] = []
    if written is None:
        text = _numbered(text)
        notes.append(
            "`format = 1` is written, so that a later dialguard knows what it has before it"
        )
    document = tomlkit.parse(text)
    for each in migrations:
        if each.to > document["format"]:
            notes += each.change(document)
            document["format"] = each.to
    return Migrated(tomlkit.dumps(document), notes)


def _is_older(written: object, known: int) -> bool:
    return written is None or (type(written) is int and 1 <= written < known)


def _numbered(text: str) -> str:
    """Put the first format's number before whatever is said first, below the file's comments."""
    first = _FIRST_WORD.search(text)
    place = len(text) if first is None else first.start()
    above, below = text[:place], text[place:]
    end = "\r\n" if "\r\n" in text else "\n"
    apart = end if above.strip("\ufeff") and not above.endswith(end * 2) else ""
    if above and not above.endswith("\n") and above != "\ufeff":
        apart = end * 2
    return f"{above}{apart}format = 1{end}{end if below.lstrip().startswith('[') else ''}{below}"
