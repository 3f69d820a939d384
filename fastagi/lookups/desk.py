"""Where calls ask what is reported, and hear at once; the service is asked beside them."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.call.ports import Reports
from fastagi.errors import LookupFailed, StoreError
from fastagi.lookups.pacing import Breaker
from fastagi.lookups.service import AT_ONCE
from fastagi.lookups.subject import Kind, Outcome, Subject
from fastagi.lookups.waiting import Waiting
from fastagi.policy.scope import APART

if TYPE_CHECKING:
    from collections.abc import Callable
    from ipaddress import IPv4Address, IPv6Address

    from fastagi.lookups.findings import Findings
    from fastagi.lookups.service import Service
    from fastagi.lookups.shared import Shared
    from fastagi.lookups.subject import LookupMeter
    from fastagi.numbering.number import Number
    from fastagi.policy.model import Policy

LEARN_S: Final = 5.0
"""Seconds between two looks at what other workers, and other gates, found."""

log = structlog.get_logger(__name__)


class Desk:
    """A `fastagi.call.ports.Lookups` that asks a service.

    Args:
        service: Whom.
        findings: What is known.
        clock: Seconds that only ever grow.
        meter: Counts.
        shared: What other workers found.
    """

    def __init__(
        self,
        service: Service,
        findings: Findings,
        clock: Callable[[], float],
        meter: LookupMeter,
        shared: Shared,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._service = service
        self._findings = findings
        self._clock = clock
        self._meter = meter
        self._shared = shared
        self._breaker = Breaker(chance)
        self._waiting = Waiting()
        self._busy: set[Subject] = set()
        self._more = asyncio.Event()
        self._probing = asyncio.Lock()
        self._is_paused = False

    def known(
        self,
        policy: Policy,
        extension: str,
        number: Number,
        address: IPv4Address | IPv6Address | None,
    ) -> Reports:
        """Return what is reported by now; what nobody knows yet is looked up for the next call.

        Sent away are outside numbers in E.164 and addresses of the internet, and these only where
        the policy has a use for them.
        """
        is_outside = number.category not in APART
        number_is = (
            policy.asks_for_numbers
            and is_outside
            and number.is_e164
            and self._look(Subject(Kind.NUMBER, number.number[1:]), policy.site.name, extension)
        )
        address_is = (
            policy.asks_for_addresses
            and address is not None
            and address.is_global
            and self._look(
                Subject(Kind.ADDRESS, str(address)), policy.site.name, extension, asks=is_outside
            )
        )
        return Reports(number_is, address_is)

    async def run(self) -> None:
        """Look up what waits, and learn what others found, until cancelled."""
        async with asyncio.TaskGroup() as some:
            some.create_task(self._learn())
            for _ in range(AT_ONCE):
                some.create_task(self._serve())

    def _look(self, subject: Subject, site: str, extension: str, *, asks: bool = True) -> bool:
        """Tell whether a subject is reported by now, and have it asked if that is due."""
        if not self._service.knows(subject.kind):
            return False
        finding = self._findings.of(subject, self._clock())
        if asks and (finding is None or finding.is_due) and subject not in self._busy:
            dropped = self._waiting.put(subject, site, extension)
            self._more.set()
            if dropped is not None:
                self._meter.looked_up(dropped.kind, Outcome.DROPPED)
        return finding is not None and finding.is_found

    # ------------------------------------------------------------------- beside the calls

    async def _serve(self) -> None:
        while True:
            await self._more.wait()
            await asyncio.sleep(self._breaker.pause(self._clock()))
            if self._breaker.is_in_doubt:
                async with self._probing:  # one is enough to find out
                    await asyncio.sleep(self._breaker.pause(self._clock()))
                    await self._next()
            else:
                await self._next()

    async def _learn(self) -> None:
        while True:
            with contextlib.suppress(StoreError):  # it is away; every call says so
                for subject, lasts_s in (await self._shared.all()).items():
                    self._findings.learn(subject, self._clock(), lasts_s)
            await asyncio.sleep(LEARN_S)

    async def _next(self) -> None:
        """Look up the first that waits, if any does."""
        try:
            subject = self._waiting.take()
        except KeyError:
            self._more.clear()
            return
        self._busy.add(subject)
        try:
            is_found = await self._service.ask(subject)
        except LookupFailed as error:
            self._failed(subject, error)
        else:
            await self._answered(subject, is_found=is_found)
        finally:
            self._busy.discard(subject)

    async def _answered(self, subject: Subject, *, is_found: bool) -> None:
        before = self._findings.of(subject, self._clock())
        self._findings.note(subject, self._clock(), is_found=is_found)
        self._breaker.succeeded()
        self._meter.looked_up(subject.kind, Outcome.FOUND if is_found else Outcome.NOT_FOUND)
        if self._is_paused:
            self._is_paused = False
            self._meter.paused(so=False)
            log.info("lookups-go-on")
        with contextlib.suppress(StoreError):  # then each finds out for itself
            if is_found:
                await self._shared.put(subject, self._findings.found_s)
            elif before is not None and before.is_found:
                await self._shared.drop(subject)

    def _failed(self, subject: Subject, error: LookupFailed) -> None:
        now = self._clock()
        self._findings.note_failure(subject, now)
        self._meter.looked_up(subject.kind, Outcome.FAILED)
        pause_s = self._breaker.failed(now, error.pause_s)
        if pause_s and not self._is_paused:
            self._is_paused = True
            self._meter.paused(so=True)
            log.warning("lookups-paused", error=str(error), pause_s=round(pause_s))
