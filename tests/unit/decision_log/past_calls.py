"""Policies, calls and what is known of them, by chance; and the line that is written of each."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from fastagi.decision_log.judged import Judged
from fastagi.decision_log.record import Record, line
from fastagi.numbering.prefixes import PrefixTable
from fastagi.policy.decision import decide
from fastagi.policy.model import (
    BrakeTerms,
    Factor,
    Facts,
    Limit,
    Novelty,
    Per,
    Policy,
    Reason,
    Request,
    Rule,
    Stage,
    Then,
    Transport,
    Unit,
    Verdict,
)
from fastagi.rating.tariff import Tariff
from tests.unit.policy.samples import MINUTES, policy_of, rates_of
from tests.unit.policy.test_matching import SCOPES

if TYPE_CHECKING:
    from collections.abc import Mapping

SITE = """\
[site]
name = "test"
country = "GB"
timezone = "Europe/London"
internal = ["10X", "2XX"]
outside_prefix = "9"

[classes]
staff = ["10X"]
lobby = ["2XX"]

[hours]
office = ["Mon-Fri 08:00-18:30"]
night = ["Mon-Sun 22:00-06:00"]

[networks]
office = ["10.0.0.0/8"]
night = ["192.0.2.0/24"]
"""

LISTS = {
    "irsf": PrefixTable(["88213", "3906", "390612345", "390612345678"]),
    "home": PrefixTable(["44", "442079460000", "44207946"]),
}

BASE = replace(policy_of(site=SITE), lists=LISTS)

RATES = rates_of(
    {
        "39": MINUTES,
        "390612345": Tariff(1, 40_000, 1, 40_000),
        "390612345678": Tariff(30, 9_000_000, 6, 10_000),
        "44": Tariff(60, 20_000, 60, 20_000),
    }
)

DIALLED = st.sampled_from(
    [
        *("902079460000", "902079461234", "907400123456", "909098790000", "201", "299", "900"),
        *("900390612345678", "900390612345999", "900390698765432", "90088213123456", "999"),
        *("90014165550123", "9118500", "7", "90044207946000000000"),
    ]
)

RULES = st.builds(
    Rule,
    name=st.sampled_from(["a", "b", "c", "d"]),
    scope=SCOPES,
    then=st.sampled_from(Then),
    remember_s=st.sampled_from([0, 1800]),
    shadow=st.booleans(),
    off_net=st.booleans(),
)

BUDGETS = st.sampled_from(
    [((Unit.SPEND, 5_000_000),), ((Unit.SECONDS, 600),), ((Unit.NUMBERS, 3), (Unit.ATTEMPTS, 9))]
)

LIMITS = st.builds(
    Limit,
    name=st.sampled_from(["l", "m"]),
    scope=SCOPES.map(lambda scope: replace(scope, when=(), also_unallocated=True)),
    per=st.sampled_from(Per),
    calls=st.sampled_from([None, 2]),
    shadow=st.booleans(),
    budgets=BUDGETS,
    within_s=st.just(3600),
    price=st.sampled_from([None, 500_000]),
)


@dataclass(frozen=True)
class Call:
    """One that was judged."""

    policy: Policy
    request: Request
    facts: Facts


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Return a policy of rules and limits by chance, each name once."""
    rules: dict[str, Rule] = {each.name: each for each in draw(st.lists(RULES, max_size=4))}
    limits: dict[str, Limit] = {each.name: each for each in draw(st.lists(LIMITS, max_size=2))}
    return replace(
        BASE,
        rules=tuple(rules.values()),
        limits=tuple(limits.values()),
        brake=draw(st.sampled_from([None, BrakeTerms()])),
        rates=draw(st.sampled_from([None, RATES])),
    )


FACTS = st.builds(
    Facts,
    locked_out=st.sampled_from([False, False, True]),
    shown=st.frozensets(st.sampled_from(Factor)),
    proven_s=st.dictionaries(st.sampled_from(Factor), st.floats(0, 4000)),
    signed_in=st.booleans(),
    known_country=st.booleans(),
    overridden=st.sampled_from([False, False, True]),
    novel=st.frozensets(st.sampled_from(sorted(set(Novelty) - {Novelty.COUNTRY}))),
    over=st.frozensets(st.sampled_from(["l", "m"])),
    braked=st.sampled_from([None, None, *Stage]),
)


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """Return a call by chance, and what is known of it."""
    policy = draw(policies())
    transferred = draw(st.booleans())
    at = draw(st.floats(1_700_000_000, 1_900_000_000))
    request = Request(
        extension=draw(st.sampled_from(["101", "202", "stranger"])),
        number=policy.plan.read(draw(DIALLED)),
        at=datetime.fromtimestamp(at, policy.site.timezone),
        address=draw(st.sampled_from([None, ip_address("10.0.0.5"), ip_address("2001:db8::5")])),
        transport=draw(st.sampled_from([None, *Transport])),
        trunk=draw(st.sampled_from(["", "carrier"])),
        transferred=transferred,
        off_net=transferred and draw(st.booleans()),
        number_reported=draw(st.booleans()),
        address_reported=draw(st.booleans()),
    )
    return Call(policy, request, draw(FACTS))


def line_of(
    call: Call,
    mask: int,
    ended: tuple[Verdict, str, Reason] | None = None,
    judged: Judged | None = None,
) -> Mapping[str, object]:
    """Return the line that is written of a call, read again.

    Args:
        call: The call.
        mask: How many digits it does not show.
        ended: What it came to; what the policy says, if left out.
        judged: What it hung on; the call's own, if left out.
    """
    request, decision = call.request, decide(call.policy, call.request, call.facts)
    number = request.number
    verdict, rule, reason = ended or (decision.verdict, decision.rule, decision.reason)
    record = Record(
        at=request.at.astimezone(UTC).timestamp() + 0.01,
        site="test",
        call="1.1",
        extension=request.extension,
        verdict=verdict,
        reason=reason,
        rule=rule,
        reference="4711",
        number=number.number or number.dialled,
        category=number.category,
        country=number.country,
        address="" if request.address is None else str(request.address),
        trunk=request.trunk,
        policy=call.policy.version,
        judged=judged or Judged(call.policy, call.request, call.facts),
    )
    entry: Mapping[str, object] = json.loads(line(record, mask))
    return entry
