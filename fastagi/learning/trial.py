"""The calls that a policy was learnt from, held against it: whom it refuses, what it stops.

Honest people key what they are asked for. Whoever makes calls that look like an attack has a
phone's password and nothing else, and keys nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from fastagi.policy.model import Verdict
from fastagi.rehearsal.rehearsal import Rehearsal
from fastagi.rehearsal.wanted import EVERY_FACTOR, Wanted

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from fastagi.cdr.past_call import PastCall
    from fastagi.policy.model import Policy
    from fastagi.rehearsal.wanted import Outcome, Settlement


class Cost(NamedTuple):
    """What a call cost.

    Attributes:
        at: When it began, in seconds since the epoch.
        extension: Who called.
        amount: In millionths.
    """

    at: float
    extension: str
    amount: int


@dataclass(slots=True)
class Trial:
    """What became of the calls.

    Attributes:
        honest: How many that do not look like an attack.
        refused: How many of them are refused, by what refuses them.
        asked: At how many of them a PIN or a code is asked for.
        attack: How many that do.
        stopped: How many of them are refused.
        attack_s: How long they were talked.
        let_through_s: How long of it would still be talked, in seconds.
        costs: What each honest call cost that has a price.
    """

    honest: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    attack: int = 0
    stopped: int = 0
    attack_s: int = 0
    let_through_s: int = 0
    costs: list[Cost] = field(default_factory=list)

    @property
    def share_refused(self) -> float:
        """The share of honest calls that are refused."""
        return sum(self.refused.values()) / (self.honest or 1)


def try_out(policy: Policy, calls: Sequence[PastCall], suspects: Collection[int]) -> Trial:
    """Make the calls again, by the policy.

    Args:
        policy: What was proposed.
        calls: All of them, in order of time; numbers that are none were never calls, and are left
            out.
        suspects: The places of those that look like an attack.
    """
    trial = Trial()
    evil = frozenset(suspects)

    def settled(settlement: Settlement) -> None:
        if settlement.wanted.silent:
            trial.let_through_s += settlement.talked_s
        elif settlement.cost:
            wanted = settlement.wanted
            trial.costs.append(Cost(wanted.at, wanted.extension, settlement.cost))

    rehearsal = Rehearsal(policy, slice_s=SLICE_S, settled=settled)
    for place, call in enumerate(calls):
        is_evil = place in evil
        outcome = rehearsal.call(
            Wanted(
                call.at,
                call.extension,
                call.dialled,
                call.rings_s,
                call.talked_s,
                can_show=frozenset() if is_evil else EVERY_FACTOR,
                silent=is_evil,
            )
        )
        _count(trial, call, outcome, is_evil=is_evil)
    rehearsal.finish()
    return trial


SLICE_S: Final = 300
"""As `ami.slice_s` is where nobody says otherwise."""


def _count(trial: Trial, call: PastCall, outcome: Outcome, *, is_evil: bool) -> None:
    is_refused = outcome.verdict is Verdict.DENY
    if is_evil:
        trial.attack += 1
        trial.attack_s += call.talked_s
        trial.stopped += is_refused
    elif not outcome.number.why:
        trial.honest += 1
        trial.asked += bool(outcome.asked)
        if is_refused:
            trial.refused[outcome.rule] += 1
