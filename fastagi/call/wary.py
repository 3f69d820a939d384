"""Whom this gate has reason to be wary of, should the store go away.

An extension that was refused a moment ago, because it was locked out or had used up a limit, would
find neither known on this machine alone. Forgotten after a minute, which is how long a thief would
have to keep the store away from us; and bounded, as extensions are many: a site that has most of
them forgets its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastagi.policy.model import Reason

if TYPE_CHECKING:
    from fastagi.call.ending import Ending

REMEMBERED: Final = frozenset({Reason.LOCKED_OUT, Reason.LIMIT_REACHED, Reason.BUDGET_REACHED})
"""What is too dear for one number is not for another, and is known without the store."""

FOR_S: Final = 60.0

MOST: Final = 10_000
"""Extensions that are remembered; of the site that has most of them, whoever was refused longest
ago is forgotten first."""


@dataclass(slots=True)
class Wary:
    """What each extension was last refused for by the store, if it was."""

    _refused: dict[str, dict[str, tuple[Reason, float]]] = field(default_factory=dict)
    _count: int = 0

    def note(self, site: str, extension: str, ending: Ending, now: float) -> None:
        """Take in what the store had to say of an extension: that it may, or why it may not."""
        of_site = self._refused.setdefault(site, {})
        self._count -= of_site.pop(extension, None) is not None
        if ending.reason in REMEMBERED:
            of_site[extension] = (ending.reason, now)
            self._count += 1
            if self._count > MOST:
                most = max(self._refused.values(), key=len)
                del most[next(iter(most))]
                self._count -= 1
        if not of_site:
            del self._refused[site]

    def of(self, site: str, extension: str, now: float) -> Reason | None:
        """Return why an extension is to be refused without the store; None where nothing is."""
        reason, at = self._refused.get(site, {}).get(extension, (None, 0.0))
        return reason if abs(now - at) < FOR_S else None  # a clock may have been set back
