"""How things stand for one call right now: what the store knows, and what is used of each limit.

Nothing is taken, counted or noted by it. It asks for more than a call does (all limits, and the
live calls), and so is nothing for the way of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastagi.call import brakes, evidence
from fastagi.call.asked import asked_of, novel_of, over_of
from fastagi.call.ports import LISTING_PATIENCE_S, soon
from fastagi.call.screen import looked_for
from fastagi.policy.asking import Question, question_of
from fastagi.policy.decision import ALL_NEW, circumstances, decide
from fastagi.policy.limits import LEAST_S, budgets_of, key_of, limits_of
from fastagi.policy.model import Factor, Facts, Unit
from fastagi.policy.scope import APART
from fastagi.policy.used import Used, with_used

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastagi.policy.model import Decision, Policy, Request
    from fastagi.stores.sign_ins import SignIn
    from fastagi.stores.store import Known, Lease, Lockout, Store


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a call that would be made now.

    Attributes:
        used: Of each limit that it falls under, what is used under its keys.
        lockout: The extension's, if it is locked out.
        sign_ins: The extension's that are live.
    """

    facts: Facts
    used: Mapping[str, Used]
    lockout: Lockout | None
    sign_ins: tuple[SignIn, ...]


async def standing(policy: Policy, request: Request, store: Store, now: float) -> Standing:
    """Look how things stand for a call.

    Args:
        policy: The site's.
        request: The call. Where it has no address, a sign-in counts wherever its phone is.
        store: The service's; it is only read.
        now: The moment.

    Raises:
        StoreError: It is not known.
    """
    number, site = request.number, policy.site.name
    question = _question(policy, request)
    known = await soon(
        store.known(
            site,
            request.extension,
            "" if request.address is None else str(request.address),
            number.country,
            "",
            number.number,
            "",
            now,
            None,
            asked_of(question, request.extension, number, looked_for(policy, request)),
        ),
        LISTING_PATIENCE_S,
    )
    live = await soon(store.live(site, now), LISTING_PATIENCE_S)
    facts = Facts(
        locked_out=known.lockout is not None,
        proven_s={Factor(name): now - at for name, at in known.proven_at.items()},
        signed_in=any(_counts(each, request) for each in known.sign_ins),
        known_country=known.known_country,
        novel=novel_of(question, request.extension, number, known),
        over=over_of(known) & policy.asks_for_limits,
        braked=brakes.braked(policy, request, known.records),
        watched=evidence.watched(policy, request, known.records),
    )
    used = _used(policy, request, known, live)
    return Standing(facts, used, known.lockout, known.sign_ins)


def what_store_says(policy: Policy, request: Request, there: Standing) -> Decision:
    """Return what would come of a call: what the policy says, and then what is used."""
    return with_used(decide(policy, request, there.facts), there.used, LEAST_S)


def _question(policy: Policy, request: Request) -> Question:
    """Ask for every budget that the call may fall under, and not only what rules hang on."""
    if request.number.category in APART:
        return question_of(policy, request)
    call = circumstances(policy, request, ALL_NEW)
    budgets = tuple(budgets_of(limits_of(policy, call), request, call))
    return Question(question_of(policy, request).novel, budgets)


def _counts(sign_in: SignIn, request: Request) -> bool:
    """Tell whether a sign-in may count for a call, as far as it is known where that is from."""
    if sign_in.is_waiting or request.transferred:
        return False
    return request.address is None or sign_in.origin.address in ("", str(request.address))


def _used(
    policy: Policy, request: Request, known: Known, live: Sequence[Lease]
) -> dict[str, Used]:
    """Return what of each limit is used under the keys of the call."""
    call = circumstances(policy, request, ALL_NEW)
    units: dict[str, dict[Unit, int]] = {}
    for level in known.levels:
        units.setdefault(level.limit, {})[Unit(level.unit)] = level.used
    used = {}
    for limit in limits_of(policy, call):
        key = key_of(limit, request, call)
        held = [hold for each in live for hold in each.holds if hold.limit == limit.name]
        calls = sum(hold.key == key for hold in held)
        used[limit.name] = Used(calls, units.get(limit.name, {}))
    return used
