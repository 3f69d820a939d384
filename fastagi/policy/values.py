"""What administrators write as text, read into values: names, durations, money, places.

Each `read_…` takes the text of one TOML value and either returns what it means or raises a
`ValueError` whose message says what to write instead. Whether a name exists is for `loading`. A
little longer than other files: a short function for each kind of value there is.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from decimal import Decimal
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from phonenumbers import SUPPORTED_REGIONS

from fastagi.policy.model import Prompt, Reason
from fastagi.policy.scope import Condition
from fastagi.policy.wording import nearest, quoted
from fastagi.rating.cells import PRICE_MAX
from fastagi.rating.tariff import MONEY_UNIT

Word = TypeVar("Word", bound=StrEnum)

NAME_MAX: Final = 64  # characters
DURATION_MAX_S: Final = 366 * 86400

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_SITE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
_DURATION: Final = re.compile(
    r"(?:(?P<d>[0-9]{1,6})d)?(?:(?P<h>[0-9]{1,6})h)?(?:(?P<m>[0-9]{1,6})m)?(?:(?P<s>[0-9]{1,8})s)?"
)
_SECONDS: Final = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_MONEY: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")  # ISO 4217
E164_PREFIX: Final = re.compile(r"\+?([1-9][0-9]{0,14})")  # ITU-T E.164: at most 15 digits
_REGION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]{0,63}")
_OUTSIDE_PREFIX: Final = re.compile(r"[0-9]{1,6}")
_EMERGENCY: Final = re.compile(r"[0-9]{2,6}")
_SHORT_CODE: Final = re.compile(r"[0-9]{2,6}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[_-][A-Za-z0-9]{2,8})*")
_SOUND: Final = re.compile(r"[A-Za-z0-9_/-][A-Za-z0-9_./-]*")
_CONDITION: Final = re.compile(r"(?P<negated>not +)?(?P<name>[A-Za-z0-9][A-Za-z0-9_.-]*)")
_OVER_LIMIT: Final = re.compile(r"(?P<negated>not +)?(?P<name>over:[A-Za-z0-9][A-Za-z0-9_.-]*)")

WORDS_OF_CONDITIONS: Final = frozenset({"not", "and", "or"})

COUNTRIES: Final = frozenset(SUPPORTED_REGIONS)
"""ISO 3166-1 alpha-2 codes of countries that have numbers."""


_MISNAMED: Final = {"UK": "GB", "EL": "GR"}  # the European Union's words for them


_ENDPOINT: Final = re.compile(r"[A-Za-z0-9_.@+-]{1,80}")

# ----------------------------------------------------------------------------- names


def read_name(text: str) -> str:
    """Read the name of a rule, a limit, a class or a list.

    Names stand in channel variables and log lines, so they are of plain letters: two names that
    look alike are then the same name.
    """
    strange = next((each for each in text if not (each.isascii() and each.isprintable())), None)
    if strange is not None:
        called = unicodedata.name(strange, f"U+{ord(strange):04X}").lower()
        raise ValueError(
            f"the name {quoted(text)} holds a character ({called}) that is not one of "
            "`A-Z`, `a-z`, `0-9`, `-`, `_` and `.`"
        )
    if not _NAME.fullmatch(text) or len(text) > NAME_MAX:
        raise ValueError(
            f"{quoted(text)} is no name; write letters, digits, `-`, `_` and `.`, "
            f"at most {NAME_MAX} of them, a letter or digit first"
        )
    return text


def read_trunk(text: str) -> str:
    """Read the name of a PJSIP endpoint that is a trunk."""
    if not _ENDPOINT.fullmatch(text):
        raise ValueError(f"{quoted(text)} is no trunk; write its section's name in pjsip.conf")
    return text


def read_condition_name(text: str) -> str:
    """Read the name of hours or of a network, which conditions are made of."""
    if text in WORDS_OF_CONDITIONS:
        raise ValueError(f"{quoted(text)} has a meaning of its own in conditions; name it else")
    return read_name(text)


def read_site_name(text: str) -> str:
    """Read the name of a site."""
    if not _SITE_NAME.fullmatch(text) or len(text) > NAME_MAX:
        raise ValueError(
            f"{quoted(text)} is no name of a site; write `a-z`, `0-9` and `-`, "
            f"at most {NAME_MAX} of them"
        )
    return text


def read_word(words: type[Word], text: str, kind: str) -> Word:
    """Read one of a closed set of words.

    Args:
        words: The set.
        text: What was written.
        kind: What it should be, for the message.
    """
    try:
        return words(text)
    except ValueError:
        raise ValueError(f"{quoted(text)} is no {kind}; {nearest(text, words)}") from None


def read_prompt(text: str) -> Prompt | Reason:
    """Read a key of `[prompts]`: a prompt, or a reason of refusal."""
    for words in (Prompt, Reason):
        if text in set(words):
            return words(text)
    raise ValueError(f"{quoted(text)} is no prompt; {nearest(text, [*Prompt, *Reason])}")


# ----------------------------------------------------------------------------- amounts


def read_duration(text: str) -> int:
    """Read `30m`, `24h`, `2h30m` into seconds."""
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        raise ValueError(f"{quoted(text)} is no duration; write `45s`, `30m`, `2h30m` or `14d`")
    seconds = sum(int(found[unit] or 0) * each_s for unit, each_s in _SECONDS.items())
    if not 0 < seconds <= DURATION_MAX_S:
        raise ValueError(f"{quoted(text)} is out of reason; write `1s` to `366d`")
    return seconds


def read_money(text: str) -> Decimal:
    """Read an amount of money such as `20.00`."""
    if not _MONEY.fullmatch(text):
        raise ValueError(f'{quoted(text)} is no amount of money; write `"20.00"`')
    return Decimal(text)


def read_price(text: str) -> Decimal:
    """Read a price a minute, which sheets bound as well."""
    price = read_money(text)
    if price > PRICE_MAX:
        raise ValueError(f"{quoted(text)} is out of reason; a minute costs at most {PRICE_MAX}")
    return price


def millionths(amount: Decimal) -> int:
    """Return an amount of money as the integer that is counted with; it has six decimals at most.

    The greatest that can be written, a billion units, is below 2^53 millionths.
    """
    return int(amount * MONEY_UNIT)


def read_currency(text: str) -> str:
    """Read the code of a currency (ISO 4217)."""
    if not _CURRENCY.fullmatch(text):
        raise ValueError(f"{quoted(text)} is no currency; write its three letters, such as `EUR`")
    return text


# ----------------------------------------------------------------------------- places


def read_country(text: str) -> str:
    """Read a country (ISO 3166-1 alpha-2)."""
    if text in COUNTRIES:
        return text
    meant = _MISNAMED.get(text.upper(), text.upper())
    hint = "write its two letters of ISO 3166, such as `GB`"
    if meant in COUNTRIES:
        hint = f"did you mean `{meant}`?"
    raise ValueError(f"{quoted(text)} is no country; {hint}")


def read_region(text: str) -> str:
    """Read a region of a country (ISO 3166-2, without the country); whether it is one is open."""
    if not _REGION.fullmatch(text):
        raise ValueError(f"{quoted(text)} is no region; write its code of ISO 3166-2: `ENG`")
    return text


LOCALTIME: Final = "localtime"
"""What some systems call the zone of the machine itself, in the database of zones."""


def read_timezone(text: str) -> ZoneInfo:
    """Read a time zone of the IANA database."""
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        # Not found; no relative path; a folder of zones, such as `Europe`.
        known = sorted(available_timezones())
        hint = nearest(text, known)
        if not hint.startswith("did"):
            hint = "write one such as `Europe/London`"
        raise ValueError(f"{quoted(text)} is no time zone; {hint}") from None


def read_network(text: str) -> IPv4Network | IPv6Network:
    """Read a range of addresses such as `10.0.0.0/8`, or one address."""
    try:
        return ip_network(text)
    except ValueError:
        hint = "write `10.0.0.0/8`, `2001:db8::/32` or one address"
    with suppress(ValueError):  # bits are set behind the mask
        hint = f"write `{ip_network(text, strict=False)}`, or the one address without `/`"
    raise ValueError(f"{quoted(text)} is no network; {hint}")


def read_language(text: str) -> str:
    """Read a language as Asterisk names its sounds: `en`, `en_GB`, `pt-BR`."""
    if not _LANGUAGE.fullmatch(text):
        raise ValueError(f"{quoted(text)} is no language; write it as Asterisk does: `en`, `es`")
    return text


def read_sound(text: str) -> str:
    """Read the name of a sound file; it reaches Asterisk, so nothing odd may be in it."""
    if not _SOUND.fullmatch(text) or ".." in text:
        raise ValueError(
            f"{quoted(text)} is no sound file; write its name without extension, such as "
            "`custom/enter-your-pin`"
        )
    return text


def read_path(text: str) -> str:
    """Read the path of a file."""
    if not text or not text.isprintable():
        raise ValueError(f"{quoted(text)} is no path of a file")
    return text


# ----------------------------------------------------------------------------- numbers


def read_outside_prefix(text: str) -> str:
    """Read what callers dial for a line; empty for nothing."""
    if text and not _OUTSIDE_PREFIX.fullmatch(text):
        raise ValueError(f"{quoted(text)} is no outside prefix; write 1 to 6 digits, such as `9`")
    return text


def read_emergency(text: str) -> str:
    """Read an emergency number.

    It passes whatever else is the case, so it is short: no number abroad fits in here.
    """
    if not _EMERGENCY.fullmatch(text):
        raise ValueError(f"{quoted(text)} is no emergency number; write 2 to 6 digits")
    return text


def read_short_code(text: str) -> str:
    """Read a short code, which is as short as an emergency number and for the same reason."""
    if not _SHORT_CODE.fullmatch(text):
        raise ValueError(f"{quoted(text)} is no short code; write 2 to 6 digits")
    return text


def read_prefix(text: str) -> str:
    """Read the beginning of an E.164 number, with its plus or without, into digits."""
    found = E164_PREFIX.fullmatch(text)
    if found is None:
        hint = "write the country code first, such as `+39`, and at most 15 digits"
        raise ValueError(f"{quoted(text)} is no prefix of E.164; {hint}")
    return found[1]


# ----------------------------------------------------------------------------- conditions


def read_condition(text: str) -> Condition:
    """Read `office`, or `not office`."""
    found = _CONDITION.fullmatch(text.strip())
    if found is None or found["name"] in WORDS_OF_CONDITIONS:
        raise ValueError(f"{quoted(text)} is no condition; write `office`, or `not office`")
    return Condition(found["name"], negated=bool(found["negated"]))


def _read_time_or_limit(text: str) -> Condition:
    """Read `office`, `over:NAME`, or `not` either."""
    found = _OVER_LIMIT.fullmatch(text.strip())
    if found is not None:
        return Condition(found["name"], negated=bool(found["negated"]))
    try:
        return read_condition(text)
    except ValueError:
        hint = "write `office`, `over:LIMIT`, or `not` one of them"
        raise ValueError(f"{quoted(text)} is no condition; {hint}") from None


def read_when(text: str) -> tuple[Condition, ...]:
    """Read conditions that must all hold: `office and not closed`, `night and over:burst`."""
    if " or " in f" {text} ":
        raise ValueError(f"{quoted(text)}: there is no `or`; write a rule for each")
    conditions = tuple(_read_time_or_limit(part) for part in re.split(r" +and +", text.strip()))
    for each in conditions:
        if Condition(each.name, negated=not each.negated) in conditions:
            raise ValueError(f"{quoted(text)} can never hold")
    return conditions
