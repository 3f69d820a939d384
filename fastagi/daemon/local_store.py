"""Where calls hold slots while the store is away: a folder of this gate's own, in memory.

The supervisor makes it and takes it away again; its workers share what is in it.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.call.stopgap import Stopgap
from fastagi.errors import StoreError
from fastagi.stores.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SHARED_MEMORY: Final = "/dev/shm"  # noqa: S108 - the folder made in it is private

PREFIX: Final = "dialguard-"

log = structlog.get_logger(__name__)


@contextlib.contextmanager
def folder(environment: Mapping[str, str]) -> Iterator[Path | None]:
    """Make the folder, for as long as the service runs; None where there is no place for it.

    Args:
        environment: systemd names the service's own folder in it (`RuntimeDirectory=`).
    """
    runtime = environment.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    made = None
    for place in filter(None, (runtime, SHARED_MEMORY, tempfile.gettempdir())):
        try:
            made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))  # mode 0700
        except OSError as error:
            log.warning("no-local-store", place=place, error=str(error))
        else:
            break
    try:
        yield made
    finally:
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)


async def stopgap_in(
    place: Path | None, calls: int, is_shared: Callable[[], bool] = lambda: False
) -> Stopgap | None:
    """Open the local store; None where there is none to be, or it cannot be used.

    Args:
        place: The folder.
        calls: How many calls may hold slots in it; 0 for none.
        is_shared: Whether there are several sites, each of which may have half of them.
    """
    if place is None or not calls:
        return None
    try:
        store = open_store(f"sqlite://{place / 'leases.db'}")
    except StoreError as error:
        log.error("no-local-store", place=str(place), error=str(error))
        return None
    try:
        await store.ready()
    except StoreError as error:
        log.error("no-local-store", place=str(place), error=str(error))
        await store.close()
        return None
    return Stopgap(store, calls, place / "used", is_shared)
