"""`dialguard bans`: who is banned, the way out of it, into it by hand, and what carries it out.

What is put on and lifted by hand is in the console's trail.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from fastagi.bans import ban as bans
from fastagi.bans import filter as packet_filter
from fastagi.bans import network as networks
from fastagi.bans import present
from fastagi.bans.ban import WHY_MAX, Ban
from fastagi.cli.output import fail, give_up, local_time, say, show_json, show_list, warn
from fastagi.cli.service import (
    JsonOption,
    SettingsOption,
    leave_to_owner,
    settings_of,
    who,
    with_store,
)
from fastagi.console.operators import audit
from fastagi.console.operators.audit import Deed, Entry
from fastagi.daemon import bans as agent
from fastagi.daemon.places import store_file
from fastagi.errors import BanError, DialguardError
from fastagi.policy.values import read_duration

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    from fastagi.bans.present import Present
    from fastagi.stores.store import Store

LISTED = ("network", "since", "until", "minutes_left", "site", "watch", "by", "why")

AddressArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="ADDRESS", help="192.0.2.7, 192.0.2.0/24, 2001:db8::/64")
]


def commands() -> typer.Typer:
    """Return the group of commands; without a command it lists."""
    group = typer.Typer(help="Who is banned, and the way out of it.")
    group.callback(invoke_without_command=True, epilog="Example: dialguard bans")(_list_by_default)
    group.command("list", epilog="Example: dialguard bans list --json")(list_all)
    group.command(epilog="Example: dialguard bans add 203.0.113.7 --for 12h --why scanner")(add)
    group.command(epilog="Example: dialguard bans lift 203.0.113.7")(lift)
    group.command(epilog="Example: dialguard bans run --dry-run")(run)
    group.command(epilog="Example: dialguard bans off")(off)
    return group


def _list_by_default(
    context: typer.Context, settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """Who is banned, and the way out of it; without a command: list."""
    if context.invoked_subcommand is None:
        list_all(settings, as_json)


def list_all(settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """List who is banned at every server of the store, and what put that on.

    Columns: network, since, until, minutes_left, site, watch, by, why.
    """
    now = time.time()

    async def work(store: Store) -> tuple[list[Ban], list[Present]]:
        return await bans.every(store, now), await present.every(store, now)

    found, there = with_store(settings_of(settings), work)
    if as_json:
        show_json([_shown(each, now) for each in found])
        return
    rows = []
    for each in found:
        read = _shown(each, now) | {
            "since": local_time(each.since),
            "until": local_time(each.until),
        }
        rows.append([str(read[column]) for column in LISTED])
    show_list(LISTED, rows, none="nobody is banned")
    there = [each for each in there if each.is_alive(now)]
    if not there:
        warn("no agent carries bans out anywhere (`dialguard bans run`, docs/bans.md)", "yellow")
    for one in there:
        if one.dry_run:
            warn(f"the agent on {one.name} only says what it would do: `dry_run`", "yellow")
        elif one.wrong:
            warn(f"the agent on {one.name} cannot carry bans out: {one.wrong}", "red")


def add(
    address: AddressArgument,
    lasting: Annotated[
        str, typer.Option("--for", metavar="DURATION", help="how long: 30m, 12h; at most 30d")
    ] = "1h",
    why: Annotated[str, typer.Option(metavar="TEXT", help="why, for whoever asks later")] = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ban an address or a network, at every server of the store; never who is on the allow list.

    Of IPv6 give the /64: a machine has all addresses of it to choose from. A ban that is on
    already is kept on for longer, never for less.
    """
    now = time.time()
    loaded = settings_of(settings)
    network = _network(address)
    try:
        for_s = read_duration(lasting)
    except ValueError as error:
        fail(str(error))
    if for_s > bans.LONGEST_S:
        fail(f"a ban is on for {bans.LONGEST_S // 86_400} days at most")
    if len(why) > WHY_MAX or not why.isprintable():
        fail(f"say why in one line of up to {WHY_MAX} characters")

    async def work(store: Store) -> Ban:
        never = await agent.never_of(loaded).list(store, now)
        if refused := never.why(network):
            raise BanError(f"`{network}` is never banned: {refused}")
        entry = Entry(now, who(), "", Deed.PUT_BAN_ON, "", f"{network}, for {for_s} s")
        entry = await audit.note(store, entry)
        given = Ban(network, now, now + for_s, why=why, by=entry.operator)
        put = await bans.put_on(store, given, never, now)
        await audit.finish(store, entry, "done", now)
        return put

    given = with_store(loaded, work)
    if as_json:
        show_json(_shown(given, now))
        return
    say(f"{given.network} is banned until {local_time(given.until)}", "green")


def lift(address: AddressArgument, settings: SettingsOption = None) -> None:
    """Lift every ban that touches an address or a network; at once, at every server.

    What was seen of it may ban it again: who is never to be banned goes into `[bans] never`.
    """
    now = time.time()
    loaded = settings_of(settings)
    network = _network(address)

    async def work(store: Store) -> list[Ban]:
        entry = Entry(now, who(), "", Deed.LIFTED_BAN, "", str(network))
        entry = await audit.note(store, entry)
        lifted = []
        for each in bans.over(await bans.every(store, now), network):
            if await bans.lift(store, each.network, now) is not None:
                lifted.append(each)
        named = ", ".join(each.key for each in lifted)
        await audit.finish(store, entry, named or "there was none", now)
        return lifted

    lifted = with_store(loaded, work)
    if not lifted:
        fail(f"no ban is on that touches {network}, or no more")
    say(f"lifted: {', '.join(each.key for each in lifted)}", "green")


def run(
    settings: SettingsOption = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", metavar="", help="only say what would be done; needs no right"),
    ] = False,
) -> None:
    """Run the agent: it sees to it that what the store says is banned is, until SIGTERM.

    It takes the right to change the packet filter (CAP_NET_ADMIN), and no other. When it ends, its
    table stays; `dialguard bans off` removes it.
    """
    loaded = settings_of(settings)
    if dry_run:
        given = loaded.bans.model_copy(update={"dry_run": True})
        loaded = loaded.model_copy(update={"bans": given})
    if (file := store_file(loaded)) is not None:
        leave_to_owner(file)
    try:
        status = agent.run(loaded)
    except DialguardError as error:
        give_up(error)
    raise typer.Exit(status)


def off() -> None:
    """Remove the agent's table of the packet filter from this machine: everybody is heard again.

    Stop the agent first (`systemctl stop dialguard-bans`), or it puts the table back.
    """
    try:
        asyncio.run(packet_filter.remove())
    except DialguardError as error:
        give_up(error)
    say("the table `inet dialguard` is not there; an agent that runs puts it back", "green")


def _network(address: str) -> IPv4Network | IPv6Network:
    try:
        return networks.read(address.partition("%")[0])
    except BanError as error:
        give_up(error)


def _shown(ban: Ban, now: float) -> dict[str, object]:
    return {
        "network": ban.key,
        "since": _utc(ban.since),
        "until": _utc(ban.until),
        "minutes_left": round((ban.until - now) / 60),
        "site": ban.site,
        "watch": ban.watch,
        "by": ban.by,
        "why": ban.why,
    }


def _utc(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
