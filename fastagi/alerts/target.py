"""Who is told, of what, how often."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastagi.alerts.alert import Alert
    from fastagi.alerts.kind import Kind


@dataclass(frozen=True, slots=True)
class Target:
    """One URL of an `[[alert]]`.

    Attributes:
        url: As apprise reads it; nearly all of it is, or may be, secret, its host too.
        label: Names it in logs: the alert's name, and which line of its file.
        alert: The alert's name.
        kinds: What it is told of.
        again_s: How long what was told of a subject is not told of it again, but counted.
        per_hour: Messages an hour, in the long run.
        sites: Of which sites; of all, and of what is of none, where none is named.
    """

    url: str = field(repr=False)
    label: str
    alert: str
    kinds: frozenset[Kind]
    again_s: float
    per_hour: float
    sites: frozenset[str] = frozenset()

    def hears_of(self, alert: Alert) -> bool:
        """Whether it is told of something."""
        return alert.kind in self.kinds and (not self.sites or alert.site in self.sites)

    @property
    def name(self) -> str:
        """Names it in the store: the same on every gate that has it."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:16]
