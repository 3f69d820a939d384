"""One number of every kind that policy and prices tell apart."""

from __future__ import annotations

from fastagi.numbering.number import Category
from fastagi.policy.exposure.destinations import destinations
from fastagi.rating.tariff import Tariff
from tests.unit.policy.samples import MINUTES, priced

DEAR = Tariff(60, 9_000_000, 60, 9_000_000)


def test_prefixes_of_the_sheet_and_of_the_policy_have_a_number() -> None:
    """Also those that lie below another."""
    rule = '[[rule]]\nname = "a"\nto = ["prefix:+3906", "premium"]\nthen = "allow"\n'
    policy = priced(rule, {"39": MINUTES, "393": DEAR}, unknown=MINUTES)
    found = destinations(policy, 0)
    assert any(x.number.number.startswith("+393") and x.tariff == DEAR for x in found)
    assert any(x.number.number.startswith("+3906") and x.tariff == MINUTES for x in found)
    kinds = {category for each in found for category in each.number.categories}
    assert {Category.PREMIUM, Category.SATELLITE, Category.MOBILE, Category.NATIONAL} <= kinds
    assert not {Category.EMERGENCY, Category.INTERNAL, Category.INVALID} & kinds


def test_short_codes_are_destinations() -> None:
    """They have no prefix, and cost what is unknown."""
    found = destinations(priced("", {"44": MINUTES}, unknown=DEAR), 0)
    assert any(not each.number.is_e164 and each.tariff == DEAR for each in found)


def test_countries_are_told_apart_where_a_limit_counts_them() -> None:
    """Else one of them stands for all of a price."""
    limit = '[[limit]]\nname = "l"\nper = "{}"\ncalls = 1\n'
    few, many = (
        destinations(priced(limit.format(per), {"44": MINUTES}, unknown=MINUTES), 0)
        for per in ("site", "country")
    )
    assert len({each.number.country for each in many}) > 200 > len(few)
