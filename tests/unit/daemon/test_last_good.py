"""The policies in force, kept in memory that outlives a worker."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fastagi.daemon import last_good
from fastagi.policy.loading import load, load_text
from fastagi.rating.shared import forget_others

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastagi.policy.model import Policy

SITE = """
[site]
name = "{name}"
country = "GB"
timezone = "Europe/London"
internal = ["1XX"]
outside_prefix = "9"

[classes]
staff = ["1XX"]

[hours]
office = ["Mon-Fri 08:00-18:30"]

[[rule]]
name = "at-home"
to = ["national"]
when = "office"
then = "allow"
"""


def a_policy(name: str) -> Policy:
    """Return a site's policy."""
    return load_text(SITE.format(name=name), Path("policy.toml"))


@pytest.fixture
def memory() -> Iterator[int]:
    """Return an empty memory."""
    descriptor = last_good.reserve()
    yield descriptor
    os.close(descriptor)


def test_an_empty_memory_recalls_nothing(memory: int) -> None:
    """The first worker has no predecessor."""
    assert last_good.recall(memory) is None


def test_what_was_kept_last_is_recalled_and_works(memory: int) -> None:
    """Also where it is shorter than what was kept before."""
    last_good.keep(memory, {"office": a_policy("office"), "hotel": a_policy("hotel")})
    last_good.keep(memory, {"office": a_policy("office")})
    recalled = last_good.recall(memory)
    assert recalled is not None
    assert list(recalled) == ["office"]
    assert recalled["office"].version == a_policy("office").version
    assert recalled["office"].plan.read("902079460000").number == "+442079460000"


def test_two_who_keep_at_once_leave_one_whole(memory: int) -> None:
    """While the first worker is replaced there are two for a moment."""
    both = [{"office": a_policy("office")}, {"hotel": a_policy("hotel"), "shop": a_policy("shop")}]

    def keep(policies: Mapping[str, Policy]) -> None:
        for _ in range(100):
            last_good.keep(memory, policies)

    for _ in range(5):
        with ThreadPoolExecutor(2) as keepers:
            list(keepers.map(keep, both))
        recalled = last_good.recall(memory)
        assert recalled is not None
        assert set(recalled) in [set(each) for each in both]


def test_what_another_version_kept_is_not_recalled(
    memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package was upgraded under the running service: its classes may be others."""
    monkeypatch.setattr(last_good, "__version__", "0.0.1")
    last_good.keep(memory, {"office": a_policy("office")})
    monkeypatch.undo()
    assert last_good.recall(memory) is None


def test_policies_whose_shared_sheet_is_gone_are_not_recalled(memory: int, tmp_path: Path) -> None:
    """Better none than a successor that dies of it; with the sheet they are all there."""
    shared = tmp_path / "shared"
    shared.mkdir()
    (tmp_path / "s.csv").write_text("prefix,price\n44,1\n")
    text = SITE.format(name="office") + '[rates]\nfile = "s.csv"\ncurrency = "GBP"\n'
    (tmp_path / "p.toml").write_text(text)
    last_good.keep(memory, {"office": load(tmp_path / "p.toml", shared=shared)})
    recalled = last_good.recall(memory)
    assert recalled is not None
    assert recalled["office"].rates is not None
    forget_others(shared, [])
    assert last_good.recall(memory) is None


def test_a_memory_that_is_not_whole_recalls_nothing(memory: int) -> None:
    """A worker that dies while it writes leaves no half a policy behind."""
    last_good.keep(memory, {"office": a_policy("office")})
    os.ftruncate(memory, os.fstat(memory).st_size - 1)
    assert last_good.recall(memory) is None
    os.ftruncate(memory, last_good.HEAD - 1)
    assert last_good.recall(memory) is None
