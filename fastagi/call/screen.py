"""What was dialled, what is known, and what the policy says of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from fastagi.call.ports import soon
from fastagi.policy.decision import decide
from fastagi.policy.model import Factor, Facts, Request

if TYPE_CHECKING:
    from fastagi.call.identify import Caller
    from fastagi.numbering.number import Number
    from fastagi.policy.model import Decision, Policy
    from fastagi.stores.store import Lease, Lockout, Store


@dataclass(frozen=True, slots=True)
class Screened:
    """A call as the policy sees it.

    Attributes:
        held: The lease this very call holds already: it asks again, for its next trunk.
        lockout: The extension's, if it is locked out.
    """

    request: Request
    facts: Facts
    decision: Decision
    held: Lease | None
    lockout: Lockout | None


def address_scope(caller: Caller) -> str:
    """Name the place that remembered factors are bound to."""
    return f"address:{caller.address}"


def call_scope(caller: Caller, number: Number) -> str:
    """Name the call that shown factors are bound to: one channel of one Asterisk, one number."""
    return f"call:{caller.call}/{number.number}/{caller.node}"


def request_of(policy: Policy, caller: Caller, number: Number, now: float) -> Request:
    """Put the call as a question to the policy."""
    return Request(
        extension=caller.extension,
        number=number,
        at=datetime.fromtimestamp(now, policy.site.timezone),
        address=caller.address,
        transport=caller.transport,
        trunk=caller.trunk,
        transferred=caller.transferred,
    )


async def screen(
    policy: Policy, caller: Caller, number: Number, store: Store, now: float
) -> Screened:
    """Gather what is known, and decide.

    Raises:
        StoreError: Nothing is known; the call cannot be let through.
    """
    known = await soon(
        store.known(
            policy.site.name,
            caller.extension,
            str(caller.address),
            number.country,
            caller.call,
            number.number,
            caller.node,
            now,
        )
    )
    request = request_of(policy, caller, number, now)
    facts = Facts(
        locked_out=known.lockout is not None,
        shown=frozenset(map(Factor, known.shown_at)),
        proven_s={Factor(name): now - at for name, at in known.proven_at.items()},
        known_country=known.known_country,
    )
    return Screened(request, facts, decide(policy, request, facts), known.lease, known.lockout)


def decide_again(policy: Policy, screened: Screened, shown: frozenset[Factor]) -> Decision:
    """Decide with the factors the caller has just shown."""
    facts = replace(screened.facts, shown=screened.facts.shown | shown)
    return decide(policy, screened.request, facts)
