"""Decisions of the past, found and explained for who looks: for one at a time, in a thread.

Each look-up reads through hundreds of MiB, and a policy of then may have a long rate sheet: the
versions that were asked for last are kept, and few may wait for their turn. Sites take turns, so
that none keeps the others from theirs.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from fastagi import versions
from fastagi.decision_log.lookup import decisions_of
from fastagi.decision_log.past import explain_past
from fastagi.errors import VersionError
from fastagi.fair_line import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from fastagi.console.ports import PoliciesOfAll
    from fastagi.decision_log.past import Past
    from fastagi.policy.model import Policy

WAITING: Final = 3
"""Who may wait for their turn, besides the one who has it."""

LATEST: Final = 4
"""Versions that are kept loaded."""


class PastDecisions:
    """Finds and explains them.

    Args:
        decisions: The record.
        folder: Where policies are kept that were in force; None where none is.
        policies: Those in force, which need not be loaded again.
    """

    def __init__(self, decisions: Path, folder: Path | None, policies: PoliciesOfAll) -> None:
        self._decisions = decisions
        self._folder = folder
        self._policies = policies
        self._loaded: OrderedDict[tuple[str, str], Policy] = OrderedDict()
        self._turns = Turns(1, WAITING)

    async def explain(
        self,
        reference: str,
        whose: str,
        sees: Callable[[Mapping[str, object]], bool],
        time: str = "",
        call: str = "",
    ) -> Past | None:
        """Explain the newest decision with a reference; None where there is none to be seen.

        Args:
            reference: The four digits.
            whose: Whose turn it takes: one site's, or what else may not keep the others waiting.
            sees: Whether who asks may know of a line; of others it is as if they were not.
            time: How the moment on its line begins; any, if empty.
            call: Asterisk's `uniqueid`; any, if empty.

        Raises:
            BusyError: Too many wait for their turn, and most of them are of the same.
            OSError: The record cannot be read.
        """
        async with self._turns.place(whose):
            return await asyncio.to_thread(self._explained, reference, sees, time, call)

    def _explained(
        self,
        reference: str,
        sees: Callable[[Mapping[str, object]], bool],
        time: str,
        call: str,
    ) -> Past | None:
        found = decisions_of(self._decisions, reference, None, time, call)
        entry = next((each for each in found if sees(each)), None)
        if entry is None:
            return None
        return explain_past(entry, *self._policy_then(entry))

    def _policy_then(self, entry: Mapping[str, object]) -> tuple[Policy | None, str]:
        """Return the policy that a line was judged by; None, and why, where it is not kept."""
        site, version = str(entry.get("site", "")), str(entry.get("policy", ""))
        in_force = self._policies.of(site) if site else None
        if in_force is not None and in_force.version == version:
            return in_force, ""
        if not version or self._folder is None:
            return None, ""
        name = (site, version)
        if name not in self._loaded:
            try:
                self._loaded[name] = versions.load_version(self._folder, site, version)
            except VersionError as error:
                return None, str(error)
            if len(self._loaded) > LATEST:
                self._loaded.popitem(last=False)
        self._loaded.move_to_end(name)
        return self._loaded[name], ""
