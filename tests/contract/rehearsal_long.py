"""A rehearsal held against the running gate, for as many calls as one wants.

    python -m tests.contract.rehearsal_long 50000

Prints what was reached how often, and exits with 1 where anything differs or was not reached.
"""

from __future__ import annotations

import asyncio
import sys
import time

import structlog

from tests.contract.rehearsal_calls import SITES
from tests.contract.rehearsal_sides import EVERYTHING, Compared, compare, expected

SEED = 1
CRITICAL = 50


def main(calls: int) -> int:
    """Compare so many calls, in equal parts of every site; return the exit status."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    runs = [(site, slice_s) for site in SITES for slice_s in sorted({0, site.slice_s})]
    total, of_sites = Compared(), {site.name: Compared() for site in SITES}
    for seed, (site, slice_s) in enumerate(runs, SEED):
        began = time.perf_counter()
        compared = asyncio.run(compare(site, seed, -(-calls // len(runs)), slice_s))
        took_s = time.perf_counter() - began
        of_sites[site.name].add(compared)
        total.add(compared)
        print(
            f"{site.name}, slices of {slice_s} s: {compared.calls} calls, {compared.settled}"
            f" settled, {len(compared.differences)} differences, {took_s:.0f} s"
        )
    missed = set[str]()
    for site in SITES:
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


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000))
