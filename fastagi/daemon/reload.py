"""The policies in force, and how new ones take their place.

A policy comes into force only when it loads, asks for nothing that this version cannot do, and
all its cases hold. Where several sites have one each, all of them must; else everything stays as
it is, and the log says why with file and line.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog
from watchfiles import awatch

from fastagi.errors import PolicyError, Problem
from fastagi.policy import cases
from fastagi.policy.loading import load

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from watchfiles import Change

    from fastagi.policy.model import Policy

log = structlog.get_logger(__name__)

WATCH_MS: Final = 1000
"""Milliseconds after which a quiet watch is known to be established."""

CASES_SUFFIX: Final = ".cases.toml"

WATCHED: Final = frozenset({".toml", ".csv", ".txt"})
"""Suffixes of policies, cases and lists; a list with another one needs a SIGHUP."""


def policy_files(place: Path) -> tuple[Path, ...]:
    """Return the policy files of a place: the file itself, or those of a folder.

    Raises:
        PolicyError: There is none.
    """
    if not place.is_dir():
        return (place,)
    files = tuple(
        sorted(each for each in place.glob("*.toml") if not each.name.endswith(CASES_SUFFIX))
    )
    if not files:
        raise PolicyError([Problem(place, 0, "no policy is in this folder; put a `.toml` there")])
    return files


def load_policies(
    place: Path, *, has_replicas: bool = True, shared: Path | None = None
) -> Mapping[str, Policy]:
    """Load every policy of a place, and try its cases; by site.

    Args:
        place: The policy file, or the folder of policies.
        has_replicas: Whether the service's store is one that may have some.
        shared: The service's own folder, where its processes share rate sheets.

    Raises:
        PolicyError: Any of them cannot come into force; every problem of every file.
    """
    problems: list[Problem] = []
    by_site: dict[str, Policy] = {}
    for file in policy_files(place):
        try:
            policy = load_policy(file, has_replicas=has_replicas, shared=shared)
        except PolicyError as error:
            problems += error.problems
            continue
        name = policy.site.name
        if name in by_site:
            other = by_site[name].source.name
            problems.append(Problem(file, 0, f"site `{name}` has a policy already, in `{other}`"))
        by_site[name] = policy
    if problems:
        raise PolicyError(problems)
    return by_site


def load_policy(file: Path, *, has_replicas: bool = True, shared: Path | None = None) -> Policy:
    """Load one policy, and try the cases beside it.

    Args:
        file: The policy.
        has_replicas: As above.
        shared: As above.

    Raises:
        PolicyError: It cannot come into force.
    """
    policy = load(file, shared=shared)
    if policy.later:
        raise PolicyError(
            Problem(file, line, f"{what}; this version cannot do it, so take it out")
            for line, what in policy.later
        )
    if policy.site.replicas and not has_replicas:
        what = "an SQLite store has no `replicas`; take it out, or see docs/redis.md"
        raise PolicyError([Problem(file, policy.lines.get(("site", "replicas"), 0), what)])
    beside = cases.cases_path(file)
    if beside.exists():
        report = cases.run(policy, cases.load_cases(beside))
        if report.failed:
            raise PolicyError(
                Problem(beside, each.case.line, f"case `{each.case.name}` fails: {each.why}")
                for each in report.failed
            )
    return policy


class PoliciesInForce:
    """A `fastagi.call.ports.Policies` whose policies are replaced all at once."""

    def __init__(
        self,
        place: Path,
        by_site: Mapping[str, Policy],
        kept: Callable[[Mapping[str, Policy]], None] = lambda _: None,
        *,
        refused: bool = False,
        has_replicas: bool = True,
        shared: Path | None = None,
    ) -> None:
        """Begin with policies that were loaded already.

        Args:
            by_site: The policies, by site.
            place: The policy file, or the folder of policies.
            kept: Told of the policies in force, now and whenever they change.
            refused: Whether the files say by now what cannot come into force.
            has_replicas: As of `load_policies`.
            shared: As of `load_policies`.
        """
        self._place = place
        self._has_replicas = has_replicas
        self._shared = shared
        self._by_site = by_site
        self._kept = kept
        self._told: list[Callable[[Mapping[str, Policy]], None]] = []
        self._refused = refused
        self._reloading = asyncio.Lock()
        kept(by_site)

    def also_tell(self, told: Callable[[Mapping[str, Policy]], None]) -> None:
        """Tell one more of the policies in force, now and whenever they change."""
        self._told.append(told)
        told(self._by_site)

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites that have a policy."""
        return tuple(self._by_site)

    @property
    def refused(self) -> bool:
        """Whether the files say by now what cannot come into force."""
        return self._refused

    def of(self, site: str) -> Policy | None:
        """Return the site's policy; of an empty name, the only one there is."""
        if site or len(self._by_site) != 1:
            return self._by_site.get(site)
        return next(iter(self._by_site.values()))

    def all(self) -> Sequence[Policy]:
        """Return every site's policy."""
        return tuple(self._by_site.values())

    def keep_no_more(self) -> None:
        """Do not keep what comes into force later: a successor does."""
        self._kept = lambda _: None

    async def reload(self, *, asked: bool = False) -> bool:
        """Put what the files say now into force; whether it is in force afterwards.

        Loading happens in a thread: with a long list it takes seconds, and calls go on meanwhile.

        Args:
            asked: Somebody waits for an answer, also where nothing has changed.
        """
        async with self._reloading:
            try:
                fresh = await asyncio.to_thread(
                    load_policies,
                    self._place,
                    has_replicas=self._has_replicas,
                    shared=self._shared,
                )
            except PolicyError as error:
                tell_refused(error)
                log.error("policy-in-force-stays", policies=versions(self._by_site))
                self._refused = True
                return False
            if self._refused:
                self._refused = False
                log.info("policy-valid-again", policies=versions(fresh))
            if versions(fresh) != versions(self._by_site):
                log.warning(
                    "policy-reloaded", policies=versions(fresh), before=versions(self._by_site)
                )
                self._by_site = fresh
                for tell in (self._kept, *self._told):
                    tell(fresh)
            elif asked:
                log.info("policy-unchanged", policies=versions(fresh))
            return True


def tell_refused(error: PolicyError) -> None:
    """Say loudly why a policy cannot come into force: every problem, with file and line."""
    for problem in error.problems:
        log.error("policy-refused", where=problem.where, what=problem.what)


def versions(by_site: Mapping[str, Policy]) -> dict[str, str]:
    """Return which version of its policy each site has."""
    return {site: policy.version for site, policy in sorted(by_site.items())}


async def watch(folder: Path, changed: Callable[[], Awaitable[object]]) -> None:
    """Call `changed` whenever a file of the policy (or of a list beside it) changes.

    It is called once at the beginning, too: files may have changed after they were read, and
    before they were watched.

    Where the system cannot watch (too many watches, a folder that is gone) that is said, and
    SIGHUP remains.
    """
    try:
        begun = False
        async for changes in awatch(
            folder, watch_filter=_is_of_a_policy, rust_timeout=WATCH_MS, yield_on_timeout=True
        ):
            if changes or not begun:
                await changed()
            begun = True
    except (OSError, RuntimeError) as error:
        log.error("policy-not-watched", folder=str(folder), error=str(error))


def _is_of_a_policy(_change: Change, path: str) -> bool:
    """Whether a change can matter: not an editor's draft, nor a database that lies near."""
    return Path(path).suffix in WATCHED
