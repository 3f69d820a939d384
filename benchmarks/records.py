"""What a million call records cost to read: parsed, sorted, and given out in order.

`python -m benchmarks.records [ROWS]`. One core: everything in one process; then beside, as it is
used. Memory is the most that the process ever held.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

BEGIN: Final = 1_790_000_000
QUARTER_S: Final = 90 * 86_400

READ: Final = """
import resource, sys, time
from pathlib import Path
from fastagi.cdr.plan import Assumed
from fastagi.cdr.records import open_records
begun, last, count = time.perf_counter(), 0.0, 0
first = 0.0
beside = sys.argv[2] == "beside"
with open_records([Path(sys.argv[1])], Assumed(zone="UTC"), beside=beside) as records:
    for call in records:
        first = first or time.perf_counter() - begun
        assert call.at >= last
        last, count = call.at, count + 1
took = time.perf_counter() - begun
own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
cpu = sum(
    each.ru_utime + each.ru_stime
    for each in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
)
print(f"{sys.argv[2]:>7}: {took:5.1f} s ({cpu:.1f} s of a core), first call after {first:4.1f} s, "
      f"{records.rows / took:,.0f} rows a second, {own} MB here, {child} MB beside; "
      f"{count:,} calls of {records.rows:,} rows, "
      f"{records.folded:,} folded, {sum(records.skipped.values()):,} skipped")
"""


def write(file: Path, rows: int) -> None:
    """Write a quarter of an office's records, in the order in which calls ended."""
    chance = random.Random(7)  # noqa: S311 - the same each time
    with file.open("w") as out:
        for number in range(rows):
            at = BEGIN + number * QUARTER_S // rows
            talked = chance.randrange(0, 600) if chance.random() < 0.8 else 0
            rings = chance.randrange(2, 30)
            started, answered, ended = (
                f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S}"
                for moment in (at - talked - rings, at - talked, at)
            )
            extension = 100 + chance.randrange(200)
            block = chance.choice(("2079460", "7400123", "0390612"))
            dialled = f"90{block}{chance.randrange(999):03}"
            disposition = "ANSWERED" if talked else "NO ANSWER"
            out.write(
                f'"","{extension}","{dialled}","phones","""Phone {extension}"" <{extension}>",'
                f'"PJSIP/{extension}-{number:08x}","PJSIP/my-trunk-{number:08x}","Dial",'
                f'"PJSIP/+{dialled[1:]}@my-trunk,60,iB(dialguard^dialled^1)","{started}",'
                f'"{answered if talked else ""}","{ended}",{talked + rings},{talked},'
                f'"{disposition}","DOCUMENTATION","pbx-{at - talked - rings}.{number}",""\n'
            )


def main() -> None:
    """Print what it takes."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "Master.csv"
        begun = time.perf_counter()
        write(file, rows)
        took = time.perf_counter() - begun
        print(f"{rows:,} rows, {file.stat().st_size / 1e6:.0f} MB, written in {took:.0f} s")
        for how in ("here", "beside"):
            subprocess.run([sys.executable, "-c", READ, str(file), how], check=True)


if __name__ == "__main__":
    main()
