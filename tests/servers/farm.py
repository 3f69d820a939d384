"""The servers that many tests share: each is started when it is first asked for, once a session.

They live until the process ends, one set a process; whoever asks finds them empty.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.servers.alone import Alone, Guarded, Valkey
from tests.servers.cluster import Cluster
from tests.servers.sentinel import Sentinels

if TYPE_CHECKING:
    from collections.abc import Callable


Servers = Alone | Cluster | Sentinels
"""One server or several, that keep one store."""

MAKERS: Final[dict[str, Callable[[Path], Servers]]] = {
    "redis": Alone,
    "redis-tls-acl": Guarded,
    "redis-cluster": Cluster,
    "redis-sentinel": Sentinels,
    "valkey": Valkey,
}

_running: Final[dict[str, Servers]] = {}


def empty_store(kind: str) -> str:
    """Return the URL of a store of a kind that keeps nothing yet."""
    if kind not in _running:
        folder = Path(tempfile.mkdtemp(prefix=f"dialguard-{kind}-"))
        servers = MAKERS[kind](folder)
        atexit.register(_end, servers, folder)
        servers.start()
        _running[kind] = servers
    _running[kind].empty()
    return _running[kind].url


def running(kind: str) -> Servers:
    """Return the servers of a kind, which was asked for before."""
    return _running[kind]


def _end(servers: Servers, folder: Path) -> None:
    servers.stop()
    shutil.rmtree(folder, ignore_errors=True)
