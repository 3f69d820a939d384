"""The dialplan of the emergency numbers, as text: `dialguard emergency` prints it.

These calls are settled in the dialplan, before any question to the service, so that they pass
whatever is broken. Which numbers a country has is `numbering.emergency`'s.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fastagi.errors import DialguardError

if TYPE_CHECKING:
    from collections.abc import Sequence

CONTEXT: Final = "dialguard-emergency"
"""What a site includes, before anything else, in the context of its phones."""

DIGITS: Final = re.compile(r"[0-9*#]{2,15}")
"""What may be written into a dialplan as an extension: no pattern, no separator."""

HEAD: Final = """\
; emergency.conf: the emergency numbers of {country}{others}, straight to a trunk.
; Made by `dialguard emergency --country {country}{option}`; make it again rather than edit it.
;
; No PIN, no limit, no question to the service. Include it first in the context of the phones:
; a pattern in that context itself would win over what it includes.
;
;   DIALGUARD_EMERGENCY_TRUNK    the trunk that takes emergency calls; must be set
;   DIALGUARD_EMERGENCY_TRUNK_2  the trunk to try when the first does not take one; may be unset

[{context}]
"""


def emergency_conf(country: str, outside_prefix: str, numbers: Sequence[str]) -> str:
    """Return `emergency.conf` for a country: every number as an exact extension.

    Args:
        country: ISO 3166-1 alpha-2, for the comments.
        outside_prefix: What callers dial for a line; each number is taken with it and without.
        numbers: Bare digits, as the trunk is to get them.

    Raises:
        DialguardError: A number or the prefix is nothing that a dialplan may hold.
    """
    wanted = tuple(dict.fromkeys(numbers))
    if not wanted:
        message = f"no emergency number is known for `{country}`: name those of the site"
        raise DialguardError(message)
    for digits in wanted:
        _check(digits)
    if outside_prefix:
        _check(outside_prefix + wanted[0])
    head = HEAD.format(
        country=country,
        others=f", with `{outside_prefix}` and without" if outside_prefix else "",
        option=f" --outside-prefix {outside_prefix}" if outside_prefix else "",
        context=CONTEXT,
    )
    return head + "\n".join(_extensions(digits, outside_prefix, wanted) for digits in wanted)


def _check(digits: str) -> None:
    if not DIGITS.fullmatch(digits):
        message = f"`{digits}` is no number for a dialplan: write 2 to 15 digits, `*` or `#`"
        raise DialguardError(message)


def _extensions(digits: str, outside_prefix: str, taken: Sequence[str]) -> str:
    """Return a number's own extension, and the one with the outside prefix if it is free."""
    lines = [
        f"exten => {digits},1,Dial(PJSIP/{digits}@${{DIALGUARD_EMERGENCY_TRUNK}})",
        ' same => n,GotoIf($["${DIALGUARD_EMERGENCY_TRUNK_2}" = ""]?done)',
        f" same => n,Dial(PJSIP/{digits}@${{DIALGUARD_EMERGENCY_TRUNK_2}})",
        " same => n(done),Hangup()",
    ]
    if outside_prefix and outside_prefix + digits not in taken:
        lines.append(f"exten => {outside_prefix}{digits},1,Goto({digits},1)")
    return "\n".join(lines) + "\n"
