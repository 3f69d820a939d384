"""`dialguard bans`."""

from __future__ import annotations

import asyncio
import json
import re
import time
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest

from fastagi.bans import filter as packet_filter
from fastagi.bans import present
from fastagi.bans.ban import every
from fastagi.cli import bans, service
from fastagi.console.operators import audit
from fastagi.daemon import bans as agent
from fastagi.errors import FilterError, StoreError
from fastagi.stores.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastagi.settings import Settings
    from fastagi.stores.store import Store
    from tests.unit.cli.conftest import Dialguard


@pytest.fixture(autouse=True)
def ann(monkeypatch: pytest.MonkeyPatch, dialguard: Dialguard) -> None:
    """Have it be Ann who types, where an office is never banned."""
    monkeypatch.setenv("SUDO_USER", "ann")
    with dialguard.settings.open("a") as text:
        text.write('\n[bans]\nnever = ["198.51.100.0/24"]\n')


def ask(dialguard: Dialguard, work: Callable[[Store], Awaitable[object]]) -> object:
    """Ask the store something."""

    async def done() -> object:
        store = open_store(f"sqlite://{dialguard.folder}/dialguard.db")
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(done())


MOMENT = r"[-0-9]{10} [:0-9]{8}"


def test_one_is_put_on_listed_and_lifted(dialguard: Dialguard) -> None:
    """Once; then there is none."""
    put = dialguard.on_settings("bans", "add", "203.0.113.7", "--for", "90m", "--why", "scanner")
    assert put.exit_code == 0, put.output
    assert re.fullmatch(f"203.0.113.7/32 is banned until {MOMENT}\n", put.stdout)
    for words in (("bans",), ("bans", "list")):
        told = dialguard.on_settings(*words)
        assert re.fullmatch(
            rf"203.0.113.7/32\t{MOMENT}\t{MOMENT}\t90\t\t\tann \(command line\)\tscanner\n",
            told.stdout,
        )
        assert "no agent carries bans out anywhere" in told.stderr
    lifted = dialguard.on_settings("bans", "lift", "203.0.113.7")
    assert lifted.stdout == "lifted: 203.0.113.7/32\n"
    assert dialguard.on_settings("bans").stdout == ""
    again = dialguard.on_settings("bans", "lift", "203.0.113.7")
    assert again.exit_code == 1
    assert "no ban is on that touches 203.0.113.7/32, or no more" in again.stderr


def test_whoever_is_locked_out_is_let_in_by_one_command(dialguard: Dialguard) -> None:
    """Whatever network they are in that is banned; an address may be given with its zone."""
    for each in ("2001:db8:bad::/64", "2001:db8:bad::/48", "2001:db8:bad::7", "203.0.113.7"):
        assert dialguard.on_settings("bans", "add", each).exit_code == 0
    lifted = dialguard.on_settings("bans", "lift", "2001:db8:bad::7%eth0")
    assert lifted.stdout == "lifted: 2001:db8:bad::/48, 2001:db8:bad::/64, 2001:db8:bad::7/128\n"
    assert dialguard.on_settings("bans").stdout.startswith("203.0.113.7/32\t")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("198.51.100.7",), "`198.51.100.7/32` is never banned: `[bans] never` says so"),
        (("127.0.0.1",), "is never banned: it is this machine"),
        (("0.0.0.0/0",), "too wide"),
        (("scanner.example",), "is no address or network"),
        (("203.0.113.7", "--for", "soon"), "soon"),
        (("203.0.113.7", "--for", "31d"), "30 days at most"),
        (("203.0.113.7", "--why", "a\nb"), "in one line"),
        (("203.0.113.7", "--why", "x" * 201), "up to 200 characters"),
    ],
)
def test_what_cannot_be_banned_says_why(
    dialguard: Dialguard, words: tuple[str, ...], says: str
) -> None:
    """And is not, nor in the trail."""
    done = dialguard.on_settings("bans", "add", *words)
    assert (done.exit_code, says in done.stderr) == (1, True), done.stderr
    assert ask(dialguard, lambda store: every(store, time.time())) == []
    assert ask(dialguard, lambda store: audit.page(store, "", 9, time.time())) == []


