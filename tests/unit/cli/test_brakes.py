"""`dialguard brake`."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import TYPE_CHECKING

import pytest

from fastagi.cli import brakes
from fastagi.console.operators import audit
from fastagi.stores.opening import open_store
from tests.unit.cli.conftest import POLICY

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard


@pytest.fixture(autouse=True)
def ann(monkeypatch: pytest.MonkeyPatch, dialguard: Dialguard) -> None:
    """Have it be Ann who types, at an office that has a brake."""
    monkeypatch.setenv("SUDO_USER", "ann")
    dialguard.policy.write_text(f"{POLICY}\n[brake]\n")


MOMENT = r"[-0-9]{10} [:0-9]{8}"


def test_one_is_put_on_listed_and_lifted(dialguard: Dialguard) -> None:
    """Once; then there is none."""
    put = dialguard.on_settings(
        *("brake", "on", "class", "staff", "--for", "90m", "--why", "until Monday")
    )
    assert put.exit_code == 0, put.output
    assert re.fullmatch(f"the brake is on for class staff until {MOMENT}\n", put.stdout)
    for words in (("brake",), ("brake", "list")):
        told = dialguard.on_settings(*words).stdout
        assert re.fullmatch(
            rf"class\tstaff\t{MOMENT}\t{MOMENT}\t90\t\t\tann \(command line\)\tuntil Monday\n",
            told,
        )
    lifted = dialguard.on_settings("brake", "lift", "class", "staff")
    assert lifted.stdout == "the brake is lifted for class staff\n"
    assert dialguard.on_settings("brake").stdout == ""
    again = dialguard.on_settings("brake", "lift", "class", "staff")
    assert (again.exit_code, "no brake is on for class staff of `office`" in again.stderr) == (
        1,
        True,
    )


def test_what_is_still_braked_is_said(dialguard: Dialguard) -> None:
    """Each stage is lifted by itself."""
    for words in (("extension", "101"), ("class", "staff"), ("site",)):
        assert dialguard.on_settings("brake", "on", *words).exit_code == 0
    lifted = dialguard.on_settings("brake", "lift", "site")
    assert lifted.stdout == "the brake is lifted for the site\n"
    assert "it is still on for class staff, extension 101" in lifted.stderr


def test_what_is_done_is_in_the_trail(dialguard: Dialguard) -> None:
    """Of the console: by whom, what, and what came of it."""
    dialguard.on_settings("brake", "on", "extension", "101")
    for _ in range(2):
        dialguard.on_settings("brake", "lift", "extension", "101")

    async def trail() -> list[tuple[str, str, str, str, str]]:
        store = open_store(f"sqlite://{dialguard.folder}/dialguard.db")
        found = await audit.page(store, "", 9, time.time())
        await store.close()
        return [(each.operator, each.site, each.deed, each.what, each.outcome) for each in found]

    ann = ("ann (command line)", "office")
    assert sorted(asyncio.run(trail())) == sorted(
        [
            (*ann, "put-brake-on", "extension 101, for 3600 s", "done"),
            (*ann, "lifted-brake", "extension 101", "done"),
            (*ann, "lifted-brake", "extension 101", "there was none"),
        ]
    )


def test_programs_are_told_everything(dialguard: Dialguard) -> None:
    """What was put on is what is listed."""
    put = json.loads(dialguard.on_settings("brake", "on", "site", "--json").stdout)
    for words in (("brake", "--json"), ("brake", "list", "--json")):
        assert json.loads(dialguard.on_settings(*words).stdout) == [put]
    assert set(put) == {"site", "call", *brakes.LISTED}
    assert (put["stage"], put["name"], put["minutes_left"]) == ("site", "", 60)
    assert re.fullmatch(r"[-0-9]{10}T[:0-9]{8}\+00:00", put["until"])


def test_the_help_names_the_columns() -> None:
    """In a pipe they have no heading."""
    assert f"Columns: {', '.join(brakes.LISTED)}." in (brakes.list_all.__doc__ or "")


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("extension", "999"), "'999' is in no class, and no inside number"),
        (("class", "stuff"), "there is no class 'stuff'; there is staff"),
        (("site", "office"), "leave the name out"),
        (("site", "--for", "31d"), "30 days at most"),
        (("site", "--for", "soon"), "is no duration"),
        (("site", "--why", "a\nb"), "in one line"),
    ],
)
def test_what_cannot_be_braked_is_refused(
    dialguard: Dialguard, words: tuple[str, ...], wrong: str
) -> None:
    """And nothing is."""
    refused = dialguard.on_settings("brake", "on", *words)
    assert (refused.exit_code, wrong in refused.stderr) == (1, True), refused.stderr
    assert dialguard.on_settings("brake").stdout == ""


def test_a_policy_without_a_brake_is_told(dialguard: Dialguard) -> None:
    """Nobody would look for it."""
    dialguard.policy.write_text(POLICY)
    refused = dialguard.on_settings("brake", "on", "site")
    assert (refused.exit_code, "write `[brake]`" in refused.stderr) == (1, True)


def test_to_list_and_to_lift_takes_no_policy_that_loads(dialguard: Dialguard) -> None:
    """Where the site is named: somebody may be editing it."""
    dialguard.on_settings("brake", "on", "site")
    dialguard.policy.write_text("nonsense")
    assert dialguard.on_settings("brake", "--site", "office").stdout.startswith("site\t")
    assert dialguard.on_settings("brake", "lift", "site", "--site", "office").exit_code == 0
