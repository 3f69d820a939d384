"""`table`: of every single call it says what `decide` does; nothing that matters is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fastagi.answers.callers import caller_of
from fastagi.answers.moments import asked_for, cells, names_of
from fastagi.answers.networks import networks
from fastagi.answers.numbers import groups
from fastagi.answers.outcome import outcome_of
from fastagi.answers.situations import paths
from fastagi.answers.table import Tables
from fastagi.policy.decision import decide, networks_of
from fastagi.policy.scope import REPORTED, Novelty
from tests.unit.answers.samples import NOW, WITHIN, policies, requests
from tests.unit.policy.samples import policy_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.answers.numbers import Group
    from fastagi.answers.situations import Path
    from fastagi.policy.model import Facts, Policy, Request


def _meets(path: Path, policies: list[Policy], request: Request, facts: Facts) -> bool:
    """Tell whether a call is in the situations of a path, read as they are said."""
    names = names_of(policies, [asked_for(each) for each in policies], request.at)
    found: list[frozenset[str]] | None = None
    if request.address is not None and not request.transferred:
        found = [networks_of(each, request.address) or frozenset() for each in policies]
        if request.address_reported and any(each.asks_for_addresses for each in policies):
            found = [each | {REPORTED} for each in found]
    for field, values in path.told:
        is_met: Callable[[Any], bool] = {
            "passed_on": lambda one: one == _passed_on(request),
            "cell": lambda one: one.names == names,
            "signed_in": lambda one: one is (facts.signed_in and not request.transferred),
            "network": lambda one: (one and list(one.names)) == found,
            "transport": lambda one: one == (None if request.transferred else request.transport),
            "reported": lambda one: one is request.number_reported,
        }[field]
        if not any(is_met(one) for one in values):
            return False
    return True


def _passed_on(request: Request) -> str:
    if request.off_net:
        return "off-net"
    return "transferred" if request.transferred else ""


def _group_of(found: list[Group], digits: str) -> Group:
    return next(
        group
        for group in found
        for one in group.ranges
        if one.length == len(digits) and one.first <= int(digits) < one.end
    )


@pytest.mark.timeout(600)  # half a minute with coverage, where nothing else runs
@settings(
    max_examples=60,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(policies(), policies(), st.integers(0, 999), st.data())
def test_a_call_comes_to_what_its_path_says(
    one: Policy, other: Policy, last: int, data: st.DataObject
) -> None:
    """Exactly one path is that of a call, and of both policies it says what they decide."""
    both = [one, other]
    number = one.plan.read(f"+{WITHIN}{last:03}")
    request, facts = data.draw(requests(number))
    tables = Tables(both, NOW.timestamp(), cells(both, NOW.date()), networks(both))
    group = _group_of(groups(both, NOW.timestamp(), WITHIN), number.number[1:])
    table = tables.of(caller_of(both, request.extension), group)
    wanted = tuple(outcome_of(decide(each, request, facts)) for each in both)
    situations = list(table.situations())
    assert len(situations) == len(table.outcomes)
    plain = [
        each for each in paths(table.axes, table.outcomes) if _but_sets(each, both, request, facts)
    ]
    assert wanted in [each.result for each in plain]
    if not any(name in ("new", "over") for each in plain for name, _ in each.told):
        assert [each.result for each in plain] == [wanted]


def _but_sets(path: Path, policies: list[Policy], request: Request, facts: Facts) -> bool:
    """As `_meets`; of what is new, or over, only that is held against it which was asked for."""
    told = tuple(each for each in path.told if each[0] not in ("new", "over"))
    if not _meets(path._replace(told=told), policies, request, facts):
        return False
    for field, values in path.told:
        if field in ("new", "over"):
            asked = frozenset().union(*(each for each in values if isinstance(each, frozenset)))
            have = facts.over if field == "over" else _all_new(facts)
            if not any(
                isinstance(one, frozenset) and one & asked == have & asked for one in values
            ):
                return False
    return True


def _all_new(facts: Facts) -> frozenset[str]:
    return facts.novel if facts.known_country else facts.novel | {Novelty.COUNTRY}


def test_prices_are_those_of_one_moment() -> None:
    """Whenever in the year the calls are: without rates there are none."""
    policy = policy_of('[[rule]]\nname = "all"\nthen = "allow"\n')
    tables = Tables([policy], NOW.timestamp(), cells([policy], NOW.date()), networks([policy]))
    (group, *_) = groups([policy], NOW.timestamp(), "4420")
    table = tables.of(caller_of([policy], "101"), group)
    assert {each[0].tariff for each in table.outcomes} == {None}
    assert tables.of(caller_of([policy], "101"), group) is table
    again = tables.prove(caller_of([policy], "101"), group, next(table.situations()))
    assert again == table.outcomes[0]
