"""Pages of the console: a template and what is to be said in it.

Everything put in is text: never a tag, and never a character that turns text around or hides it.

They are read when the web starts. Moments are written as the clock of their site shows them.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from fastagi.call.costs import reserved, so_far
from fastagi.policy.limits_in_words import so_much
from fastagi.policy.model import Reason, Unit
from fastagi.policy.wording import duration, printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from fastagi.console.assets import Asset
    from fastagi.console.ports import PoliciesOfAll
    from fastagi.stores.budgets import Level
    from fastagi.stores.store import Lease

OVERRIDABLE: Final = frozenset(
    {
        Reason.RULE,
        Reason.NO_RULE,
        Reason.NOT_ENROLLED,
        Reason.WRONG_CODE,
        Reason.NO_DIGITS,
        Reason.SIGN_IN_REQUIRED,
    }
)
"""Why a call was refused that an override would have let through."""

SHOWN_ENOUGH: Final = re.compile(r"\+[1-9][0-9]{3,14}", re.ASCII)
"""With less of a number one would let through more than was asked for: half a continent."""

PACKAGE: Final = "fastagi.console.operators"


class Renderer:
    """Makes pages, and parts of pages."""

    def __init__(self, assets: Mapping[str, Asset], policies: PoliciesOfAll) -> None:
        """Read the templates."""
        self._policies = policies
        self._environment = Environment(
            loader=PackageLoader(PACKAGE, "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=plain,
        )
        self._environment.globals["assets"] = {name: each.url for name, each in assets.items()}
        self._environment.filters |= {
            "hour": self.hour,
            "moment": self.moment,
            "written": self.written,
            "iso": iso,
            "names": names,
            "override": override_for,
            "duration": duration,
            "money_of": self.money_of,
            "used": self.used,
            "reserved": self.reserved,
        }

    def render(self, template: str, **values: object) -> str:
        """Return a page, or a part of one."""
        return self._environment.get_template(template).render(**values)

    def moment(self, at: float, site: str = "") -> Markup:
        """Write a moment, to the second, by the clock of a site; of none, by the only one's."""
        shown = datetime.fromtimestamp(at, self._zone(site)).strftime("%Y-%m-%d %H:%M:%S")
        return Markup('<time datetime="{}">{}</time>').format(iso(at), shown)

    def written(self, time: object, site: object) -> object:
        """Write a moment of the record of decisions as others; what is none, as it is there."""
        try:
            return self.moment(datetime.fromisoformat(str(time)).timestamp(), str(site))
        except (ValueError, OverflowError):
            return time

    def hour(self, at: float) -> str:
        """Write the time of day, by the clock of the only site."""
        return datetime.fromtimestamp(at, self._zone("")).strftime("%H:%M")

    def money_of(self, lease: Lease, now: float) -> str:
        """Write what a call costs so far, and what is reserved for it; empty without a price."""
        cost, kept = so_far(lease, now), reserved(lease)
        if cost is None:
            return ""
        spent = self._so_much(Unit.SPEND, cost, lease.site)
        if kept is None:
            return spent
        return f"{spent} of {self._so_much(Unit.SPEND, kept, lease.site)}"

    def used(self, level: Level, site: str) -> str:
        """Write how much of a budget is used: `3.20 GBP of 20.00 GBP`."""
        used, most = (self._so_much(level.unit, each, site) for each in (level.used, level.most))
        return f"{used} of {most}"

    def reserved(self, level: Level, site: str) -> str:
        """Write how much of a budget live calls may give back; empty where that is nothing."""
        return self._so_much(level.unit, level.reserved, site) if level.reserved else ""

    def _so_much(self, unit: str, amount: int, site: str) -> str:
        """Write an amount; without a currency where the policy in force names none by now."""
        return so_much(Unit(unit), amount, self._currency(site)).strip()

    def _currency(self, site: str) -> str:
        policy = self._policies.of(site)
        return "" if policy is None or policy.rates is None else policy.rates.currency

    def _zone(self, site: str) -> tzinfo:
        policy = self._policies.of(site)
        return UTC if policy is None else policy.site.timezone


def iso(at: float) -> str:
    """Write a moment for programs."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def names(several: list[str]) -> str:
    """Write names as a button says them; `visits.names` reads them."""
    return json.dumps(several)


def override_for(decision: Mapping[str, object]) -> list[str] | None:
    """Return what a button says that lets an extension through where it was refused.

    Site, extension, and how the number begins, as far as the record shows it. None where no rule
    refused it, or too little is shown.
    """
    number = str(decision.get("number", "")).partition("x")[0]
    if decision.get("verdict") != "deny" or decision.get("reason") not in OVERRIDABLE:
        return None
    if not SHOWN_ENOUGH.fullmatch(number):
        return None
    return [str(decision.get("site", "")), str(decision.get("extension", "")), number]


def plain(value: object) -> object:
    """Show what others chose with escapes in place of what turns text around or hides it."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value
