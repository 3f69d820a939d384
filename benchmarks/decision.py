"""What one decision costs, without socket and store: reading the number, and `decide`."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, TypeVar

import phonenumbers
from rich.console import Console
from rich.table import Table

from fastagi.numbering.plan import preload
from fastagi.policy.decision import decide
from fastagi.policy.loading import load_text
from fastagi.policy.model import Facts, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fastagi.policy.model import Policy

OFFICE = Path(__file__).parents[1] / "policies" / "office.toml"
ROUNDS = 20_000


def main() -> None:
    """Print the table."""
    preload()
    table = Table("step", "median µs", "p99 µs")
    small, large = _office(0), _office(1000)
    near, world = ["902079460000"], _world()
    for name, policy, dialled in [
        ("read a national number", small, near),
        ("read numbers of all the world's countries", small, world),
    ]:
        _row(table, name, policy.plan.read, dialled)
    for name, policy in [("6 rules", small), ("1,006 rules", large)]:
        requests = [_request(policy, each) for each in ["900390612345678", *near]]
        _row(table, f"decide, {name}", lambda asked, p=policy: decide(p, asked, Facts()), requests)
    Console().print(table)


def _office(more_rules: int) -> Policy:
    """Return the sample policy, with so many rules about single prefixes before its own."""
    text = OFFICE.read_text()
    rules = "".join(
        f'[[rule]]\nname = "no-{n}"\nto = ["prefix:+999{n:04}"]\nthen = "deny"\n'
        for n in range(more_rules)
    )
    return load_text(text.replace("[[rule]]", f"{rules}[[rule]]", 1), OFFICE)


def _world() -> list[str]:
    """Return an example number of every region, as dialled from the office."""
    examples = map(phonenumbers.example_number, sorted(phonenumbers.SUPPORTED_REGIONS))
    return [f"900{each.country_code}{each.national_number}" for each in examples if each]


def _request(policy: Policy, dialled: str) -> Request:
    at = datetime(2026, 1, 5, 10, 10, tzinfo=policy.site.timezone)
    return Request("101", policy.plan.read(dialled), at)


Given = TypeVar("Given")


def _row(
    table: Table, name: str, step: Callable[[Given], object], inputs: Sequence[Given]
) -> None:
    taken_us = []
    for turn in range(ROUNDS):
        given = inputs[turn % len(inputs)]
        began = time.perf_counter_ns()
        step(given)
        taken_us.append((time.perf_counter_ns() - began) / 1000)
    table.add_row(name, f"{median(taken_us):.1f}", f"{quantiles(taken_us, n=100)[98]:.1f}")


if __name__ == "__main__":
    main()
