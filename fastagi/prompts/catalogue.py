"""Every prompt and every reason as sound files.

The files are of Asterisk's core sounds, which exist in many languages; Asterisk itself takes the
channel's language, and falls back to its default one where a file is missing. A policy may name
its own file for any of them (`[prompts]`). What the files say lives in `transcript`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.policy.model import Prompt, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

PROMPTS: Final[Mapping[Prompt, tuple[str, ...]]] = {
    Prompt.PIN: ("confbridge-pin",),
    Prompt.CODE: ("agent-pass",),
    Prompt.WRONG: ("vm-incorrect", "please-try-again"),
    Prompt.EXTENSION: ("agent-user",),
    Prompt.SIGNED_IN: ("agent-loginok",),
    Prompt.SIGNED_OFF: ("agent-loggedoff",),
    Prompt.LEFT: ("vm-youhave",),
    Prompt.REFERENCE: ("number",),
}

NOT_ON_THIS_LINE: Final = ("feature-not-avail-line",)
NO_MORE_FOR_NOW: Final = ("feature-not-avail-line", "please-try-call-later")
"""Of a budget, which comes back as time goes by; how much of what it was is nobody's to hear."""
TRY_LATER: Final = ("all-circuits-busy-now", "please-try-call-later")

REFUSALS: Final[Mapping[Reason, tuple[str, ...]]] = {
    Reason.RULE: NOT_ON_THIS_LINE,
    Reason.NO_RULE: NOT_ON_THIS_LINE,
    Reason.INVALID_NUMBER: ("cannot-complete-as-dialed", "check-number-dial-again"),
    Reason.UNKNOWN_EXTENSION: NOT_ON_THIS_LINE,
    Reason.NO_IDENTITY: NOT_ON_THIS_LINE,
    Reason.LOCKED_OUT: ("confbridge-pin-bad",),
    Reason.OFF_NET: NOT_ON_THIS_LINE,
    Reason.CANNOT_CHALLENGE: NOT_ON_THIS_LINE,
    Reason.NOT_ENROLLED: NOT_ON_THIS_LINE,
    Reason.WRONG_CODE: ("vm-incorrect", "vm-goodbye"),
    Reason.NO_DIGITS: ("vm-goodbye",),
    Reason.SIGN_IN_REQUIRED: NOT_ON_THIS_LINE,
    Reason.UNPLACED: NOT_ON_THIS_LINE,
    Reason.LIMIT_REACHED: ("simul-call-limit-reached",),
    Reason.BUDGET_REACHED: NO_MORE_FOR_NOW,
    Reason.TOO_DEAR: NOT_ON_THIS_LINE,
    Reason.NO_PRICE: NOT_ON_THIS_LINE,
    Reason.BRAKED: NOT_ON_THIS_LINE,
    Reason.WATCHED: NOT_ON_THIS_LINE,
    Reason.STORE_DOWN: TRY_LATER,
    Reason.BUSY: TRY_LATER,
    Reason.BAD_QUESTION: NOT_ON_THIS_LINE,
    Reason.FAILED: TRY_LATER,
}
"""Reasons that are not here refuse nobody, or leave nobody to hear it."""


def sounds_of(prompt: Prompt, own: Mapping[Prompt | Reason, str]) -> tuple[str, ...]:
    """Return the sound files of a prompt, the site's own where it has one."""
    return (own[prompt],) if prompt in own else PROMPTS[prompt]


def refusal_of(
    reason: Reason, reference: str, own: Mapping[Prompt | Reason, str]
) -> tuple[str, ...]:
    """Return the sound files of a refusal: the reason, then the reference digit by digit."""
    if reason in own:
        spoken: tuple[str, ...] = (own[reason],)
    else:
        spoken = REFUSALS.get(reason, NOT_ON_THIS_LINE)
    digits = tuple(f"digits/{digit}" for digit in reference)
    return (*spoken, *sounds_of(Prompt.REFERENCE, own), *digits)
