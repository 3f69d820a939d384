"""From when on what was seen is a sign: what a `[[watch]]` of a policy says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastagi.signs.sign import Per, Sign


@dataclass(frozen=True, slots=True)
class Terms:
    """From when on something is a sign.

    Attributes:
        watch: The name of the `[[watch]]`, unique within its site.
        count: How many sightings, or different accounts, it takes.
        within_s: Within how many seconds.
    """

    site: str
    watch: str
    sign: Sign
    per: Per
    count: int
    within_s: int
