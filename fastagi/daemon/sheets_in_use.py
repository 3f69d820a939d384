"""Rate sheets that the service's processes share: kept while in use, and let go of after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.rating.shared import forget_others

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from fastagi.policy.model import Policy
    from fastagi.rating.sheet import RateSheet


class SheetsInUse:
    """Told of policies that come into force, takes away the files of sheets that none uses.

    Those of the policies before are kept once more: a process may be about to read them.

    Args:
        folder: Where they are.
        besides: Returns the policies that are loaded and not in force.
    """

    def __init__(self, folder: Path, besides: Callable[[], Iterable[Policy]] = tuple) -> None:
        self._folder = folder
        self._besides = besides
        self._in_force: tuple[RateSheet, ...] = ()
        self._in_force_before: tuple[RateSheet, ...] = ()
        self._beside: tuple[RateSheet, ...] = ()
        self._beside_before: tuple[RateSheet, ...] = ()

    def __call__(self, by_site: Mapping[str, Policy]) -> None:
        """Take note of the policies that are in force now."""
        self._in_force_before, self._in_force = self._in_force, _sheets(by_site.values())
        self._forget_others()

    def look(self) -> None:
        """Take note of those that are loaded and not in force now."""
        self._beside_before, self._beside = self._beside, _sheets(self._besides())
        self._forget_others()

    def _forget_others(self) -> None:
        in_force = self._in_force + self._in_force_before
        forget_others(self._folder, in_force + self._beside + self._beside_before)


def _sheets(policies: Iterable[Policy]) -> tuple[RateSheet, ...]:
    return tuple(each.rates.sheet for each in policies if each.rates is not None)
