"""`dialguard diff`: what a policy does otherwise than another, in calls."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from fastagi.answers.difference import Change, differences
from fastagi.answers.outcome import changes, how
from fastagi.cli.answers import callers_as_objects, in_a_word, loaded_from, outcome_as_object, who
from fastagi.cli.output import Status, give_up, say, show_json
from fastagi.cli.service import JsonOption
from fastagi.errors import ManySituationsError
from fastagi.policy.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastagi.answers.difference import Difference, Differences, Example
    from fastagi.policy.model import Policy

_SAID: Final = {
    Change.ALLOWED: "may now call",
    Change.EASIER: "have to show less to call",
    Change.REFUSED: "may no longer call",
    Change.HARDER: "have to show more, or something else, to call",
    Change.BOUNDS: "have other limits when they call",
    Change.RULE: "get the same answer in another way when they call",
    Change.SHADOW: "get the same answer, and other records under `shadow`, when they call",
}
_STYLES: Final = {
    Change.ALLOWED: "bold red",
    Change.EASIER: "bold red",
    Change.REFUSED: "bold yellow",
    Change.HARDER: "bold yellow",
}


def diff(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="the one policy file")],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="the other")],
    as_json: JsonOption = False,
) -> None:
    """Show what a policy does otherwise than another, in calls, each difference proven by one.

    Every number, every extension, every minute of the year ahead, every network. Exit status 0
    when nothing differs, 1 when something does, 3 when one of them is invalid.
    """
    policies = loaded_from(before), loaded_from(after)
    now = datetime.now(UTC).astimezone(policies[1].site.timezone)
    try:
        found = differences(*policies, now)
    except ManySituationsError as error:
        give_up(error)
    if as_json:
        show_json({**_as_object(found, policies), "prices_of": f"{now:%Y-%m-%d}"})
    else:
        _show(found, policies)
        if any(each.rates is not None for each in policies):
            say(f"Calls are compared at the prices of {now:%Y-%m-%d}.")
    raise typer.Exit(Status.FAILED if found else Status.DONE)


def _show(found: Differences, policies: tuple[Policy, Policy]) -> None:
    for each in found.calls:
        when = f", {each.conditions}" if each.conditions else ""
        said = f"{_callers(each, policies)} {_SAID[each.change]} {each.numbers}{when}"
        say(said, _STYLES.get(each.change, "bold"))
        if how(each.before) == how(each.after):
            say(f"  as before: {how(each.after)}")
        else:
            say(f"  before: {how(each.before)}")
            say(f"  after:  {how(each.after)}")
        if each.change not in (Change.ALLOWED, Change.REFUSED):
            for line in changes(each.before, each.after, policies):
                say(f"  {line}")
        say(f"  {_example(each.example, policies[1])}")
    for setting in found.settings:
        say(f"{quoted(setting.name)}: {setting.before} → {setting.after}", "bold")
    if found.unread:
        say(
            "The sites read digits otherwise. Compared is what is dialled with a plus, inside and "
            "for help; try the rest with `dialguard explain`.",
            "yellow",
        )
    if not found:
        say("nothing differs", "green")


def _callers(each: Difference, policies: tuple[Policy, Policy]) -> str:
    """Say who calls: in words of both policies where they see them otherwise."""
    old, new = (who(each.callers, policy, place) for place, policy in enumerate(policies))
    return new if old == new else f"{new}, before {old},"


def _example(example: Example, policy: Policy) -> str:
    """Say of one call what came, and what comes of it."""
    dialled = dict.fromkeys(map(quoted, example.dialled))
    circumstances = "".join(_circumstances(example, policy))
    before, after = (f"{in_a_word(each)} ({each.rule})" for each in example.outcomes)
    return (
        f"proof: {quoted(example.caller)} dials {' or '.join(dialled)}{circumstances}: "
        f"{before} → {after}"
    )


def _circumstances(example: Example, policy: Policy) -> Iterator[str]:
    now = example.situation
    yield f" at {now.cell.moment(policy):%a %Y-%m-%d %H:%M}"
    if now.passed_on:
        yield f", {now.passed_on}"
    if now.network is not None:
        reported = ", which is reported" if now.network.reported else ""
        yield f", from {now.network.address}{reported}"
    if now.transport is not None:
        yield f", by {now.transport}"
    if now.signed_in:
        yield ", signed in"
    for each in sorted(now.new):
        yield f", {each}"
    if now.reported:
        yield ", a reported number"
    for name in sorted(now.over):
        yield f", over {quoted(name)}"


def _as_object(found: Differences, policies: tuple[Policy, Policy]) -> dict[str, object]:
    return {
        "differs": bool(found),
        "calls": [_difference(each, policies) for each in found.calls],
        "settings": [
            {"name": each.name, "before": each.before, "after": each.after}
            for each in found.settings
        ],
        "digits_read_otherwise": found.unread,
    }


def _difference(each: Difference, policies: tuple[Policy, Policy]) -> dict[str, object]:
    return {
        "change": each.change.name.lower(),
        "callers": callers_as_objects(each.callers, policies[1], 1),
        "numbers": each.numbers,
        "count": each.count,
        "conditions": each.conditions,
        "before": {**outcome_as_object([each.before]), "how": how(each.before)},
        "after": {**outcome_as_object([each.after]), "how": how(each.after)},
        "changes": changes(each.before, each.after, policies),
        "example": _call(each.example, policies),
    }


def _call(example: Example, policies: Sequence[Policy]) -> dict[str, object]:
    """Return a call as cases write it."""
    now = example.situation
    return {
        "from": example.caller,
        "dial": list(example.dialled),
        "at": now.cell.moment(policies[1]).isoformat(),
        "address": None if now.network is None else str(now.network.address),
        "address_reported": now.network is not None and now.network.reported,
        "transport": now.transport,
        "transferred": bool(now.passed_on),
        "off_net": now.passed_on == "off-net",
        "signed_in": now.signed_in,
        "novel": sorted(now.new),
        "number_reported": now.reported,
        "over": sorted(now.over),
        "verdicts": [each.verdict for each in example.outcomes],
        "rules": [each.rule for each in example.outcomes],
    }
