"""What of the real calls is tried once more, in a run of its own: a few failures, no traces."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

CONFTEST = """
from tests.e2e.second_look import SecondLook

def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(SecondLook())
"""

LATE = """
from pathlib import Path

def test_late():
    seen = Path(__file__).with_suffix(".seen")
    if not seen.exists():
        seen.touch()
        assert False

def test_in_time():
    pass
"""

BROKEN = """
def test_broken():
    assert False
"""

LEAVES_TRACES = """
import pytest

@pytest.fixture(scope="session")
def running():
    yield
    assert False, "a secret was written"

def test_late(running):
    pass
"""

MANY_LATE = """
from pathlib import Path
import pytest

@pytest.mark.parametrize("number", range(6))
def test_late(number):
    seen = Path(__file__).with_suffix(f".{number}")
    if not seen.exists():
        seen.touch()
        assert False
"""


@pytest.mark.parametrize(
    ("tests", "beside", "second"),
    [
        (LATE, ("-p", "xdist", "-n", "2"), 0),
        (BROKEN, (), 1),
        (LATE + LEAVES_TRACES.replace("test_late", "test_traces"), ("-p", "xdist", "-n", "2"), 5),
        (MANY_LATE, (), 5),
    ],
    ids=["late", "broken", "traces", "many"],
)
def test_a_second_look_is_for_a_few_that_failed(
    tmp_path: Path, tests: str, beside: tuple[str, ...], second: int
) -> None:
    """It passes what was late, and fails (1), or finds nothing to run (5), else."""
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_calls.py").write_text(tests)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    assert _pytest(tmp_path, *beside) == 1
    assert _pytest(tmp_path, "--last-failed", "--last-failed-no-failures", "none") == second


def _pytest(folder: Path, *options: str) -> int:
    """Run pytest in a folder and return its exit status."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        timeout=100,
        check=False,
    ).returncode


def test_the_makefile_asks_for_it_of_real_calls_only() -> None:
    """And asks for nothing to be a failure."""
    lines = (ROOT / "Makefile").read_text().splitlines()
    asks = [line.strip() for line in lines if line.endswith("|| $(second_look)")]
    assert len(asks) == 2
    assert all("$(BIN)/pytest tests/e2e" in line or "$(ALONE)" in line for line in asks)
    (said,) = [line for line in lines if line.startswith("second_look =")]
    assert "--last-failed-no-failures none" in said
