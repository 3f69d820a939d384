"""What a policy in shadow costs a live call: nothing, one policy idle, one that judges each call.

One worker's gate over SQLite on disk, as many calls one after another, each released at its end.
What is judged in the background has the same event loop and the same store.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

import uvloop
from rich.console import Console
from rich.table import Table

from fastagi.call.channel import Argument, Question, Script
from fastagi.call.flow import Gate
from fastagi.call.ports import NoSlices, Ports
from fastagi.numbering.plan import preload
from fastagi.policy.loading import load_text
from fastagi.second_factor.vault import Vault, new_key
from fastagi.shadows.background import Background
from fastagi.shadows.following import followed
from fastagi.shadows.judging import in_shadow
from fastagi.stores.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from fastagi.call.channel import Variable
    from fastagi.policy.model import Policy

    Found = TypeVar("Found")

ROUNDS = 5
CALLS = 600
APART_S = 0.005
"""Between two calls: some 150 a second, as many as tens of thousands of phones make."""

NAMES = ("none, and nobody to tell", "none", "one, and every call judged")

POLICY = """
[site]
name = "office"
country = "GB"
timezone = "Europe/London"
internal = ["1XX"]
outside_prefix = "9"
[classes]
staff = ["1XX"]
[[rule]]
name = "at-home"
to = ["national"]
then = "allow"
[[limit]]
name = "two-at-a-time"
per = "extension"
calls = 2
"""


class Silent:
    """Channel, record and hash pool in one: nothing is told, nothing asked."""

    hung_up = False

    async def tell(self, variables: Mapping[Variable, str]) -> None:
        """Say nothing."""

    def record(self, record: object) -> None:
        """Forget it."""

    async def run(self, check: Callable[[], Found], site: str) -> Found:
        """Do it."""
        return check()


class One:
    """The only policy there is."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def of(self, site: str) -> Policy:
        """Return it."""
        return self.policy


def main() -> None:
    """Print the table."""
    preload()
    table = Table("policy in shadow", "median µs", "p99 µs", "ratio", "judged")
    taken_us: dict[str, list[float]] = {name: [] for name in NAMES}
    judged = dict.fromkeys(NAMES, 0)
    for _ in range(ROUNDS):  # in turns, as what else the machine does comes and goes
        for name in NAMES:
            taken, count = uvloop.run(_calls(name))
            taken_us[name] += taken
            judged[name] += count
    bare = median(taken_us[NAMES[0]])
    for name, taken in taken_us.items():
        p99 = quantiles(taken, n=100)[98]
        ratio = f"{median(taken) / bare:.2f}"
        table.add_row(name, f"{median(taken):.1f}", f"{p99:.1f}", ratio, str(judged[name]))
    Console().print(table)


async def _calls(name: str) -> tuple[list[float], int]:
    with tempfile.TemporaryDirectory() as folder:
        policy = load_text(POLICY, Path(folder) / "office.toml")
        silent, store = Silent(), open_store(f"sqlite://{folder}/x.db")
        vault = Vault([new_key()])
        ports = Ports(One(policy), store, vault, silent, silent, time.time)
        background = Background(store, silent, time.time, NoSlices())
        if name != NAMES[0]:
            ports = replace(ports, store=followed(store, background), shadows=background)
        if name == NAMES[2]:
            background.change({"office": in_shadow(policy)})
        gate = Gate(ports)
        chore = asyncio.create_task(background.run())
        taken_us = [await _call(gate, ports, silent, number) for number in range(CALLS)]
        judged = sum(each.judged for each in background._tallies.values())
        chore.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await chore
        await store.close()
        return taken_us[CALLS // 10 :], judged


async def _call(gate: Gate, ports: Ports, silent: Silent, number: int) -> float:
    call = f"1767607800.{number}"
    given = {Argument.CALL: call, Argument.DIALLED: "902079460000", Argument.ENDPOINT: "101"}
    question = Question(Script.OUTBOUND, given, "PJSIP/101-0000002a", call, "en", "127.0.0.1")
    began = time.perf_counter_ns()
    await gate.answer(question, silent)  # type: ignore[arg-type]  # all that is asked of it
    taken_us = (time.perf_counter_ns() - began) / 1000
    await asyncio.sleep(APART_S)
    await ports.store.release("office", call, None, None, time.time(), 0)
    return taken_us


if __name__ == "__main__":
    main()
