"""The policies in force, and how new ones take their place.

A policy comes into force only when it loads, and all its cases hold; else the one that it was to
replace stays, and the log says why with file and line. Where several sites have one each, what is
wrong with one is no other's trouble.

A little longer than other files: loading, putting into force and looking for changes share one
state, and one lock.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

import structlog
from watchfiles import awatch

from fastagi.daemon.places import ALL, Means
from fastagi.errors import PolicyError, Problem
from fastagi.policy.files import SHADOW_SUFFIX, cases_path
from fastagi.policy.loading import load
from fastagi.policy.scope import asks_for_address, asks_for_number

if TYPE_CHECKING:
    from collections.abc import (
        Awaitable,
        Callable,
        Collection,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )

    from watchfiles import Change

    from fastagi.policy.model import Limit, Policy, Rule

Looks: TypeAlias = "Mapping[Path, tuple[int, ...]]"
"""What was seen of each list when it was looked at."""

log = structlog.get_logger(__name__)

WATCH_MS: Final = 1000
"""Milliseconds after which a quiet watch is known to be established."""

CASES_SUFFIX: Final = ".cases.toml"

NO_POLICIES: Final = (CASES_SUFFIX, SHADOW_SUFFIX)
"""What lies beside a policy, and is none in force."""

WATCHED: Final = frozenset({".toml", ".csv", ".txt"})
"""Suffixes of policies, cases and lists. Lists are looked at besides, whatever they are called."""

LOOK_S: Final = 2.0
"""Seconds between two looks at the lists: they may lie anywhere, also where nothing tells of a
change, as on a file system of another machine."""


def policy_files(place: Path) -> tuple[Path, ...]:
    """Return the policy files of a place: the file itself, or those of a folder.

    Raises:
        PolicyError: There is none.
    """
    if not place.is_dir():
        return (place,)
    files = tuple(
        sorted(each for each in place.glob("*.toml") if not each.name.endswith(NO_POLICIES))
    )
    if not files:
        raise PolicyError([Problem(place, 0, "no policy is in this folder; put a `.toml` there")])
    return files


def load_policies(
    place: Path, means: Means = ALL, shared: Path | None = None
) -> Mapping[str, Policy]:
    """Load every policy of a place, and try its cases; by site.

    Args:
        place: The policy file, or the folder of policies.
        means: What the service has.
        shared: The service's own folder, where its processes share rate sheets.

    Raises:
        PolicyError: Any of them cannot come into force; every problem of every file.
    """
    loaded = load_what_can(place, {}, means, shared)
    if loaded.problems:
        raise PolicyError(loaded.problems)
    return loaded.by_site


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of loading a place.

    Attributes:
        by_site: What can be in force: new policies, and old ones of files that are refused.
        problems: Every problem of every file.
    """

    by_site: Mapping[str, Policy]
    problems: Sequence[Problem]


def load_what_can(
    place: Path,
    before: Mapping[str, Policy],
    means: Means = ALL,
    shared: Path | None = None,
) -> Loaded:
    """Load every policy of a place; one that is refused leaves in force what its file was before.

    Of two files for one site the one counts that it had before, or else that is called after it:
    who may write one site's policy takes no other's place by it.

    Args:
        place: The policy file, or the folder of policies.
        before: Those in force, by site.
        means: What the service has.
        shared: As above.

    Raises:
        PolicyError: There is no file.
    """
    problems: list[Problem] = []
    by_site: dict[str, Policy] = {}
    old = {policy.source: policy for policy in before.values()}
    fresh: list[Policy] = []
    for file in policy_files(place):
        try:
            fresh.append(load_policy(file, means, shared))
        except PolicyError as error:
            problems += error.problems
            if (kept := old.get(file)) is not None:
                by_site[kept.site.name] = kept
    for policy in sorted(fresh, key=lambda each: not _is_heir(each, before)):
        name = policy.site.name
        if name in by_site:
            other = by_site[name].source.name
            what = f"site `{name}` has a policy already, in `{other}`"
            problems.append(Problem(policy.source, 0, what))
            if (kept := old.get(policy.source)) is not None:
                by_site.setdefault(kept.site.name, kept)
            continue
        by_site[name] = policy
    return Loaded(by_site, problems)


def _is_heir(policy: Policy, before: Mapping[str, Policy]) -> bool:
    """Whether it comes before another file's policy that is for the same site."""
    had = before.get(policy.site.name)
    if had is not None:
        return had.source == policy.source
    return policy.source.stem == policy.site.name


def load_policy(file: Path, means: Means = ALL, shared: Path | None = None) -> Policy:
    """Load one policy, and try the cases and sequences beside it.

    Args:
        file: The policy.
        means: As above.
        shared: As above.

    Raises:
        PolicyError: It cannot come into force.
    """
    policy = load(file, shared=shared)
    if policy.site.replicas and not means.has_replicas:
        what = "an SQLite store has no `replicas`; take it out, or see docs/redis.md"
        raise PolicyError([Problem(file, policy.lines.get(("site", "replicas"), 0), what)])
    if problems := list(_reported_by_nobody(policy, means)):
        raise PolicyError(problems)
    beside = cases_path(file)
    if beside.exists():
        # Most commands, and many sites, have none to try.
        from fastagi.policy.case_file import load_case_file
        from fastagi.rehearsal.suite import run_suite

        if problems := list(run_suite(policy, load_case_file(beside)).problems):
            raise PolicyError(problems)
    return policy


