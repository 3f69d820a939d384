"""The shared store: Redis or Valkey, one for any number of gates.

    shared     the promises of `stores.store`, each one step
    words      what is asked and answered, as the script has it
    script     all steps as one Lua script, loaded once; deadlines, replicas, whose clock counts
    lua/       the steps: one file for each part of the contract
    breaker    not asking a server that is away
    sites      which sites there are
    client     a client by its URL: alone, by Sentinel, or a Cluster

Every key of a site begins with `dialguard:{SITE}:`. The braces are a hash tag: a site lies in one
slot of a cluster, so that one step can see all of it, and sites spread over the cluster. Beside
them there is one key, `dialguard:sites`.
"""

from fastagi.stores.redis.shared import RedisStore, open_store

__all__ = ["RedisStore", "open_store"]
