"""Policies in shadow: `office.shadow.toml` beside `office.toml`, loaded and watched as that is.

What is wrong with one is told as loudly as of a policy in force, and touches none of those: they
are loaded by themselves, and never see this file.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.daemon.chores import begin_chore, end_chores
from fastagi.daemon.places import ALL
from fastagi.daemon.reload import load_policy, look_at
from fastagi.decision_log.writer import LineLog
from fastagi.errors import PolicyError, Problem
from fastagi.policy.files import SHADOW_SUFFIX, shadow_path
from fastagi.shadows.background import Background
from fastagi.shadows.differences import line
from fastagi.shadows.judging import in_shadow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AsyncExitStack
    from pathlib import Path

    from fastagi.call.ports import Slices
    from fastagi.daemon.places import Means
    from fastagi.daemon.reload import Looks
    from fastagi.policy.model import Policy
    from fastagi.settings import Settings
    from fastagi.shadows.differences import Entry
    from fastagi.shadows.ports import ShadowMeter
    from fastagi.stores.store import Store

FILE: Final = "shadow.jsonl"
"""Beside the record of decisions: whoever reads that is not to meet what never was decided."""

log = structlog.get_logger(__name__)


def shadow_file(settings: Settings) -> Path:
    """Return where differences go on record."""
    return settings.log.decisions.with_name(FILE)


def shadow_log_of(settings: Settings) -> LineLog[Entry]:
    """Open the record of differences: as that of decisions, with the same bounds and mask."""
    return LineLog(
        shadow_file(settings),
        line,
        settings.log.mask,
        rotate_bytes=settings.log.rotate_mb << 20,
        keep=settings.log.keep,
    )


def load_beside(policy: Policy, means: Means = ALL, shared: Path | None = None) -> Policy | None:
    """Load the policy that is in shadow beside one in force, and try its cases.

    Returns:
        As it was written; None where there is none.

    Raises:
        PolicyError: It cannot come into shadow.
    """
    file = shadow_path(policy.source)
    if not file.exists():
        return None
    found = load_policy(file, means, shared)
    if (wrong := wrong_site(found, policy)) is not None:
        raise PolicyError([wrong])
    return found


def wrong_site(found: Policy, policy: Policy) -> Problem | None:
    """Return why one policy cannot be in shadow beside another: it is for another site."""
    if found.site.name == policy.site.name:
        return None
    at = found.lines.get(("site", "name"), 0)
    what = (
        f"site `{found.site.name}` is not `{policy.site.name}`, beside whose policy "
        f"`{policy.source.name}` this one is; write that name, or move the file"
    )
    return Problem(found.source, at, what)


class PoliciesInShadow:
    """Those beside the policies in force; what changes of them is replaced at once.

    Args:
        means: As of `daemon.reload.load_policies`.
        shared: Likewise.
        place: Likewise; None where nobody looks for those that have no policy.
    """

    def __init__(
        self, means: Means = ALL, shared: Path | None = None, place: Path | None = None
    ) -> None:
        self._means = means
        self._shared = shared
        self._place = place
        self._told: Callable[[Mapping[str, Policy]], None] = lambda _: None
        self._also_told: list[Callable[[], None]] = []
        self._in_force: Mapping[str, Policy] = {}
        self._loaded: Mapping[str, Policy] = {}
        self._refused: frozenset[str] = frozenset()
        self._reloading = asyncio.Lock()

    def tell(self, told: Callable[[Mapping[str, Policy]], None]) -> None:
        """Tell of them, as of `judging.in_shadow`, by site, whenever they change."""
        self._told = told

    def also_tell(self, told: Callable[[], None]) -> None:
        """Tell one more whenever they change: by then `all` returns what they are."""
        self._also_told.append(told)

    def in_force(self, by_site: Mapping[str, Policy]) -> None:
        """Take in which policies are in force; those beside them are to be loaded then."""
        self._in_force = by_site

    def all(self) -> Sequence[Policy]:
        """Return them, as they were written."""
        return tuple(self._loaded.values())

    def files_beside(self) -> Looks:
        """Look at their lists and rate sheets: where, how long, of when."""
        return look_at(self.all())

    async def reload(self, *, asked: bool = False) -> None:  # noqa: ARG002 - as of those in force
        """Judge by what the files say now; one that is refused leaves what its file was before."""
        async with self._reloading:
            try:
                loaded, problems = await asyncio.to_thread(self._load, self._in_force)
            except Exception:  # our bug; who reloads policies in force has to go on
                log.exception("shadow-reload-broke")
                return
            refused = frozenset(map(str, problems))
            for each in problems if refused != self._refused else ():
                log.error("shadow-refused", where=each.where, what=each.what)
            if self._refused and not refused:
                log.info("shadow-valid-again", policies=_versions(loaded))
            self._refused = refused
            versions, before = _versions(loaded), _versions(self._loaded)
            self._loaded = loaded
            if versions != before:
                log.warning("shadow-reloaded", policies=versions, before=before)
                self._told({site: in_shadow(policy) for site, policy in loaded.items()})
                for tell in self._also_told:
                    tell()

    def _load(
        self, in_force: Mapping[str, Policy]
    ) -> tuple[Mapping[str, Policy], Sequence[Problem]]:
        loaded: dict[str, Policy] = {}
        problems = [] if self._place is None else list(_orphans(self._place))
        for site, policy in in_force.items():
            try:
                found = load_beside(policy, self._means, self._shared)
            except PolicyError as error:
                problems += error.problems
                found = self._loaded.get(site)
            if found is not None:
                loaded[site] = found
        return loaded, problems


def _orphans(folder: Path) -> Iterator[Problem]:
    """Find those that are beside no policy: of such a name none is in force either."""
    for file in sorted(folder.glob(f"*{SHADOW_SUFFIX}")) if folder.is_dir() else ():
        beside = file.with_name(file.name.removesuffix(SHADOW_SUFFIX) + ".toml")
        if not beside.exists():
            what = (
                f"there is no `{beside.name}` beside which this would be in shadow, so it counts "
                f"for nothing; if it is to be in force, give it a name without `.shadow`"
            )
            yield Problem(file, 0, what)


def begin_shadows(
    settings: Settings,
    policies: PoliciesInShadow,
    store: Store,
    slices: Slices,
    meter: ShadowMeter,
    opened: AsyncExitStack,
) -> Background:
    """Begin to judge by policies in shadow, until what is opened is closed.

    Args:
        settings: Where differences go on record.
        policies: Those in shadow.
        store: Where they count.
        slices: As the gate's.
        meter: Who counts.
        opened: What is closed in the end.
    """
    shadow_log = shadow_log_of(settings)
    opened.push_async_callback(asyncio.to_thread, shadow_log.close)
    background = Background(store, shadow_log, time.time, slices, meter)
    policies.tell(background.change)
    opened.push_async_callback(end_chores, [begin_chore("shadow", background.run())])
    return background


def _versions(by_site: Mapping[str, Policy]) -> dict[str, str]:
    return {site: policy.version for site, policy in sorted(by_site.items())}
