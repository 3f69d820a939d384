"""Prometheus' own checker, from Debian's package; `make` fetches it into `.cache` if need be."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

CACHE: Final = Path(__file__).parents[2] / ".cache" / "promtool"


def promtool(*words: str, typed: str | None = None, folder: Path | None = None) -> str:
    """Run it, and return what it says; fails the test where it finds fault."""
    program = shutil.which("promtool") or str(CACHE)
    assert Path(program).exists(), "no promtool: `make promtool` fetches it"
    done = subprocess.run(
        [program, *words],
        input=typed,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
