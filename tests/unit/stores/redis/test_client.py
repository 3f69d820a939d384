"""A store's URL, and the client it makes."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis, RedisCluster

from fastagi.errors import StoreError
from fastagi.stores.redis.client import connect, read_url


def test_a_url_of_one_server() -> None:
    """A password is percent-encoded, and shown by nothing."""
    address = read_url("rediss://gate:p%40ss%2Fw@db.example:7000/3?ca=/etc/ca.pem&replicas=1")
    assert (address.kind, address.hosts, address.database) == ("alone", (("db.example", 7000),), 3)
    assert (address.is_tls, address.ca, address.replicas) == (True, "/etc/ca.pem", 1)
    assert address.login == {"username": "gate", "password": "p@ss/w"}
    assert "p@ss" not in repr(address)


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("redis://h", (("h", 6379),)),
        ("redis://[::1]:7000", (("::1", 7000),)),
        ("redis://[::1]", (("::1", 6379),)),
        ("redis+cluster://a:7000,b", (("a", 7000), ("b", 6379))),
        ("redis+sentinel://a,b:26380/m", (("a", 26379), ("b", 26380))),
    ],
)
def test_where_it_is(url: str, hosts: tuple[tuple[str, int], ...]) -> None:
    """Ports are those of Redis, and of Sentinel, where none is written."""
    assert read_url(url).hosts == hosts


def test_a_url_of_sentinels() -> None:
    """They have a login of their own."""
    address = read_url("redis+sentinel://:x@a/main?sentinel_username=u&sentinel_password=p")
    assert (address.kind, address.master) == ("sentinel", "main")
    assert address.login == {"password": "x"}
    assert address.sentinel_login == {"username": "u", "password": "p"}


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("redis://gate:hunter2@", "names no host"),
        ("redis://gate:hunter2@h:port", "the port is no number"),
        ("redis://gate:hunter2@h/name", "the database is no number"),
        ("redis://gate:hunter2@h?replicas=many", "replicas is no number"),
        ("redis://gate:hunter2@h?timeout=3", "an option that is none after `.`; there is `ca`"),
        ("redis://u:hun?ter2@h/0", "an option that is none"),
        ("redis://gate:hunter2@a,b", "several hosts"),
        ("redis://gate:hunter2@[bad/0", "brackets"),
        ("redis://gate:hunter2@h:99999", "the port is no number"),
        ("redis+sentinel://gate:hunter2@h", "ends with the master's name"),
    ],
)
def test_what_is_not_understood_is_said_without_the_password(url: str, says: str) -> None:
    """And what to write instead."""
    with pytest.raises(StoreError, match=says) as said:
        read_url(url)
    assert not {"hunter2", "ter2"} & {*str(said.value).replace("`", " ").split()}


@pytest.mark.parametrize(
    ("url", "kind", "sentinels"),
    [
        ("redis://h", Redis, 0),
        ("rediss://h?ca=/etc/ca.pem", Redis, 0),
        ("redis+sentinel://a,b/m", Redis, 2),
        ("redis+cluster://a,b", RedisCluster, 0),
    ],
)
async def test_a_client_connects_when_it_is_asked(
    url: str, kind: type[object], sentinels: int
) -> None:
    """So that a gate starts, and tells what is wrong, while its store is away."""
    client, others = connect(read_url(url))
    assert isinstance(client, kind)
    assert len(others) == sentinels
    await client.aclose()
