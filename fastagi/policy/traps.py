"""What no honest person uses, and whether somebody touches it (`[honeypot]`).

Whoever dials a trap, or asks from one, is refused before any rule is read, so that none is a way
round. An emergency number is nobody's trap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.numbering.number import Category
from fastagi.policy.scope import Circumstances

if TYPE_CHECKING:
    from fastagi.numbering.number import Number
    from fastagi.policy.model import Policy

NAME: Final = "honeypot"
"""What decides, in records, in the place of a rule's name."""


def is_trap(policy: Policy, account: str) -> bool:
    """Tell whether an account is one that no phone has: to call, to register, to guess at."""
    return any(each.matches(account) for each in policy.honeypot.extensions)


def is_touched(policy: Policy, extension: str, number: Number) -> bool:
    """Tell whether a call comes from a trap, or goes to one.

    Args:
        policy: The site's.
        extension: The endpoint that is judged.
        number: What it dials. An extension that is a trap need be no inside number: nobody has it.
    """
    if number.category is Category.EMERGENCY:
        return False
    if is_trap(policy, extension):
        return True
    if number.category in (Category.INTERNAL, Category.INVALID):
        return is_trap(policy, number.dialled)
    if policy.honeypot.to is None:
        return False
    fits, _ = policy.trap_index.fitting(Circumstances(class_name=None, number=number))
    return bool(fits)
