"""What failed beside two other rigs is looked at a second time, alone.

Calls take real time, three Asterisks share two cores, and machines of CI share disks and clocks
with others. So a few failures are tried once more by themselves (see the Makefile), with the first
report left above; what fails by itself is a failure. No second look is given where many failed, as
then something is broken, nor where something was left behind: a secret that was written, or a call
still up, is seen no more by whoever runs one test alone.
"""

from __future__ import annotations

from typing import Final

import pytest

FEW: Final = 5


class SecondLook:
    """Keeps count of what failed, and of how; at the end forgets what no second look is for."""

    def __init__(self) -> None:
        self.failed: set[str] = set()
        self.left_behind = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what failed: in its own time, or as what it left was cleared away."""
        if report.failed:
            self.failed.add(report.nodeid)
            self.left_behind |= report.when == "teardown"

    @pytest.hookimpl(trylast=True)  # pytest's own list is written by then
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Leave the next run, of what failed last, nothing to run: it fails then."""
        if self.left_behind or len(self.failed) > FEW:
            session.config.cache.set("cache/lastfailed", {})
