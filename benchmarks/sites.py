"""A hundred sites on one gate against one: decisions a second, start, memory, a flood next door.

The same calls are judged by a gate with one policy, and by one with a hundred, of as many sites
in ten countries, each with a store of its own; each call is let through, holds its slots, and is
released. Both take turns, round by round, and the ratio is of the medians of one run. Beside it
stand those of the rounds, and that of the processor's time, which others who use the machine
change less. A flood is 256 callers of one site at once; what is told is how long a caller of
another waits meanwhile.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import resource
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, NamedTuple

import structlog
import uvloop
from rich.console import Console
from rich.table import Table

from fastagi.call import flow, ports
from fastagi.call.channel import Argument, Question, Script
from fastagi.call.flow import Gate
from fastagi.call.ports import Ports
from fastagi.daemon.hash_pool import HashPool
from fastagi.daemon.reload import PoliciesInForce, load_policies
from fastagi.numbering.plan import preload
from fastagi.second_factor.vault import Vault, new_key
from fastagi.stores.opening import open_store
from tests.doubles.scripted_channel import ScriptedChannel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fastagi.decision_log.record import Record
    from fastagi.policy.model import Policy

MANY = 100
CALLERS = 8
CALLS = 200
ROUNDS = 30
FLOOD = 256
PATIENCE_S = 20.0
"""So that a busy machine refuses no call: how long each took is told."""
TOLD = 5
"""Every how many rounds it is told what one found."""
AT_MOST_S = 60.0
"""For any part of it; what hangs ends it with an error, and that says where."""
MEMORY = "/dev/shm"  # noqa: S108 - a folder is made in it, of mode 0700
"""Where SQLite's file is, so that sites are compared, and not disks."""
WAITED = 200

COUNTRIES = {
    "GB": "Europe/London",
    "DE": "Europe/Berlin",
    "FR": "Europe/Paris",
    "IT": "Europe/Rome",
    "ES": "Europe/Madrid",
    "NL": "Europe/Amsterdam",
    "US": "America/New_York",
    "PL": "Europe/Warsaw",
    "AT": "Europe/Vienna",
    "SE": "Europe/Stockholm",
}

POLICY = """
[site]
name = "{name}"
country = "{country}"
timezone = "{timezone}"
internal = ["1XX"]
outside_prefix = "9"

[classes]
staff = ["1XX"]

[[rule]]
name = "abroad"
to = ["international"]
then = "allow"

[[limit]]
name = "two-at-a-time"
per = "extension"
calls = 1000

[[limit]]
name = "all-of-us"
per = "site"
calls = 100000
"""


class Nothing:
    """A record of decisions that keeps nothing."""

    def record(self, record: Record) -> None:
        """Forget it."""


class Pace(NamedTuple):
    """How fast calls were judged.

    Attributes:
        per_s: Decisions a second.
        cpu_ms: This process's time of the processor for each; a server's own is not in it.
    """

    per_s: float
    cpu_ms: float


def main() -> None:
    """Print what each round finds, and then the tables."""
    preload()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    for module, name in ((ports, "STORE_PATIENCE_S"), (flow, "PATIENCE_S")):
        setattr(module, name, PATIENCE_S)
    memory = MEMORY if Path(MEMORY).is_dir() else None
    console = Console()
    with tempfile.TemporaryDirectory(dir=memory) as place, ExitStack() as opened:
        folders = {count: _written(Path(place) / f"{count}", count) for count in (1, MANY)}
        redis = _redis(opened, Path(place))
        stores = {
            "SQLite": {count: f"sqlite://{place}/{count}.db" for count in folders},
            "Redis": {count: f"{redis}/{number}" for number, count in enumerate(folders)},
        }
        speed = Table(
            *("store", "1 site, decisions/s", f"{MANY} sites, decisions/s"),
            *("ratio", "of rounds: quartiles", "ratio of the processor's time"),
        )
        flood = Table(
            "store", "caller alone, p50 ms", "p99 ms", "beside a flood, p50 ms", "p99 ms"
        )
        for name, urls in stores.items():
            speed.add_row(name, *_compared(uvloop.run(_race(name, folders, urls))))
            waited = uvloop.run(_flooded(folders[MANY], urls[MANY]))
            flood.add_row(name, *(f"{each:.1f}" for each in waited))
            _say(f"{name}: p50 and p99 alone and beside a flood, ms: {waited}")
        start = Table("sites", "load all policies, s", "memory they take, MiB")
        for count, folder in folders.items():
            start.add_row(f"{count}", *_started(folder))
        for table in (speed, flood, start):
            console.print(table)


