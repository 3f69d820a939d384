"""The pages' languages: which one a browser gets, and what each message is in it.

The pages are written in English; `locale/*.po` hold the others, as translators edit them. They are
read when the web starts: there is nothing to compile.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from gettext import NullTranslations
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from babel import Locale, UnknownLocaleError, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.resources.abc import Traversable

ENGLISH: Final = "en"

NAMES: Final = {
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "de": "Deutsch",
    "it": "Italiano",
}

ACCEPTED_MAX: Final = 20
"""Languages of one browser that are looked at; people speak fewer."""

_ACCEPTED: Final = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*"
)


@dataclass(frozen=True, slots=True)
class Language:
    """What a page is written in.

    Attributes:
        code: Of `NAMES`.
        locale: How dates and durations are written: `en-GB` says more than `en`.
    """

    code: str
    locale: Locale


def folder() -> Traversable:
    """Return where the translations are."""
    return files("fastagi.console") / "locale"


def translations(code: str) -> NullTranslations:
    """Read a language's messages."""
    if code == ENGLISH:
        return NullTranslations()
    catalog = read_po(io.BytesIO((folder() / f"{code}.po").read_bytes()), locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)


def choose(offered: Sequence[str], wanted: str, accepted: str) -> Language:
    """Return the language of a page.

    Args:
        offered: Codes; the first is the default.
        wanted: The code that somebody chose; empty, or anything, where nobody did.
        accepted: What the browser says (Accept-Language).
    """
    tags = _by_preference(accepted)
    code = wanted if wanted in offered else negotiate_locale(tags, offered, sep="-") or offered[0]
    for tag in tags:
        if tag.lower().partition("-")[0] == code:
            try:
                return Language(code, Locale.parse(tag, sep="-"))
            except (UnknownLocaleError, ValueError):
                continue
    return Language(code, Locale.parse(code))


def _by_preference(accepted: str) -> list[str]:
    """Return the tags that a browser accepts, the dearest first."""
    found: list[tuple[float, str]] = []
    for each in accepted.split(",")[:ACCEPTED_MAX]:
        parts = _ACCEPTED.fullmatch(each)
        weight = float(parts[2] or 1) if parts else 0.0
        if parts and weight:
            found.append((-weight, parts[1]))
    return [tag for _, tag in sorted(found, key=lambda each: each[0])]
