"""The servers that the stores are tried on are what they are called."""

from __future__ import annotations

import pytest
import redis

from tests.servers.cluster import Cluster
from tests.servers.farm import MAKERS, empty_store, running
from tests.servers.node import ServerError, wait_until
from tests.servers.sentinel import Sentinels


def test_the_guarded_server_speaks_tls_to_a_user_of_few_rights() -> None:
    """Its own keys, and no other; no plain text, nobody unknown, nothing an operator does."""
    url = empty_store("redis-tls-acl").replace("?ca=", "?ssl_ca_certs=")  # as redis-py has it
    with redis.Redis.from_url(url) as client:
        assert client.set("dialguard:{office}:x", "1")
        for forbidden in (["SET", "other", "1"], ["KEYS", "*"], ["FLUSHALL"], ["ACL", "LIST"]):
            with pytest.raises(redis.exceptions.NoPermissionError):
                client.execute_command(*forbidden)
    unknown = url.replace("dialguard:correct-horse@", "")
    for wrong in (unknown, url.replace("rediss:", "redis:").partition("?")[0]):
        with redis.Redis.from_url(wrong) as client, pytest.raises(redis.RedisError):
            client.ping()


def test_valkey_is_valkey() -> None:
    """And not a Redis of that name."""
    with redis.Redis.from_url(empty_store("valkey")) as client:
        assert "valkey_version" in client.info("server")


def test_the_sets_are_whole() -> None:
    """Three masters with a replica each; one master, two replicas and who watches them."""
    empty_store("redis-cluster")
    empty_store("redis-sentinel")
    cluster, sentinels = running("redis-cluster"), running("redis-sentinel")
    assert isinstance(cluster, Cluster)
    assert isinstance(sentinels, Sentinels)
    assert (len(cluster.masters()), len(cluster.nodes)) == (3, 6)
    assert (len(sentinels.nodes), len(sentinels.sentinels)) == (3, 3)
    with pytest.raises(ServerError, match="nobody keeps"):
        cluster.keeper("hotel")


@pytest.mark.parametrize("kind", MAKERS)
def test_each_store_is_empty_however_it_was_left(kind: str) -> None:
    """Tests leave nothing to each other; and it is the very same server, not a new one."""
    url = empty_store(kind)
    servers = running(kind)
    if isinstance(servers, Cluster):
        node = servers.masters()[0]
        with redis.RedisCluster(host="127.0.0.1", port=node.port) as client:
            client.set("dialguard:{office}:x", "1")
        assert servers.keeper("office") in servers.masters()
        assert empty_store(kind) == url
        with pytest.raises(ServerError):
            servers.keeper("office")
        return
    node = servers.master() if isinstance(servers, Sentinels) else servers.node
    node.ask("SET", "dialguard:{office}:x", "1")
    assert empty_store(kind) == url
    assert node.ask("DBSIZE") == 0


def test_waiting_in_vain_says_for_what() -> None:
    """So that a test that fails says which server it was."""
    with pytest.raises(ServerError, match="in vain: the moon"):
        wait_until(lambda: False, "the moon", deadline_s=0.01)
