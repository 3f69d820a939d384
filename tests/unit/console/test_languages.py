"""The pages' languages."""

from __future__ import annotations

import io
import re

import pytest
from babel.messages.pofile import read_po

from fastagi.console.languages import NAMES, choose, folder, translations
from fastagi.settings.model import LANGUAGES
from tests.unit.console.messages import messages

ALL = ("en", "es", "fr", "de", "it")
OTHERS = [code for code in ALL if code != "en"]


def test_what_the_settings_offer_is_there() -> None:
    """One list, in two rooms that do not know each other."""
    assert tuple(NAMES) == LANGUAGES == ALL


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_is_translated(code: str) -> None:
    """None is missing, none is doubtful, and none is left that no page says."""
    catalog = read_po(io.BytesIO((folder() / f"{code}.po").read_bytes()), locale=code)
    translated = {str(each.id): str(each.string) for each in catalog if each.id}
    assert translated.keys() == messages()
    assert [each.id for each in catalog if each.id and each.fuzzy] == []
    assert catalog.obsolete == {}
    assert [message for message, words in translated.items() if not words.strip()] == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_says_what_the_message_says(code: str) -> None:
    """With the same values in it, and no markup."""
    translate = translations(code).gettext
    for message in messages():
        values = re.findall(r"%\(\w+\)s", message)
        assert sorted(re.findall(r"%\(\w+\)s", translate(message))) == sorted(values)
        assert "<" not in translate(message)
        assert "*1" not in message or "*1" in translate(message)


def test_english_is_as_it_is_written() -> None:
    """There is no file for it."""
    assert translations("en").gettext("Sign in") == "Sign in"


@pytest.mark.parametrize(
    ("wanted", "accepted", "code", "locale"),
    [
        ("", "", "en", "en"),
        ("", "de", "de", "de"),
        ("", "de-AT,de;q=0.9,en;q=0.8", "de", "de_AT"),
        ("", "en-GB,en;q=0.5", "en", "en_GB"),
        ("", "pt,nl;q=0.9", "en", "en"),
        ("", "pt,it;q=0.9", "it", "it"),
        ("", "en;q=0.1,fr;q=0.9", "fr", "fr"),
        ("", "en;q=0,es;q=0.1", "es", "es"),
        ("fr", "de", "fr", "fr"),
        ("fr", "de,fr-CA;q=0.5", "fr", "fr_CA"),
        ("xx", "de", "de", "de"),
        ("../de", "it", "it", "it"),
        ("", "de-XX-YY-ZZ", "de", "de"),
        ("", "de-QQ1", "de", "de"),
        ("", ",;q=,=;*, de ;q=1.0", "de", "de"),
        ("", "*", "en", "en"),
        ("", "x" * 10_000, "en", "en"),
        ("", ",".join(["pt"] * 50 + ["de"]), "en", "en"),
        ("", "\u0434\u0435", "en", "en"),
    ],
)
def test_a_browser_gets_the_language_it_wants(
    wanted: str, accepted: str, code: str, locale: str
) -> None:
    """What somebody chose, else the dearest that there is, else the first."""
    chosen = choose(ALL, wanted, accepted)
    assert (chosen.code, str(chosen.locale)) == (code, locale)


def test_the_first_is_the_default() -> None:
    """As the settings say."""
    assert choose(("it", "de"), "", "en").code == "it"
