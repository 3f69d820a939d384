"""What is in shadow, summed up: as `shadow` shows it, and `promote` asks for it."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import typer

from fastagi.cli.output import say, warn
from fastagi.daemon.shadows import FILE
from fastagi.decision_log.history import files_of, lines_between
from fastagi.rating.tariff import amount
from fastagi.shadows.differences import Kind
from fastagi.shadows.sums import ENOUGH_DAYS, Sums

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.policy.model import Policy
    from fastagi.shadows.sums import Sum

WORDS: Final = {
    Kind.REFUSED: "would have been refused",
    Kind.LET_THROUGH: "would have been let through that were refused",
    Kind.ASKED: "would have been asked for a code",
    Kind.SPARED: "would not have been asked for a code",
    Kind.SHORTENED: "would have been given less time",
    Kind.LENGTHENED: "would have been given more time",
    Kind.OTHER: "the same, by another rule, for another reason, or with other money held",
}

LogOption: TypeAlias = Annotated[
    list[Path] | None,
    typer.Option(
        "--log",
        metavar="FILE",
        help="a record of decisions, with `shadow.jsonl` beside it; may be repeated, for "
        "those of other gates; that of the settings, if left out",
    ),
]


def sums_of(
    policy: Policy, beside: Policy | None, logs: Sequence[Path], since: float
) -> list[Sum]:
    """Sum up what is in shadow of a policy, and beside it.

    Args:
        policy: The one in force.
        beside: The one in shadow; None where there is none.
        logs: Records of decisions.
        since: From when on; seconds since the epoch.

    Raises:
        OSError: A record cannot be read.
    """
    sums = Sums(policy, beside)
    now = time.time()
    differences = [each.with_name(FILE) for each in logs]
    for line in lines_between(files_of(differences, since), since, now):
        sums.take_difference(line)
    for line in lines_between(files_of(logs, since), since, now):
        sums.take_decision(line)
    return sums.all()


def say_what_differs(policy: Policy, of: Sum) -> None:
    """Say for how long something was in shadow, and what would have become of how many calls."""
    differing = ", ".join(f"{of.kinds[kind]:,} {WORDS[kind]}" for kind in Kind if of.kinds[kind])
    head = f"{policy.site.name}: {of.part} `{of.name}`: for {of.days:.1f} days"
    say(f"{head}, {calls(of.calls)}: {differing or 'none differs'}", "bold")
    if of.unjudged:
        warn(f"  {calls(of.unjudged)} not judged")


def say_whether_enough(of: Sum) -> None:
    """Say whether that is enough to put it in force, and else what is too little."""
    lacks = list(of.lacks())
    if not lacks:
        say(
            f"  enough to promote it: {ENOUGH_DAYS} days or more, and every hour of a week",
            "green",
        )
    for each in lacks:
        warn(f"  not enough to promote it: {each}")


def calls(count: int) -> str:
    """Say how many calls."""
    return f"{count:,} {'call' if count == 1 else 'calls'}"


def as_json(of: Sum) -> dict[str, Any]:
    """Return a sum, for programs."""
    lacks = list(of.lacks())
    return {
        "part": of.part,
        "name": of.name,
        "since": of.since,
        "until": of.until,
        "days": round(of.days, 2),
        "judged": of.judged,
        "unjudged": of.unjudged,
        "kinds": dict(of.kinds),
        "extensions": dict(of.extensions.most_common()),
        "countries": dict(of.countries.most_common()),
        "hours": dict(sorted(of.hours.items())),
        "hours_of_week_seen": len(of.seen),
        "cost": amount(of.cost),
        "currency": of.currency,
        "examples": [asdict(each) for each in of.examples],
        "enough": not lacks,
        "lacks": lacks,
    }
