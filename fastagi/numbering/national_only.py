"""Numbers that are dialled within their country only: behind its calling code they are nobody.

Brazil's `4004 1234` has no area code, so +55 4004 1234 is too short for any exchange; likewise
Australia's `13 12 34` and Canada's `310 1234`. A trunk is given them as they are dialled.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import phonenumbers

from fastagi.numbering import metadata

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

ALSO: Final = {
    "CA": re.compile(r"310\d{4}"),  # CRTC, 310 numbers: seven digits from everywhere in Canada
}
"""Of these phonenumbers says that they can be dialled from abroad."""


def digits_at_home(number: PhoneNumber, country: str) -> str | None:
    """Return the digits by which a number is dialled within its country; None where E.164 serves.

    Those with a national prefix (Brazil's 0800) and longer ones (Ireland's 1850) are left in E.164
    although nobody abroad may call them: trunks at home take that as they do any other, and
    `1800 123 456` without a plus could be read as one of +1.

    Args:
        number: A valid one.
        country: Whose it is.
    """
    digits = phonenumbers.national_significant_number(number)
    also = ALSO.get(country)
    if also is None or not also.fullmatch(digits):
        fixed_line = metadata.of(country).fixed_line
        shortest = min(fixed_line.possible_length, default=0) if fixed_line is not None else 0
        if len(digits) >= shortest or phonenumbers.can_be_internationally_dialled(number):
            return None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return digits if phonenumbers.normalize_digits_only(written) == digits else None
