"""What a crowd at the web costs a call: decisions, quiet and beside it, in milliseconds.

A thousand operators watch the console, and 200 requests a second ask for the page for people,
while calls are decided one after another. Quiet and crowd take turns in one run, so that the
machine's own moods are in both. The crowd is a process of its own that yields to the service, as
another machine's would.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import re
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import pyotp
from rich.console import Console
from rich.table import Table

from fastagi.cli.pretend_asterisk import Leg, environment
from tests.integration.running import POLICY, Service, dialguard, free_port, prepare

if TYPE_CHECKING:
    from multiprocessing.synchronize import Event

WATCHERS: Final = 1_000
REQUESTS_A_SECOND: Final = 200
ASKING: Final = 20
"""Connections that the requests are spread over."""
DECISIONS_A_SECOND: Final = 50
TURN_S: Final = 15.0
TURNS: Final = 3
NICER: Final = 15
PASSWORD: Final = "four quiet words of hers"
NATIONAL: Final = "902079460000"


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        port, web = prepare(folder, policy=_without_limits()), free_port()
        with (folder / "dialguard.toml").open("a") as settings:
            settings.write(
                f'\n[console]\nlisten = "127.0.0.1:{web}"\nurl = "http://127.0.0.1:{web}"\n'
                "peer_connections = 2000\n"
            )
        words = ("operator", "add", "olga", "--role", "viewer", "--password-stdin", "--uri")
        made = dialguard(folder, *words, typed=f"{PASSWORD}\n")
        secret = re.search(r"secret=([A-Z2-7]+)", made.stdout)
        assert secret is not None, made.stderr
        service = Service(folder, port).start().ready()
        try:
            _print(*_measured(port, web, _logged_in(web, secret[1])))
        finally:
            service.stop()


def _without_limits() -> str:
    return re.sub(r"\[\[limit\]\].*?\n\n", "", POLICY, flags=re.DOTALL)


def _logged_in(web: int, secret: str) -> str:
    """Return the cookies of an operator who is logged in."""
    with httpx.Client(base_url=f"http://127.0.0.1:{web}") as browser:
        while True:
            with contextlib.suppress(httpx.TransportError):
                page = browser.get("/console/login")
                break
            time.sleep(0.1)
        form = re.search(r'name="form" value="([0-9a-f]+)"', page.text)
        assert form is not None
        code = pyotp.TOTP(secret).now()
        fields = {"form": form[1], "name": "olga", "password": PASSWORD, "code": code}
        entered = browser.post("/console/login", data=fields)
        assert entered.status_code == 303, entered.text
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


def _measured(port: int, web: int, cookies: str) -> tuple[list[float], list[float], int, int]:
    """Take turns; return what decisions took, quiet and crowded, in s, and how big the crowd was.

    Returns:
        Quiet, crowded, watchers that were there, requests that were answered.
    """
    quiet: list[float] = []
    crowded: list[float] = []
    watching, answered = 0, 0
    for _ in range(TURNS):
        quiet += asyncio.run(_decisions(port))
        there, over = multiprocessing.Event(), multiprocessing.Event()
        told: multiprocessing.Queue[tuple[int, int]] = multiprocessing.Queue()
        crowd = multiprocessing.Process(target=_crowd, args=(web, cookies, there, over, told))
        crowd.start()
        there.wait()
        crowded += asyncio.run(_decisions(port))
        over.set()
        seen, asked = told.get()
        crowd.join()
        watching, answered = max(watching, seen), answered + asked
    return quiet, crowded, watching, answered


def _print(quiet: list[float], crowded: list[float], watching: int, answered: int) -> None:
    table = Table("a decision", "median ms", "p99 ms", "how many")
    for name, taken in (("quiet", quiet), ("crowd", crowded)):
        p99 = statistics.quantiles(taken, n=100)[98]
        table.add_row(
            name, f"{statistics.median(taken) * 1e3:.2f}", f"{p99 * 1e3:.2f}", str(len(taken))
        )
    ratios = [
        f"{statistics.median(crowded) / statistics.median(quiet):.2f}",
        f"{statistics.quantiles(crowded, n=100)[98] / statistics.quantiles(quiet, n=100)[98]:.2f}",
    ]
    table.add_row("ratio", *ratios, "")
    Console().print(table)
    seconds = TURN_S * TURNS
    print(f"{watching} watchers; {answered / seconds:.0f} pages a second were answered")


# ----------------------------------------------------------------------------- calls


async def _decisions(port: int) -> list[float]:
    """Decide calls at an even pace for a turn; what each took, in s."""
    taken = []
    began = time.perf_counter()
    for number in range(int(TURN_S * DECISIONS_A_SECOND)):
        due = began + number / DECISIONS_A_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        taken.append(await _decision(port, f"{time.time():.6f}.{number}"))
    return taken


async def _decision(port: int, call: str) -> float:
    leg = Leg(f"1{int(call.rpartition('.')[2]) % 100:02}", NATIONAL, call, f"127.0.0.1:{port}")
    about = {"call": call, "dialled": NATIONAL, "endpoint": leg.endpoint}
    about |= {"address": "10.0.0.5:5060", "transport": "udp"}
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(environment(leg, "outbound", about))
    said = b""
    while line := await reader.readline():
        said += line
        writer.write(b"200 result=0\n")
    taken = time.perf_counter() - began
    writer.close()
    assert b"GUARD_VERDICT=ALLOW" in said, said
    return taken


# ----------------------------------------------------------------------------- the crowd


def _crowd(
    web: int,
    cookies: str,
    there: Event,
    over: Event,
    told: multiprocessing.Queue[tuple[int, int]],
) -> None:
    os.nice(NICER)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    told.put(asyncio.run(_be_a_crowd(web, cookies, there, over)))


async def _be_a_crowd(web: int, cookies: str, there: Event, over: Event) -> tuple[int, int]:
    watching: set[int] = set()
    full = asyncio.Event()
    answered = [0]
    tasks = [
        asyncio.create_task(_watch(web, cookies, number, watching, full))
        for number in range(WATCHERS)
    ]
    await full.wait()
    tasks += [asyncio.create_task(_ask(web, answered)) for _ in range(ASKING)]
    there.set()
    answered[0] = 0
    await asyncio.to_thread(over.wait)
    found = len(watching), answered[0]
    for each in tasks:
        each.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return found


async def _watch(
    web: int, cookies: str, number: int, watching: set[int], full: asyncio.Event
) -> None:
    """Watch the console, and read what is told, again where that ends; `full` once all do."""
    while True:
        with contextlib.suppress(OSError, AssertionError):
            await _watch_once(web, cookies, number, watching, full)
        await asyncio.sleep(1)


async def _watch_once(
    web: int, cookies: str, number: int, watching: set[int], full: asyncio.Event
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", web)
    asked = "GET /console/events?page=calls HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nCookie: {}\r\n\r\n"
    writer.write(asked.format(web, cookies).encode())
    try:
        assert b" 200 " in await reader.readline()
        while await reader.read(65536):
            watching.add(number)
            if len(watching) == WATCHERS:
                full.set()
    finally:
        watching.discard(number)
        writer.close()


async def _ask(web: int, answered: list[int]) -> None:
    """Ask for the page for people, again and again, at an even pace."""
    reader, writer = await asyncio.open_connection("127.0.0.1", web)
    asked = f"GET /office/ HTTP/1.1\r\nHost: 127.0.0.1:{web}\r\n\r\n".encode()
    due = time.perf_counter()
    while True:
        writer.write(asked)
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        assert length is not None, head
        await reader.readexactly(int(length[1]))
        answered[0] += 1
        due += ASKING / REQUESTS_A_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))


if __name__ == "__main__":
    main()
