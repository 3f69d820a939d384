"""The running gate and a rehearsal side by side: the same calls, and whatever differs."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from fastagi.call.costs import is_priced
from fastagi.cdr.plan import Assumed
from fastagi.cdr.records import open_records
from fastagi.policy.model import Reason, Stage, Then, Unit, Verdict
from fastagi.rehearsal.rehearsal import Rehearsal
from fastagi.rehearsal.wanted import EVERY_FACTOR, Wanted
from fastagi.replay.replaying import replay
from tests.contract.rehearsal_calls import HangUp, SignIn, SignOff, acts, on_record
from tests.doubles.driven_gate import driven_gate
from tests.unit.cdr.rows import a_row, write

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from fastagi.decision_log.record import Record
    from fastagi.policy.model import Policy
    from fastagi.rehearsal.wanted import Outcome, Settlement
    from tests.contract.rehearsal_calls import Act, Site
    from tests.doubles.driven_gate import DrivenGate

DIFFERENCES_SHOWN: Final = 5


@dataclass
class Compared:
    """What came of one run.

    Attributes:
        differences: What differed, in words, up to `DIFFERENCES_SHOWN`.
        reached: How often each thing happened that a policy can bring about.
        money: What all calls have cost that are over, in millionths.
    """

    calls: int = 0
    settled: int = 0
    money: int = 0
    differences: list[str] = field(default_factory=list)
    reached: Counter[str] = field(default_factory=Counter)

    def add(self, other: Compared) -> None:
        """Add another run to this one."""
        self.calls += other.calls
        self.settled += other.settled
        self.money += other.money
        self.differences += other.differences
        self.reached += other.reached


async def compare(
    site: Site, seed: int, count: int, slice_s: int = 0, rehearsed: Policy | None = None
) -> Compared:
    """Make up calls, and put them to both; stop at what differs too often.

    Args:
        site: Whose calls.
        seed: Of chance.
        count: How many.
        slice_s: For how long budgets are reserved at a time; 0 for all at once.
        rehearsed: What the rehearsal is of, where that is to be another policy than the gate's.
    """
    policy = site.policy()
    made = acts(site, random.Random(seed), count)  # noqa: S311 - nothing secret
    settled: list[Settlement] = []
    rehearsal = Rehearsal(rehearsed or policy, slice_s=slice_s, settled=settled.append)
    async with driven_gate(policy, site.began, slice_s=slice_s) as gate:
        compared = await _side_by_side(policy, gate, rehearsal, made)
        rehearsal.finish()
        await gate.finish()
        _compare_settlements(policy, gate, settled, compared)
        compared.reached["cut off"] += sum(each.is_cut for each in settled)
        if gate.cut_off != sum(each.is_cut for each in settled):
            compared.differences.append(f"cut off: {gate.cut_off} at the gate")
    return compared


async def compare_by_records(
    site: Site, seed: int, count: int, folder: Path, slice_s: int = 0
) -> Compared:
    """Make calls at the gate, write them down as Asterisk does, and replay what is read back."""
    policy, compared = site.policy(), Compared()
    wanted = [*on_record(site, random.Random(seed), count)]  # noqa: S311 - nothing secret
    file = write(folder / "Master.csv", *map(_row, wanted))
    settled: list[Settlement] = []
    rehearsal = Rehearsal(policy, slice_s=slice_s, settled=settled.append)
    assumed = Assumed(zone="UTC", address=site.addresses[0], transport="tls")
    async with driven_gate(policy, site.began, slice_s=slice_s) as gate:
        with open_records([file], assumed) as records:
            replayed = replay(records, (rehearsal,))
            for each, (past, (outcome,)) in zip(wanted, replayed, strict=True):
                record = await gate.call(each)
                compared.calls += 1
                one, other = _of_record(record), _of_outcome(outcome)
                if one != other:
                    told = f"{past}\n   gate   {one}\n   replay {other}"
                    compared.differences.append(told)
        await gate.finish()
        _compare_settlements(policy, gate, settled, compared)
    return compared


def _row(wanted: Wanted) -> list[str]:
    return a_row(
        wanted.at,
        dst=wanted.dialled,
        channel=f"PJSIP/{wanted.extension}-0000002a",
        rings=int(wanted.rings_s),
        talked=int(wanted.talks_s),
        uniqueid=wanted.call,
    )


async def _side_by_side(
    policy: Policy, gate: DrivenGate, rehearsal: Rehearsal, made: Iterable[Act]
) -> Compared:
    compared = Compared()
    for act in made:
        if len(compared.differences) >= DIFFERENCES_SHOWN:
            break
        match act:
            case Wanted():
                record, outcome = await gate.call(act), rehearsal.call(act)
                compared.calls += 1
                _note(policy, act, outcome, compared.reached)
                one, other = _of_record(record), _of_outcome(outcome)
            case SignIn():
                one = (await gate.sign_in(*act),)
                other = (rehearsal.sign_in(*act),)
                compared.reached[f"sign-in: {other[0]}"] += 1
            case SignOff():
                one = (await gate.sign_off(*act),)
                other = (rehearsal.sign_off(*act),)
            case HangUp():
                await gate.hang_up(*act)
                rehearsal.hang_up(*act)
                one = other = ()
                compared.reached["hung up"] += 1
        if isinstance(act, Wanted) and _is_wronged(act, outcome):
            compared.differences.append(
                f"{compared.calls}: {act}\n   keyed all right, and refused"
            )
        if one != other:
            compared.differences.append(
                f"{compared.calls}: {act}\n   gate      {one}\n   rehearsal {other}"
            )
    return compared


def _is_wronged(wanted: Wanted, outcome: Outcome) -> bool:
    """Tell whether somebody who showed all that they were asked for was refused for a code."""
    return outcome.reason is Reason.WRONG_CODE and wanted.can_show == EVERY_FACTOR


def _of_record(record: Record) -> tuple[object, ...]:
    return (
        record.number,
        record.verdict,
        record.rule,
        record.reason,
        record.asked,
        record.seconds,
        record.price,
        record.over,
        record.brakes,
        record.shadows,
    )


def _of_outcome(outcome: Outcome) -> tuple[object, ...]:
    number, decision, tariff = outcome.number, outcome.decision, outcome.tariff
    return (
        number.number or number.dialled,
        outcome.verdict,
        outcome.rule,
        outcome.reason,
        outcome.asked,
        outcome.seconds,
        None if tariff is None else tariff.per_minute,
        outcome.over,
        outcome.brakes,
        () if decision is None or outcome.reason is Reason.INTERNAL else decision.shadows,
    )


def _compare_settlements(
    policy: Policy, gate: DrivenGate, settled: list[Settlement], compared: Compared
) -> None:
    if not is_priced(policy):
        return
    ours = [
        (each.outcome.number.number, each.ended, each.talked_s, each.cost)
        for each in settled
        if each.outcome.seconds
    ]
    theirs = [
        (each.number, each.at, each.seconds, each.cost)
        for each in gate.log.records
        if each.reason is Reason.SETTLED
    ]
    compared.settled += len(theirs)
    compared.money += sum(each[3] or 0 for each in theirs)
    compared.differences += [
        f"settlement {place}: gate {one}, rehearsal {other}"
        for place, (one, other) in enumerate(zip(theirs, ours, strict=False))
        if one != other
    ][:DIFFERENCES_SHOWN]
    if len(ours) != len(theirs):
        compared.differences.append(f"{len(theirs)} settled at the gate, {len(ours)} rehearsed")


# ----------------------------------------------------------------------------- what was reached


def _note(policy: Policy, wanted: Wanted, outcome: Outcome, reached: Counter[str]) -> None:
    """Count what a call has reached."""
    reached[f"reason: {outcome.reason}"] += 1
    local = datetime.fromtimestamp(wanted.at, policy.site.timezone)
    reached[f"clock: {local.utcoffset()}"] += 1
    decision = outcome.decision
    allowed = outcome.verdict is Verdict.ALLOW
    rule = next((each for each in policy.rules if each.name == outcome.rule), None)
    if allowed and rule is not None and rule.then.factors and not outcome.asked:
        reached["remembered" if outcome.fresh else "remembered: next trunk"] += 1
    if allowed and rule is not None and rule.then is Then.SIGN_IN:
        reached["let through as signed in"] += 1
    if not outcome.fresh:
        reached["next trunk: let through" if allowed else "next trunk: refused"] += 1
    if outcome.asked:
        reached["asked, and let through" if allowed else "asked, and refused"] += 1
    for stage, _ in outcome.brakes:
        reached[f"brake: {stage}"] += 1
    if outcome.brakes and allowed:
        reached["brake: and let through"] += 1
    for name in outcome.over:
        reached[f"over: {name}"] += 1
    if decision is not None:
        for name, _ in decision.shadows:
            reached[f"shadow: {name}"] += 1
        for budget in decision.budgets if allowed else ():
            reached[f"charged: {budget.unit}"] += 1
    reached[f"decided: {outcome.rule}"] += 1


def expected(site: Site) -> set[str]:
    """Return what calls have to reach for the comparison to say something of a policy."""
    policy = site.policy()
    wanted = {f"decided: {each.name}" for each in policy.rules if not each.shadow}
    wanted |= {f"shadow: {each.name}" for each in policy.rules if each.shadow}
    for limit in policy.limits:
        on_use = limit.calls is not None or limit.budgets or limit.price is not None
        if limit.shadow and on_use:
            wanted.add(f"over: {limit.name}")
        elif not limit.only_counts and (limit.calls is not None or limit.price is not None):
            wanted.add(f"decided: {limit.name}")
    units = {unit for limit in policy.limits for unit, _ in limit.budgets}
    wanted |= {f"charged: {unit}" for unit in units}
    if any(each.then is Then.SIGN_IN for each in policy.rules):
        wanted |= {"let through as signed in", f"sign-in: {Reason.SIGNED_IN}"}
    if policy.brake is not None:
        wanted |= {f"brake: {stage}" for stage in (Stage.EXTENSION, Stage.CLASS)}
    if any(each.remember_s for each in policy.rules):
        wanted.add("remembered")
    reasons = (
        *(Reason.ALLOWED, Reason.EMERGENCY, Reason.INVALID_NUMBER, Reason.LOCKED_OUT),
        *(Reason.WRONG_CODE, Reason.NO_DIGITS, Reason.UNKNOWN_EXTENSION, Reason.LIMIT_REACHED),
    )
    wanted |= {f"reason: {each}" for each in reasons}
    wanted |= {"next trunk: let through", "hung up", "asked, and let through"}
    offsets = {
        datetime.fromtimestamp(site.began + day * 86_400, policy.site.timezone).utcoffset()
        for day in (0, 2)
    }
    return (wanted | {f"clock: {each}" for each in offsets}) - site.rare


EVERYTHING: Final = (
    *("brake: site", "brake: and let through", "cut off", "next trunk: refused"),
    *("remembered: next trunk", "reason: bad-question", "reason: no-identity"),
    *("reason: no-price", "reason: too-dear", "reason: budget-reached", "reason: rule"),
    *("reason: sign-in-required", "asked, and refused", "decided: honeypot", "decided: money"),
    *("decided: class-money", "decided: by-many", "decided: one-block", "decided: one-number"),
    *(f"charged: {unit}" for unit in Unit),
)
"""What calls have to reach besides of the policy in which everything is."""
