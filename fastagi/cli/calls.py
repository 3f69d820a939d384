"""`dialguard calls`: what is live, what became of a call, and the way out of a slot that is stuck.

To end a call is `ending_calls`' to do, at Asterisk: taking the slot of a call that is up away
leaves it up and uncounted.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from fastagi.call.costs import reserved, so_far
from fastagi.cli.ending_calls import end
from fastagi.cli.output import fail, local_time, say, show_cards, show_json, show_list
from fastagi.cli.service import JsonOption, SettingsOption, settings_of, with_store
from fastagi.cli.settling import record_settlements
from fastagi.decision_log import lookup as find_decisions
from fastagi.rating.tariff import amount

if TYPE_CHECKING:
    from fastagi.stores.store import Lease, Store

LISTED = (
    *("site", "extension", "number", "rule", "since", "minutes", "money"),
    *("channel", "call", "slots"),
)
"""What the table shows of a call; `--json` shows all."""

LOOKED_UP = ("time", "site", "extension", "number", "verdict", "reason", "rule", "address", "call")
"""What the table shows of a decision; `--json` shows all."""


def commands() -> typer.Typer:
    """Return the group of commands; without a command it lists."""
    group = typer.Typer(help="What is live, and what became of a call.")
    group.callback(invoke_without_command=True, epilog="Example: dialguard calls")(
        _list_by_default
    )
    group.command("list", epilog="Example: dialguard calls list --json")(list_all)
    group.command(epilog="Example: dialguard calls lookup 4071")(lookup)
    group.command(epilog="Example: dialguard calls release 1767607800.42")(release)
    group.command(epilog="Example: dialguard calls end 1767607800.42")(end)
    return group


def _list_by_default(
    context: typer.Context, settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """What is live, and what became of a call; without a command: list."""
    if context.invoked_subcommand is None:
        list_all(settings, as_json)


def list_all(settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """List the calls that hold slots, oldest first, of every site.

    Columns: site, extension, number, rule, since, minutes, money, channel, call, slots. Money is
    what the call costs so far, as if answered at once, and what is reserved for it, in the
    currency of the site's rates.
    """
    now = time.time()
    found = with_store(settings_of(settings), lambda store: store.live(None, now))
    if as_json:
        show_json([_shown(each, now) for each in found])
        return
    show_list(LISTED, [_row(each, now) for each in found], none="no call holds a slot")


def lookup(
    reference: Annotated[
        str, typer.Argument(metavar="REFERENCE", help="the four digits that the caller heard")
    ],
    site: Annotated[str, typer.Option("--site", metavar="NAME", help="of this site only")] = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look a decision up by its reference, newest first; four digits come round again.

    Columns: time, site, extension, number, verdict, reason, rule, address, call.
    """
    file = settings_of(settings).log.decisions
    try:
        found = list(find_decisions(file, reference, site or None))
    except OSError as error:
        fail(
            f"the record of decisions `{error.filename or file}` cannot be read: {error.strerror}"
        )
    if as_json:
        show_json(found)
    elif found:
        show_cards(LOOKED_UP, [[str(each.get(name, "")) for name in LOOKED_UP] for each in found])
    if not found:
        fail(f"no decision has the reference `{reference}` in `{file}`")


def release(
    call: Annotated[
        str, typer.Argument(metavar="CALL", help="the call, as `dialguard calls` names it")
    ],
    number: Annotated[
        str,
        typer.Option(
            "--number", metavar="NUMBER", help="only what it holds for this number (+39…)"
        ),
    ] = "",
    site: Annotated[str, typer.Option("--site", metavar="NAME", help="of this site only")] = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Free the slots of a call that has ended, where nobody else did.

    It ends no call: one that is still up goes on, uncounted, and as many more may be made. All the
    time since it was let through is settled, and goes on record. Exit status 1 if the call holds
    no slot, so to do it twice does no harm.
    """
    now, chosen = time.time(), settings_of(settings)
    released: list[Lease] = []

    async def work(store: Store) -> list[Lease]:
        live = await store.live(site or None, now)
        held = [each for each in live if each.call == call and number in {"", each.number}]
        if len({each.site for each in held}) == 1:
            for each in held:
                if await store.release(each.site, each.call, each.number, each.node, now):
                    released.append(each)
        return held

    held = with_store(chosen, work)
    sites = sorted({each.site for each in held})
    if len(sites) > 1:
        fail(f"call `{call}` is of several sites; say --site: {', '.join(sites)}")
    record_settlements(chosen, released, now)
    if as_json:
        show_json([_shown(each, now) for each in held])
    if not held:
        fail(f"call `{call}` holds no slot" + (f" for `{number}`" if number else ""))
    if not as_json:
        for each in held:
            say(f"call `{call}` to `{each.number}` holds no slot any more", "green")


def _row(lease: Lease, now: float) -> list[str]:
    shown = _shown(lease, now)
    slots = ", ".join(f"{hold.limit}:{hold.key}" for hold in lease.holds)
    read = {**shown, "since": local_time(lease.since), "slots": slots, "money": _money(lease, now)}
    return [str(read[column]) for column in LISTED]


def _money(lease: Lease, now: float) -> str:
    cost, kept = so_far(lease, now), reserved(lease)
    if cost is None:
        return ""
    return amount(cost) if kept is None else f"{amount(cost)} of {amount(kept)}"


def _shown(lease: Lease, now: float) -> dict[str, object]:
    return {
        "site": lease.site,
        "extension": lease.extension,
        "number": lease.number,
        "country": lease.country,
        "category": lease.category,
        "rule": lease.rule,
        "since": datetime.fromtimestamp(lease.since, UTC).isoformat(timespec="seconds"),
        "minutes": round((now - lease.since) / 60),
        "expires": datetime.fromtimestamp(lease.expires, UTC).isoformat(timespec="seconds"),
        "channel": lease.channel,
        "node": lease.node,
        "call": lease.call,
        "reference": lease.reference,
        "price": _amount(None if lease.tariff is None else lease.tariff.per_minute),
        "so_far": _amount(so_far(lease, now)),
        "reserved": _amount(reserved(lease)),
        "budgets": [
            {"limit": each.limit, "key": each.key, "unit": each.unit, "shadow": each.shadow}
            for each in lease.budgets
        ],
        "slots": [
            {"limit": hold.limit, "key": hold.key, "calls": hold.calls, "shadow": hold.shadow}
            for hold in lease.holds
        ],
    }


def _amount(millionths: int | None) -> str | None:
    return None if millionths is None else amount(millionths)
