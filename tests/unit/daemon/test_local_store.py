"""The folder of the local store: private, in memory, and gone with the service."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from fastagi.daemon import local_store
from fastagi.daemon.local_store import folder, stopgap_in
from fastagi.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from structlog.typing import EventDict


def test_it_is_private_and_ends_with_the_service(tmp_path: Path) -> None:
    """In the folder that systemd made; of several the first."""
    with folder({"RUNTIME_DIRECTORY": f"{tmp_path}:/elsewhere"}) as made:
        assert made is not None
        assert made.parent == tmp_path
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
        (made / "leases.db").touch()
    assert list(tmp_path.iterdir()) == []


def test_without_systemd_it_is_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the machine has such a place."""
    monkeypatch.setattr(local_store, "SHARED_MEMORY", str(tmp_path))
    with folder({}) as made:
        assert made is not None
        assert made.parent == tmp_path


def test_else_it_is_where_temporary_files_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: list[EventDict]
) -> None:
    """And it is said that there was no better place."""
    monkeypatch.setattr(local_store, "SHARED_MEMORY", str(tmp_path / "nowhere"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with folder({}) as made:
        assert made is not None
        assert made.parent == tmp_path
    assert [line["event"] for line in told] == ["no-local-store"]


def test_where_there_is_no_place_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: list[EventDict]
) -> None:
    """The service runs all the same."""
    nowhere = str(tmp_path / "nowhere")
    monkeypatch.setattr(local_store, "SHARED_MEMORY", nowhere)
    monkeypatch.setattr("tempfile.tempdir", nowhere)
    with folder({"RUNTIME_DIRECTORY": nowhere}) as made:
        assert made is None
    assert len(told) == 3


async def test_it_is_opened_by_every_worker(tmp_path: Path) -> None:
    """They share it."""
    one = await stopgap_in(tmp_path, 5)
    other = await stopgap_in(tmp_path, 5)
    assert one is not None
    assert other is not None
    assert (one.calls, one.mark) == (5, other.mark)
    await one.store.close()
    await other.store.close()


@pytest.mark.parametrize("calls", [0, 5])
async def test_none_is_wanted_or_there_is_no_place(tmp_path: Path, calls: int) -> None:
    """Then rules that hold without a store deny, as all others do."""
    place = tmp_path if not calls else None
    assert await stopgap_in(place, calls) is None
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - no pathlib in a coroutine


async def test_one_that_cannot_be_used_is_told(tmp_path: Path, told: list[EventDict]) -> None:
    """Its file is none, or cannot be made."""
    (tmp_path / "leases.db").write_bytes(b"no database" * 1000)
    assert await stopgap_in(tmp_path, 5) is None
    assert await stopgap_in(tmp_path / "leases.db", 5) is None
    assert [line["event"] for line in told] == ["no-local-store"] * 2


class _Unready:
    """A store that opens, and cannot be written."""

    closed = False

    async def ready(self) -> None:
        """Fail."""
        raise StoreError("read-only")

    async def close(self) -> None:
        """Note it."""
        self.closed = True


async def test_one_that_cannot_be_written_is_closed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: list[EventDict]
) -> None:
    """Nothing of it is left open."""
    store = _Unready()
    monkeypatch.setattr(local_store, "open_store", lambda _: store)
    assert await stopgap_in(tmp_path, 5) is None
    assert store.closed
    assert [line["error"] for line in told] == ["read-only"]
