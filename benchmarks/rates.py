"""What rate sheets cost: loading a million prefixes, memory, a look-up, and a decision beside it.

Ten prefixes and a million, in one run and turn by turn, so that a busy machine is busy for both.
"""

from __future__ import annotations

import random
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from fastagi.numbering.plan import preload
from fastagi.policy.decision import decide
from fastagi.policy.loading import load
from fastagi.policy.model import Facts, Request
from fastagi.rating.reading import read_sheet
from fastagi.rating.shared import MappedSheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.policy.model import Policy

OFFICE: Final = Path(__file__).parents[1] / "policies" / "office.toml"
SMALL, LARGE = 10, 1_000_000
ROUNDS: Final = 20_000
NOW: Final = 1_800_000_000.0
HEAD: Final = "prefix,price_per_minute,connect_fee,first_seconds,next_seconds\n"


def main() -> None:
    """Print the tables."""
    preload()
    with tempfile.TemporaryDirectory() as folder:
        policies = [_office(Path(folder), size) for size in (SMALL, LARGE)]
        _show_loading(Path(folder))
        _show_times(policies)


def _sheet(size: int) -> str:
    """Return a sheet of so many prefixes of all lengths, as a carrier sorts them."""
    chance = random.Random(1)  # noqa: S311 - the same sheet every time
    prefixes = {"39", "44"}
    while len(prefixes) < size:
        length = chance.randint(2, 9)
        prefixes.add(str(chance.randint(10**length, 10 ** (length + 1) - 1)))
    rows = (f"{each},{chance.randint(1, 3000) / 10_000:.4f},0,1,1" for each in sorted(prefixes))
    return HEAD + "\n".join(rows) + "\n"


def _office(folder: Path, size: int) -> Policy:
    """Return the sample policy with a sheet of so many prefixes, shared as workers do."""
    place = folder / str(size)
    (place / "rates").mkdir(parents=True)
    (place / "lists").mkdir()
    (place / "rates" / "wholesale.csv").write_text(_sheet(size))
    sample = OFFICE.parent / "lists" / "irsf.csv"
    (place / "lists" / "irsf.csv").write_text(sample.read_text())
    (place / OFFICE.name).write_text(OFFICE.read_text())
    load(place / OFFICE.name, shared=folder)
    return load(place / OFFICE.name, shared=folder)


def _show_loading(folder: Path) -> None:
    table = Table("a sheet of a million prefixes", "")
    file = folder / str(LARGE) / "rates" / "wholesale.csv"
    with ProcessPoolExecutor(1, get_context("spawn")) as another:  # in which nothing is loaded yet
        took_s, cpu_s, size, peak = another.submit(_read, file).result()
    table.add_row("the file", f"{file.stat().st_size / 1e6:.1f} MB")
    table.add_row("read", f"{took_s:.1f} s ({cpu_s:.1f} s of CPU)")
    table.add_row("memory, once for all workers", f"{size / 1e6:.1f} MB")
    table.add_row("of the process that reads it, at most", f"{peak / 1e6:.0f} MB more")
    began = time.perf_counter()
    load(folder / str(LARGE) / OFFICE.name, shared=folder)
    table.add_row("loaded by the next worker", f"{time.perf_counter() - began:.2f} s")
    Console().print(table)


def _read(file: Path) -> tuple[float, float, int, int]:
    """Read a sheet: seconds, seconds of CPU, bytes of the sheet, bytes more while it was read."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here on; proc(5)
    before = _peak()
    began, cpu = time.perf_counter(), time.process_time()
    reading = read_sheet(file.read_bytes(), file, "GBP")
    took_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    return took_s, cpu_s, len(reading.sheet.buffer), _peak() - before


def _peak() -> int:
    """Return the most memory that this process has had, in bytes."""
    status = Path("/proc/self/status").read_text().splitlines()
    (line,) = (each for each in status if each.startswith("VmHWM:"))
    return 1024 * int(line.split()[1])


def _show_times(policies: list[Policy]) -> None:
    table = Table("step", f"{SMALL} prefixes", f"{LARGE:,} prefixes", "ratio")
    dialled = [f"900{each}" for each in ("390612345678", "33123456789", "12125550123")]
    numbers = [policies[0].plan.read(each) for each in dialled]

    def look_up(policy: Policy) -> Callable[[int], object]:
        assert policy.rates is not None
        rates = policy.rates
        assert isinstance(rates.sheet, MappedSheet)
        return lambda turn: rates.tariff(numbers[turn % len(numbers)], NOW)

    def judge(policy: Policy) -> Callable[[int], object]:
        at = datetime(2026, 1, 5, 10, 10, tzinfo=policy.site.timezone)
        priced = look_up(policy)

        def judged(turn: int) -> object:
            number = policy.plan.read(dialled[turn % len(dialled)])
            return decide(policy, Request("101", number, at), Facts()), priced(turn)

        return judged

    for name, step in (("look up a price", look_up), ("read, decide and price", judge)):
        small, large = _taken_us([step(policy) for policy in policies])
        table.add_row(name, *map(_shown, (small, large)), f"{median(large) / median(small):.2f}")
    Console().print(table)


def _taken_us(steps: list[Callable[[int], object]]) -> list[list[float]]:
    """Time steps turn by turn."""
    taken: list[list[float]] = [[] for _ in steps]
    for turn in range(ROUNDS):
        for step, times in zip(steps, taken, strict=True):
            began = time.perf_counter_ns()
            step(turn)
            times.append((time.perf_counter_ns() - began) / 1000)
    return taken


def _shown(taken_us: list[float]) -> str:
    return f"{median(taken_us):.1f} µs (p99 {quantiles(taken_us, n=100)[98]:.1f})"


if __name__ == "__main__":
    main()
