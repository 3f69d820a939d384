"""What a setting says, as Asterisk's modules take it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastagi.audit.conf import Section, Setting

TRUE: Final = frozenset({"yes", "true", "y", "t", "1", "on"})  # main/utils.c ast_true()
FALSE: Final = frozenset({"no", "false", "n", "f", "0", "off"})  # main/utils.c ast_false()
NAMED_MAX: Final = 3  # names that a sentence tells; of the rest it says how many


def every(section: Section, *names: str) -> tuple[Setting, ...]:
    """Return all settings of these names, whatever their case, in their order."""
    return tuple(each for each in section.settings if each.name.lower() in names)


def last(section: Section, name: str) -> Setting | None:
    """Return the setting that counts, where the last one of its name does; None for no such."""
    found = every(section, name)
    return found[-1] if found else None


def value(section: Section, name: str, default: str = "") -> str:
    """Return what the last setting of a name says."""
    found = last(section, name)
    return default if found is None else found.value.strip()


def is_true(text: str) -> bool:
    """Whether Asterisk takes it for a yes; whatever it does not know is none."""
    return text.strip().lower() in TRUE


def is_false(text: str) -> bool:
    """Whether Asterisk takes it for a no; whatever it does not know is none."""
    return text.strip().lower() in FALSE


def listed(text: str, mark: str = ",") -> tuple[str, ...]:
    """Return the words between commas, or another mark; empty ones are left out."""
    return tuple(word for each in text.split(mark) if (word := each.strip()))


def number(text: str, default: int = 0) -> int:
    """Return a whole number, as far as it is one."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else default


def told(names: Iterable[str]) -> str:
    """Say which these are, in few words: "`101`, `102`, `103` and 4 others"."""
    unique = [f"`{each}`" for each in dict.fromkeys(names)]
    shown, more = unique[:NAMED_MAX], len(unique) - NAMED_MAX
    if more > 0:
        return f"{', '.join(shown)} and {more} other{'s' if more > 1 else ''}"
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))
