"""Which sites an Asterisk is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from fastagi.watcher.bond import bound
from fastagi.watcher.ports import WatchPorts
from tests.unit.console.world import Sites
from tests.unit.watcher.samples import policy

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Rest:
    """All else, which nobody asks for here."""


def ports() -> WatchPorts:
    """Return what a watcher has over two sites."""
    policies = Sites({site: policy(site=site) for site in ("office", "branch")})
    rest = cast("Callable[..., object]", Rest())
    return WatchPorts(policies, rest, rest, rest, 4, rest, rest)  # type: ignore[arg-type]  # not asked


def test_one_that_is_for_any_site_sees_all() -> None:
    """As where the settings name none."""
    whole = ports()
    assert bound(whole, ()) is whole
    assert whole.watches("office")


def test_one_that_is_for_some_sees_no_other() -> None:
    """Neither its policy, nor its calls."""
    some = bound(ports(), ["branch"])
    assert [each.site.name for each in some.policies.all()] == ["branch"]
    assert some.policies.of("branch") is not None
    assert some.policies.of("office") is None
    assert some.policies.of("") is None
    assert (some.watches("branch"), some.watches("office")) == (True, False)