def test_what_is_done_is_in_the_trail(dialguard: Dialguard) -> None:
    """By whom, what, and what came of it."""
    dialguard.on_settings("bans", "add", "203.0.113.7")
    for _ in range(2):
        dialguard.on_settings("bans", "lift", "203.0.113.7")

    async def trail(store: Store) -> list[tuple[str, str, str, str]]:
        found = await audit.page(store, "", 9, time.time())
        return [(each.operator, each.deed, each.what, each.outcome) for each in found]

    found = ask(dialguard, trail)
    assert isinstance(found, list)
    ann = "ann (command line)"
    assert sorted(found) == [
        (ann, "lifted-ban", "203.0.113.7/32", "203.0.113.7/32"),
        (ann, "lifted-ban", "203.0.113.7/32", "there was none"),
        (ann, "put-ban-on", "203.0.113.7/32, for 3600 s", "done"),
    ]


def test_programs_are_told_everything(dialguard: Dialguard) -> None:
    """What was put on is what is listed."""
    put = json.loads(dialguard.on_settings("bans", "add", "203.0.113.7", "--json").stdout)
    for words in (("bans", "--json"), ("bans", "list", "--json")):
        assert json.loads(dialguard.on_settings(*words).stdout) == [put]


def test_what_agents_cannot_do_is_said(dialguard: Dialguard) -> None:
    """Each by its name; one that is long gone is none."""
    now = time.time()

    async def say(store: Store) -> None:
        for one in (
            present.Present("pbx1", now, 0, False, "nft says `no`"),
            present.Present("pbx2", now, 0, True, "", (ip_address("192.0.2.1"),)),
            present.Present("pbx3", now, 0, False, ""),
            present.Present("pbx4", now - present.ALIVE_S, 0, False, "gone"),
        ):
            await present.say(store, one, now)

    ask(dialguard, say)
    said = dialguard.on_settings("bans").stderr
    assert "the agent on pbx1 cannot carry bans out: nft says `no`" in said
    assert "the agent on pbx2 only says what it would do" in said
    assert "pbx3" not in said
    assert "pbx4" not in said


@pytest.mark.parametrize(("words", "dry"), [((), False), (("--dry-run",), True)])
def test_the_agent_is_run(
    dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], dry: bool
) -> None:
    """Its status is the command's."""
    given: list[Settings] = []

    def run(settings: Settings) -> int:
        given.append(settings)
        return 1

    monkeypatch.setattr(agent, "run", run)
    assert dialguard.on_settings("bans", "run", *words).exit_code == 1
    assert [each.bans.dry_run for each in given] == [dry]
    assert [len(each.bans.never) for each in given] == [1]


def test_an_agent_that_cannot_start_says_why(
    dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that is none."""

    def run(_: Settings) -> int:
        raise StoreError("no such store")

    monkeypatch.setattr(agent, "run", run)
    done = dialguard.on_settings("bans", "run")
    assert (done.exit_code, "no such store" in done.stderr) == (1, True)


def test_off_removes_the_table(dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or says why it could not."""
    asked = []

    async def remove() -> None:
        asked.append("removed")
        if len(asked) > 1:
            raise FilterError("nft says `no`")

    monkeypatch.setattr(packet_filter, "remove", remove)
    first, second = dialguard("bans", "off"), dialguard("bans", "off")
    assert (first.exit_code, "`inet dialguard` is not there" in first.stdout) == (0, True)
    assert (second.exit_code, "nft says `no`" in second.stderr) == (1, True)
    assert bans.LISTED[0] == "network"


def test_the_agent_makes_no_store_that_the_service_could_not_write(
    dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root would own it."""
    monkeypatch.setattr(agent, "run", lambda _: 0)
    monkeypatch.setattr(service, "owner_to_be", lambda _: 998)
    done = dialguard.on_settings("bans", "run", "--dry-run")
    assert done.exit_code == 1
    assert "sudo -u '#998' dialguard" in done.output
