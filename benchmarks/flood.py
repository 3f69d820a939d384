"""Ten thousand hostile events a second beside calls: what decisions take, and what is found.

A real service, with a lookout, hears an Asterisk that is pretended: a process of its own, which
floods whoever asks for security events. Half of them are challenges, as in a true flood; the rest
unknown accounts, wrong passwords and forgeries, from a million addresses that anybody may have
written into a packet. Somewhere in it one breach is true: ten wrong passwords for one phone, and
then the right one. Calls are asked at a steady pace meanwhile, in turns with a flood and without:
that is, the flood goes to the lookout, or as much of it to nobody, so that what is compared is
what the gate does, and not what it costs to make a flood on the same machine.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import multiprocessing
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

import uvloop
from rich.console import Console
from rich.table import Table

from fastagi.call.channel import Argument, Script
from fastagi.cli.pretend_asterisk import Leg, environment
from tests.integration.running import NATIONAL, POLICY, free_port, prepare

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.sharedctypes import Synchronized
    from multiprocessing.synchronize import Event

EVENTS_PER_S = 10_000
CALLS_PER_S = 50
TURN_S = 5.0
TURNS = 10
"""With a flood and without, each; the median of their p99 is told."""
SETTLE_S = 1.0
TICK_S = 0.02
MOMENT = "2026-01-05T09:00:00.000+0000"
"""Stands for when an event is sent."""
SECRET = "0123456789abcdef"
STOLEN = "101"
THIEF = "198.51.100.66"
WATCHES = """
[[watch]]
name = "scans"
sign = "enumeration"
per = "address"

[[watch]]
name = "scans-of-a-network"
sign = "enumeration"
per = "network"

[[watch]]
name = "guesses"
sign = "guessing"
per = "account"

[[watch]]
name = "sprays"
sign = "spraying"
per = "site"

[[watch]]
name = "broken-in"
sign = "success-after-guessing"
per = "account"
then = ["tell", "step-up"]
"""


# ----------------------------------------------------------------------------- the Asterisk


def event(name: str, account: str, address: str, *own: str) -> bytes:
    """Return a security event as Asterisk writes it."""
    lines = [
        f"Event: {name}",
        "Privilege: security,all",
        f"EventTV: {MOMENT}",
        "Severity: Error",
        "Service: PJSIP",
        "EventVersion: 1",
        f"AccountID: {account}",
        f"SessionID: {random.getrandbits(64):x}@{address}",
        "LocalAddress: IPV4/UDP/192.0.2.1/5060",
        f"RemoteAddress: IPV4/UDP/{address}/5060",
        *own,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def wrong(account: str, address: str) -> bytes:
    """Return that a wrong password was shown."""
    own = ("Challenge: 1/2", f"Response: {0:032x}", "ExpectedResponse: ")
    return event("ChallengeResponseFailed", account, address, *own)


def breach() -> bytes:
    """Return that a password was guessed."""
    right = event("SuccessfulAuth", STOLEN, THIEF, "UsingPassword: 1")
    return b"".join([*(wrong(STOLEN, THIEF) for _ in range(10)), right])


def hostile(count: int) -> list[bytes]:
    """Return so many hostile events; those of one tick."""
    made = []
    for number in range(count):
        bits = random.getrandbits(20)
        address = f"100.{64 + (bits >> 16 & 15)}.{bits >> 8 & 255}.{bits & 255}"
        match number % 8:
            case 0 | 2 | 4 | 6:
                made.append(event("ChallengeSent", "<unknown>", address, "Challenge: 1/2"))
            case 1 | 3:
                made.append(event("InvalidAccountID", f"{random.getrandbits(30)}", address))
            case 5:
                made.append(wrong(f"{100 + bits % 100}", address))
            case _:
                torn = f"x\r\nRemoteAddress: IPV4/UDP/{address}/5060"
                made.append(event("InvalidAccountID", torn, address))
    return made


class Pretended:
    """An Asterisk that answers what it must, and floods."""

    def __init__(self, floods: Event, steals: Event, sent: Synchronized[int]) -> None:
        self._sent = sent
        self._floods = floods
        self._steals = steals
        self._hears: list[asyncio.StreamWriter] = []

    async def serve(self, port: int) -> None:
        """Listen, and flood whenever that is asked for."""
        await asyncio.start_server(self._talk, "127.0.0.1", port)
        sink = await self._nobody()
        ticks = [b"".join(hostile(round(EVENTS_PER_S * TICK_S))) for _ in range(200)]
        for number in itertools.count():
            began = time.monotonic()
            self._send(
                ticks[number % len(ticks)], self._hears if self._floods.is_set() else [sink]
            )
            if self._steals.is_set():
                self._steals.clear()
                self._send(breach(), self._hears)
            await asyncio.sleep(max(0.0, TICK_S - (time.monotonic() - began)))

    async def _nobody(self) -> asyncio.StreamWriter:
        """Return the way to somebody who takes what comes, and looks at nothing."""

        async def take(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
            while await reader.read(1 << 20):
                pass

        server = await asyncio.start_server(take, "127.0.0.1", 0)
        return (await asyncio.open_connection(*server.sockets[0].getsockname()))[1]

    def _send(self, raw: bytes, to: Sequence[asyncio.StreamWriter]) -> None:
        now = time.time()
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
        raw = raw.replace(MOMENT.encode(), f"{at}.{int(now % 1 * 1000):03}+0000".encode())
        count = raw.count(b"EventTV: ")
        for each in to:
            each.write(raw)
            if each in self._hears:
                self._sent.value += count

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        try:
            while True:
                raw = (await reader.readuntil(b"\r\n\r\n")).decode()
                asked = dict(line.split(": ", 1) for line in raw.split("\r\n") if ": " in line)
                number, more = asked["ActionID"], ""
                if asked["Action"] == "Status":
                    more = (
                        "EventList: start\r\n\r\nEvent: StatusComplete\r\n"
                        f"ActionID: {number}\r\nEventList: Complete\r\nListItems: 0\r\n"
                    )
                writer.write(f"Response: Success\r\nActionID: {number}\r\n{more}\r\n".encode())
                if "security" in asked.get("Events", ""):
                    self._hears.append(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            if writer in self._hears:
                self._hears.remove(writer)


def pretend(port: int, floods: Event, steals: Event, sent: Synchronized[int]) -> None:
    """Be an Asterisk, until killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    uvloop.run(Pretended(floods, steals, sent).serve(port))


