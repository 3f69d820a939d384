"""What somebody wants to do in a rehearsal, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fastagi.policy.model import Factor

if TYPE_CHECKING:
    from fastagi.numbering.number import Number
    from fastagi.policy.model import Decision, Reason, Verdict
    from fastagi.rating.tariff import Tariff

EVERY_FACTOR = frozenset(Factor)


class Wanted(NamedTuple):
    """A call that somebody wants to make.

    Attributes:
        at: When the dialplan asks, in seconds since the epoch, UTC.
        extension: Who calls.
        dialled: What is dialled.
        rings_s: How long it rings until it is answered, or given up, in seconds.
        talks_s: How long it is talked if nothing ends it, in seconds; 0 where nobody answers.
        call: Names it; two of one name to one number are one call that asks for its next trunk.
        node: Which Asterisk.
        trunk: The trunk that the dialplan means to use; empty where it does not tell.
        address: Where the phone's SIP comes from; empty where nobody knows.
        transport: How; empty where nobody knows.
        can_show: The factors that the caller keys right when asked; of others the caller keys
            something wrong.
        silent: Whether the caller keys nothing at all.
        signs_in: Whether the caller, refused as nobody is signed in, signs in on the phone and
            calls once more.
    """

    at: float
    extension: str
    dialled: str
    rings_s: float = 0.0
    talks_s: float = 0.0
    call: str = ""
    node: str = ""
    trunk: str = ""
    address: str = ""
    transport: str = ""
    can_show: frozenset[Factor] = EVERY_FACTOR
    silent: bool = False
    signs_in: bool = False


class Outcome(NamedTuple):
    """What the gate answers to a call.

    Attributes:
        number: What was dialled, understood.
        verdict: What the dialplan is told: ALLOW or DENY.
        rule: The rule or limit that decided.
        reason: Why.
        decision: The last that the policy said; None where it was not asked.
        asked: Factors that the caller was asked for.
        seconds: How long the call may last by now; 0 where it is denied, or not bounded.
        tariff: What it costs; None where nobody knows.
        over: Shadow limits that were full.
        brakes: What it put the brake on: stage and name.
        fresh: False where it only asked for its next trunk.
    """

    number: Number
    verdict: Verdict
    rule: str
    reason: Reason
    decision: Decision | None = None
    asked: tuple[Factor, ...] = ()
    seconds: int = 0
    tariff: Tariff | None = None
    over: tuple[str, ...] = ()
    brakes: tuple[tuple[str, str], ...] = ()
    fresh: bool = True


class Settlement(NamedTuple):
    """How a call ended that was let through.

    Attributes:
        wanted: The call.
        outcome: What it was answered.
        ended: When, in seconds since the epoch.
        talked_s: How long it was answered, in whole seconds, rounded up.
        cost: What that cost, in millionths; None where nobody knows. Inside and emergency calls
            cost nothing.
        is_cut: Whether it was cut off before it was to end.
    """

    wanted: Wanted
    outcome: Outcome
    ended: float
    talked_s: int
    cost: int | None
    is_cut: bool
