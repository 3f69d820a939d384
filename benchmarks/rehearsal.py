"""How long a policy takes to be tried on so many calls, and how much memory: `fastagi.rehearsal`.

The calls are those of an office (`tests.doubles.office_month`): three months, over and over, as
whom an office calls it calls again. Of each size there is a process of its own, and only the
rehearsal is timed, by the processor, not the making up of calls. The last row is of calls that are
never to the same number twice, which is the worst there is: each number has to be read, and each
decision to be worked out, for one call only.
"""

from __future__ import annotations

import itertools
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from fastagi.policy.loading import load
from fastagi.rehearsal.rehearsal import Rehearsal
from fastagi.rehearsal.wanted import Wanted
from tests.doubles.office_month import CALLS, calls

if TYPE_CHECKING:
    from collections.abc import Iterator

OFFICE = Path(__file__).parents[1] / "policies/office.toml"
MONTH_S = 35 * 86_400  # whole weeks, longer than a month: none runs into the next
SIZES = (10_000, 100_000, 1_000_000)
QUARTER = 3  # months
NEVER_TWICE = 20_000


def main() -> None:
    """Print the table; with arguments, what one process comes to."""
    if len(sys.argv) > 1:
        print(json.dumps(_measure(int(sys.argv[1]), twice=sys.argv[2] == "twice")))
        return
    table = Table("calls", "CPU seconds", "µs a call", "peak memory, MB")
    for count, twice in ((1, True), *((each, True) for each in SIZES), (NEVER_TWICE, False)):
        took_s, peak_mb = _apart(count, twice=twice)
        name = f"{count:,}" if twice else f"{count:,}, each to another number"
        table.add_row(name, f"{took_s:.2f}", f"{took_s / count * 1e6:.1f}", f"{peak_mb:.0f}")
    Console().print(table)


def _apart(count: int, *, twice: bool) -> tuple[float, float]:
    words = [
        sys.executable,
        "-m",
        "benchmarks.rehearsal",
        str(count),
        "twice" if twice else "once",
    ]
    run = subprocess.run(words, check=True, capture_output=True, text=True)
    took_s, peak_mb = json.loads(run.stdout)
    return took_s, peak_mb


def _measure(count: int, *, twice: bool) -> tuple[float, float]:
    """Rehearse so many calls; return seconds, and megabytes at the peak."""
    rehearsal, took_s = Rehearsal(load(OFFICE)), 0.0
    wanted = itertools.islice(_of_an_office() if twice else _never_twice(), count)
    while month := [*itertools.islice(wanted, CALLS)]:
        began = time.process_time()
        for each in month:
            rehearsal.call(each)
        took_s += time.process_time() - began
    rehearsal.finish()
    return took_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _of_an_office() -> Iterator[Wanted]:
    for month in itertools.count():
        for call in calls(seed=month % QUARTER):
            at = call.at + month * MONTH_S
            yield Wanted(at, call.extension, call.dialled, call.ring_s, call.talk_s)


def _never_twice() -> Iterator[Wanted]:
    for place, wanted in enumerate(_of_an_office()):
        yield wanted._replace(dialled=f"9020{70_000_000 + place:08}")


if __name__ == "__main__":
    main()
