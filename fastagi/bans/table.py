"""The packet filter's table, as JSON that `nft` reads and writes (libnftables-json(5)).

`inet dialguard` is dialguard's own; nothing is said of any other. It is replaced as a whole in one
transaction of the kernel's, in which no packet meets half of it: so what is there never hangs on
what was there before. Whoever is never banned is let on before anybody is dropped, so that the
allow list wins in the kernel itself; and all that is done before connections are looked up, so
that a call that runs ends like one that begins.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    collapse_addresses,
    ip_address,
    ip_network,
    summarize_address_range,
)
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from fastagi.bans.ban import order
from fastagi.errors import FilterError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from fastagi.bans.allow import AllowList
    from fastagi.bans.ban import Ban
    from fastagi.bans.network import Network

Json: TypeAlias = "dict[str, Any]"  # Any: as nft has it

FAMILY: Final = "inet"
TABLE: Final = "dialguard"
CHAIN: Final = "before"
PRIORITY: Final = -310
"""Before `raw` (-300) and before connections are looked up (-200); netfilter_ipv4.h."""

VERSIONS: Final = (4, 6)
PROTOCOL: Final = {4: "ip", 6: "ip6"}
LAYERS: Final = ("tcp", "udp")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the table is to hold.

    Attributes:
        bans: Who is dropped, and until when; none of these touches another, nor `never`.
        never: Who is let on.
        ports: What of theirs is dropped: packets to these, or all where none is named.
    """

    bans: Mapping[Network, float]
    never: Sequence[Network]
    ports: Sequence[int] = ()


def wanted(
    bans: Iterable[Ban], never: AllowList, ports: Sequence[int], now: float
) -> tuple[Wanted, list[Ban]]:
    """Return what the table is to hold, and the bans that the allow list holds back.

    Of one that lies in another the wider is taken; the other's turn comes once that is over.
    """
    kept: dict[Network, float] = {}
    refused = []
    widest: Network | None = None
    for each in sorted(bans, key=lambda it: order(it.network)):
        if not each.until > now:
            continue
        if never.why(each.network):
            refused.append(each)
        elif widest is None or not each.network.overlaps(widest):
            kept[each.network] = each.until
            widest = each.network
    return Wanted(kept, never.networks, tuple(ports)), refused


# ----------------------------------------------------------------------------- to the kernel


def replacement(what: Wanted, now: float) -> str:
    """Return what has the table be as it is wanted, whatever it was."""
    return _script([_add("table", name=TABLE), *_removal(), *_table(what, now)])


def removal() -> str:
    """Return what has the table be gone, whether it was there or not."""
    return _script([_add("table", name=TABLE), *_removal()])


def _removal() -> Iterator[Json]:
    yield {"delete": {"table": {"family": FAMILY, "name": TABLE}}}


def _table(what: Wanted, now: float) -> Iterator[Json]:
    yield _add("table", name=TABLE)
    for version in VERSIONS:
        never = [_address(each) for each in what.never if each.version == version]
        yield _set(f"never{version}", version, ["interval"], never)
        banned: list[object] = [
            # A second or so longer than the store says: who replaces the table at that moment
            # does so before the kernel forgets.
            {"elem": {"val": _address(network), "timeout": max(1, math.ceil(until - now))}}
            for network, until in what.bans.items()
            if network.version == version
        ]
        yield _set(f"banned{version}", version, ["interval", "timeout"], banned)
    yield _add(
        "chain",
        table=TABLE,
        name=CHAIN,
        type="filter",
        hook="prerouting",
        prio=PRIORITY,
        policy="accept",
    )
    loopback = _match({"meta": {"key": "iif"}}, "lo")
    yield _rule(loopback, {"accept": None})
    for version in VERSIONS:
        yield _rule(_from(version, "never"), {"accept": None})
    for version in VERSIONS:
        yield _rule(_from(version, "banned"), *_to(what.ports), {"counter": None}, {"drop": None})


def _from(version: int, name: str) -> Json:
    source = {"payload": {"protocol": PROTOCOL[version], "field": "saddr"}}
    return _match(source, f"@{name}{version}")


def _to(ports: Sequence[int]) -> Iterator[Json]:
    if ports:
        yield _match({"meta": {"key": "l4proto"}}, {"set": list(LAYERS)})
        yield _match({"payload": {"protocol": "th", "field": "dport"}}, {"set": sorted(ports)})


def _match(left: Json, right: object) -> Json:
    return {"match": {"op": "==", "left": left, "right": right}}


def _rule(*expr: Json) -> Json:
    return _add("rule", table=TABLE, chain=CHAIN, expr=list(expr))


def _set(name: str, version: int, flags: Sequence[str], elements: Sequence[object]) -> Json:
    more = {"elem": elements} if elements else {}
    return _add("set", table=TABLE, name=name, type=f"ipv{version}_addr", flags=flags, **more)


def _add(what: str, **more: object) -> Json:
    return {"add": {what: {"family": FAMILY, **more}}}


def _address(network: Network) -> Json:
    return {"prefix": {"addr": str(network.network_address), "len": network.prefixlen}}


def _script(commands: Sequence[Json]) -> str:
    return json.dumps({"nftables": commands})


# ----------------------------------------------------------------------------- from the kernel


@dataclass(frozen=True, slots=True)
class Found:
    """What the table holds.

    Attributes:
        frame: All of it but whose addresses are in it, and what was counted.
    """

    frame: str
    banned: frozenset[Network]
    never: frozenset[Network]


def found(listing: str) -> Found:
    """Read what `nft -j list table` says.

    Raises:
        FilterError: It is nothing that nft says of a table of ours.
    """
    frame = []
    sets: dict[str, set[Network]] = {"banned": set(), "never": set()}
    try:
        for each in json.loads(listing)["nftables"]:
            if "metainfo" in each:
                continue
            if "set" in each:
                elements = each["set"].pop("elem", [])
                into = sets.setdefault(str(each["set"]["name"])[:-1], set())
                for element in elements:
                    into.update(_networks(element))
            for expression in each.get("rule", {}).get("expr", []):
                if "counter" in expression:
                    expression["counter"] = None
            frame.append(each)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FilterError("what nft says of the table makes no sense") from error
    return Found(json.dumps(frame), frozenset(sets["banned"]), frozenset(sets["never"]))


def _networks(element: Any) -> Iterator[Network]:
    """Read an element of a set, however nft writes it: an address, a prefix, or a range."""
    it = element["elem"]["val"] if isinstance(element, dict) and "elem" in element else element
    if isinstance(it, str):
        yield ip_network(it)
    elif "prefix" in it:
        yield ip_network((it["prefix"]["addr"], it["prefix"]["len"]))
    else:
        first, last = (ip_address(each) for each in it["range"])
        if isinstance(first, IPv4Address) and isinstance(last, IPv4Address):
            yield from summarize_address_range(first, last)
        if isinstance(first, IPv6Address) and isinstance(last, IPv6Address):
            yield from summarize_address_range(first, last)


def same(ones: Iterable[Network], others: Iterable[Network]) -> bool:
    """Whether these are the same addresses, however they are cut into networks."""
    some, more = set(ones), set(others)
    return some == more or _merged(some) == _merged(more)


def _merged(networks: Iterable[Network]) -> set[Network]:
    several = list(networks)
    return {
        *collapse_addresses(each for each in several if isinstance(each, IPv4Network)),
        *collapse_addresses(each for each in several if isinstance(each, IPv6Network)),
    }
