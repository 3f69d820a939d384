"""What published attacks would have cost: behind dialguard, and behind what others put there.

The sample office's policy, the real gate and a store in memory, in the attacks' own time: nothing
of it depends on the machine. As Markdown, for docs/attacks.md. A weekend's rain is made whole
where phones forward it; where the thief dials, each hundredth call is, for he keys a PIN at each.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import structlog

from fastagi.policy.loading import load
from tests.policies.thieves import attacks, tables
from tests.policies.thieves.defences import Thief
from tests.policies.thieves.tables import markdown

OFFICE = Path(__file__).parents[1] / "policies" / "office.toml"


def main() -> None:
    """Print both tables."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    asyncio.run(_main())


async def _main() -> None:
    policy = load(OFFICE)
    made = (
        attacks.clinic(),
        attacks.rain(),
        attacks.rain(100, forwarded=False),
        attacks.drip(),
        attacks.burst(),
    )
    _head(tables.OTHERS)
    for attack in made:
        print(markdown(await tables.behind_others(attack, policy)), flush=True)
    _head(tables.GATE)
    for attack in made:
        for thief in Thief:
            print(markdown(await tables.behind_the_gate(attack, thief, policy)), flush=True)


def _head(names: tuple[str, ...]) -> None:
    print(f"\n{markdown(names)}\n{markdown(('---',) * len(names))}")


if __name__ == "__main__":
    main()
