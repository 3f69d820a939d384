"""Rate sheets that the service's processes share: kept while in use, and let go of after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.rating.shared import forget_others

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fastagi.policy.model import Policy
    from fastagi.rating.sheet import RateSheet


class SheetsInUse:
    """Told of policies that come into force, takes away the files of sheets that none uses.

    Those of the policies before are kept once more: a process may be about to read them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._before: tuple[RateSheet, ...] = ()

    def __call__(self, by_site: Mapping[str, Policy]) -> None:
        """Take note of the policies that are in force now."""
        used = tuple(each.rates.sheet for each in by_site.values() if each.rates is not None)
        forget_others(self._folder, (*used, *self._before))
        self._before = used
