"""Judging by policies in shadow beside the calls: after their answer, and never at their cost.

A call hands over what is known of it and goes on. One task takes them from a bounded line, one
after the other, and rests after each as long as that took: so no call ever waits for more than one
step of it, at the store or in the event loop. What does not fit is dropped, counted and told. So
is what breaks here; it reaches no call.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, assert_never

import structlog

from fastagi.call.ports import soon
from fastagi.decision_log.record import Record
from fastagi.errors import StoreError
from fastagi.numbering.number import Category
from fastagi.policy.model import Reason, Verdict
from fastagi.shadows.differences import Difference, Kind, Tally
from fastagi.shadows.judging import Heard, is_judged, judge
from fastagi.shadows.ports import NoShadowMeter
from fastagi.shadows.waiting import Call, End, Job, Line, Longer
from fastagi.stores.shadows import shadow_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from fastagi.call.ports import Clock, Lived, Slices
    from fastagi.policy.model import Policy
    from fastagi.shadows.ports import Entries, ShadowMeter
    from fastagi.stores.store import Lease, Store

MOST_WAITING: Final = 2_000
"""Calls and ends of calls in the line: some seconds of a busy gate; about 10 MB."""

PATIENCE_S: Final = 2.0
"""What one call may take to be judged: a few steps of the store."""

TALLY_S: Final = 60.0
"""Seconds between two lines that say how many calls were judged."""

MOST_CUT: Final = 10_000
"""Calls, live at one time, of which it is known that they were told of already."""

log = structlog.get_logger(__name__)


class Background:
    """A `fastagi.call.ports.Shadows`, and a `fastagi.shadows.following.Follower`.

    Args:
        store: Where shadows count: the site's own store.
        entries: Where differences go on record.
        now: The wall clock.
        slices: As the gate's.
        meter: Who counts.
        most_waiting: What the line holds.
        rest: Waits so many seconds.
    """

    def __init__(
        self,
        store: Store,
        entries: Entries,
        now: Clock,
        slices: Slices,
        meter: ShadowMeter | None = None,
        *,
        most_waiting: int = MOST_WAITING,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._entries = entries
        self._now = now
        self._slices = slices
        self._meter = meter or NoShadowMeter()
        self._rest = rest
        self._policies: Mapping[str, Policy] = {}
        self._jobs = Line(most_waiting)
        self._some = asyncio.Event()
        self._tallies: dict[tuple[str, str], Tally] = {}
        self._failing: set[str] = set()  # sites whose calls cannot be judged, as was told
        self._cut: set[tuple[str, ...]] = set()

    @property
    def waiting(self) -> int:
        """How much is waiting to be done."""
        return len(self._jobs)

    def change(self, by_site: Mapping[str, Policy]) -> None:
        """Judge by these from now on.

        Args:
            by_site: Each as of `judging.in_shadow`, by the name of the site that it is beside.
        """
        self._policies = by_site

    # ------------------------------------------------------------------ told by calls

    def judged(self, story: Lived, record: Record) -> None:
        """Take a call that has its answer; see `fastagi.call.ports.Shadows`."""
        policy = self._policies.get(record.site)
        if policy is None or story.caller is None or not is_judged(record):
            return
        self._put(Call(policy, story, record))

    def released(
        self, site: str, call: str, number: str | None, node: str | None, talked_s: int | None
    ) -> None:
        """See `Follower`."""
        policy = self._policies.get(site)
        if policy is not None:
            self._put(End(site, call, number, node, talked_s, self._now()))

    def extended(self, site: str, call: str, number: str, node: str, seconds: int) -> None:
        """See `Follower`."""
        policy = self._policies.get(site)
        if policy is not None:
            self._put(Longer(site, call, number, node, seconds, 0.0, self._now()))

    def renewed(self, site: str, call: str, number: str, node: str, expires: float) -> None:
        """See `Follower`."""
        policy = self._policies.get(site)
        if policy is not None:
            self._put(Longer(site, call, number, node, 0, expires, self._now()))

    def _put(self, job: Job) -> None:
        """Queue a job; a call's end that finds no place comes as its lease expires."""
        self._some.set()
        dropped = self._jobs.put(job)
        if dropped is None:
            return
        self._meter.unjudged(dropped.site, "dropped")
        policy = self._policy_of(dropped)
        if policy is not None:
            self._tally(dropped.site, policy).dropped += 1

    # ------------------------------------------------------------------ one after the other

    async def run(self) -> None:
        """Judge what comes, until cancelled; what was counted by then goes on record."""
        told_at = time.monotonic()
        try:
            while True:
                left_s = told_at + TALLY_S - time.monotonic()
                if left_s <= 0:
                    self.tell()
                    told_at = time.monotonic()
                    continue
                try:
                    async with asyncio.timeout(left_s):
                        await self._some.wait()
                except TimeoutError:
                    continue
                began = time.monotonic()
                await self.step()
                await self._rest(time.monotonic() - began)
        finally:
            for job in self._jobs:
                if isinstance(job, Call):
                    self._tally(job.record.site, job.policy).dropped += 1
            self.tell()

    async def step(self) -> None:
        """Do what has waited longest, if anything has."""
        if not len(self._jobs):
            return
        job = self._jobs.take()
        if not len(self._jobs):
            self._some.clear()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._do(job)
        except Exception as error:  # whatever breaks in a shadow is no call's trouble
            self._failed(job, error)
        else:
            if isinstance(job, Call) and job.site in self._failing:
                self._failing.discard(job.site)
                log.info("shadow-judged-again", site=job.site)

    async def _do(self, job: Job) -> None:
        match job:
            case Call():
                await self._judge(job)
            case End():
                of = (shadow_of(job.site), job.call, job.number, job.node)
                await soon(self._store.release(*of, job.at, job.talked_s))
                self._cut.discard((job.site, job.call, job.number or "", job.node or ""))
            case Longer():
                await self._let_last(job)
            case _:
                assert_never(job)

    async def _judge(self, job: Call) -> None:
        record, policy, caller, live = job.record, job.policy, job.story.caller, job.story.lease
        assert caller is not None  # noqa: S101 - others are not taken in
        will_end = live is not None and self._jobs.has_end(
            record.site, live.call, live.number, live.node
        )
        slice_s = self._slices.seconds(caller.node)
        heard = Heard(job.story, caller, record, self._now(), slice_s, will_end=will_end)
        difference = await judge(policy, heard, self._store)
        tally, kind = self._tally(record.site, policy), None
        tally.judged += 1
        if difference is not None:
            kind = difference.kind
            self._differs(difference, tally)
        self._meter.judged(record.site, kind)

    def _differs(self, difference: Difference, tally: Tally) -> None:
        tally.differs[difference.kind] = tally.differs.get(difference.kind, 0) + 1
        self._entries.record(difference)

    async def _let_last(self, job: Longer) -> None:
        """Let what the call holds in shadow last as long; tell where that would have ended it."""
        of = (shadow_of(job.site), job.call, job.number, job.node)
        if not job.seconds:
            await soon(self._store.renew(*of, job.expires, job.at))
            return
        longer = await soon(self._store.extend(*of, job.seconds, job.at))
        if longer is None or longer.lease.seconds >= job.seconds:
            return
        name = (job.site, job.call, job.number, job.node)
        policy = self._policies.get(job.site)
        if name in self._cut or policy is None:
            return
        if len(self._cut) >= MOST_CUT:
            self._cut.clear()  # rather told twice than kept for ever
        self._cut.add(name)
        self._differs(_cut_short(longer.lease, job, policy), self._tally(job.site, policy))
        self._meter.judged(job.site, Kind.SHORTENED)

    # ------------------------------------------------------------------ what is told

    def _failed(self, job: Job, error: Exception) -> None:
        site, policy = job.site, self._policy_of(job)
        if policy is not None:
            self._tally(site, policy).failed += 1
        self._meter.unjudged(site, "failed")
        if site in self._failing:
            return
        self._failing.add(site)
        is_ours = not isinstance(error, StoreError | TimeoutError)
        log.error(
            "shadow-not-judged",
            site=site,
            call=job.call,
            error=str(error) or repr(error),
            exc_info=error if is_ours else None,
        )

    def _policy_of(self, job: Job) -> Policy | None:
        """Return what it was to be judged by; of an end what is in shadow by now."""
        return job.policy if isinstance(job, Call) else self._policies.get(job.site)

    def _tally(self, site: str, policy: Policy) -> Tally:
        key = (site, policy.version)
        if key not in self._tallies:
            self._tallies[key] = Tally(site, policy.version, self._now())
        return self._tallies[key]

    def tell(self) -> None:
        """Put on record how many calls were judged, and say how many were not."""
        for tally in self._tallies.values():
            tally.until = self._now()
            self._entries.record(tally)
            if tally.dropped:
                log.warning("shadow-calls-dropped", site=tally.site, count=tally.dropped)
        self._tallies = {}


def _cut_short(lease: Lease, job: Longer, policy: Policy) -> Difference:
    """Return how a call differs that goes on, and would have been ended."""

    def record(reason: Reason, seconds: int, version: str) -> Record:
        return Record(
            at=job.at,
            site=job.site,
            call=job.call,
            extension=lease.extension,
            verdict=Verdict.ALLOW,
            reason=reason,
            rule=lease.rule,
            reference=lease.reference,
            number=lease.number,
            category=Category(lease.category),
            country=lease.country,
            node=job.node,
            channel=lease.channel,
            seconds=seconds,
            policy=version,
        )

    shadow = record(Reason.BUDGET_REACHED, lease.seconds, policy.version)
    live = record(Reason.ALLOWED, job.seconds, "")
    return Difference(Kind.SHORTENED, shadow, live, lease.seconds, job.seconds)