# ----------------------------------------------------------------------------- the calls


async def asked(port: int, number: int) -> float:
    """Ask for a call; return how long the verdict took, in milliseconds."""
    leg = Leg(f"{100 + number % 100}", NATIONAL, f"{time.time()}.{number}", f"127.0.0.1:{port}")
    arguments = {
        Argument.CALL: leg.uniqueid,
        Argument.DIALLED: NATIONAL,
        Argument.ENDPOINT: leg.endpoint,
        Argument.ADDRESS: "192.0.2.7:5060",
        Argument.TRANSPORT: "udp",
    }
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    told = {str(name): value for name, value in arguments.items()}
    writer.write(environment(leg, Script.OUTBOUND, told))
    took = 0.0
    while line := await reader.readline():
        if b"GUARD_VERDICT" in line:
            assert b"ALLOW" in line, line
            took = (time.perf_counter() - began) * 1000
        writer.write(b"200 result=1\n")
    writer.close()
    assert took, "there was no verdict"
    return took


async def turn(port: int, numbers: itertools.count[int]) -> list[float]:
    """Ask for calls at a steady pace."""
    calls = []
    for number in range(round(TURN_S * CALLS_PER_S)):
        calls.append(asyncio.create_task(asked(port, next(numbers))))
        if number % 10 == 9:  # so that one that is late holds up none
            await asyncio.sleep(10 / CALLS_PER_S * random.uniform(0.9, 1.1))  # noqa: S311 - no secret
    return list(await asyncio.gather(*calls))


# ----------------------------------------------------------------------------- the run


def memory_mib(pid: int) -> float:
    """Return the memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def cpu_s(pid: int) -> float:
    """Return the time of the processor that a process took."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def heard(port: int) -> int:
    """Return how many security events the lookout says that it heard."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        page = answer.read().decode()
    found = re.search(r"^dialguard_security_events_total\{.*\} (\S+)$", page, re.MULTILINE)
    return 0 if found is None else round(float(found[1]))


def said(log: Path, word: str) -> list[dict[str, object]]:
    """Return the lines of the service's log that say a word."""
    lines = [line for line in log.read_text().splitlines() if f'"{word}"' in line]
    return [json.loads(line) for line in lines]


