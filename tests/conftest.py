"""What holds for every test: nothing is skipped, and no property is tried against the clock."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import hypothesis
import pytest
import structlog

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

# A busy machine is no fault of what is tested; and in CI the same commit has the same inputs.
# Fewer of them where the same was tried with all just before, on another Python.
hypothesis.settings.register_profile(
    "dialguard",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    max_examples=int(os.environ.get("DIALGUARD_EXAMPLES", "100")),
    print_blob=True,
)
hypothesis.settings.load_profile("dialguard")


@pytest.fixture(autouse=True)
def fresh_logging() -> Iterator[None]:
    """Leave structlog and the root logger as they were: a command sends both to its own stderr."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make a skip a failure: what did not run has shown nothing."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report
