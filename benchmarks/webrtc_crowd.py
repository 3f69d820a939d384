"""What a crowd at nginx costs phones in browsers: five thousand strangers, then a flood besides.

Four phones are registered through nginx, each from an address of its own, at a real Asterisk, and
call all the while: to a number that their network may call, and abroad, where nobody is signed in.
The strangers hold a WebSocket each to the same Asterisk; the flood shakes hands and goes, from
addresses by the dozen, as fast as this machine can. `python -m benchmarks.webrtc_crowd 16` has
Asterisk 16.
"""

from __future__ import annotations

import contextlib
import statistics
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from tests.e2e.rig.asterisk import Asterisk
from tests.e2e.rig.crowd import Crowd
from tests.e2e.rig.edge import Edge
from tests.e2e.rig.ports import free
from tests.e2e.rig.service import POLICY, Service
from tests.e2e.rig.trunk import trunk_of

if TYPE_CHECKING:
    from tests.e2e.rig.browser import BrowserPhone

STRANGERS: Final = 5_000
PHONES: Final = {
    "131": "127.0.0.11",
    "132": "127.0.0.12",
    "133": "127.0.0.13",
    "134": "127.0.0.14",
}
TURN_S: Final = 20.0
LONDON: Final = "902079460123"
ROME: Final = "900390612345678"
ANSWERED: Final = 200
OURS: Final = (
    POLICY.replace('then = "pin+totp"', 'then = "sign-in"').replace(
        'to = ["national", "toll-free"]', 'to = ["national"]\nnetwork = ["home"]'
    )
    + '\n[networks]\nhome = ["127.0.0.0/24"]\n'
)


@dataclass(frozen=True, slots=True)
class Turn:
    """What became of the calls of a while, in seconds, and how many went as they should not."""

    taken: list[float]
    refused: int
    wrong: int
    registered: int


def main() -> None:
    """Print the table."""
    version = sys.argv[1] if len(sys.argv) > 1 else "22"
    with Asterisk(version) as asterisk, trunk_of(asterisk):
        folder = asterisk.root.scratch("webrtc-crowd")
        with (
            Service(folder, asterisk.ports.agi, OURS),
            Edge(asterisk.ports.http, free()) as edge,
            contextlib.ExitStack() as connected,
        ):
            phones = {}
            for extension, at in PHONES.items():
                phones[extension] = connected.enter_context(edge.phone(extension, at))
                phones[extension].register()
            table = Table(
                *("", "strangers up", "handshakes/s", "of them let in", "registered"),
                *("calls", "wrong", "median ms", "p99 ms"),
            )
            _add(table, "quiet", _turn(asterisk, phones))
            with Crowd(edge.port, edge.authority, STRANGERS, flood=False) as crowd:
                beside = _turn(asterisk, phones)
            _add(table, "strangers", beside, crowd)
            with Crowd(edge.port, edge.authority, STRANGERS, flood=True) as crowd:
                beside = _turn(asterisk, phones)
            _add(table, "strangers and flood", beside, crowd)
            _add(table, "quiet again", _turn(asterisk, phones))
            Console(width=120).print(f"Asterisk {version}", table)


def _turn(asterisk: Asterisk, phones: dict[str, BrowserPhone]) -> Turn:
    """Call for a while, phone after phone; every so often one that is to be refused."""
    taken: list[float] = []
    refused = wrong = number = 0
    end = time.monotonic() + TURN_S
    while time.monotonic() < end:
        phone = list(phones.values())[number % len(phones)]
        if number % 32 == 31:
            refused += 1
            wrong += phone.dial(ROME) == ANSWERED
        else:
            began = time.perf_counter()
            wrong += phone.dial(LONDON) != ANSWERED
            taken.append(time.perf_counter() - began)
        number += 1
    contacts = asterisk.cli("pjsip show contacts")
    return Turn(
        taken, refused, wrong, sum(f"sip:{each}@{at}" in contacts for each, at in PHONES.items())
    )


def _add(table: Table, name: str, turn: Turn, crowd: Crowd | None = None) -> None:
    up = rate = let_in = "-"
    if crowd is not None:
        siege = crowd.siege
        up = str(siege.up)
        if siege.answers:
            rate = f"{siege.answers.total() / siege.seconds:.0f}"
            let_in = str(siege.answers[101])
    table.add_row(
        *(name, up, rate, let_in, f"{turn.registered} of {len(PHONES)}"),
        *(str(len(turn.taken) + turn.refused), str(turn.wrong)),
        f"{statistics.median(turn.taken) * 1e3:.1f}",
        f"{statistics.quantiles(turn.taken, n=100)[98] * 1e3:.1f}",
    )


if __name__ == "__main__":
    main()
