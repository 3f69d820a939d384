"""`reach`: a rule out of reach is found, and no rule within reach is ever called so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastagi.numbering.number import GLOBAL, Category
from fastagi.policy.cells import NAMES_MAX
from fastagi.policy.decision import that_decides
from fastagi.policy.matching import ScopeIndex
from fastagi.policy.model import Policy, Rule, Then
from fastagi.policy.reach import contains, opened, unreached
from fastagi.policy.scope import Circumstances, Scope
from tests.unit.policy.samples import SITE, policy_of
from tests.unit.policy.test_matching import CALLS, LISTS, SCOPES


def _rules(*rules: str) -> str:
    return "\n".join(
        f'[[rule]]\nname = "r{place}"\nthen = "deny"\n{rule}' for place, rule in enumerate(rules)
    )


def _unreached(*rules: str, site: str = SITE) -> list[tuple[str, list[str]]]:
    policy = policy_of(_rules(*rules), site=site)
    return [(each.rule.name, [rule.name for rule in each.by]) for each in unreached(policy)]


ABROAD = 'to = ["international"]'
BOTH = ["premium", "satellite"]
COSTLY = 'to = ["premium", "satellite"]'


@pytest.mark.parametrize(
    "rules",
    [
        (ABROAD, ABROAD),
        ("", ABROAD),
        ("", ""),
        (ABROAD, 'to = ["country:FR"]'),
        ('to = ["country:GB"]', 'to = ["national", "voip"]'),
        (ABROAD, 'to = ["first-time-country"]'),
        ('to = ["first-time-country"]', 'to = ["first-time-country"]'),
        ('to = ["prefix:+39"]', 'to = ["prefix:+3906"]'),
        ('to = ["country:FR", "country:IT"]', 'to = ["country:IT"]'),
        (ABROAD, ABROAD + '\nfrom = ["lobby"]'),
        (ABROAD + '\nfrom = ["lobby"]', ABROAD + '\nfrom = ["lobby"]\nwhen = "office"'),
        (ABROAD + '\nwhen = "office"', ABROAD + '\nwhen = "office and not closed"'),
        (ABROAD + '\nwhen = "not office"', ABROAD + '\nwhen = "closed"'),
        (ABROAD + '\nnetwork = ["not floor"]', ABROAD + '\nnetwork = ["not floor"]'),
        (ABROAD + '\ntransport = ["ws", "wss"]', ABROAD + '\ntransport = ["wss"]'),
        ('to = ["internal"]', 'to = ["internal"]'),
    ],
)
def test_what_one_rule_fits_no_rule_below_it_reaches(rules: tuple[str, str]) -> None:
    """The first that fits decides."""
    assert _unreached(*rules) == [("r1", ["r0"])]


@pytest.mark.parametrize(
    "rules",
    [
        (ABROAD, 'to = ["premium"]'),
        (ABROAD, 'to = ["satellite"]'),
        (ABROAD, 'to = ["country:GB"]'),
        ('to = ["country:GB"]', 'to = ["premium"]'),
        ('to = ["country:FR"]', 'to = ["premium"]'),
        ('to = ["country:FR"]', 'to = ["satellite"]'),
        (ABROAD, ""),
        ("", 'to = ["internal"]'),
        ('to = ["country:FR"]', ABROAD),
        ('to = ["prefix:+3906"]', 'to = ["prefix:+39"]'),
        (ABROAD + '\nfrom = ["lobby"]', ABROAD + '\nfrom = ["staff"]'),
        (ABROAD + '\nfrom = ["lobby", "staff"]', ABROAD),
        (ABROAD + '\nwhen = "office"', ABROAD),
        (ABROAD + '\nnetwork = ["floor"]', ABROAD + '\nnetwork = ["not floor"]'),
        (ABROAD + '\ntransport = ["wss"]', ABROAD + '\ntransport = ["ws", "wss"]'),
        (ABROAD + "\nshadow = true", ABROAD),
    ],
)
def test_what_a_rule_does_not_fit_goes_on_to_the_next(rules: tuple[str, str]) -> None:
    """The neighbours of those above are reached."""
    assert _unreached(*rules) == []


def test_rules_can_leave_nothing_together() -> None:
    """One in office hours, one in all others: the third never speaks."""
    assert _unreached(ABROAD + '\nwhen = "office"', ABROAD + '\nwhen = "not office"', ABROAD) == [
        ("r2", ["r0", "r1"])
    ]
    assert _unreached('to = ["premium"]', ABROAD, 'to = ["country:FR", "premium"]') == [
        ("r2", ["r0", "r1"])
    ]
    assert _unreached(ABROAD, 'to = ["country:GB"]', 'to = ["premium", "satellite"]', "") == [
        ("r2", ["r0", "r1"]),
        ("r3", ["r0", "r1"]),
    ]


@pytest.mark.parametrize(
    ("above", "below", "but_unknown"),
    [
        (("allow", 'network = ["floor"]'), ("deny", 'network = ["floor"]'), [True]),
        (("allow", 'transport = ["udp"]'), ("pin", 'transport = ["udp"]'), [True]),
        (("pin", 'network = ["floor"]'), ("deny", 'network = ["floor"]'), [True]),
        (("deny", 'network = ["floor"]'), ("deny", 'network = ["floor"]'), [False]),
        (("deny", 'network = ["floor"]'), ("allow", 'network = ["floor"]'), [False]),
        (("allow", 'network = ["floor"]'), ("allow", 'network = ["floor"]'), [False]),
        (("pin", 'network = ["floor"]'), ("allow", 'network = ["floor"]'), [False]),
        (("allow", ""), ("deny", 'network = ["floor"]'), [False]),
        (("allow", 'network = ["floor"]'), ("deny", ""), []),
    ],
)
def test_where_address_or_transport_is_unknown_the_stricter_rule_is_reached(
    above: tuple[str, str], below: tuple[str, str], but_unknown: list[bool]
) -> None:
    """What allows takes no such call; what denies takes every one that it may fit."""
    policy = policy_of(
        "\n".join(
            f'[[rule]]\nname = "r{place}"\nthen = "{then}"\n{condition}'
            for place, (then, condition) in enumerate((above, below))
        )
    )
    assert [each.but_unknown for each in unreached(policy)] == but_unknown


def test_a_list_is_reached_unless_the_same_list_was() -> None:
    """What is in a list is not looked at."""
    policy = policy_of(_rules(ABROAD))
    listed = policy_of(_rules(ABROAD)).rules[0]
    to = listed.scope.to
    assert to is not None
    scope = replace(listed.scope, to=replace(to, categories=frozenset(), lists=("irsf",)))
    both = tuple(replace(listed, name=name, scope=scope) for name in ("x", "y"))
    policy = replace(policy, rules=(*policy.rules, *both), lists=LISTS)
    assert [each.rule.name for each in unreached(policy)] == ["y"]


def test_too_many_hours_are_not_told_apart() -> None:
    """A rule with one of the last takes nothing; it is still seen to be out of reach itself."""
    names = [f"h{each}" for each in range(NAMES_MAX + 1)]
    hours = "".join(f'{name} = ["Mon 08:00-09:00"]\n' for name in names)
    site = SITE.replace("[hours]\n", f"[hours]\n{hours}")
    rules = [f'{ABROAD}\nwhen = "{name}"' for name in names]
    assert _unreached(*rules, rules[-1], site=site) == []
    assert _unreached(*rules[:-1], ABROAD, rules[-1], site=site) == [("r6", ["r5"])]


def _opened(*rules: str) -> list[tuple[str, list[str]]]:
    policy = policy_of(_rules(*rules).replace('then = "deny"\nallow', 'then = "allow"'))
    return [(rule.name, list(costly)) for rule, costly in opened(policy)]


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        (["allow"], [("r0", ["premium", "satellite"])]),
        (['to = ["premium"]', "allow"], [("r1", ["satellite"])]),
        (["allow\nshadow = true"], []),
        ([f"{COSTLY}\nshadow = true", "allow"], [("r1", BOTH)]),
        ([f'{COSTLY}\nfrom = ["lobby"]', "allow"], [("r1", BOTH)]),
        ([f'{COSTLY}\nfrom = ["lobby"]', 'allow\nfrom = ["lobby"]'], []),
        ([f'{COSTLY}\nwhen = "office"', 'allow\nwhen = "office"'], []),
        ([f'{COSTLY}\nwhen = "office"', 'allow\nwhen = "not office"'], [("r1", BOTH)]),
        ([ABROAD, 'allow\nto = ["country:GB"]'], [("r1", ["premium"])]),
        ([ABROAD, 'allow\nto = ["country:FR"]'], []),
        (['to = ["country:GB"]', f"allow\n{ABROAD}"], [("r1", BOTH)]),
    ],
)
def test_a_rule_opens_what_those_above_it_leave(
    rules: list[str], found: list[tuple[str, list[str]]]
) -> None:
    """For just the callers and times that it speaks of."""
    assert _opened(*rules) == found


RULES = st.lists(st.builds(Rule, st.just("r"), SCOPES, st.sampled_from(Then)), max_size=5)


def _policy(rules: list[Rule]) -> Policy:
    named = tuple(replace(rule, name=f"r{place}") for place, rule in enumerate(rules))
    return replace(policy_of(), rules=named, lists=LISTS)


@settings(max_examples=300)
@given(RULES, CALLS)
def test_a_rule_that_decides_a_call_is_never_called_unreached(
    rules: list[Rule], call: Circumstances
) -> None:
    """Whatever the policy and whatever the call."""
    policy = _policy(rules)
    decides, _ = that_decides(policy, call)
    named = decides is not None and decides.scope.to and decides.scope.to.categories
    if call.number.category is Category.UNALLOCATED and Category.UNALLOCATED not in (named or ()):
        return  # such a number is denied without the rule, too
    if decides is not None:
        unknown = call.networks is None or call.transport is None
        assert decides.name not in {
            each.rule.name for each in unreached(policy) if not (each.but_unknown and unknown)
        }


@settings(max_examples=300)
@given(RULES, CALLS)
def test_a_rule_that_lets_the_costliest_through_is_always_found(
    rules: list[Rule], call: Circumstances
) -> None:
    """But by a prefix, a list or a new country; or a satellite that is a country's own."""
    policy = _policy(rules)
    decides, _ = that_decides(policy, call)
    if decides is None or decides.then is not Then.ALLOW:
        return
    to, number = decides.scope.to, call.number
    if to is None or to.categories & number.categories or number.country in to.countries:
        costly = number.categories & {Category.PREMIUM, Category.UNALLOCATED}
        if to is None or Category.UNALLOCATED not in to.categories:
            costly -= {Category.UNALLOCATED}
        if number.country == GLOBAL:
            costly |= number.categories & {Category.SATELLITE}
        found = [each for rule, each in opened(policy) if rule is decides]
        assert costly <= set(*found)


@settings(max_examples=300)
@given(SCOPES, SCOPES, CALLS)
def test_a_scope_that_contains_another_takes_all_its_calls(
    outer: Scope, inner: Scope, call: Circumstances
) -> None:
    """Also those that either may fit."""
    if contains(policy_of(), outer, inner) and any(ScopeIndex([inner], LISTS).fitting(call)):
        assert any(ScopeIndex([outer], LISTS).fitting(call))


def test_a_scope_contains_itself_and_narrower_ones() -> None:
    """As far as it can be told."""
    policy = policy_of(_rules("", ABROAD, f'{ABROAD}\nfrom = ["lobby"]', 'to = ["country:FR"]'))
    scopes = [rule.scope for rule in policy.rules]
    assert [[contains(policy, one, other) for other in scopes] for one in scopes] == [
        [True, True, True, True],
        [False, True, True, True],
        [False, False, True, False],
        [False, False, False, True],
    ]
