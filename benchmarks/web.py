"""What a crowded page costs a call: verdicts while nobody, and while many, look at the web.

A thousand browsers hold a connection, and two hundred pages a second are asked for; meanwhile
calls are made, one after another, as without them. The two are taken in turns, so that what else
the machine does is in both.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.integration.running import NATIONAL, POLICY, Service, free_port, prepare

WATCHERS: Final = 1_000
PAGES_PER_S: Final = 200
CALLS: Final = 1_000
TURNS: Final = 3
PAGE: Final = b"GET /office/ HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n"


def calls(service: Service) -> list[float]:
    """Make calls; return how long each verdict took, in milliseconds."""
    taken = []
    for number in range(CALLS):
        began = time.perf_counter()
        assert service.verdict(str(100 + number % 100), NATIONAL)[0] == "ALLOW"
        taken.append(1000 * (time.perf_counter() - began))
    return taken


async def watch(port: int, ended: asyncio.Event) -> None:
    """Hold a connection, and ask anew whenever it is closed, until it is over."""
    while not ended.is_set():
        try:
            reading, writing = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        waiting = asyncio.create_task(ended.wait())
        closed = asyncio.create_task(reading.read(1))
        await asyncio.wait({waiting, closed}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        closed.cancel()
        writing.close()


async def ask(port: int, seen: list[int]) -> None:
    """Ask for the page once, and read it."""
    try:
        reading, writing = await asyncio.open_connection("127.0.0.1", port)
        writing.write(PAGE % port)
        seen.append(int((await reading.readline()).split()[1]))
        writing.close()
    except (OSError, IndexError):
        seen.append(0)


async def crowd(port: int) -> None:
    """Crowd the page until stdin ends; print how many pages were shown, and were not."""
    ended, seen = asyncio.Event(), list[int]()
    asyncio.get_running_loop().add_reader(sys.stdin, ended.set)
    watchers = [asyncio.create_task(watch(port, ended)) for _ in range(WATCHERS)]
    asked: set[asyncio.Task[None]] = set()
    began, count = time.perf_counter(), 0
    while not ended.is_set():
        while count < (time.perf_counter() - began) * PAGES_PER_S:
            count += 1
            task = asyncio.create_task(ask(port, seen))
            asked.add(task)
            task.add_done_callback(asked.discard)
        await asyncio.sleep(0.005)
    await asyncio.gather(*watchers)
    print(f"pages: {seen.count(200)} shown, {len(seen) - seen.count(200)} not", flush=True)


def crowded(service: Service, port: int) -> list[float]:
    """Make calls while the page is crowded, by a process that yields: browsers are elsewhere."""
    words = ["nice", "-n", "19", sys.executable, "-m", "benchmarks.web", str(port)]
    with subprocess.Popen(words, stdin=subprocess.PIPE) as crowding:
        time.sleep(3)
        taken = calls(service)
        assert crowding.stdin is not None
        crowding.stdin.close()
    return taken


def main() -> None:
    """Print what calls take, alone and beside a crowd."""
    with tempfile.TemporaryDirectory() as folder:
        policy = POLICY.replace("calls = 2", "calls = 1000")  # those that are made stay up
        gate, port = prepare(Path(folder), policy=policy), free_port()
        with (Path(folder) / "dialguard.toml").open("a") as settings:
            settings.write(f'\n[console]\nlisten = "127.0.0.1:{port}"\npeer_connections = 5000\n')
        service = Service(Path(folder), gate).start().ready()
        service.wait_for("process-ready")
        alone: list[float] = []
        beside: list[float] = []
        try:
            calls(service)  # warm
            for _ in range(TURNS):
                alone += calls(service)
                beside += crowded(service, port)
        finally:
            service.stop()
    for name, taken in (("alone", alone), ("beside a crowd", beside)):
        p99 = statistics.quantiles(taken, n=100)[98]
        print(f"{name:>15}: median {statistics.median(taken):6.2f} ms, p99 {p99:6.2f} ms")


if __name__ == "__main__":
    if sys.argv[1:]:
        asyncio.run(crowd(int(sys.argv[1])))
    else:
        main()
