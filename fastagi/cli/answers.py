"""`dialguard who-can` and `what-can`: who can call there, what can this phone call."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from fastagi.answers import questions
from fastagi.answers.callers import in_words
from fastagi.answers.outcome import bounds, how
from fastagi.answers.where import read_where
from fastagi.cli.arguments import AtOption, ExtensionArgument, moment_of
from fastagi.cli.explain import OnePolicy
from fastagi.cli.explained import STYLES
from fastagi.cli.output import give_up, say, show_json
from fastagi.cli.service import JsonOption
from fastagi.errors import ManySituationsError, PolicyError, WhereError
from fastagi.policy.loading import load
from fastagi.rating.tariff import amount

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from fastagi.answers.callers import Caller
    from fastagi.answers.outcome import Outcome
    from fastagi.answers.questions import Answer
    from fastagi.policy.model import Policy


def who_can(
    policy: OnePolicy,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="WHERE",
            help="`+882…` or `+882*`, `country:JM`, `premium`, `list:NAME`, or a number",
        ),
    ],
    at: AtOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show who can call somewhere, when, how and by which rule, and who cannot: exactly.

    Every number there is counted, and every minute of the year ahead. Exit status 0 whatever the
    answer is.
    """
    loaded = loaded_from(policy)
    now = datetime.now(UTC).astimezone(loaded.site.timezone)
    try:
        where = read_where(to, loaded)
        moment = moment_of(at, now) if at else None
        answers = questions.who_can(loaded, where, now, moment)
    except (WhereError, ManySituationsError) as error:
        give_up(error)
    if as_json:
        show_json([as_object(each, loaded) for each in answers])
        return
    for each in answers:
        _show(each, loaded, who(each.callers, loaded))
    if not answers:
        say("no number is there")


def what_can(
    policy: OnePolicy,
    extension: ExtensionArgument,
    at: AtOption = "",
    signed_in: Annotated[
        bool,
        typer.Option("--signed-in", metavar="", help="somebody is signed in on the extension"),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show everything that a phone can call at a moment, and what it cannot: exactly.

    Now, if no moment is given. Exit status 0 whatever the answer is.
    """
    loaded = loaded_from(policy)
    now = datetime.now(UTC).astimezone(loaded.site.timezone)
    moment = moment_of(at, now)
    try:
        answers = questions.what_can(loaded, extension, moment, signed_in=signed_in)
    except ManySituationsError as error:
        give_up(error)
    if as_json:
        show_json([as_object(each, loaded) for each in answers])
        return
    for each in answers:
        _show(each, loaded, "")


def loaded_from(file: Path) -> Policy:
    """Load a policy; ends the command where it is invalid."""
    try:
        return load(file)
    except PolicyError as error:
        give_up(error)


def who(callers: Iterable[Caller], policy: Policy, place: int = 0) -> str:
    """Say who calls, in words of one of the policies that see them."""
    return " and ".join(dict.fromkeys(in_words(each, policy, place) for each in callers))


def _show(answer: Answer, policy: Policy, callers: str) -> None:
    outcome = answer.outcome
    before = f"{callers} → " if callers else ""
    say(f"{in_a_word(outcome):<10}{before}{answer.numbers}", STYLES[outcome.verdict])
    if answer.conditions:
        say(f"          {answer.conditions}")
    say(f"          {how(outcome)}")
    bounded = bounds(answer.outcomes, policy)
    if bounded:
        say(f"          {bounded}")


def in_a_word(outcome: Outcome) -> str:
    """Say what comes of a call as rules and cases do: of a challenge, what is asked."""
    return "+".join(outcome.asks).upper() or outcome.verdict.upper()


def as_object(answer: Answer, policy: Policy) -> dict[str, object]:
    """Return an answer for programs."""
    return {
        **outcome_as_object(answer.outcomes),
        "how": how(answer.outcome),
        "callers": callers_as_objects(answer.callers, policy),
        "numbers": answer.numbers,
        "count": answer.count,
        "conditions": answer.conditions,
        "example": answer.example,
    }


def outcome_as_object(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Return what comes of calls that are alike but for price and length."""
    first = outcomes[0]
    seconds = sorted(each.seconds for each in outcomes)
    prices = sorted(each.tariff.per_minute for each in outcomes if each.tariff is not None)
    return {
        "verdict": first.verdict,
        "rule": first.rule,
        "reason": first.reason,
        "then": first.then,
        "asks": list(first.asks),
        "remember_seconds": first.remember_s,
        "seconds": [seconds[0], seconds[-1]],
        "price_per_minute": [amount(prices[0]), amount(prices[-1])] if prices else None,
        "limits": list(first.limits),
    }


def callers_as_objects(
    callers: Iterable[Caller], policy: Policy, place: int = 0
) -> list[dict[str, object]]:
    """Return who calls, as one of the policies sees them."""
    return [
        {
            "class": each.places[place].class_name,
            "example": each.extension,
            "in_words": in_words(each, policy, place),
        }
        for each in callers
    ]
