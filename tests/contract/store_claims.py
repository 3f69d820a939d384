"""A process that claims one-time codes as it is told, at the same moment as others.

`store_claims.py URL`: says that it is ready, and after the first line on stdin claims the step
that each further line names; the answer to each is `True`, `False` or `unknown`.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from fastagi.errors import StoreError
from fastagi.stores.store import Enrolment
from tests.contract.store_kinds import SITE
from tests.contract.store_race import at_the_start, say, started

if TYPE_CHECKING:
    import subprocess

ENROLMENT = Enrolment("101", totp=b"sealed", since=1.0)


def claim(url: str, codes: int) -> list[tuple[str, str]]:
    """Let two processes claim the same codes, one after another; what both were told of each."""
    answers: list[tuple[str, str]] = []
    with started("store_claims", [url], [url]) as gates:
        for step in range(1, codes + 1):
            for gate in gates if step % 2 else reversed(gates):  # neither is always the first
                say(gate, str(step))
            answers.append((_heard(gates[0]), _heard(gates[1])))
    return answers


def _heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


async def _run(url: str) -> None:
    store = await at_the_start(url)
    for line in sys.stdin:
        try:
            print(await store.claim_step(SITE, ENROLMENT, int(line)), flush=True)
        except StoreError:
            print("unknown", flush=True)
    await store.close()


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1]))
