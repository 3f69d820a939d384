"""A rehearsal held against the running gate, for as many calls as one wants.

    python -m tests.contract.rehearsal_long 50000
    python -m tests.contract.rehearsal_long 50000 records     by way of the records of the calls

Prints what was reached how often, and exits with 1 where anything differs or was not reached; of
calls by way of records, which are honest and less of a nightmare, only where anything differs.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import structlog

from tests.contract.rehearsal_calls import SITES, Site
from tests.contract.rehearsal_sides import (
    EVERYTHING,
    Compared,
    compare,
    compare_by_records,
    expected,
)

SEED = 1
CRITICAL = 50


def main(calls: int, *, by_records: bool) -> int:
    """Compare so many calls, in equal parts of every site; return the exit status."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    runs = [(site, slice_s) for site in SITES for slice_s in sorted({0, site.slice_s})]
    total, of_sites = Compared(), {site.name: Compared() for site in SITES}
    for seed, (site, slice_s) in enumerate(runs, SEED):
        began = time.perf_counter()
        compared = _compared(site, seed, -(-calls // len(runs)), slice_s, by_records=by_records)
        took_s = time.perf_counter() - began
        of_sites[site.name].add(compared)
        total.add(compared)
        print(
            f"{site.name}, slices of {slice_s} s: {compared.calls} calls, {compared.settled}"
            f" settled, {len(compared.differences)} differences, {took_s:.0f} s"
        )
    missed = set[str]()
    for site in () if by_records else SITES:
        wanted = expected(site) | ({*EVERYTHING} if site is SITES[-1] else set())
        reached = of_sites[site.name].reached
        missed |= {f"{site.name}: {each}" for each in wanted - reached.keys()}
    for name, times in sorted(total.reached.items()):
        print(f"{times:8}  {name}")
    for each in (*total.differences, *(f"never reached: {each}" for each in sorted(missed))):
        print(each)
    print(
        f"{total.calls} calls, {total.settled} settlements of {total.money} millionths in all,"
        f" {len(total.differences)} differences"
    )
    return 1 if total.differences or missed else 0


def _compared(site: Site, seed: int, count: int, slice_s: int, *, by_records: bool) -> Compared:
    if not by_records:
        return asyncio.run(compare(site, seed, count, slice_s))
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(compare_by_records(site, seed, count, Path(folder), slice_s))


if __name__ == "__main__":
    sys.exit(
        main(
            int(sys.argv[1]) if len(sys.argv) > 1 else 50_000,
            by_records=sys.argv[2:] == ["records"],
        )
    )
