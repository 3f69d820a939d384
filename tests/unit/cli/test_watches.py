"""`dialguard watch`."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import TYPE_CHECKING

import pytest

from fastagi.call.evidence import keep
from fastagi.cli import watches
from fastagi.console.operators import audit
from fastagi.policy.loading import load
from fastagi.signs.sign import Evidence
from fastagi.stores.opening import open_store
from tests.unit.cli.conftest import POLICY

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard

WATCHES = """
[[watch]]
name = "guessed"
sign = "success-after-guessing"
then = ["step-up"]
for = "90m"

[[watch]]
name = "moved"
sign = "new-country"
then = ["lock"]
"""
MOMENT = r"[-0-9]{10} [:0-9]{8}"
SEEN = "41 wrong passwords within 12 s, then the right one from 203.0.113.5"
MOVED = "registered in DE before, and now in another country, from 203.0.113.5"


@pytest.fixture(autouse=True)
def ann(monkeypatch: pytest.MonkeyPatch, dialguard: Dialguard) -> None:
    """Have it be Ann who types, at an office that watches."""
    monkeypatch.setenv("SUDO_USER", "ann")
    dialguard.policy.write_text(POLICY + WATCHES)


def _saw(dialguard: Dialguard, *seen: tuple[str, int]) -> None:
    """Have watches, by their place, see attacks on extensions just now."""
    policy, now = load(dialguard.policy), time.time()

    async def keep_all() -> None:
        store = open_store(f"sqlite://{dialguard.folder}/dialguard.db")
        for extension, place in seen:
            watch = policy.watches[place]
            what = Evidence(
                "office",
                watch.name,
                watch.sign,
                watch.per,
                extension,
                extension,
                "203.0.113.5",
                count=41 if place == 0 else 1,
                within_s=12.0,
                addresses=1,
                proven=True,
                at=now,
                so_far="DE",
            )
            assert await keep(store, policy, watch, what, now) is not None
        await store.close()

    asyncio.run(keep_all())


def test_what_is_held_is_listed_and_lifted(dialguard: Dialguard) -> None:
    """With what was seen; one of it, then all; then there is none."""
    _saw(dialguard, ("101", 0), ("101", 1), ("102", 0))
    for words in (("watch",), ("watch", "list")):
        told = dialguard.on_settings(*words).stdout
        assert re.fullmatch(
            rf"101\tguessed\t{MOMENT}\t{MOMENT}\t90\t{SEEN}\n"
            rf"101\tmoved\t{MOMENT}\t{MOMENT}\t60\t{MOVED}\n"
            rf"102\tguessed\t{MOMENT}\t{MOMENT}\t90\t{SEEN}\n",
            told,
        ), told
    one = dialguard.on_settings("watch", "lift", "101", "--watch", "moved")
    assert one.stdout == f"watch moved holds 101 no more; it saw {MOVED}\n"
    assert one.stderr == "still held by guessed\n"
    rest = dialguard.on_settings("watch", "lift", "101")
    assert (rest.stdout, rest.stderr) == (
        *(f"watch guessed holds 101 no more; it saw {SEEN}\n", ""),
    )
    assert dialguard.on_settings("watch").stdout.count("\n") == 1
    tries: tuple[tuple[tuple[str, ...], str], ...] = (
        ((), "no watch holds `101` of `office`, or no more"),
        (("--watch", "moved"), "no watch `moved` holds `101` of `office`, or no more"),
    )
    for more, wrong in tries:
        again = dialguard.on_settings("watch", "lift", "101", *more)
        assert (again.exit_code, wrong in again.stderr) == (1, True), again.stderr


def test_what_is_lifted_is_in_the_trail(dialguard: Dialguard) -> None:
    """Of the console: by whom, what, and what came of it."""
    _saw(dialguard, ("101", 0), ("101", 1))
    dialguard.on_settings("watch", "lift", "101", "--watch", "moved")
    for _ in range(2):
        dialguard.on_settings("watch", "lift", "101")

    async def trail() -> list[tuple[str, str, str, str, str]]:
        store = open_store(f"sqlite://{dialguard.folder}/dialguard.db")
        found = await audit.page(store, "", 9, time.time())
        await store.close()
        return [(each.operator, each.site, each.deed, each.what, each.outcome) for each in found]

    ann = ("ann (command line)", "office", "lifted-watch")
    assert sorted(asyncio.run(trail())) == sorted(
        [
            (*ann, "101, moved", "done"),
            (*ann, "101", "done"),
            (*ann, "101", "there was none"),
        ]
    )


def test_programs_are_told_everything(dialguard: Dialguard) -> None:
    """Moments with their zone."""
    assert json.loads(dialguard.on_settings("watch", "--json").stdout) == []
    _saw(dialguard, ("101", 0))
    for words in (("watch", "--json"), ("watch", "list", "--json")):
        (told,) = json.loads(dialguard.on_settings(*words).stdout)
        assert set(told) == {"site", *watches.LISTED}
        assert (told["extension"], told["watch"], told["seen"]) == ("101", "guessed", SEEN)
        assert re.fullmatch(r"[-0-9]{10}T[:0-9]{8}\+00:00", told["until"])


def test_the_help_names_the_columns() -> None:
    """In a pipe they have no heading."""
    assert f"Columns: {', '.join(watches.LISTED)}." in (watches.list_all.__doc__ or "")


def test_to_list_and_to_lift_takes_no_policy_that_loads(dialguard: Dialguard) -> None:
    """Where the site is named: somebody may be editing it."""
    _saw(dialguard, ("101", 0))
    dialguard.policy.write_text("nonsense")
    assert dialguard.on_settings("watch", "--site", "office").stdout.startswith("101\t")
    assert dialguard.on_settings("watch", "lift", "101", "--site", "office").exit_code == 0


def test_explain_takes_what_a_watch_saw(dialguard: Dialguard) -> None:
    """A watch that holds no call is none to name."""
    words = ("explain", str(dialguard.policy), "101", "900390612345678", "--watched")
    denied = dialguard(*words, "moved")
    assert (denied.exit_code, "denied: watch `moved` saw an attack" in denied.stdout) == (2, True)
    wrong = dialguard(*words, "mooved")
    assert wrong.exit_code != 0
    assert "did you mean `moved`?" in re.sub(r"[\s│]+", " ", wrong.stderr)
