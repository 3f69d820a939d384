"""The number that a leg dialled, out of what Asterisk says of it. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

_NUMBER: Final = re.compile(r"[0-9+*#]{1,80}")
_HOST: Final = re.compile(r"[^@;?/]*")
_SIP: Final = re.compile(r"sips?:(?P<rest>.*)", re.DOTALL | re.IGNORECASE)
_USER_ENDS: Final = re.compile(r"[@;?]")


@dataclass(frozen=True, slots=True)
class Dialled:
    """What was dialled.

    Attributes:
        number: Empty where it cannot be read.
        plain: Whether there is nothing else to it. Only then may it be an emergency call.
    """

    number: str
    plain: bool


def read_dial_string(string: str) -> Dialled:
    """Read what stands behind `PJSIP/`: `NUMBER@trunk`, or `trunk/sip:NUMBER@host`.

    As chan_pjsip does, at the first `/`: what looks like a number behind another one is none.
    """
    first, slash, rest = string.removeprefix("PJSIP/").partition("/")
    if not slash:
        return _read(first)
    found = _SIP.fullmatch(rest)
    if found is None or "@" in first:
        return Dialled("", plain=False)
    return _read(found["rest"])


def read_uri(uri: str) -> Dialled:
    """Read the URI that an INVITE went to, as `CHANNEL(pjsip,remote_uri)` gives it.

    Parameters behind the host are the trunk's own: only the user may say more than a number.
    """
    found = _SIP.fullmatch(uri.strip().removeprefix("<").removesuffix(">"))
    user, at, _ = ("", "", "") if found is None else found["rest"].partition("@")
    number = unquote(user)
    if not at or _NUMBER.fullmatch(number) is None:
        return Dialled("", plain=False)
    return Dialled(number, plain=True)


def _read(text: str) -> Dialled:
    user = _USER_ENDS.split(text, maxsplit=1)[0]
    if _NUMBER.fullmatch(user) is None:
        return Dialled("", plain=False)
    host = text[len(user) :].removeprefix("@")
    return Dialled(user, plain=_HOST.fullmatch(host) is not None)