def _say(line: str) -> None:
    """Tell at once how far it is."""
    print(line, flush=True)


def _compared(found: Mapping[int, Sequence[Pace]]) -> list[str]:
    """Return both medians a second, their ratio, the rounds' quartiles, and the CPU's ratio."""
    one, many = (found[count] for count in sorted(found))
    per_s = [median(each.per_s for each in paces) for paces in (one, many)]
    cpu_ms = [median(each.cpu_ms for each in paces) for paces in (one, many)]
    rounds = quantiles([b.per_s / a.per_s for a, b in zip(one, many, strict=True)], n=4)
    return [
        *(f"{each:,.0f}" for each in per_s),
        f"{per_s[1] / per_s[0]:.2f}",
        ", ".join(f"{each:.2f}" for each in rounds),
        f"{cpu_ms[1] / cpu_ms[0]:.2f}",
    ]


def _written(folder: Path, count: int) -> Path:
    """Write so many policies, and return their folder."""
    folder.mkdir()
    for number in range(count):
        country, timezone = list(COUNTRIES.items())[number % len(COUNTRIES)]
        text = POLICY.format(name=f"site-{number}", country=country, timezone=timezone)
        (folder / f"site-{number}.toml").write_text(text)
    return folder


def _redis(opened: ExitStack, place: Path) -> str:
    """Start a server that keeps nothing, and return its URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["redis-server", "--port", f"{port}", "--bind", "127.0.0.1", "--save", "", "--dir"]
    server = subprocess.Popen([*command, str(place)], stdout=subprocess.DEVNULL)
    opened.callback(server.wait, AT_MOST_S)
    opened.callback(server.kill)
    until = time.monotonic() + AT_MOST_S
    while time.monotonic() < until:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return f"redis://127.0.0.1:{port}"
        time.sleep(0.05)
    raise SystemExit(f"no server answers at port {port}")


def _gate(by_site: Mapping[str, Policy], folder: Path, url: str) -> Gate:
    given = Ports(
        PoliciesInForce(folder, by_site),
        open_store(url),
        Vault([new_key()]),
        HashPool(),
        Nothing(),
        time.time,
    )
    return Gate(given)


def _calls(sites: Sequence[str], name: str) -> Iterator[tuple[Question, Question]]:
    """Yield calls of all sites in turn, each with its release."""
    for number, site in enumerate(itertools.cycle(sites)):
        call = f"{name}.{number}"
        given = {
            Argument.SITE: site,
            Argument.CALL: call,
            Argument.ENDPOINT: f"{100 + number % 100}",
            Argument.ADDRESS: "10.0.0.5:5060",
        }
        # To Norway, which none of the sites is in: by each site's own prefix for abroad.
        abroad = "011" if site.endswith("6") else "00"
        asked = {**given, Argument.DIALLED: f"9{abroad}4722345678"}
        released = {**given, Argument.NUMBER: "+4722345678", Argument.NODE: "127.0.0.1"}
        yield _question(Script.OUTBOUND, asked, call), _question(Script.RELEASE, released, call)


def _question(script: Script, given: dict[Argument, str], call: str) -> Question:
    arguments = {str(name): value for name, value in given.items()}
    return Question(script, arguments, "PJSIP/101-0000002a", call, "en", "127.0.0.1")


async def _call(
    gate: Gate, calls: Iterator[tuple[Question, Question]], *, passes: bool = True
) -> float:
    """Make one call, which is to pass; return what its decision took, in seconds."""
    asked, released = next(calls)
    channel, began = ScriptedChannel(), time.perf_counter()
    await gate.answer(asked, channel)
    took_s = time.perf_counter() - began
    if passes and "ALLOW" not in channel.told.values():
        raise SystemExit(f"the call was refused: {channel.told}")
    await gate.answer(released, ScriptedChannel())
    return took_s


async def _race(
    name: str, folders: Mapping[int, Path], urls: Mapping[int, str]
) -> dict[int, list[Pace]]:
    """Return how fast calls of one site and of many are judged, round by round."""
    found: dict[int, list[Pace]] = {count: [] for count in folders}
    loaded = {count: load_policies(folder) for count, folder in folders.items()}
    gates = {count: _gate(loaded[count], folders[count], urls[count]) for count in folders}
    for turn in range(ROUNDS + 1):
        # Who is second finds the machine as the first leaves it: they take turns at that, too.
        for count in sorted(gates, reverse=bool(turn % 2)):
            calls = _calls(sorted(loaded[count]), f"{count}-{turn}")
            async with asyncio.timeout(AT_MOST_S):
                pace = await _round(gates[count], calls)
            if turn:  # the first round is to get warm
                found[count].append(pace)
        if turn and not turn % TOLD:
            paces = ", ".join(f"{count}: {found[count][-1].per_s:,.0f}/s" for count in found)
            _say(f"{name}, round {turn} of {ROUNDS}, sites: {paces}")
    for gate in gates.values():
        await gate._ports.store.close()
    return found


async def _round(gate: Gate, calls: Iterator[tuple[Question, Question]]) -> Pace:
    left = iter(range(CALLS))
    began, cpu_began = time.perf_counter(), time.process_time()
    await asyncio.gather(*(_caller(gate, calls, left) for _ in range(CALLERS)))
    took_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu_began
    return Pace(CALLS / took_s, cpu_s / CALLS * 1e3)


async def _caller(
    gate: Gate, calls: Iterator[tuple[Question, Question]], left: Iterator[int]
) -> None:
    """Make one call after another, while there are any left."""
    for _ in left:
        await _call(gate, calls)


async def _flooded(folder: Path, url: str) -> tuple[float, float, float, float]:
    """Return how long a caller waits alone, and beside another site's flood: p50 and p99, ms."""
    gate = _gate(load_policies(folder), folder, url)
    quiet, loud = _calls(["site-1"], "quiet"), _calls(["site-2"], "loud")
    waited: list[float] = []
    for callers in (0, FLOOD):
        ebbs = asyncio.Event()
        flooding = [asyncio.create_task(_flood(gate, loud, ebbs)) for _ in range(callers)]
        async with asyncio.timeout(AT_MOST_S):
            await asyncio.sleep(0.1)
            took = [await _call(gate, quiet) for _ in range(WAITED)]
            ebbs.set()
            await asyncio.gather(*flooding)
        waited += [median(took) * 1e3, quantiles(took, n=100)[98] * 1e3]
    await gate._ports.store.close()
    alone, alone_p99, beside, beside_p99 = waited
    return alone, alone_p99, beside, beside_p99


async def _flood(
    gate: Gate, calls: Iterator[tuple[Question, Question]], ebbs: asyncio.Event
) -> None:
    """Make calls until it ebbs, whether they pass or not."""
    while not ebbs.is_set():
        await _call(gate, calls, passes=False)


def _started(folder: Path) -> list[str]:
    """Load a folder in a process of its own; return how long that took, and its memory."""
    command = [sys.executable, "-m", "benchmarks.sites", str(folder)]
    told = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True, timeout=AT_MOST_S
    )
    return told.stdout.split()


def _load(folder: Path) -> None:
    preload()
    before, began = _memory_mib(), time.perf_counter()
    policies = load_policies(folder)
    took_s = time.perf_counter() - began
    sys.stdout.write(f"{took_s:.2f} {_memory_mib() - before:.1f}\n")
    del policies


def _memory_mib() -> float:
    """Return what this process has in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / (1 << 20)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _load(Path(sys.argv[1]))
    else:
        main()
