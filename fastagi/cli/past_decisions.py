"""`dialguard explain --reference`: why a call of the past was judged as it was.

By the policy that was in force then, and by what was known then, as the record of decisions has
it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NoReturn

import typer

from fastagi import versions
from fastagi.cli import explained
from fastagi.cli.output import Status, fail, say, show_json, warn
from fastagi.daemon.places import versions_folder
from fastagi.decision_log.lookup import decisions_of
from fastagi.decision_log.past import explain_past
from fastagi.errors import VersionError
from fastagi.policy.model import Verdict
from fastagi.policy.wording import printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fastagi.decision_log.past import Past
    from fastagi.policy.model import Policy
    from fastagi.settings import Settings

OTHERS: Final = 20
"""Other decisions with the same reference that are listed."""

MOMENT: Final = "2026-01-05T10:10:00.000Z"
"""As the record writes one."""

DIGIT: Final = re.compile("[0-9]")

TOLD: Final = ("time", "site", "extension", "number", "verdict", "rule", "reason", "call")


def explain_reference(
    settings: Settings,
    reference: str,
    *,
    time: str = "",
    call: str = "",
    site: str = "",
    as_json: bool = False,
) -> NoReturn:
    """Explain the newest decision with a reference; list the others.

    Ends the command: with status 0 where the call was allowed, 2 where it was denied, and 1 where
    that cannot be explained, or today's code makes something else of it.

    Args:
        settings: The service's.
        reference: The four digits.
        time: How the moment on its line begins, in UTC; any, if empty.
        call: Asterisk's `uniqueid`; any, if empty.
        site: Likewise.
        as_json: Whether to print JSON.
    """
    if not _is_beginning(time):
        fail(
            f"`--time {printable(time)}` begins no moment; write as much of `{MOMENT}` as it takes"
        )
    log = settings.log.decisions
    try:
        found = decisions_of(log, reference, site or None, time, call)
        passed_over = found or decisions_of(log, reference)
    except OSError as error:
        fail(f"the record of decisions `{error.filename or log}` cannot be read: {error.strerror}")
    if passed_over and not found:
        asked = ((" of site", site), (" at", time), (" of call", call))
        which = "".join(f"{word} `{printable(each)}`" for word, each in asked if each)
        fail(f"none of the decisions with the reference `{printable(reference)}` is{which}")
    if not found:
        fail(f"no decision has the reference `{printable(reference)}` in `{log}`")
    entry, *others = found
    policy, missing = policy_then(versions_folder(settings), entry)
    past = explain_past(entry, policy, missing)
    if as_json:
        show_json(_as_json(past, policy, others))
    else:
        _show(past, others)
    if past.explanation is None or past.agrees is False:
        raise typer.Exit(Status.FAILED)
    denied = entry.get("verdict") == Verdict.DENY
    raise typer.Exit(Status.DENIED if denied else Status.DONE)


def _is_beginning(time: str) -> bool:
    """Whether a line's moment can begin so."""
    return DIGIT.sub("0", time) == DIGIT.sub("0", MOMENT[: len(time)])


def policy_then(folder: Path, entry: Mapping[str, object]) -> tuple[Policy | None, str]:
    """Return the policy that a line was judged by; None, and why, where it is not kept."""
    site, version = str(entry.get("site", "")), str(entry.get("policy", ""))
    if not version:
        return None, "the line names no version of a policy: none was asked"
    try:
        return versions.load_version(folder, site, version), ""
    except VersionError as error:
        return None, str(error)


def _show(past: Past, others: list[dict[str, object]]) -> None:
    entry = past.entry
    told = {name: printable(str(entry.get(name, ""))) for name in TOLD}
    say(
        f"{told['time']}  {told['site']}  {told['extension']} → {told['number']}: "
        f"{told['verdict']} by {told['rule']} ({told['reason']}), call {told['call']}",
        "bold",
    )
    if past.note:
        warn(printable(past.note), "bold red" if past.agrees is False else "yellow")
    if past.explanation is not None and past.request is not None:
        version = {"policy": f"version {printable(str(entry.get('policy', '')))}, as it was"}
        explained.show(past.explanation, past.request, version)
    if others:
        say(f"the same four digits were given out before, {len(others)} times on record:")
        for each in others[:OTHERS]:
            shown = (printable(str(each.get(name, ""))) for name in ("time", "extension", "call"))
            when, extension, call = shown
            say(f"  {when}  {extension}  --call {call}")


def _as_json(
    past: Past, policy: Policy | None, others: list[dict[str, object]]
) -> dict[str, object]:
    explanation = None
    if past.explanation is not None and past.request is not None and policy is not None:
        explanation = explained.as_json(policy, past.explanation, past.request, past.shown)
    return {
        "decision": past.entry,
        "agrees": past.agrees,
        "note": past.note or None,
        "explanation": explanation,
        "others": [
            {name: each.get(name) for name in ("time", "site", "extension", "call")}
            for each in others
        ],
    }
