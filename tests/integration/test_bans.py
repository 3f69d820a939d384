"""Bans in a real packet filter, in networks of the test's own: who is dropped, and nobody else.

Two machines with a cable between them: the PBX, which answers at a port, with the agent as a
process beside it; and the internet, which asks from whatever address the test says.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from fastagi.bans.allow import AllowList
from fastagi.bans.ban import Ban, lift, put_on
from fastagi.bans.friend import befriend
from fastagi.bans.table import found
from fastagi.stores.opening import open_store
from tests.integration.running import DEADLINE_S, prepare
from tests.servers.own_network import HEARS, ROOT, Asker, OwnNetwork, connect, give_address

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from fastagi.stores.store import Store

PORT: Final = 5060
PBX: Final = "198.51.100.1"
PBX_6: Final = "2001:db8:1::1"
THIEF: Final = "203.0.113.7"
NEIGHBOUR: Final = "203.0.113.8"
OFFICE: Final = "203.0.113.9"
PHONE: Final = "203.0.113.10"
THIEF_6: Final = "2001:db8:bad::7"
THIEF_6_TOO: Final = "2001:db8:bad::8"
OTHERS_6: Final = "2001:db8:bad:1::7"
EVERYWHERE: Final = (THIEF, NEIGHBOUR, OFFICE, PHONE, THIEF_6, THIEF_6_TOO, OTHERS_6)

ANOTHERS: Final = """
table inet another {
  set dialguard { type ipv4_addr; flags interval,timeout; elements = { 192.0.2.0/24 timeout 1h }; }
  chain input {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    udp dport 5060 accept
    tcp dport 5060 accept
    meta l4proto ipv6-icmp accept
  }
}
table ip dialguard {
  chain input { type filter hook input priority 0; policy accept; }
}
"""
"""What an administrator has: whoever is heard is heard on; and tables that are named alike."""

NOBODY: Final = 65534

NOT_ROOT: Final = (
    *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs"),
    *("--inh-caps=-all,+net_admin", "--ambient-caps=-all,+net_admin"),
    "--bounding-set=-all,+net_admin",
)
"""As the unit has it: nobody, who may change the packet filter, and nothing else."""


class Pbx:
    """The PBX, the internet, and what is done with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.near, self.far = OwnNetwork(), OwnNetwork()
        connect(self.near, self.far)
        give_address(self.near, PBX, of="24")
        give_address(self.near, PBX_6, of="64")
        give_address(self.far, "198.51.100.2", of="24")
        give_address(self.far, "2001:db8:1::2", of="64")
        for each in EVERYWHERE:
            give_address(self.far, each)
        self.near.run("ip", "route", "add", "default", "via", "198.51.100.2")
        self.near.run("ip", "-6", "route", "add", "default", "via", "2001:db8:1::2")
        self.near.run("nft", "-f", "-", said=ANOTHERS)
        self.anothers = self.of_others()
        hears = ("-m", "tests.servers.own_network", "hears", str(PORT))
        self.hearer = subprocess.Popen(
            [*self.near.inside, sys.executable, *hears],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert self.hearer.stdout is not None
        assert self.hearer.stdout.readline().strip() == HEARS
        self.asker = Asker(self.far, PORT)
        self.agent: subprocess.Popen[bytes] | None = None
        prepare(folder)
        self.write("")

    def write(self, bans: str) -> None:
        """Write the settings, with what stands in `[bans]`."""
        file = self.folder / "dialguard.toml"
        text = file.read_text().partition("[bans]")[0]
        file.write_text(f'{text}[bans]\nnever = ["{OFFICE}"]\n{bans}\n')

    def start(self, *as_whom: str) -> None:
        """Start the agent, and wait until it looked at the table once."""
        runs = ("-m", "fastagi", "bans", "run", "--settings", str(self.folder / "dialguard.toml"))
        with (self.folder / "agent.log").open("ab") as log:
            self.agent = subprocess.Popen(
                [*self.near.inside, *as_whom, sys.executable, *runs],
                stderr=log,
                cwd=ROOT,
            )

    def end(self, *, kill: bool = False) -> None:
        """End the agent."""
        assert self.agent is not None
        if kill:
            self.agent.kill()
        else:
            self.agent.terminate()
        status = self.agent.wait(DEADLINE_S)
        assert kill or status == 0
        self.agent = None

    def close(self) -> None:
        """End everything."""
        if self.agent is not None:
            self.agent.kill()
            self.agent.wait()
        self.asker.close()
        self.hearer.kill()
        self.hearer.communicate()
        self.near.close()
        self.far.close()

    def log(self) -> list[dict[str, object]]:
        """Return what the agent said."""
        return [json.loads(line) for line in (self.folder / "agent.log").read_text().splitlines()]

    def hears(self, source: str, layer: str = "udp") -> bool:
        """Whether somebody is answered."""
        return self.asker.hears(layer, source, PBX_6 if ":" in source else PBX)

    def heard(self) -> set[tuple[str, str]]:
        """Return all who are."""
        return {
            (layer, each)
            for layer in ("udp", "tcp")
            for each in EVERYWHERE
            if self.hears(each, layer)
        }

    def banned(self) -> set[str]:
        """Return whom the kernel has."""
        try:
            listing = self.near.run("nft", "-j", "list", "table", "inet", "dialguard")
        except AssertionError:
            return set()
        return {str(each) for each in found(listing).banned}

    def comes_to(self, what: set[str]) -> None:
        """Wait until the kernel bans just these."""
        until(lambda: self.banned() == what)

    def of_others(self) -> list[str]:
        """Return what others have in the packet filter, without moments and handles' counters."""
        tables = (("inet", "another"), ("ip", "dialguard"))
        return [
            "\n".join(
                line.partition(" expires ")[0]
                for line in self.near.run("nft", "-a", "list", "table", *each).splitlines()
            )
            for each in tables
        ]

    def do(self, work: Callable[[Store, float], Awaitable[object]]) -> None:
        """Do something with the store."""

        async def done() -> None:
            store = open_store(f"sqlite://{self.folder / 'dialguard.db'}")
            try:
                await work(store, time.time())
            finally:
                await store.close()

        asyncio.run(done())

    def ban(self, *banned: str, for_s: float = 600) -> None:
        """Write bans into the store as whoever asks no allow list would."""

        async def work(store: Store, now: float) -> None:
            for each in banned:
                what = Ban(ip_network(each), now, now + for_s, watch="scanners")
                await put_on(store, what, AllowList([]), now)

        self.do(work)

    def lift(self, network: str) -> None:
        """Lift one."""
        self.do(lambda store, now: lift(store, ip_network(network), now))


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, with a deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def pbx(tmp_path: Path) -> Iterator[Pbx]:
    """Return the two machines."""
    made = Pbx(tmp_path)
    yield made
    made.close()


def everybody(*but: str) -> set[tuple[str, str]]:
    """Return all who are heard when some are not."""
    return {(layer, each) for layer in ("udp", "tcp") for each in EVERYWHERE if each not in but}


def test_who_is_banned_is_dropped_and_nobody_else(pbx: Pbx) -> None:
    """UDP and TCP, IPv4 and IPv6; a call that runs, too; lifted, and all are heard again."""
    assert pbx.heard() == everybody()
    pbx.start()
    pbx.comes_to(set())
    pbx.ban(f"{THIEF}/32", "2001:db8:bad::/64")
    pbx.comes_to({f"{THIEF}/32", "2001:db8:bad::/64"})
    assert pbx.heard() == everybody(THIEF, THIEF_6, THIEF_6_TOO)
    pbx.lift(f"{THIEF}/32")
    pbx.comes_to({"2001:db8:bad::/64"})
    assert pbx.heard() == everybody(THIEF_6, THIEF_6_TOO)
    pbx.lift("2001:db8:bad::/64")
    pbx.comes_to(set())
    assert pbx.heard() == everybody()
    assert pbx.of_others() == pbx.anothers
    lifted = [each["network"] for each in pbx.log() if each["event"] == "ban-lifted"]
    assert lifted == [f"{THIEF}/32", "2001:db8:bad::/64"]


def test_the_allow_list_wins_whatever_the_store_says(pbx: Pbx) -> None:
    """Of settings, of phones, and of this machine itself: alone, and in a network."""
    pbx.do(lambda store, now: befriend(store, ip_address(PHONE), now + 600, now))
    pbx.start()
    pbx.ban(f"{OFFICE}/32", f"{PHONE}/32", "203.0.113.0/24", f"{PBX}/32", f"{PBX_6}/128")
    pbx.ban("198.51.100.0/24", f"{THIEF}/32")
    pbx.comes_to({f"{THIEF}/32"})
    assert pbx.heard() == everybody(THIEF)
    refused = {each["network"] for each in pbx.log() if each["event"] == "ban-refused"}
    assert refused == {
        *(f"{OFFICE}/32", f"{PHONE}/32", "203.0.113.0/24", f"{PBX}/32", f"{PBX_6}/128"),
        "198.51.100.0/24",
    }


def test_the_kernel_itself_lets_the_allow_list_in(pbx: Pbx) -> None:
    """Whoever puts an element into our set by hand cuts no office off, nor loopback."""
    pbx.start()
    pbx.ban(f"{NEIGHBOUR}/32")
    pbx.comes_to({f"{NEIGHBOUR}/32"})
    pbx.end()
    element = f"{{ {OFFICE}, {THIEF}, 127.0.0.1 }}"
    pbx.near.run("nft", "add", "element", "inet", "dialguard", "banned4", element)
    assert pbx.heard() == everybody(THIEF, NEIGHBOUR)
    inside = Asker(pbx.near, PORT)
    assert inside.hears("udp", "127.0.0.1", "127.0.0.1")
    inside.close()


def test_bans_survive_whatever_else_does_not(pbx: Pbx) -> None:
    """The agent's end, its death, its start; and others who flush the rules, or a part of them."""
    pbx.start()
    pbx.ban(f"{THIEF}/32")
    pbx.comes_to({f"{THIEF}/32"})
    for kill in (False, True):
        pbx.end(kill=kill)
        assert not pbx.hears(THIEF)
        pbx.start()
        until(lambda: pbx.log()[-1]["event"] == "bans-applied")
        assert not pbx.hears(THIEF)
    pbx.near.run("nft", "flush", "ruleset")
    pbx.comes_to({f"{THIEF}/32"})
    until(lambda: not pbx.hears(THIEF))
    for another in ("flush chain inet dialguard before", "flush table inet dialguard"):
        pbx.near.run("nft", another)
        until(lambda: not pbx.hears(THIEF))
    pbx.near.run("nft", "flush set inet dialguard banned4")
    pbx.comes_to({f"{THIEF}/32"})
    until(lambda: not pbx.hears(THIEF))
    pbx.near.run("nft", f"add element inet dialguard banned4 {{ {NEIGHBOUR} }}")
    pbx.comes_to({f"{THIEF}/32"})
    assert pbx.heard() == everybody(THIEF)


def test_bans_are_over_when_they_are_whoever_lives(pbx: Pbx) -> None:
    """By the agent, and where that is dead by the kernel; a wider one gives way to one within."""
    pbx.start()
    pbx.ban(f"{THIEF}/32", for_s=4)
    pbx.comes_to({f"{THIEF}/32"})
    pbx.comes_to(set())
    assert pbx.hears(THIEF)
    pbx.ban(f"{THIEF}/32", for_s=4)
    pbx.ban(f"{NEIGHBOUR}/32")
    pbx.comes_to({f"{THIEF}/32", f"{NEIGHBOUR}/32"})
    pbx.end(kill=True)
    pbx.comes_to({f"{NEIGHBOUR}/32"})
    assert pbx.heard() == everybody(NEIGHBOUR)
    pbx.write("")
    pbx.ban("203.0.113.0/28", for_s=4)
    file = pbx.folder / "dialguard.toml"
    file.write_text(file.read_text().replace(OFFICE, "192.0.2.1"))
    pbx.start()
    pbx.comes_to({"203.0.113.0/28"})
    pbx.comes_to({f"{NEIGHBOUR}/32"})


def test_the_agent_needs_one_right_and_no_root(pbx: Pbx) -> None:
    """As the unit runs it; without that right it says so, and nothing is changed."""
    for each in [pbx.folder, *pbx.folder.parents]:
        if each != Path("/tmp") and each.is_relative_to("/tmp"):  # noqa: S108 - pytest's own
            each.chmod(0o755)
    pbx.ban(f"{THIEF}/32")
    (pbx.folder / "agent.log").touch()
    for each in [pbx.folder, *pbx.folder.iterdir()]:
        os.chown(each, NOBODY, NOBODY)
    nobody = [each.replace(",+net_admin", "") for each in NOT_ROOT]
    pbx.start(*nobody)
    until(lambda: any(each["event"] == "bans-not-applied" for each in pbx.log()))
    assert any("CAP_NET_ADMIN" in str(each.get("error")) for each in pbx.log())
    assert pbx.heard() == everybody()
    pbx.end()
    pbx.start(*NOT_ROOT)
    pbx.comes_to({f"{THIEF}/32"})
    assert pbx.heard() == everybody(THIEF)
    assert pbx.of_others() == pbx.anothers


def test_a_dry_run_says_and_does_nothing(pbx: Pbx) -> None:
    """What would be done stands in its log."""
    pbx.write("dry_run = true")
    pbx.ban(f"{THIEF}/32", f"{OFFICE}/32")
    pbx.start()
    until(lambda: any(each["event"] == "bans-would-apply" for each in pbx.log()))
    (would,) = [each for each in pbx.log() if each["event"] == "bans-would-apply"]
    assert (would["on"], would["new"]) == (1, [f"{THIEF}/32"])
    tables = pbx.near.run("nft", "list", "tables").split("\n")
    assert sorted(filter(None, tables)) == ["table inet another", "table ip dialguard"]
    assert pbx.heard() == everybody()


def test_only_the_ports_that_are_named_are_closed(pbx: Pbx) -> None:
    """With `ports`, others are open to whoever is banned."""
    pbx.write("ports = [5061, 5060]")
    pbx.ban(f"{THIEF}/32")
    pbx.start()
    pbx.comes_to({f"{THIEF}/32"})
    assert pbx.heard() == everybody(THIEF)
    pbx.end()
    pbx.write("ports = [5061]")
    pbx.start()
    until(lambda: pbx.heard() == everybody())
    assert pbx.banned() == {f"{THIEF}/32"}


def test_off_takes_our_table_away_and_no_other(pbx: Pbx) -> None:
    """Once, and again where there is none."""
    pbx.ban(f"{THIEF}/32")
    pbx.start()
    pbx.comes_to({f"{THIEF}/32"})
    pbx.end()
    for _ in range(2):
        said = pbx.near.run(sys.executable, "-m", "fastagi", "bans", "off")
        assert "`inet dialguard` is not there" in said
        assert pbx.heard() == everybody()
    assert pbx.of_others() == pbx.anothers
