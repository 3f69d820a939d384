"""Whose an account is."""

from __future__ import annotations

import pytest

from fastagi.lookout import whose
from fastagi.lookout.whose import Whose
from tests.unit.lookout.samples import policy


def of(*sites: str, bound: dict[str, tuple[str, ...]] | None = None) -> Whose:
    """Return it of these sites, whose phones are `1XX`."""
    made = Whose(bound or {})
    made.change({site: policy(site=site) for site in sites})
    return made


def test_where_there_is_one_site_all_is_its_own() -> None:
    """Also accounts that there are not."""
    alone = of("office")
    assert [alone.of("pbx", each) for each in ("101", "5000", "")] == [("office",)] * 3
    assert alone.knows("office", "101")
    assert not alone.knows("office", "5000")
    assert not alone.knows("office", "")
    assert not alone.knows("hotel", "101")


def test_what_is_nobody_s_may_be_after_any_site() -> None:
    """A phone's account is of those that have it."""
    both = of("office", "hotel")
    assert both.of("pbx", "101") == ("office", "hotel")
    assert both.of("pbx", "5000") == ("",)


def test_an_asterisk_is_for_its_sites() -> None:
    """Of others it tells nothing."""
    bound = {"a": ("hotel",), "b": ("hotel", "spa"), "c": ("gone",)}
    some = of("office", "hotel", "spa", bound=bound)
    assert some.of("a", "101") == ("hotel",)
    assert some.of("a", "5000") == ("hotel",)
    assert some.of("b", "5000") == ("hotel", "spa")
    assert some.of("c", "101") == ()


def test_other_policies_change_it() -> None:
    """What was found is found anew."""
    made = of("office")
    assert made.of("pbx", "101") == ("office",)
    made.change({"hotel": policy(site="hotel")})
    assert made.of("pbx", "101") == ("hotel",)


def test_accounts_without_end_take_no_memory_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever makes them up makes nobody remember them."""
    monkeypatch.setattr(whose, "MOST", 10)
    made = of("office")
    for number in range(1000):
        made.of("pbx", str(number))
        made.laid_by("pbx", str(number))
    assert len(made._found) <= 10
    assert len(made._traps) <= 10
