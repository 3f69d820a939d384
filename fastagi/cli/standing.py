"""`dialguard explain --live`: what would happen to a call right now, by what the store knows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from fastagi.call.standing import standing, what_store_says
from fastagi.cli.output import local_time
from fastagi.cli.service import settings_of, with_store
from fastagi.policy.explain import explain
from fastagi.policy.wording import all_of, printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastagi.call.standing import Standing
    from fastagi.policy.explain import Explanation
    from fastagi.policy.model import Policy, Request


def explain_live(
    policy: Policy, request: Request, settings: Path | None
) -> tuple[Explanation, dict[str, str]]:
    """Explain a call by what the service's store knows, which is only read.

    Args:
        policy: The site's: its name says of which site the store is asked.
        request: The call; what its policy says of hours is as of its moment, all else as of now.
        settings: The settings file that names the store.

    Returns:
        The explanation, and what is known besides, to be shown with it.
    """
    now = time.time()
    there = with_store(settings_of(settings), lambda store: standing(policy, request, store, now))
    came_to = what_store_says(policy, request, there)
    explanation = explain(policy, request, there.facts, there.used, came_to=came_to)
    return explanation, {"known": "; ".join(_known(there)) or "nothing is held against it"}


def _known(there: Standing) -> Iterator[str]:
    """Say what is known of the extension, but for what rules and limits tell."""
    facts = there.facts
    if there.lockout is not None:
        row = f", {there.lockout.row} in a row" if there.lockout.row > 1 else ""
        yield f"locked out until {local_time(there.lockout.until)}{row}"
    if facts.braked is not None:
        yield f"the brake is on, of the {facts.braked}"
    if facts.watched:
        yield f"held by {all_of(sorted(facts.watched))}"
    for each in there.sign_ins:
        where = f" at {printable(each.origin.address)}" if each.origin.address else ""
        yield f"signed in by {printable(each.person)}{where} until {local_time(each.until)}"
