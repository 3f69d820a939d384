"""Policies that come into force are kept: by one worker, in a thread, so that no call waits."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from fastagi.decision_log.history import oldest_moment
from fastagi.errors import VersionError
from fastagi.versions.keeping import Bounds, forget, keep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from fastagi.policy.model import Policy

log = structlog.get_logger(__name__)


class VersionsKept:
    """Told of policies that come into force, keeps them; a failure is told, and changes nothing.

    Args:
        folder: Where.
        bounds: For how long, and how much.
        decisions: The record, whose oldest line is not to outlive its policy.
        now: The wall clock.
    """

    def __init__(
        self, folder: Path, bounds: Bounds, decisions: Path, now: Callable[[], float]
    ) -> None:
        self._folder = folder
        self._bounds = bounds
        self._decisions = decisions
        self._now = now
        self._thread = ThreadPoolExecutor(1, "versions")

    def __call__(self, by_site: Mapping[str, Policy]) -> None:
        """Take note of the policies that are in force now; never waits, never raises."""
        with contextlib.suppress(RuntimeError):  # it is closed, as the worker leaves
            self._thread.submit(self.keep_all, tuple(by_site.values()), self._now())

    def close(self) -> None:
        """Finish what is begun, and begin nothing more."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def keep_all(self, policies: tuple[Policy, ...], now: float) -> None:
        """Keep some policies that are in force since a moment, and let go of what is too old."""
        fresh = False
        for policy in policies:
            site, version = policy.site.name, policy.version
            try:
                if keep(self._folder, policy, now):
                    fresh = True
                    log.info("policy-version-kept", site=site, version=version)
            except (OSError, VersionError) as error:
                why = str(error)
                log.error("policy-version-not-kept", site=site, version=version, error=why)
        if fresh:
            self._forget(now)

    def _forget(self, now: float) -> None:
        try:
            oldest = oldest_moment(self._decisions)
            since = None if oldest is None else datetime.fromisoformat(oldest).timestamp()
            gone = forget(self._folder, self._bounds, now, since)
        except (OSError, ValueError, VersionError) as error:
            log.error("policy-versions-not-tidied", error=str(error))
        else:
            if gone:
                log.info("policy-versions-let-go", versions=gone)
