"""What callers dial before a country's calling code: `00` in most of the world, `011` in the US.

The plus, which stands for all of them, is not here: `plan` knows it.
"""

from __future__ import annotations

import re

from fastagi.numbering import metadata


class InternationalPrefix:
    """The international prefixes of a country, carrier selection and all (`0015` in Brazil).

    Args:
        country: ISO 3166-1 alpha-2.

    Raises:
        ValueError: As `metadata.of`.
    """

    __slots__ = ("_prefix",)

    def __init__(self, country: str) -> None:
        # Every country has one today; `(?!)`, which never fits, is for one that had none.
        self._prefix = re.compile(metadata.of(country).international_prefix or "(?!)")

    def strip(self, digits: str) -> str | None:
        """Return what follows the prefix, or None where there is no prefix.

        No calling code begins with 0 (ITU-T E.164), so what stands before a 0 was no prefix.
        """
        found = self._prefix.match(digits)
        if found is None or digits[found.end() :].startswith("0"):
            return None
        return digits[found.end() :]
