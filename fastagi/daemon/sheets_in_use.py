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
        self._before: tuple[RateSheet, ...] = ()

    def __call__(self, by_site: Mapping[str, Policy]) -> None:
        """Take note of the policies that are in force now."""
        policies = (*by_site.values(), *self._besides())
        used = tuple(each.rates.sheet for each in policies if each.rates is not None)
        forget_others(self._folder, (*used, *self._before))
        self._before = used
