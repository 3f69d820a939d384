"""Refusing a call: a reason becomes a prompt, a hangup cause and DENY."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.call.channel import Variable
from fastagi.policy.model import Reason
from fastagi.prompts.catalogue import refusal_of
from fastagi.stores.store import FailureKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.call.ending import Ending
    from fastagi.policy.model import Prompt
    from fastagi.stores.store import Lockout

UNALLOCATED: Final = 1
"""Q.850: unallocated (unassigned) number; SIP 404."""
CALL_REJECTED: Final = 21
"""Q.850: call rejected; SIP 403."""
TEMPORARY_FAILURE: Final = 41
"""Q.850: temporary failure; SIP 5xx, so that a phone knows that it may try again."""

CAUSES: Final[Mapping[Reason, int]] = {
    Reason.INVALID_NUMBER: UNALLOCATED,
    Reason.STORE_DOWN: TEMPORARY_FAILURE,
    Reason.BUSY: TEMPORARY_FAILURE,
    Reason.FAILED: TEMPORARY_FAILURE,
}


UNSURE: Final = frozenset({Reason.STORE_DOWN, Reason.FAILED})
"""Something broke, perhaps after slots were taken. The call is then not named in the answer, and
the caller's hangup handler asks for a release, as it need not for a call that was just refused."""


def refusal(
    ending: Ending,
    call: str,
    reference: str,
    own_prompts: Mapping[Prompt | Reason, str],
    lockout: Lockout | None = None,
) -> dict[Variable, str]:
    """Return the variables of a DENY, the verdict last; the dialplan speaks and hangs up.

    Args:
        ending: How it ended.
        call: Which call it was; empty where it may hold slots all the same.
        reference: The four digits of the decision.
        own_prompts: The site's own prompts.
        lockout: The extension's, if it is locked out.
    """
    spoken = ending.reason
    if spoken is Reason.LOCKED_OUT and spoken not in own_prompts and _is_for_numbers(lockout):
        spoken = Reason.RULE  # whoever keyed no PIN would not understand what is said of PINs
    return {
        Variable.REASON: ending.reason,
        Variable.RULE: ending.rule,
        Variable.REF: reference,
        Variable.CAUSE: str(CAUSES.get(ending.reason, CALL_REJECTED)),
        Variable.PROMPT: "&".join(refusal_of(spoken, reference, own_prompts)),
        Variable.CALL: "" if ending.reason in UNSURE else call,
        Variable.VERDICT: "DENY",
    }


def _is_for_numbers(lockout: Lockout | None) -> bool:
    return lockout is not None and lockout.failure is FailureKind.NUMBER