def _reported_by_nobody(policy: Policy, means: Means) -> Iterator[Problem]:
    """Find rules and limits that speak of what is reported, where nobody is asked for it."""
    entries: tuple[Rule | Limit, ...] = (*policy.rules, *policy.limits)
    for each in entries:
        for asks, is_asked, key in (
            (asks_for_number(each.scope), means.numbers, "numbers"),
            (asks_for_address(each.scope), means.addresses, "addresses"),
        ):
            if asks and not is_asked:
                what = f"`{each.name}` speaks of `reported` {key}, and nobody is asked for them"
                hint = f"give `{key}` of `[lookups]` in the settings, or take it out"
                yield Problem(policy.source, each.line, f"{what}; {hint}")


class PoliciesInForce:
    """A `fastagi.call.ports.Policies`; what changes of them is replaced at once."""

    def __init__(
        self,
        place: Path,
        by_site: Mapping[str, Policy],
        kept: Callable[[Mapping[str, Policy]], None] = lambda _: None,
        means: Means = ALL,
        *,
        refused: bool = False,
        shared: Path | None = None,
    ) -> None:
        """Begin with policies that were loaded already.

        Args:
            by_site: The policies, by site.
            place: The policy file, or the folder of policies.
            kept: Told of the policies in force, now and whenever they change.
            means: As of `load_policies`.
            refused: Whether the files say by now what cannot come into force.
            shared: As of `load_policies`.
        """
        self._place = place
        self._means = means
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

    def files_beside(self) -> Looks:
        """Look at lists and rate sheets of the policies in force: where, how long, of when."""
        return look_at(self.all())

    async def reload(self, *, asked: bool = False) -> bool:
        """Put what the files say now into force; whether all of it is in force afterwards.

        Loading happens in a thread: with a long list it takes seconds, and calls go on meanwhile.

        Args:
            asked: Somebody waits for an answer, also where nothing has changed.
        """
        async with self._reloading:
            try:
                loaded = await asyncio.to_thread(
                    load_what_can, self._place, self._by_site, self._means, self._shared
                )
            except PolicyError as error:
                loaded = Loaded(self._by_site, tuple(error.problems))
            fresh = loaded.by_site
            if loaded.problems:
                tell_refused(PolicyError(loaded.problems))
                files = {each.file for each in loaded.problems}
                stay = {site: each for site, each in fresh.items() if self._is_of(each, files)}
                log.error("policy-in-force-stays", policies=versions(stay))
                self._refused = True
            elif self._refused:
                self._refused = False
                log.info("policy-valid-again", policies=versions(fresh))
            if versions(fresh) != versions(self._by_site):
                log.warning(
                    "policy-reloaded", policies=versions(fresh), before=versions(self._by_site)
                )
                self._by_site = fresh
                for tell in (self._kept, *self._told):
                    tell(fresh)
            elif asked and not loaded.problems:
                log.info("policy-unchanged", policies=versions(fresh))
            return not loaded.problems

    def _is_of(self, policy: Policy, files: Collection[Path]) -> bool:
        """Whether a policy stays in force as one of these files is refused."""
        own = {policy.source, cases_path(policy.source), *policy.files_beside, self._place}
        return self._by_site.get(policy.site.name) is policy and not own.isdisjoint(files)


def tell_refused(error: PolicyError) -> None:
    """Say loudly why a policy cannot come into force: every problem, with file and line."""
    for problem in error.problems:
        log.error("policy-refused", where=problem.where, what=problem.what)


def versions(by_site: Mapping[str, Policy]) -> dict[str, str]:
    """Return which version of its policy each site has."""
    return {site: policy.version for site, policy in sorted(by_site.items())}


class Reloaded(Protocol):
    """Policies, in force or in shadow, that lists and rate sheets belong to."""

    def files_beside(self) -> Looks:
        """Look at these: where, how long, of when."""
        ...

    async def reload(self, *, asked: bool = False) -> object:
        """Put what the files say now in the place of what they said."""
        ...


async def watch_beside(policies: Reloaded, seen: Looks) -> None:
    """Reload whenever a list or a rate sheet has changed, and is no longer being written.

    Args:
        policies: Those in force, or in shadow.
        seen: What they were before the last reload that is sure to come.
    """
    before = seen
    while True:
        await asyncio.sleep(LOOK_S)
        now = await asyncio.to_thread(policies.files_beside)
        if now != seen and now == before:
            seen = now
            await policies.reload()
        before = now


def look_at(policies: Iterable[Policy]) -> Looks:
    """Look at lists and rate sheets of policies: where, how long, of when."""
    files = sorted({file for policy in policies for file in policy.files_beside})
    return {file: _look(file) for file in files}


def _look(file: Path) -> tuple[int, ...]:
    """Return what changes when a file does; nothing of one that is not there."""
    try:
        status = file.stat()
    except OSError:
        return ()
    return status.st_ino, status.st_size, status.st_mtime_ns


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
