"""What it costs to recognise an attack: a block of AMI read and counted, a flood, its memory.

Each flood is a process of its own, so that its memory is its own; time is the processor's.
The watches are those of docs/attack-signs.md, each with what is usual, at one site.
"""

from __future__ import annotations

import multiprocessing
import resource
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from fastagi.signs.asterisk import read
from fastagi.signs.recogniser import Recogniser
from fastagi.signs.sign import Per, Sign
from fastagi.signs.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from multiprocessing.connection import Connection

READINGS: Final = 100_000
FLOOD: Final = 250_000
BEGAN: Final = 1_796_040_000

ALL: Final = (Per.ADDRESS, Per.NETWORK, Per.SITE)
USUAL: Final = (
    (Sign.ENUMERATION, ALL, 10, 60),
    (Sign.GUESSING, (Per.ACCOUNT, *ALL), 10, 60),
    (Sign.SPRAYING, ALL, 5, 600),
    (Sign.SUCCESS_AFTER_GUESSING, (Per.ACCOUNT,), 10, 3600),
    (Sign.NOT_LET_IN, ALL, 10, 60),
    (Sign.MALFORMED, ALL, 10, 60),
    (Sign.HONEYPOT, ALL[:2], 1, 60),
    (Sign.GATE_PROBING, ALL, 20, 60),
    (Sign.CODE_GUESSING, ALL, 3, 3600),
)
EVERY: Final = tuple(
    Terms("office", f"{sign}-{per}", sign, per, count, within_s)
    for sign, counted, count, within_s in USUAL
    for per in counted
)
ONE_EACH: Final = tuple(each for each in EVERY if each.per in (Per.ADDRESS, Per.ACCOUNT))

UNKNOWN: Final = (
    "Event: InvalidAccountID\r\nPrivilege: security,all\r\nEventTV: {when}\r\nSeverity: Error\r\n"
    "Service: PJSIP\r\nEventVersion: 1\r\nAccountID: {account}\r\nSessionID: 1234567890\r\n"
    "LocalAddress: IPV4/UDP/192.0.2.1/5060\r\nRemoteAddress: IPV4/UDP/{address}/5060"
)
WRONG: Final = (
    UNKNOWN.replace("InvalidAccountID", "ChallengeResponseFailed")
    + "\r\nChallenge: 1796049965/3d1c06a6cf76b4ba6016b1bf8227f075"
    "\r\nResponse: 2acf687363e74a435ab9f6a1157e80b9\r\nExpectedResponse: "
)


def main() -> None:
    """Print the tables."""
    table = Table("what", "µs each")
    for name, block in (("an unknown account", UNKNOWN), ("a wrong password", WRONG)):
        text = _block(block, 0, "101", "203.0.113.9")
        began = time.process_time()
        for _ in range(READINGS):
            read(text, "pbx")
        each_us = 1e6 * (time.process_time() - began) / READINGS
        table.add_row(f"a block read: {name}", f"{each_us:.1f}")
    Console().print(table)
    table = Table(
        "a flood, from block to evidence", "watches", "µs each", "a second", "MB", "told"
    )
    for name, blocks in FLOODS.items():
        for terms in (ONE_EACH, EVERY):
            each_us, megabytes, told = _apart(blocks, terms)
            per_second = f"{1e6 / each_us:,.0f}"
            row = (name, str(len(terms)), f"{each_us:.1f}", per_second)
            table.add_row(*row, f"{megabytes:.0f}", str(told))
    Console().print(table)


def _block(form: str, number: int, account: str, address: str) -> str:
    when = datetime.fromtimestamp(BEGAN + number // 10_000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return form.format(when=f"{when}.000+0000", account=account, address=address)


def _one_address() -> Iterable[str]:
    for each in range(FLOOD):
        yield _block(UNKNOWN, each, str(each), "203.0.113.9")


def _ever_new() -> Iterable[str]:
    for each in range(FLOOD):
        address = f"{10 + (each >> 22)}.{each >> 14 & 255}.{each >> 6 & 255}.{each & 63}"
        yield _block(UNKNOWN, each, str(each), address)


def _again_and_again() -> Iterable[str]:
    for each in range(FLOOD):
        whom = each // 7 * 2654435761 % (1 << 24)  # seven from each, spread over all networks
        address = f"10.{whom >> 16}.{whom >> 8 & 255}.{whom & 255}"
        yield _block(UNKNOWN, each, str(each), address)


def _guesses() -> Iterable[str]:
    for each in range(FLOOD):
        address = f"203.{each >> 8 & 3}.113.{each & 255}"
        yield _block(WRONG, each, str(100 + each % 900), address)


FLOODS: Final[dict[str, Callable[[], Iterable[str]]]] = {
    "one address, ever new names": _one_address,
    "ever new addresses and names": _ever_new,
    "ever new addresses, seven times each": _again_and_again,
    "wrong passwords, 900 phones, 1,024 addresses": _guesses,
}


def _apart(
    blocks: Callable[[], Iterable[str]], terms: tuple[Terms, ...]
) -> tuple[float, float, int]:
    """Return microseconds each, the memory that it took, and how often something was told."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_flooded, args=(blocks, terms, theirs))
    process.start()
    result: tuple[float, float, int] = ours.recv()
    process.join()
    return result


def _flooded(
    blocks: Callable[[], Iterable[str]], terms: tuple[Terms, ...], answer: Connection
) -> None:
    recogniser = Recogniser(terms)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    took = 0.0
    told = 0
    made: list[str] = []
    for block in blocks():
        made.append(block)
        if len(made) == 1000:
            began = time.process_time()
            for each in made:
                sighting = read(each, "pbx")
                if sighting is not None:
                    told += len(recogniser.see(sighting))
            took += time.process_time() - began
            made.clear()
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    answer.send((1e6 * took / FLOOD, used / 1024, told))


if __name__ == "__main__":
    main()
