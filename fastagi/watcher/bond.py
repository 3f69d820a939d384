"""Which sites an Asterisk is for: of others it is told nothing, and nothing it tells is believed.

So whoever has taken one over, or only names a trunk as another site does, neither ends nor
releases what is another's, and what passes that gate by is on nobody else's record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from fastagi.policy.model import Policy
    from fastagi.watcher.ports import PoliciesOfAll, WatchPorts


@dataclass(frozen=True, slots=True)
class PoliciesOfSome:
    """The policies in force, of some sites only."""

    policies: PoliciesOfAll
    sites: frozenset[str]

    def of(self, site: str) -> Policy | None:
        """Return the site's policy; of an empty name, the only one there is."""
        found = self.policies.of(site)
        return found if found is not None and found.site.name in self.sites else None

    def all(self) -> Sequence[Policy]:
        """Return every one of these sites'."""
        return [each for each in self.policies.all() if each.site.name in self.sites]


def bound(ports: WatchPorts, sites: Collection[str]) -> WatchPorts:
    """Return what the watcher of an Asterisk needs that is for some sites; all where none is."""
    if not sites:
        return ports
    some = frozenset(sites)
    return replace(ports, policies=PoliciesOfSome(ports.policies, some), sites=some)
