"""What a call has reserved, what it came to so far, and what it came to in the end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fastagi.decision_log.record import Record
from fastagi.numbering.number import Category
from fastagi.policy.limits import currency_of
from fastagi.policy.limits_in_words import so_much
from fastagi.policy.model import Per, Reason, Verdict
from fastagi.policy.model import Unit as Counted
from fastagi.stores.budgets import Unit, amount_of

if TYPE_CHECKING:
    from fastagi.policy.model import Policy
    from fastagi.stores.budgets import Level
    from fastagi.stores.store import Lease


def is_priced(policy: Policy) -> bool:
    """Tell whether any call of a site may have a price, or be charged to a budget."""
    return policy.rates is not None or any(limit.budgets for limit in policy.limits)


def reserved(lease: Lease) -> int | None:
    """Return the money that is reserved for a call, in millionths; None where none is counted."""
    if not any(each.unit is Unit.SPEND for each in lease.budgets):
        return None
    return amount_of(Unit.SPEND, lease.seconds, lease.tariff)


def so_far(lease: Lease, now: float) -> int | None:
    """Return what a call costs if it ends now, in millionths; None where nobody knows its price.

    As if it had been answered at once: when it was, only Asterisk knows until it ends.
    """
    return None if lease.tariff is None else lease.tariff.cost(used_s(lease, now, None))


def used_s(lease: Lease, now: float, talked_s: int | None) -> int:
    """Return the seconds that a lease is settled to by its release; see `Leases.release`."""
    passed_s = math.ceil(now - lease.since)
    if talked_s is None:
        talked_s = passed_s if passed_s >= 0 else lease.seconds
    return min(talked_s, lease.seconds)


def settlement(policy: Policy | None, lease: Lease, now: float, talked_s: int | None) -> Record:
    """Return what goes on record when a call is released: how long it was, and what it cost.

    Args:
        policy: The site's; None where it cannot be read, and in what money it was stays unsaid.
        lease: The call's, as it was before.
        now: The moment of the release.
        talked_s: See `Leases.release`.
    """
    seconds = used_s(lease, now, talked_s)
    tariff = lease.tariff
    return Record(
        at=now,
        site=lease.site,
        call=lease.call,
        extension=lease.extension,
        verdict=Verdict.ALLOW,
        reason=Reason.SETTLED,
        rule=lease.rule,
        reference=lease.reference,
        number=lease.number,
        category=Category(lease.category),
        country=lease.country,
        node=lease.node,
        channel=lease.channel,
        seconds=seconds,
        policy="" if policy is None else policy.version,
        price=None if tariff is None else tariff.per_minute,
        reserved=reserved(lease),
        cost=None if tariff is None else tariff.cost(seconds),
        currency="" if policy is None else currency_of(policy),
    )


def nearly_used_up(policy: Policy, level: Level) -> dict[str, str]:
    """Return what the service's log says of a budget that is near its end; no outside number."""
    limit = next((each for each in policy.limits if each.name == level.limit), None)
    of_numbers = limit is None or limit.per in (Per.NUMBER, Per.BLOCK)
    used, most = (
        so_much(Counted(level.unit), each, currency_of(policy))
        for each in (level.used, level.most)
    )
    return {
        "site": policy.site.name,
        "limit": level.limit,
        "whose": "" if of_numbers else level.key,
        "unit": str(level.unit),
        "used": used,
        "most": most,
    }
