"""How messages quote an administrator's words, and how they name what was probably meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

QUOTED_MAX: Final = 60  # characters of a word that a message repeats
LISTED_MAX: Final = 12  # names that a message lists


def quoted(text: str) -> str:
    """Return a text in backticks: short, and with nothing in it that a terminal would act on."""
    shown = printable(text[:QUOTED_MAX])
    return f"`{shown}…`" if len(text) > QUOTED_MAX else f"`{shown}`"


def printable(text: str) -> str:
    """Return a text with escapes in place of what a terminal would act on."""
    return "".join(each if each.isprintable() else _escaped(each) for each in text)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `did you mean …?`, or else what there is to choose from."""
    names = list(known)
    close = get_close_matches(word, names, n=1, cutoff=0.6)
    close = [name for name in names if _parts(name) == _parts(word)] or close
    close = close or [name for name in names if name.casefold() == word.casefold()][:1]
    if close:
        return f"did you mean {quoted(close[0])}?"
    if not names:
        return "there is none to name"
    return f"write {one_of(names)}"


def one_of(names: Iterable[str]) -> str:
    """Return names as a choice: `a`, `b` or `c`."""
    return _joined(names, "or")


def all_of(names: Iterable[str]) -> str:
    """Return names as a sum: `a`, `b` and `c`."""
    return _joined(names, "and")


def sum_of(parts: Iterable[str]) -> str:
    """Return what we say ourselves as a sum, without backticks."""
    return _in_a_row(list(parts), "and")


def _joined(names: Iterable[str], word: str) -> str:
    return _in_a_row([quoted(name) for name in names], word)


def _in_a_row(shown: list[str], word: str) -> str:
    if len(shown) > LISTED_MAX:
        more = len(shown) - LISTED_MAX
        return f"{', '.join(shown[:LISTED_MAX])} {word} {more} more"
    if len(shown) == 1:
        return shown[0]
    return f"{', '.join(shown[:-1])} {word} {shown[-1]}"


def _parts(word: str) -> list[str]:
    """Return what `+` joins, in any order: `totp+pin` means `pin+totp`, and nothing weaker."""
    return sorted(word.split("+"))


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def duration(seconds: int) -> str:
    """Return a duration as a policy writes it: `2h30m`."""
    parts = []
    for unit, each_s in (("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, each_s)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
