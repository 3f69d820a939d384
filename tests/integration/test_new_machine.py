"""The first minutes of somebody new: a bare clone, `make run`, and a call."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.integration.running import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping

REPOSITORY: Final = Path(__file__).resolve().parents[2]

SERVES_WITHIN_S: Final = 60.0
"""A minute, as promised, with what has to be fetched: a very slow network fails this."""


@pytest.mark.timeout(180)
def test_make_run_serves_within_a_minute_and_says_what_to_try(tmp_path: Path) -> None:
    """On a clone with nothing installed; what it says to try works as it stands."""
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", REPOSITORY, clone], check=True)
    address = f"127.0.0.1:{free_port()}"
    # As somebody new has it: none of this run's environment but what finds programs and packages.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DIALGUARD")}
    environment = {**kept, "DIALGUARD_AGI__LISTEN": address}
    for of_this_run in ("VIRTUAL_ENV", "MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
        environment.pop(of_this_run, None)
    began = time.monotonic()
    said = tmp_path / "said"
    with said.open("wb") as output:
        make = subprocess.Popen(
            [shutil.which("make") or "make", "run"],
            cwd=clone,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        while "In another terminal, try:" not in said.read_text(errors="replace"):
            assert make.poll() is None, said.read_text(errors="replace")[-2000:]
            assert time.monotonic() - began < SERVES_WITHIN_S, said.read_text(errors="replace")
            time.sleep(0.1)
        verdicts = {
            dialled: _verdict(clone, environment, dialled)
            for dialled in ("902079460000", "900881612345678", "999")
        }
        assert list(verdicts.values()) == ["ALLOW", "DENY", "ALLOW"], verdicts
    finally:
        with suppress(ProcessLookupError):
            os.killpg(make.pid, signal.SIGTERM)
        make.wait(30)


def _verdict(clone: Path, environment: Mapping[str, str], dialled: str) -> str:
    """Dial from extension 101 with the pretend phone of the clone."""
    called = subprocess.run(
        [
            *(clone / ".venv/bin/dialguard", "call", "--json"),
            *("--settings", "deploy/try/dialguard.toml", "101", dialled),
        ],
        cwd=clone,
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    verdict: str = json.loads(called.stdout)["GUARD_VERDICT"]
    return verdict
