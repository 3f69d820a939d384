"""What `dialguard doctor` says of bans."""

from __future__ import annotations

import asyncio
import socket
import time
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest

from fastagi.bans import filter as packet_filter
from fastagi.bans import present
from fastagi.bans.allow import AllowList
from fastagi.bans.ban import Ban, put_on
from fastagi.bans.table import Found
from fastagi.cli import ban_checkup
from fastagi.cli.service import settings_of
from fastagi.errors import FilterError
from fastagi.stores.opening import open_store
from tests.unit.cli.test_guard_checkup import told

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard

THIEF = ip_network("203.0.113.7")


def prepare(
    dialguard: Dialguard, *, bans: int = 0, wrong: str = "", dry: bool = False, ago: float = 0
) -> None:
    """Have an agent of this machine say something, and somebody be banned."""

    async def done() -> None:
        now = time.time()
        store = open_store(f"sqlite://{dialguard.folder}/dialguard.db")
        for n in range(bans):
            ban = Ban(ip_network(f"203.0.113.{7 + n}"), now, now + 600)
            await put_on(store, ban, AllowList([]), now)
        what = present.Present(socket.gethostname(), now - ago, bans, dry, wrong)
        await present.say(store, what, now)
        await store.close()

    asyncio.run(done())


def look(dialguard: Dialguard) -> list[tuple[str, str]]:
    """Return what is found."""
    return told(ban_checkup.bans_are_carried_out(settings_of(dialguard.settings)))


@pytest.mark.parametrize(
    ("bans", "wrong", "dry", "ago", "finding"),
    [
        (0, "", False, 999, ("OK", "nobody is banned; no agent on this machine would")),
        (1, "", False, 999, ("WARN", "1 ban in the store, and no agent on this machine")),
        (2, "", True, 0, ("WARN", "the agent only says what it would do, of 2 bans")),
        (1, "nft says no", False, 0, ("FAIL", "the agent cannot carry bans out: nft says no")),
    ],
)
def test_who_carries_bans_out(
    dialguard: Dialguard, bans: int, wrong: str, dry: bool, ago: float, finding: tuple[str, str]
) -> None:
    """Nobody, or one that does not."""
    prepare(dialguard, bans=bans, wrong=wrong, dry=dry, ago=ago)
    ((mark, what),) = look(dialguard)
    assert (mark, what.startswith(finding[1])) == (finding[0], True), what


@pytest.mark.parametrize(
    ("held", "mark", "says"),
    [
        ({THIEF}, "OK", "the packet filter holds what the store says: 1 ban"),
        (set(), "FAIL", "the packet filter does not hold what the store says"),
        (None, "FAIL", "the packet filter does not hold what the store says"),
        ("not root", "OK", "the agent carries 1 ban out, by its own word"),
    ],
)
def test_the_table_is_held_against_the_store(
    dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch, held: object, mark: str, says: str
) -> None:
    """Where we may look."""

    async def listed() -> Found | None:
        if held == "not root":
            raise FilterError("nft says `Operation not permitted`")
        return Found("", frozenset(held), frozenset()) if isinstance(held, set) else None

    monkeypatch.setattr(packet_filter, "listed", listed)
    monkeypatch.setattr(ban_checkup, "PAUSE_S", 0)
    prepare(dialguard, bans=1)
    assert look(dialguard) == [(mark, says)]


def test_fail2ban_is_taken_at_the_agents_word(dialguard: Dialguard) -> None:
    """Its table is its own."""
    with dialguard.settings.open("a") as text:
        text.write('\n[bans]\nbackend = "fail2ban"\n')
    prepare(dialguard, bans=1)
    assert look(dialguard) == [("OK", "the agent carries 1 ban out, by its own word")]


def test_an_allow_list_of_everybody_is_a_warning(dialguard: Dialguard) -> None:
    """Nobody is banned then."""
    with dialguard.settings.open("a") as text:
        text.write('\n[bans]\nnever = ["::/0"]\n')
    prepare(dialguard, ago=999)
    first, _ = look(dialguard)
    assert first[0] == "WARN"
    assert "is ever banned" in first[1]


def test_without_a_store_there_is_nothing_to_say(dialguard: Dialguard) -> None:
    """Nor where it is broken: both are told of with the store."""
    assert look(dialguard) == []
    (dialguard.folder / "dialguard.db").write_bytes(b"no database" * 1000)
    assert look(dialguard) == []
