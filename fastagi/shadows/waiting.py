"""What waits to be done in shadow: sites take turns, and ends of calls stay before calls.

A site's own are done in the order in which they came: a call is judged before it ends. Where the
line is full, the site that has most of it loses its newest call, so that a flood of one site's
calls costs that site's shadow alone. A call that is not judged is one fewer that is counted; an
end that is lost leaves in shadow what nobody holds any more, and calls refused for it that never
would be. So others are lost only where a site has no call to lose.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.call.ports import Lived
    from fastagi.decision_log.record import Record
    from fastagi.policy.model import Policy


@dataclass(frozen=True, slots=True)
class Call:
    """To be judged."""

    policy: Policy
    story: Lived
    record: Record

    @property
    def site(self) -> str:
        """Whose call it is."""
        return self.record.site

    @property
    def call(self) -> str:
        """The call's id."""
        return self.story.call


@dataclass(frozen=True, slots=True)
class End:
    """To end."""

    site: str
    call: str
    number: str | None
    node: str | None
    talked_s: int | None
    at: float


@dataclass(frozen=True, slots=True)
class Longer:
    """To last so many seconds, or else until a moment."""

    site: str
    call: str
    number: str
    node: str
    seconds: int
    expires: float
    at: float


Job: TypeAlias = "Call | End | Longer"


@dataclass(slots=True)
class _OfSite:
    """A site's jobs by their serial numbers, oldest first; and which of them are calls."""

    jobs: OrderedDict[int, Job] = field(default_factory=OrderedDict)
    calls: deque[int] = field(default_factory=deque)


class Line:
    """A bounded line; for one event loop.

    Args:
        most: How many jobs it holds.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._sites: OrderedDict[str, _OfSite] = OrderedDict()
        self._sizes: Counter[str] = Counter()  # counted along: calls wait while room is made
        self._serials = count()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Job]:
        """Go through what waits, site by site."""
        for each in self._sites.values():
            yield from each.jobs.values()

    def has_end(self, site: str, call: str, number: str, node: str) -> bool:
        """Tell whether the end of a call waits here."""
        of_site = self._sites.get(site)
        return of_site is not None and any(
            isinstance(job, End)
            and job.call == call
            and job.number in {None, number}
            and job.node in {None, node}
            for job in of_site.jobs.values()
        )

    def put(self, job: Job) -> Job | None:
        """Have a job wait.

        Returns:
            What found no place for it: another job, or this one; None where all did.
        """
        of_site = self._sites.setdefault(job.site, _OfSite())
        serial = next(self._serials)
        of_site.jobs[serial] = job
        if isinstance(job, Call):
            of_site.calls.append(serial)
        self._count += 1
        self._sizes[job.site] += 1
        return self._drop(job.site) if self._count > self._most else None

    def take(self) -> Job:
        """Return what is next: the oldest of the site whose turn it is.

        Raises:
            KeyError: Nothing waits.
        """
        site, of_site = self._sites.popitem(last=False)
        serial, job = of_site.jobs.popitem(last=False)
        if of_site.calls and of_site.calls[0] == serial:
            of_site.calls.popleft()
        self._left(site)
        if of_site.jobs:
            self._sites[site] = of_site  # behind all others
        return job

    def _drop(self, last: str) -> Job:
        """Drop a job of the site that has most, of several that do the one that came last."""
        most = max(self._sizes, key=self._sizes.__getitem__)
        site = most if self._sizes[most] > self._sizes[last] else last
        of_site = self._sites[site]
        serial = of_site.calls.pop() if of_site.calls else next(reversed(of_site.jobs))
        job = of_site.jobs.pop(serial)
        if not of_site.jobs:
            del self._sites[site]
        self._left(site)
        return job

    def _left(self, site: str) -> None:
        self._count -= 1
        self._sizes[site] -= 1
        if not self._sizes[site]:
            del self._sizes[site]
