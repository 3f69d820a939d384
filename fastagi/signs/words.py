"""A sign in words, for people: in alerts, reports, explanations and the record of decisions.

What an attacker may have chosen, an account's name above all, is cut short, and no more of it is
shown than letters, digits and a few signs: it cannot make a second line, a link, a mention or a
markup, nor move a terminal's cursor. An address is shown only if it is one.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final, assert_never

from fastagi.signs.sign import Per, Sign

if TYPE_CHECKING:
    from fastagi.signs.sign import Evidence

FOREIGN_MOST: Final = 40
"""Characters shown of what somebody else chose."""

_ODD: Final = re.compile(r"[^A-Za-z0-9+#*_/ -]")


def in_words(evidence: Evidence) -> str:
    """Say what was seen: `41 wrong passwords from 203.0.113.5 within 12 s`."""
    seen = f"{_what(evidence)}{_from(evidence)}{_within(evidence)}{_then(evidence)}"
    return seen if evidence.proven or not _has_place(evidence) else f"{seen}, if that is true"


def about(evidence: Evidence) -> str:
    """Say whom it is about: `extension 101`, `203.0.113.5`, `203.0.113.0/24`, `the site`."""
    if evidence.account:
        return f"extension {foreign(evidence.account)}"
    if evidence.per in (Per.ADDRESS, Per.NETWORK):
        return place(evidence.name)
    return "the site"


def place(text: str) -> str:
    """Show an address or a network; what is neither is shown as `foreign` does."""
    for read in (ipaddress.ip_address, ipaddress.ip_network):
        try:
            return str(read(text)) if "%" not in text else foreign(text)
        except ValueError:
            continue
    return foreign(text)


def foreign(text: str) -> str:
    """Show what somebody else chose: on one line, of few letters, and short."""
    shown = _ODD.sub("?", text)
    if len(shown) > FOREIGN_MOST:
        shown = f"{shown[: FOREIGN_MOST - 1]}…"
    return shown or "unknown"


# ----------------------------------------------------------------------------- its parts


def _what(evidence: Evidence) -> str:
    count = evidence.count
    before = _before(evidence)
    match evidence.sign:
        case Sign.ENUMERATION:
            return f"{_many(count, 'account')} tried that there {_is(count)} not,"
        case Sign.GUESSING | Sign.SUCCESS_AFTER_GUESSING:
            return _many(count, "wrong password")
        case Sign.SPRAYING:
            return f"wrong passwords for {_many(count, 'account')}"
        case Sign.NEW_ADDRESS:
            return f"registered{before}, and now"
        case Sign.NEW_COUNTRY:
            return f"registered{before}, and now in another country,"
        case Sign.NEW_AGENT:
            return f"registered{before}, and now with another phone,"
        case Sign.NEW_TRANSPORT:
            return f"registered{before}, and now over another transport,"
        case Sign.NOT_LET_IN:
            return f"{_many(count, 'try', 'tries')} from where nobody may come,"
        case Sign.MALFORMED:
            return f"{_many(count, 'message')} that no phone sends,"
        case Sign.HONEYPOT:
            return f"{_many(count, 'touch', 'touches')} of a trap"
        case Sign.GATE_PROBING:
            return f"{_many(count, 'question')} to the gate that no dialplan of yours asks,"
        case Sign.CODE_GUESSING:
            return f"wrong codes for {_many(count, 'extension')}"
        case unknown:
            assert_never(unknown)


def _before(evidence: Evidence) -> str:
    if not evidence.so_far:
        return " otherwise before"
    so_far = place(evidence.so_far)
    match evidence.sign:
        case Sign.NEW_ADDRESS:
            return f" from {so_far} before"
        case Sign.NEW_COUNTRY:
            return f" in {so_far} before"
        case Sign.NEW_TRANSPORT:
            return f" over {so_far} before"
        case _:
            return f" with {so_far} before"


def _from(evidence: Evidence) -> str:
    if evidence.sign is Sign.SUCCESS_AFTER_GUESSING:
        # Its address is where the right one came from; the wrong ones may be others'.
        return f" from {evidence.addresses} addresses" if evidence.addresses > 1 else ""
    if evidence.per in (Per.ADDRESS, Per.NETWORK):
        return f" from {place(evidence.name)}"
    if evidence.addresses > 1:
        last = f", the last {place(evidence.address)}" if evidence.address else ""
        return f" from {evidence.addresses} addresses{last}"
    return f" from {place(evidence.address)}" if evidence.address else " from an unknown address"


def _has_place(evidence: Evidence) -> bool:
    return bool(evidence.address) or evidence.per in (Per.ADDRESS, Per.NETWORK)


def _within(evidence: Evidence) -> str:
    if evidence.count < 2 or evidence.within_s < 0:
        return ""
    seconds = max(1, round(evidence.within_s))
    for unit, each_s in (("h", 3600), ("min", 60)):
        if seconds >= 2 * each_s:
            return f" within {round(seconds / each_s)} {unit}"
    return f" within {seconds} s"


def _then(evidence: Evidence) -> str:
    if evidence.sign is not Sign.SUCCESS_AFTER_GUESSING:
        return ""
    where = place(evidence.address) if evidence.address else "an unknown address"
    return f", then the right one from {where}"


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count} {one if count == 1 else more or f'{one}s'}"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
