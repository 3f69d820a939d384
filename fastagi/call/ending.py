"""How the story of one call ended, before it is said to anybody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastagi.policy.model import Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.call.brakes import Brake
    from fastagi.call.evidence import Held
    from fastagi.call.identify import Caller
    from fastagi.numbering.number import Number
    from fastagi.policy.model import Decision, Factor, Facts, Policy, Request
    from fastagi.stores.budgets import Level
    from fastagi.stores.records import Record
    from fastagi.stores.sign_ins import SignIn
    from fastagi.stores.store import Full, Lease, Lockout


@dataclass(slots=True)
class Story:
    """What became known of a call on the way; filled in as the story goes on.

    Attributes:
        claimed_extension: The endpoint as the dialplan sent it, should nothing more become known.
        claimed_number: The digits as the dialplan sent them, likewise.
        request: The call as it was last put to the policy, and …
        facts: … what was known of it then.
        levels: What was used of limits before it, of those that were asked for.
        full: What refused it its slots, or its budget.
        again: Whether it was let through before, and asks for its next trunk.
        asked: The factors the caller was to be asked for.
        over: Shadow limits that were full.
        crossed: Budgets that the call brought over 80 % of them.
        braking: Limits that were too small for the call, and put the brake on.
        brakes: Those that the call put on, or kept on for longer.
        evidence: What watches saw of the extension, of those that touch the call.
        taken: The lease that this very question took, if it took one.
        lease: The lease that lets the call through, whichever question took it.
        lockout: The extension's, if it is locked out.
        sign_in: The id of the sign-in that counts for the call; empty where there is none.
        person: Who signed in, or is about to; empty where nobody did.
        override: The id of the override that let the call through; empty where none did.
        without_store: Whether the store was away, and the call was judged without it.
        in_doubt: Whether the store may hold slots for the call that it never told of.
        known: What was known of it as the store was first asked; None where it was not.
        marks: Those that calls before it left, by their keys, as far as was looked and each time.
        given_back: Whether it took slots and gave them back: what it left is not to be held for
            another call's.
    """

    call: str
    claimed_extension: str
    claimed_number: str
    reference: str
    began: float
    policy: Policy | None = None
    caller: Caller | None = None
    number: Number | None = None
    decision: Decision | None = None
    request: Request | None = None
    facts: Facts | None = None
    levels: tuple[Level, ...] = ()
    full: Full | None = None
    again: bool = False
    asked: tuple[Factor, ...] = ()
    shown: frozenset[Factor] = frozenset()
    over: tuple[str, ...] = ()
    crossed: tuple[Level, ...] = ()
    braking: tuple[str, ...] = ()
    brakes: tuple[Brake, ...] = ()
    evidence: tuple[Held, ...] = ()
    taken: Lease | None = None
    lease: Lease | None = None
    lockout: Lockout | None = None
    sign_in: str = ""
    person: str = ""
    override: str = ""
    without_store: bool = False
    in_doubt: bool = False
    known: Facts | None = None
    marks: Mapping[str, Record] = field(default_factory=dict)
    given_back: bool = False

    def put(self, request: Request, facts: Facts) -> None:
        """Note what was put to the policy last: the record tells what the decision hung on."""
        self.request, self.facts = request, facts

    def note(self, sign_in: SignIn | None) -> None:
        """Note which sign-in counts for the call by now."""
        self.sign_in = "" if sign_in is None else sign_in.id
        self.person = "" if sign_in is None else sign_in.person


@dataclass(frozen=True, slots=True)
class Ending:
    """The last word: allowed for so many seconds, or refused for a reason.

    Attributes:
        rule: The rule, or the limit, that decided.
        seconds: How long the call may last; 0 where it is refused, or unbounded (emergency).
    """

    verdict: Verdict
    rule: str
    reason: Reason
    seconds: int = 0


def refused(reason: Reason, rule: str = "none") -> Ending:
    """Return the ending of a call that is not let through."""
    return Ending(Verdict.DENY, rule, reason)
