"""The policy loader: any bytes give a policy or a `PolicyError`, and raise nothing else."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from fastagi.errors import PolicyError
from fastagi.policy.checking import check
from fastagi.policy.loading import load_text

POLICIES: Final = Path(__file__).parents[2] / "policies"

SEEDS: Final = tuple(
    each.read_bytes()
    for each in sorted(POLICIES.glob("*.toml"))
    if len(each.read_bytes()) <= 4096 and not each.name.endswith(".cases.toml")
)


def one_input(data: bytes) -> None:
    """Load a policy; what loads can also be checked."""
    with suppress(PolicyError):
        check(load_text(data.decode(errors="surrogateescape"), POLICIES / "fuzzed.toml"))
