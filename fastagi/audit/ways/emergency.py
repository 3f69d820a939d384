"""Which numbers a dialplan may dial without asking: those that lives hang on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.audit.ways.values import text_of
from fastagi.emergency_dialplan import CONTEXT, DIGITS

if TYPE_CHECKING:
    from collections.abc import Collection

    from fastagi.audit.ways.values import Value

EVERYWHERE: Final = frozenset({"000", "08", "110", "112", "118", "119", "911", "999"})
"""What every mobile takes for an emergency, of whatever country (3GPP TS 22.101, 10.1)."""

LONGEST: Final = 6
"""What a site calls an emergency (`--also`) is no longer than any country's number."""


def is_settled(number: Value, context: str, others: Collection[str]) -> bool:
    """Whether a number is one of emergency, exactly.

    In the context that `dialguard emergency` makes, any that is short enough: a site names its
    own. Elsewhere, where it is written by hand, those of everywhere and the others that are given.
    """
    digits = text_of(number)
    if digits is None or not DIGITS.fullmatch(digits):
        return False
    if context == CONTEXT and len(digits) <= LONGEST:
        return True
    return digits in EVERYWHERE or digits in others
