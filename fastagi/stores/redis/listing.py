"""What goes through a whole site, batch by batch: a server that takes a step serves nobody else.

So a listing is not of one moment: what is there from its beginning to its end is in it once, what
comes or goes meanwhile may be or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastagi.stores.redis import words
from fastagi.stores.redis.words import joined, moment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from fastagi.stores.budgets import Charge, Level
    from fastagi.stores.records import Record
    from fastagi.stores.redis.script import Argument, Steps
    from fastagi.stores.sign_ins import SignIn
    from fastagi.stores.store import Enrolment, Lease, Lockout, Standing

AT_ONCE: Final = 200
"""Leases, charges, subjects, … that one step looks at: some milliseconds, on a slow server."""

TIDYING: Final = (
    *("tidy_leases", "tidy_windows", "tidy_subjects", "tidy_proofs", "tidy_sign_ins"),
    "tidy_records",
)


class Listing:
    """Steps that are asked again until the end of a site. Each may raise `StoreError`."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    async def live(self, sites: Sequence[str], now: float) -> list[Lease]:
        """See `Leases`; a lease that was renewed meanwhile is found twice, and told once."""
        found: dict[tuple[str, str, str, str], Lease] = {}
        for site in sites:
            shift = self._steps.shift_of(site)
            async for told in self._batches(site, "live", moment(now + shift)):
                for each in told:
                    lease = words.lease_of(each, shift)
                    found[lease.site, lease.call, lease.number, lease.node] = lease
        return sorted(
            found.values(),
            key=lambda each: (each.since, each.site, each.call, each.number, each.node),
        )

    async def spent(self, site: str, now: float) -> list[Level]:
        """See `Leases`."""
        at = moment(now + self._steps.shift_of(site))
        batches = self._batches(site, "spent", at)
        found = [words.level_of(each) async for told in batches for each in told]
        return sorted(found, key=lambda each: (each.limit, each.key, each.unit))

    async def charges(self, site: str, now: float) -> list[Charge]:
        """See `Moving`; a charge may be found twice, and is told once."""
        shift = self._steps.shift_of(site)
        found: dict[tuple[str, str, str, str], Charge] = {}
        async for told in self._batches(site, "charges", moment(now + shift)):
            for each in told:
                charge = words.charge_of(each, shift)
                found[charge.limit, charge.key, charge.unit, charge.id] = charge
        return [found[name] for name in sorted(found)]

    async def lockouts(self, sites: Sequence[str], now: float) -> list[Lockout]:
        """See `Failures`."""
        found: list[Lockout] = []
        for site in sites:
            shift = self._steps.shift_of(site)
            async for told in self._batches(site, "lockouts", moment(now + shift)):
                found += [words.lockout_of(site, each, shift) for each in told]
        return sorted(found, key=lambda each: (-each.until, each.site, each.kind, each.name))

    async def enrolments(self, site: str) -> list[Enrolment]:
        """See `Enrolments`."""
        batches = self._batches(site, "enrolments")
        return [words.enrolment_of(each) async for told in batches for each in told]

    async def sign_ins(self, sites: Sequence[str], now: float) -> list[SignIn]:
        """See `SignIns`."""
        found: list[SignIn] = []
        for site in sites:
            shift = self._steps.shift_of(site)
            async for told in self._batches(site, "sign_ins", moment(now + shift)):
                found += [words.sign_in_of(each, shift) for each in told]
        return sorted(found, key=lambda each: (each.since, each.site, each.extension, each.id))

    async def records(
        self, site: str, kind: str, after: str, count: int, now: float
    ) -> list[Record]:
        """See `Records`; what is void on the way is passed over, batch by batch."""
        shift = self._steps.shift_of(site)
        at, begins = moment(now + shift), joined(kind, after)
        found: list[Record] = []
        while len(found) < count:
            wanted = min(count - len(found), AT_ONCE)
            told, begins = await self._steps.ask(site, "records", begins, wanted, at, kind)
            found += [words.record_of(each, shift) for each in told]
            if begins is None:
                break
        return found

    async def record_kinds(self, site: str) -> list[str]:
        """See `Records`."""
        found: list[str] = []
        while told := await self._steps.ask(site, "next_kind", found[-1] if found else ""):
            found.append(told.decode())
        return found

    async def standings(self, site: str, now: float) -> list[Standing]:
        """See `Moving`."""
        shift = self._steps.shift_of(site)
        batches = self._batches(site, "standings", moment(now + shift))
        found = [words.standing_of(site, each, shift) async for told in batches for each in told]
        return sorted(found, key=lambda each: (each.kind, each.name))

    async def tidy(self, sites: Sequence[str], now: float) -> int:
        """See `Store`; what fails on the way leaves the rest for the next time."""
        dropped = 0
        for site in sites:
            at = moment(now + self._steps.shift_of(site))
            for step in TIDYING:
                async for count in self._batches(site, step, at):
                    dropped += count
        return dropped

    async def _batches(
        self, site: str, step: str, *arguments: Argument
    ) -> AsyncIterator[Any]:  # Any: as the server answers
        """Yield what each batch answers, every one within the deadline of a step."""
        begins: bytes | str | None = ""
        while begins is not None:
            told, begins = await self._steps.ask(site, step, begins, AT_ONCE, *arguments)
            yield told
