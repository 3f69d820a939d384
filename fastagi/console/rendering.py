"""Pages: a template, a language, and what is to be said in it. Everything put in is escaped."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from babel.dates import format_datetime, format_time
from babel.units import format_unit
from jinja2 import Environment, PackageLoader, StrictUndefined

from fastagi.console.languages import NAMES, translations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from fastagi.console.assets import Asset
    from fastagi.console.languages import Language

MINUTE_S: Final = 60
HOUR_MIN: Final = 60


class Trouble(StrEnum):
    """What a page may have to say; the words are in `pages/words.html`."""

    WRONG = "wrong"
    """Extension, PIN or code; which, or whether there is such an extension, is not said."""
    INCOMPLETE = "incomplete"
    LOCKED_OUT = "locked-out"
    NOWHERE = "nowhere"
    """All was right, but where the phone is registered is not known, or not one place."""
    BUSY = "busy"
    AWAY = "away"
    """The store."""
    STALE = "stale"
    """The form was not of this browser, or is too old."""
    WEAK_PIN = "weak-pin"
    NO_PIN = "no-pin"
    """It has too few or too many digits, or something else."""
    OTHER_PIN = "other-pin"
    """The two are not the same."""
    WRONG_CODE = "wrong-code"
    VOID = "void"
    """The invitation was used, or is over, or never was."""
    NOT_FOUND = "not-found"
    FAILED = "failed"


class Renderer:
    """Makes pages."""

    def __init__(self, languages: Sequence[str], assets: Mapping[str, Asset]) -> None:
        """Read the templates, and the messages of each language."""
        self._languages = languages
        self._environments = {
            code: _environment(code, {name: each.url for name, each in assets.items()})
            for code in languages
        }

    def render(self, template: str, language: Language, **values: object) -> str:
        """Return a page."""
        page = self._environments[language.code].get_template(template)
        offered = [(code, NAMES[code]) for code in self._languages]
        return page.render(language=language, languages=offered, **values)


def moment(at: float, now: float, zone: tzinfo, language: Language) -> str:
    """Write a moment as people of this language do; without the date where it is today's."""
    then, today = datetime.fromtimestamp(at, zone), datetime.fromtimestamp(now, zone).date()
    if then.date() == today:
        return str(format_time(then, "short", tzinfo=zone, locale=language.locale))
    return str(format_datetime(then, "short", tzinfo=zone, locale=language.locale))


def duration(seconds: float, language: Language) -> str:
    """Write hours and minutes as people of this language do, rounded up to whole minutes."""
    hours, minutes = divmod(-int(-seconds // MINUTE_S), HOUR_MIN)
    parts = [("duration-hour", hours)] if hours else []
    if minutes or not hours:
        parts.append(("duration-minute", minutes))
    return " ".join(
        format_unit(count, unit, length="short", locale=language.locale) for unit, count in parts
    )


def _environment(code: str, assets: Mapping[str, str]) -> Environment:
    environment = Environment(
        loader=PackageLoader("fastagi.console", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(translations(code), newstyle=True)  # type: ignore[attr-defined]  # the extension's
    environment.globals["assets"] = assets
    return environment
