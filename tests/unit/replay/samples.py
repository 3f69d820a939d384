"""Replays of a month with an attack, and of single calls, by the sample office's policy."""

from __future__ import annotations

import dataclasses
import functools
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from fastagi.cdr.past_call import PastCall
from fastagi.policy.loading import load, load_text
from fastagi.policy.model import Reason
from fastagi.rehearsal.rehearsal import Rehearsal
from fastagi.replay.destinations import Atlas
from fastagi.replay.judged import Codes, Effect, Judged, Under
from fastagi.replay.judging import Judging
from fastagi.replay.office_hours import Wall
from fastagi.replay.tally import Tally
from fastagi.replay.traits import Trait, looked
from tests.doubles import leaked_month

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fastagi.policy.model import Policy
    from fastagi.rehearsal.wanted import Settlement
    from fastagi.replay.report import Report

OFFICE: Final = Path(__file__).parents[3] / "policies" / "office.toml"
LONDON: Final = ZoneInfo("Europe/London")

ITALY: Final = "900390612345678"
GAMBIA: Final = "9002203012310"
AT_HOME: Final = "902079460123"

FRAUD: Final = looked((Trait.PAYS, Trait.DEAR, Trait.NEW_COUNTRY), risky=True)
UNCLEAR: Final = looked((Trait.COSTS,), risky=True)
LEGITIMATE: Final = looked((Trait.CHEAP, Trait.KNOWN), risky=False)

THROUGH: Final = Under(Effect.SAME, "at-home", Reason.ALLOWED, 0)
REFUSED: Final = Under(Effect.REFUSED, "abroad", Reason.WRONG_CODE, 0)


@functools.cache
def office() -> Policy:
    """The sample policy as it ships."""
    return load(OFFICE)


def office_without(*what: str) -> Policy:
    """The sample policy, with parts of its text taken out or put in other words: `old -> new`."""
    text = OFFICE.read_text()
    for each in what:
        old, _, new = each.partition(" -> ")
        assert old in text
        text = text.replace(old, new)
    return load_text(text, OFFICE)


def moment(text: str) -> float:
    """Return a moment in London: `2026-12-07 10:00`, a Monday."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).timestamp()


def a_call(
    at: float | str = "2026-12-07 10:00",
    dialled: str = AT_HOME,
    talked_s: int = 60,
    extension: str = "101",
    call: str = "",
) -> PastCall:
    """Return a call of the past."""
    begun = moment(at) if isinstance(at, str) else at
    return PastCall(begun, extension, dialled, 5.0, talked_s, call, place="Master.csv:1")


def judged(
    call: PastCall | None = None,
    under: Under = THROUGH,
    *,
    other: Under | None = None,
    seen: object = LEGITIMATE,
    was: int | None = 1_000_000,
) -> Judged:
    """Return a judged call."""
    call = call or a_call()
    policy = office()
    assert isinstance(seen, type(LEGITIMATE))
    to = Atlas(policy).find(call.dialled, call.at)
    return Judged(call, to, Wall(policy).at(call.at), seen, was, under, other)


def rehearse(policy: Policy, settled: Callable[[Settlement], None]) -> Rehearsal:
    """Begin a rehearsal."""
    return Rehearsal(policy, settled=settled)


def replayed(
    calls: Iterable[PastCall],
    policy: Policy | None = None,
    *,
    against: Policy | None = None,
    codes: Codes = Codes.HONEST,
    mask: int = 0,
) -> Report:
    """Replay calls, and report."""
    policy = policy or office()
    tally = Tally(policy, against, mask)
    judging = Judging(policy, rehearse, tally.add, against=against, codes=codes)
    for call in calls:
        judging.take(call)
    judging.finish()
    return tally.report(
        codes=codes, hours=judging.hours, attacks=judging.attacks, retries=judging.retries
    )


@functools.cache
def open_office() -> Policy:
    """The sample policy, if it let everybody call abroad and had no limit but half an hour."""
    return office_without(
        'then     = "pin+totp"\nremember -> then     = "allow"\n#remember',
        'to   = ["international"]\nthen = "pin+totp" -> to   = ["international"]\nthen = "allow"',
    )


@functools.cache
def month() -> Report:
    """Return the report of the month with the attack, beside a laxer policy."""
    return replayed(leaked_month.month(), against=open_office(), mask=3)


def hostile(text: str) -> Report:
    """Return a report with the text wherever a record, or a policy, can have one."""
    calls = [
        PastCall(moment("2026-12-12 23:00") + turn, text, dialled, 1.0, 60, "", place=text)
        for turn, dialled in enumerate((text, GAMBIA, GAMBIA, GAMBIA, AT_HOME))
    ]
    report = replayed(calls, against=open_office())
    assert report.beside is not None
    return dataclasses.replace(
        report,
        policy=text,
        site=text,
        hours=text,
        skipped={text: 1},
        beside=dataclasses.replace(report.beside, policy=text),
    )
