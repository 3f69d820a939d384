"""Troubles that begin and end: told once they last, and told to be over. No clock, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from fastagi.alerts.alert import moment
from fastagi.alerts.heard import id_of
from fastagi.alerts.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.alerts.alert import Alert

LASTS_S: Final[Mapping[Kind, float]] = {Kind.AMI: 30.0, Kind.STORE: 10.0}
"""How long a trouble is let be before it is told, by kind: an Asterisk that is restarted, or a
store that fails over, wakes nobody. Others are told at once."""

OVER: Final = " (over)"


@dataclass(slots=True)
class _Trouble:
    alert: Alert
    told: bool = False


class Lasting:
    """Those that this gate has now."""

    def __init__(self) -> None:
        self._troubles: dict[tuple[Kind, str], _Trouble] = {}

    def begins(self, alert: Alert) -> list[Alert]:
        """Take in that a trouble begins, or that it is said again; return what is to be told."""
        trouble = self._troubles.setdefault((alert.kind, alert.subject), _Trouble(alert))
        if trouble.told:
            return [alert]  # it is counted, or told again after a while
        return self.due(alert.at)

    def ends(self, alert: Alert) -> list[Alert]:
        """Take in that a trouble is over; return what is to be told."""
        trouble = self._troubles.pop((alert.kind, alert.subject), None)
        if trouble is None or not trouble.told:
            return []
        began = trouble.alert
        over = replace(
            alert,
            subject=f"{alert.subject}{OVER}",
            id=id_of(alert.kind, alert.subject, began.id, OVER),
            site=began.site,
            do="nothing: it is over",
            facts=(*alert.facts, ("Since", moment(began.at))),
        )
        return [over]

    def due(self, now: float) -> list[Alert]:
        """Return the troubles that last so long by now that they are to be told."""
        due = [
            each
            for each in self._troubles.values()
            if not each.told and now - each.alert.at >= LASTS_S.get(each.alert.kind, 0.0)
        ]
        for each in due:
            each.told = True
        return [each.alert for each in due]
