"""Policies that the tests of this folder draw, and calls to hold them against."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from fastagi.numbering.number import Category
from fastagi.numbering.prefixes import PrefixTable
from fastagi.policy.model import (
    Facts,
    Honeypot,
    Limit,
    Per,
    Policy,
    Request,
    Rule,
    Then,
    ThenLimit,
    Unit,
)
from fastagi.policy.scope import Condition, Destinations, Novelty, Scope, Transport
from tests.unit.policy.samples import policy_of

if TYPE_CHECKING:
    from fastagi.numbering.number import Number

NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

SITE: Final = """\
[site]
name = "test"
country = "GB"
timezone = "Europe/London"
internal = ["10X", "2XX", "3XX"]

[classes]
staff = ["1XX", "150"]
lobby = ["2XX", "_15[0-4]", "anna"]

[hours]
office = ["Mon-Fri 08:00-18:30", "2026-12-31"]
late = ["Fri 22:00-02:00"]
closed = ["2026-12-25"]

[networks]
floor = ["10.0.0.0/8"]
desk = ["10.1.0.0/16", "fd00::/8"]
"""

LISTS: Final = {
    "bad": PrefixTable(["290222", "29022345", "2902240"]),
    "worse": PrefixTable(["2902223", "29023", "2902299"]),
}
WITHIN: Final = "29022"
"""Where the numbers are that are tried one by one: a thousand of Saint Helena."""

EXTENSIONS: Final = ("101", "150", "155", "201", "anna", "301", "400", "666")
ADDRESSES: Final = (
    None,
    *map(ip_address, ("10.1.2.3", "10.2.0.1", "fd00::1", "203.0.113.9", "::1")),
)
MOMENTS: Final = tuple(
    datetime.fromisoformat(each).replace(tzinfo=UTC)
    for each in (
        "2026-03-02T09:00",
        "2026-03-02T18:29",
        "2026-03-02T18:30",
        "2026-03-07T01:59",
        "2026-03-07T02:00",
        "2026-03-29T01:30",
        "2026-07-06T07:00",
        "2026-07-06T17:30",
        "2026-12-25T12:00",
        "2026-12-31T23:59",
    )
)

CATEGORIES: Final = st.sampled_from(
    [Category.INTERNATIONAL, Category.UNALLOCATED, Category.PREMIUM, Category.INTERNAL]
)
DESTINATIONS: Final = st.builds(
    Destinations,
    text=st.just(("x",)),
    categories=st.frozensets(CATEGORIES, max_size=2),
    countries=st.frozensets(st.sampled_from(["SH", "GB"]), max_size=1),
    prefixes=st.lists(
        st.sampled_from(["290", "29022", "290221", "29022345", "2902", "2"]), max_size=2
    ).map(tuple),
    lists=st.lists(st.sampled_from(sorted(LISTS)), max_size=2, unique=True).map(tuple),
    novel=st.frozensets(st.sampled_from(Novelty), max_size=1),
    reported=st.sampled_from([False, False, False, True]),
)
HOURS: Final = st.builds(
    Condition,
    st.sampled_from(["office", "late", "closed", "night", "weekend"]),
    negated=st.booleans(),
)
OVER: Final = st.builds(Condition, st.sampled_from(["over:l0", "over:l1"]), negated=st.booleans())
NETWORKS: Final = st.builds(
    Condition, st.sampled_from(["floor", "desk", "reported"]), negated=st.booleans()
)


def scopes(*, rule: bool) -> st.SearchStrategy[Scope]:
    """Draw scopes of rules, or of limits, which are not about what is over."""
    when = st.lists(HOURS | OVER if rule else HOURS, max_size=2).map(tuple)
    networks = st.lists(NETWORKS, max_size=2).map(tuple)
    transports = st.frozensets(st.sampled_from(Transport), max_size=2)
    plain = st.builds(
        Scope,
        classes=st.frozensets(st.sampled_from(["staff", "lobby"]), max_size=1),
        to=st.none() | DESTINATIONS,
        also_unallocated=st.booleans(),
    )
    return st.one_of(
        plain,
        st.builds(lambda scope, some: replace(scope, when=some), plain, when),
        st.builds(lambda scope, some: replace(scope, networks=some), plain, networks),
        st.builds(lambda scope, some: replace(scope, transports=some), plain, transports),
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Draw a policy of a few rules, some under `shadow`, and of two limits."""
    rules = tuple(
        Rule(
            f"r{place}",
            draw(scopes(rule=True)),
            then := draw(st.sampled_from(Then)),
            remember_s=draw(st.sampled_from([0, 600])),
            shadow=draw(st.booleans()) and draw(st.booleans()),
            off_net=then is Then.ALLOW and draw(st.booleans()),
        )
        for place in range(draw(st.integers(1, 4)))
    )
    limits = tuple(
        Limit(
            f"l{place}",
            draw(scopes(rule=False)),
            per=draw(st.sampled_from(Per)),
            calls=draw(st.sampled_from([None, 2])),
            duration_s=draw(st.sampled_from([None, 600])),
            budgets=((Unit.ATTEMPTS, 5),),
            within_s=3600,
            then=draw(st.sampled_from(ThenLimit)),
        )
        for place in range(2)
    )
    traps = Honeypot((), draw(st.none() | st.just(Destinations(("x",), prefixes=("290229",)))))
    base = policy_of(site=SITE)
    return replace(base, rules=rules, limits=limits, lists=LISTS, honeypot=traps)


@st.composite
def requests(draw: st.DrawFn, number: Number) -> tuple[Request, Facts]:
    """Draw a call to a number, in any circumstances."""
    passed_on = draw(st.sampled_from(["", "", "", "transferred", "off-net"]))
    address = draw(st.sampled_from(ADDRESSES))
    new = draw(st.frozensets(st.sampled_from(Novelty)))
    request = Request(
        draw(st.sampled_from(EXTENSIONS)),
        number,
        draw(st.sampled_from(MOMENTS)),
        address,
        draw(st.none() | st.sampled_from(Transport)),
        transferred=bool(passed_on),
        off_net=passed_on == "off-net",
        number_reported=draw(st.booleans()),
        address_reported=address is not None and draw(st.booleans()),
    )
    facts = Facts(
        signed_in=draw(st.booleans()),
        known_country=Novelty.COUNTRY not in new,
        novel=new,
        over=draw(st.frozensets(st.sampled_from(["l0", "l1"]))),
    )
    return request, facts
