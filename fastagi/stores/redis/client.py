"""A client by the store's URL: one server, the master that Sentinel names, or a Cluster."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode, PipelineCommand
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import (
    BusyLoadingError,
    ClusterDownError,
    ClusterError,
    MasterDownError,
    ReadOnlyError,
    RedisError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from fastagi.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

DEADLINE_S: Final = 0.4
"""What one step may take, connecting included: a little less than a caller waits for us."""

IN_FLIGHT: Final = 8
"""Steps of one process that are under way at a time, each on a connection of its own.

The server takes one step after another anyway; more connections would only all be made at once
where many callers come after it was away.
"""

SENTINEL_S: Final = 0.1
"""What one sentinel is given, so that of three two may be away."""

AWAY: Final = (
    *(RedisConnectionError, RedisTimeoutError, BusyLoadingError, ClusterError, ReadOnlyError),
    *(ClusterDownError, MasterDownError, OSError, TimeoutError),
    *(RuntimeError, AttributeError),  # uvloop's, of a connection that ended meanwhile
)
"""What is thrown where a server is away: it need not be asked again at once."""

FAULTS: Final = (RedisError, ValueError, *AWAY)
"""All that the driver throws; what is not in `AWAY` is the question's own fault."""

OPTIONS: Final = frozenset({"ca", "replicas", "sentinel_username", "sentinel_password"})
PORT: Final = 6379
SENTINEL_PORT: Final = 26379

Client: TypeAlias = "Redis | RedisCluster"


@dataclass(frozen=True, slots=True)
class Address:
    """A store's URL, read.

    Attributes:
        kind: `alone`, `sentinel` or `cluster`.
        hosts: The server, the sentinels, or some nodes of the cluster, by host and port.
        master: The name that the sentinels know the master by.
        replicas: How many replicas must have what must not be forgotten; 0 asks none.
        login: What is said to the server; its repr shows no password.
        sentinel_login: The same to the sentinels.
    """

    kind: str
    hosts: tuple[tuple[str, int], ...]
    is_tls: bool
    ca: str | None
    database: int
    master: str
    replicas: int
    login: dict[str, Any] = field(repr=False)
    sentinel_login: dict[str, Any] = field(repr=False)


def read_url(url: str) -> Address:
    """Read the URL of a store.

    Args:
        url: `redis://user:password@host:6379/0`, `redis+sentinel://host1,host2/mymaster`,
            `redis+cluster://host1:7000,host2`; with `rediss` for TLS. After a `?` may come
            `ca=FILE` (who signs the server's certificate), `replicas=1` (see docs/redis.md),
            `sentinel_username` and `sentinel_password`. A password is percent-encoded.

    Raises:
        StoreError: Something in it is not understood. What it says never holds a password.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise StoreError("the store's URL cannot be read; are its brackets whole") from None
    scheme, _, kind = parts.scheme.partition("+")
    user, at, places = parts.netloc.rpartition("@")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if options.keys() - OPTIONS:
        # Which is not said: it may be part of a password that is not percent-encoded.
        raise StoreError(
            "the store's URL has an option that is none after `?`; "
            f"there is {', '.join(f'`{each}`' for each in sorted(OPTIONS))}"
        )
    path = parts.path.strip("/")
    name, _, password = user.partition(":")
    login = {"username": unquote(name), "password": unquote(password)} if at else {}
    replicas = _number(options.get("replicas", "0"), "replicas")
    if kind == "sentinel" and not path:
        raise StoreError("a URL of Sentinel ends with the master's name: `/mymaster`")
    hosts = tuple(_places(places, SENTINEL_PORT if kind == "sentinel" else PORT))
    if not kind and len(hosts) > 1:
        raise StoreError("the store's URL names several hosts; one of `redis://` has one")
    return Address(
        kind=kind or "alone",
        hosts=hosts,
        is_tls=scheme == "rediss",
        ca=options.get("ca"),
        database=_number(path or "0", "the database") if not kind else 0,
        master=path if kind == "sentinel" else "",
        replicas=replicas,
        login={key: value for key, value in login.items() if value},
        sentinel_login={
            each: options[f"sentinel_{each}"]
            for each in ("username", "password")
            if f"sentinel_{each}" in options
        },
    )


def connect(address: Address) -> tuple[Client, list[Redis]]:
    """Return a client, and those of the sentinels; all connect when they are first asked."""
    how: dict[str, Any] = {  # Any: as redis-py takes them
        # `Steps` holds all to the deadline. The driver's own would, before Python 3.12, now and
        # then swallow that somebody is told to stop, who goes on then for ever.
        "socket_timeout": None,
        "socket_connect_timeout": DEADLINE_S,
        "protocol": 2,
        "driver_info": None,  # two round trips less on each new connection
    }
    if address.is_tls:
        how |= {"ssl": True, "ssl_ca_certs": address.ca}
    match address.kind:
        case "cluster":
            cluster = RedisCluster(
                startup_nodes=[ClusterNode(host, port) for host, port in address.hosts],
                require_full_coverage=False,  # a site whose slots are served goes on
                retry=Retry(NoBackoff(), 0),  # a code that was burnt must not be burnt twice
                max_connections=2 * IN_FLIGHT,
                **address.login,
                **how,
            )
            return cluster, []
        case "sentinel":
            how["retry"] = Retry(NoBackoff(), 0)
            soon = {"socket_timeout": SENTINEL_S, "socket_connect_timeout": SENTINEL_S}
            sentinel = Sentinel(  # type: ignore[no-untyped-call]  # redis-py gives it no types
                address.hosts, sentinel_kwargs={**how, **soon, **address.sentinel_login}, **how
            )
            client: Redis = sentinel.master_for(address.master, **address.login)
            return client, sentinel.sentinels
        case _:
            [(host, port)] = address.hosts
            how["retry"] = Retry(NoBackoff(), 0)
            alone = Redis(host=host, port=port, db=address.database, **address.login, **how)
            return alone, []


async def ask_together(
    client: Client, key: str, commands: Sequence[Sequence[Any]]
) -> Sequence[Any]:  # Any: as the server answers
    """Ask several things on one connection, of the server that has a key; errors are answers, too.

    Raises:
        RedisError: Nobody was asked.
    """
    if isinstance(client, RedisCluster):
        await client.initialize()
        node = client.get_node_from_key(key)
        if node is None:  # pragma: no cover - of a primary it raises instead
            raise ClusterDownError(f"nobody has {key}")
        asked = [PipelineCommand(number, *each) for number, each in enumerate(commands)]
        await node.execute_pipeline(asked)
        return [each.result for each in asked]
    pipe = client.pipeline(transaction=False)
    for each in commands:
        pipe.execute_command(*each)
    return list(await pipe.execute(raise_on_error=False))


def _places(text: str, port: int) -> list[tuple[str, int]]:
    """Read `host`, `host:port`, `[::1]:port`, several of them after commas."""
    found = []
    for place in text.split(","):
        host, colon, behind = place.rpartition(":") if not place.endswith("]") else (place, "", "")
        host, number = (host, _number(behind, "the port")) if colon else (place, port)
        if not host:
            raise StoreError("the store's URL names no host")
        found.append((host.strip("[]"), number))
    return found


def _number(text: str, what: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise StoreError(f"in the store's URL {what} is no number, or none that can be")
    return int(text)
