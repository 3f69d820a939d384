"""What an honest office notices of the gate in a month: refusals, and codes that are asked for.

Ten thousand made-up calls (`tests.doubles.office_month`, which says what is guessed in them)
against the sample policy, through the real gate with a real store and a clock that jumps. Budgets
are reserved for all of a call at once, which is harder on the honest than slices. How often a code
is asked for hangs above all on how much is called abroad, so other shares are shown beside.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from pathlib import Path

import structlog
from rich.console import Console
from rich.table import Table

from fastagi.numbering.number import Category
from fastagi.policy.loading import load
from fastagi.rating.tariff import amount
from tests.doubles.office_month import BEGIN, LONDON, calls, replay
from tests.doubles.virtual_gate import virtual_gate

OFFICE = Path(__file__).parents[1] / "policies" / "office.toml"
MONTHS = ((1, 1.0), (2, 1.0), (3, 1.0), (1, 2.0), (1, 4.0))
"""Seeds, and how much more often people call abroad."""


def main() -> None:
    """Print the table."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    policy = load(OFFICE)
    began = datetime.combine(BEGIN, datetime.min.time(), LONDON).timestamp()
    table = Table("seed", "calls", "abroad", "refused", "asked for a code", "cut off", "cost")
    for seed, abroad in MONTHS:
        wanted = calls(seed, abroad=abroad)

        async def run(wanted=wanted):
            async with virtual_gate(policy, began) as gate:
                return await replay(gate, wanted)

        month = asyncio.run(run())
        count = len(month.decisions)
        far = sum(each.category is Category.INTERNATIONAL for each in month.decisions)
        asked = len(month.stepped_up)
        table.add_row(
            *(f"{seed}", f"{count:,}", f"{far / count:.2%}", f"{len(month.refused)}"),
            *(f"{asked} ({asked / count:.2%})", f"{month.cut_off}", amount(month.cost)),
        )
    Console().print(table)


if __name__ == "__main__":
    main()
