"""Refusing a call: a reason becomes a prompt, a hangup cause and DENY."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.call.channel import Variable
from fastagi.policy.model import Reason
from fastagi.prompts.catalogue import refusal_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.call.ending import Ending
    from fastagi.policy.model import Prompt

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
) -> dict[Variable, str]:
    """Return the variables of a DENY, the verdict last; the dialplan speaks and hangs up."""
    return {
        Variable.REASON: ending.reason,
        Variable.RULE: ending.rule,
        Variable.REF: reference,
        Variable.CAUSE: str(CAUSES.get(ending.reason, CALL_REJECTED)),
        Variable.PROMPT: "&".join(refusal_of(ending.reason, reference, own_prompts)),
        Variable.CALL: "" if ending.reason in UNSURE else call,
        Variable.VERDICT: "DENY",
    }
