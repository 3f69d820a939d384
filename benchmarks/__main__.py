"""Runs every benchmark, one after another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent

for module in sorted(HERE.glob("[a-z]*.py")):
    print(f"\n{module.stem}\n{'=' * len(module.stem)}", flush=True)
    subprocess.run([sys.executable, "-m", f"benchmarks.{module.stem}"], check=True)
