"""`dialguard override`."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
import re
import time
from typing import TYPE_CHECKING

import pytest

from fastagi.cli import overrides
from fastagi.console.operators import audit
from fastagi.stores.opening import open_store

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard


@pytest.fixture(autouse=True)
def ann(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have it be Ann who types."""
    monkeypatch.setenv("SUDO_USER", "ann")


def _listed(dialguard: Dialguard) -> list[dict[str, object]]:
    told = json.loads(dialguard.on_settings("override", "list", "--json").stdout)
    assert isinstance(told, list)
    return told


def test_one_is_given_listed_and_ended(dialguard: Dialguard) -> None:
    """Once; then there is none."""
    given = dialguard.on_settings(
        *("override", "give", "101", "--to", "+39", "--uses", "2", "--for", "90m"),
        *("--why", "burst pipe"),
    )
    assert given.exit_code == 0, given.output
    found = re.fullmatch(
        r"`101` may make 2 calls to numbers that begin with \+39 until [-0-9]{10} [:0-9]{8}: "
        r"override `(101/[0-9a-f]{8})`\n",
        given.stdout,
    )
    assert found
    for words in (("override",), ("override", "list")):
        told = dialguard.on_settings(*words).stdout
        assert re.fullmatch(
            r"101\t\+39\t2\t[-0-9]{10} [:0-9]{8}\t[-0-9]{10} [:0-9]{8}\t90\t"
            rf"ann \(command line\)\tburst pipe\t{found[1]}\n",
            told,
        )
    ended = dialguard.on_settings("override", "end", found[1])
    assert ended.stdout == f"override `{found[1]}` is over; uses that were left: 2\n"
    assert dialguard.on_settings("override").stdout == ""
    again = dialguard.on_settings("override", "end", found[1])
    assert (again.exit_code, f"no override `{found[1]}` at `office`" in again.stderr) == (1, True)


def test_without_more_words_it_is_for_one_call_anywhere_within_the_hour(
    dialguard: Dialguard,
) -> None:
    """As little as is of use."""
    told = dialguard.on_settings("override", "give", "101").stdout
    assert "`101` may make 1 call to any number until " in told
    assert dialguard.on_settings("override").stdout.split("\t")[1] == "any"
    (shown,) = _listed(dialguard)
    assert (shown["to"], shown["uses"], shown["minutes_left"]) == ("", 1, 60)


def test_what_is_done_is_in_the_trail(dialguard: Dialguard) -> None:
    """Of the console: by whom, what, and what came of it."""
    given = json.loads(dialguard.on_settings("override", "give", "101", "--json").stdout)
    for _ in range(2):
        dialguard.on_settings("override", "end", given["id"])

    async def trail() -> list[tuple[str, str, str, str, str]]:
        store = open_store(f"sqlite://{dialguard.folder}/dialguard.db")
        found = await audit.page(store, "", 9, time.time())
        await store.close()
        return [(each.operator, each.site, each.deed, each.what, each.outcome) for each in found]

    ann = ("ann (command line)", "office")
    assert sorted(asyncio.run(trail())) == sorted(
        [
            (*ann, "gave-override", "101 to any number, 1 at most, for 3600 s", given["id"]),
            (*ann, "ended-override", given["id"], "done; 1 left"),
            (*ann, "ended-override", given["id"], "there was none"),
        ]
    )


def test_programs_are_told_everything(dialguard: Dialguard) -> None:
    """What was given is what is listed."""
    given = json.loads(dialguard.on_settings("override", "give", "101", "--json").stdout)
    assert _listed(dialguard) == [given]
    assert set(given) == {"site", *overrides.LISTED}
    assert re.fullmatch(r"[-0-9]{10}T[:0-9]{8}\+00:00", given["until"])
    by_default = json.loads(dialguard.on_settings("override", "--json").stdout)
    assert by_default == [given]


def test_the_help_names_the_columns() -> None:
    """In a pipe they have no heading."""
    assert f"Columns: {', '.join(overrides.LISTED)}." in (overrides.list_all.__doc__ or "")


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("999",), "`999` is in no class of `office`, and no inside number"),
        (("101", "--to", "39"), "no E.164 number, nor how one begins; write `+39`"),
        (("101", "--uses", "101"), "give 1 to 100"),
        (("101", "--uses", "0"), "give 1 to 100"),
        (("101", "--for", "8d"), "7 days at most"),
        (("101", "--for", "soon"), "is no duration"),
        (("101", "--why", "a\nb"), "in one line"),
    ],
)
def test_nothing_out_of_bounds_is_given(
    dialguard: Dialguard, words: tuple[str, ...], wrong: str
) -> None:
    """It says what can be."""
    refused = dialguard.on_settings("override", "give", *words)
    assert refused.exit_code == 1
    assert wrong in refused.stderr
    assert _listed(dialguard) == []


def test_one_can_be_ended_while_somebody_edits_the_policy(dialguard: Dialguard) -> None:
    """With the site's name; to give one takes a policy that loads."""
    given = json.loads(dialguard.on_settings("override", "give", "101", "--json").stdout)
    dialguard.policy.write_text("half of")
    at = ("--site", "office")
    assert dialguard.on_settings("override", "list", *at).stdout.endswith(f"\t{given['id']}\n")
    assert dialguard.on_settings("override", "end", given["id"], *at).exit_code == 0
    assert dialguard.on_settings("override", "give", "101", *at).exit_code == 3


@pytest.mark.parametrize("name", ["", "\x1b[2J", "ann bob"])
def test_who_has_no_name_is_a_number(
    dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """What is in the environment may be anything."""

    def nobody() -> str:
        raise KeyError

    monkeypatch.setenv("SUDO_USER", name)
    monkeypatch.setattr(getpass, "getuser", nobody)
    given = json.loads(dialguard.on_settings("override", "give", "101", "--json").stdout)
    assert given["by"] == f"user {os.getuid()} (command line)"


def test_without_sudo_it_is_who_is_logged_in(
    dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the system knows them."""
    monkeypatch.delenv("SUDO_USER")
    monkeypatch.setattr(getpass, "getuser", lambda: "bob")
    given = json.loads(dialguard.on_settings("override", "give", "101", "--json").stdout)
    assert given["by"] == "bob (command line)"
