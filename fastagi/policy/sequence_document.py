"""Sequences as they are written: `[[sequence]]` of a `.cases.toml`, step by step.

A case is one call, and says itself what was before it. A sequence lets it happen: codes keyed
wrong, calls that last and overlap, people who sign in, time that goes by.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, TypeAlias

from pydantic import Field

from fastagi.policy import values
from fastagi.policy.case_document import (
    Address,
    AnyText,
    CategoryWord,
    FactorWord,
    Moment,
    ReasonWord,
    StageWord,
)
from fastagi.policy.document import Duration, Money, Table, Text, TransportWord
from fastagi.policy.model import Then
from fastagi.policy.wording import nearest, quoted

TIMES_MAX: Final = 1000
"""How often a step may happen: more than any lockout or brake counts up to in practice."""

_VERDICTS: Final = (Then.ALLOW, Then.DENY)


class Keys(StrEnum):
    """What somebody keys who is asked for a PIN or a code."""

    RIGHT = "right"
    """Whatever is asked for, and right."""
    WRONG = "wrong"
    """Something wrong, for as long as they are let."""
    NOTHING = "nothing"
    """Nothing: silence."""
    PIN = "pin"
    """The PIN right, and codes wrong."""
    TOTP = "totp"
    """Codes right, and the PIN wrong."""


def _keys(written: str) -> Keys:
    return values.read_word(Keys, written, "thing to key")


def _verdict(written: str) -> Then:
    if written not in _VERDICTS:
        hint = "say by `asked` what is asked for on the way"
        if written not in set(Then):
            hint = nearest(written, _VERDICTS)
        raise ValueError(f"{quoted(written)} is not how a call ends; {hint}")
    return Then(written)


KeysWord: TypeAlias = Annotated[
    Keys, Text(_keys, "what is keyed when something is asked for", enum=[*map(str, Keys)])
]
Name: TypeAlias = Annotated[str, Text(values.read_name, "a rule, a limit or a watch")]
CallName: TypeAlias = Annotated[str, Text(values.read_name, "names the call for `hang-up`")]


class DialTable(Table):
    """A call that somebody makes; of a sequence, what holds for all its calls.

    Attributes:
        from_: Who calls.
        address: Where the phone's SIP comes from; left out where nobody knows.
        keys: What the caller keys when asked; `right` if nothing is said.
        rings: How long it rings until it is answered, or given up.
        talks: How long it is talked if nothing ends it. Left out: of a call with a name until it
            is hung up or cut off, of any other not at all, as nobody answers.
        name: For `hang-up`.
    """

    from_: AnyText | None = Field(None, alias="from")
    dial: AnyText | None = None
    address: Address | None = None
    transport: Annotated[TransportWord | None, Field()] = None
    trunk: AnyText | None = None
    keys: KeysWord | None = None
    rings: Duration | None = None
    talks: Duration | None = None
    name: CallName | None = None


class OutcomeTable(Table):
    """What must come of a step; a key left out may come to anything.

    Attributes:
        verdict: `allow` or `deny`: how it ends once everything is keyed.
        rule: The rule, or the limit, that decides.
        asked: The factors that the caller is asked for, in order.
        limits: Names of the limits that the call falls under, in the policy's order.
        shadows: Rules, limits and watches under `shadow` that would have spoken, in any order.
        duration: How long the call may last.
        brake: How far the call puts the brake on.
        talked: How long it was talked in the end, in whole seconds.
        cost: What that cost.
        cut: Whether it was cut off.
    """

    verdict: Annotated[
        Then | None, Text(_verdict, "how the call ends", enum=[*map(str, _VERDICTS)])
    ] = None
    rule: Name | None = None
    reason: ReasonWord | None = None
    asked: list[FactorWord] | None = None
    number: AnyText | None = None
    category: CategoryWord | None = None
    country: AnyText | None = None
    limits: list[Name] | None = None
    shadows: list[Name] | None = None
    duration: Duration | None = None
    brake: StageWord | None = None
    talked: Duration | None = None
    cost: Money | None = None
    cut: bool | None = None


class StepTable(Table):
    """One thing that happens: a call, a sign-in, a sign-off, or that a call is hung up.

    Attributes:
        after: How long after the step before it; at the same moment if nothing is said.
        at: Or when; local time of the site, unless it names an offset.
        times: How often it happens …
        every: … and how far apart; all at the same moment if nothing is said.
        address: Of a sign-in: where the phone's SIP comes from.
        keys: Of a sign-in: what is keyed.
    """

    after: Duration | None = None
    at: Moment | None = None
    call: DialTable | None = None
    sign_in: AnyText | None = Field(None, alias="sign-in", description="on this extension")
    sign_off: AnyText | None = Field(None, alias="sign-off", description="on this extension")
    hang_up: CallName | None = Field(None, alias="hang-up", description="the call of this name")
    times: Annotated[int, Field(ge=1, le=TIMES_MAX)] = 1
    every: Duration | None = None
    address: Address | None = None
    transport: Annotated[TransportWord | None, Field()] = None
    keys: KeysWord | None = None
    expect: OutcomeTable | None = None


class SequenceTable(Table):
    """One sequence.

    Attributes:
        start: When it begins; local time of the site, unless it names an offset.
        call: What holds for every call that does not say otherwise.
    """

    name: AnyText
    start: Moment
    call: DialTable | None = None
    step: list[StepTable] = Field(min_length=1)