def until(holds: object, what: str) -> None:
    """Wait until something holds."""
    assert callable(holds)
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, f"{what}: not within a minute"
        time.sleep(0.05)


def p99(times: Sequence[float]) -> float:
    """Return the 99th percentile."""
    return quantiles(times, n=100)[98]


def main() -> None:
    """Print what each turn finds, and then the table."""
    floods, steals = multiprocessing.Event(), multiprocessing.Event()
    sent: Synchronized[int] = multiprocessing.Value("L", 0, lock=True)
    ami, scrapes = free_port(), free_port()
    asterisk = multiprocessing.Process(
        target=pretend, args=(ami, floods, steals, sent), daemon=True
    )
    asterisk.start()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        port = prepare(folder, policy=POLICY.replace("calls = 2", "calls = 100000") + WATCHES)
        secret = folder / "ami-secret"
        secret.touch(0o600)
        secret.write_text(f"{SECRET}\n")
        with (folder / "dialguard.toml").open("a") as settings:
            settings.write(f'[ami]\nport = {ami}\nsecret_file = "ami-secret"\n[lookout]\n')
            settings.write(f'[metrics]\nlisten = "127.0.0.1:{scrapes}"\n')
        log = folder / "service.log"
        with log.open("wb") as out:
            command = [sys.executable, "-m", "fastagi", "serve", "--settings"]
            service = subprocess.Popen(
                [*command, str(folder / "dialguard.toml")], stderr=out, stdout=out
            )
        try:
            until(lambda: said(log, "lookout-linked"), "the lookout")
            _run(port, log, floods, steals)
            until(lambda: heard(scrapes) == sent.value, "all that was sent")
            print(f"of {sent.value:,} security events {heard(scrapes):,} were heard")
        finally:
            service.terminate()
            service.wait(60)
            asterisk.kill()


def _run(port: int, log: Path, floods: Event, steals: Event) -> None:
    pid = int(
        str(
            next(
                each["pid"]
                for each in said(log, "process-started")
                if each["process"] == "lookout"
            )
        )
    )
    numbers = itertools.count()
    uvloop.run(turn(port, numbers))  # to warm up
    before = memory_mib(pid)
    found: dict[bool, list[list[float]]] = {False: [], True: []}
    used = 0.0
    for number in range(2 * TURNS):
        flooded = number % 2 == 1
        (floods.set if flooded else floods.clear)()
        time.sleep(SETTLE_S)
        if number == TURNS + (TURNS + 1) % 2:  # in the middle, and amid a flood
            assert floods.is_set()
            steals.set()
        began = cpu_s(pid)
        times = uvloop.run(turn(port, numbers))
        used += (cpu_s(pid) - began) if flooded else 0.0
        found[flooded].append(times)
        words = "with a flood" if flooded else "without"
        print(f"{words}: p50 {median(times):.2f} ms, p99 {p99(times):.2f} ms", flush=True)
    floods.clear()
    until(lambda: said(log, "extension-watched"), "the breach")
    told = said(log, "attack-seen")
    table = Table("", "p50 ms", "p99 ms, median of turns", "p99 ms, all turns")
    for flooded, words in ((False, "no flood"), (True, f"{EVENTS_PER_S:,} events/s")):
        turns = found[flooded]
        everything = list(itertools.chain(*turns))
        table.add_row(
            words,
            f"{median(everything):.2f}",
            f"{median(map(p99, turns)):.2f}",
            f"{p99(everything):.2f}",
        )
    console = Console()
    console.print(table)
    ratio = median(map(p99, found[True])) / median(map(p99, found[False]))
    console.print(f"p99 with a flood is {ratio:.2f} times that without")
    console.print(f"memory of the lookout: {before:.0f} MiB before, {memory_mib(pid):.0f} after")
    console.print(f"its time of a processor in a flood: {used / (TURNS * TURN_S):.0%}")
    breaches = [each for each in told if each["watch"] == "broken-in"]
    held = said(log, "extension-watched")
    console.print(
        f"told {len(told)} times; of the breach {len(breaches)}, held against "
        f"{', '.join(str(each['extension']) for each in held)}"
    )


if __name__ == "__main__":
    main()
