"""The certificate on disk is the one that is shown."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from structlog.testing import capture_logs

from fastagi.console import certificate
from fastagi.console.certificate import Certificate
from fastagi.console.serving import Bounds
from tests.servers.certificates import DAY, make_certificates
from tests.unit.console.test_serving import ask, hang_up, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from structlog.typing import EventDict


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EventDict]]:
    """What the service said; looks are short apart."""
    monkeypatch.setattr(certificate, "LOOK_S", 0.02)
    with capture_logs() as events:
        yield events


def _files(folder: Path) -> dict[str, Path]:
    return {"certificate": folder / "server.pem", "private_key": folder / "server.key"}


async def _is_shown(port: int, folder: Path) -> bool:
    """Tell whether what is shown is what the authority of a folder has signed."""
    trusts = ssl.create_default_context(cafile=folder / "ca.pem")
    with contextlib.suppress(ssl.SSLError):
        return (await ask(port, tls=trusts)).startswith(b"HTTP/1.1 200")
    return False


async def _told(said: list[EventDict], event: str) -> EventDict:
    """Wait until the service has said something; return it."""
    async with asyncio.timeout(10):
        while event not in [each["event"] for each in said]:  # noqa: ASYNC110 - no event is set
            await asyncio.sleep(0.01)
    return next(each for each in said if each["event"] == event)


@pytest.mark.parametrize("is_rsa", [False, True])
async def test_a_renewed_certificate_is_shown_to_whoever_connects_next(
    tmp_path: Path, said: list[EventDict], *, is_rsa: bool
) -> None:
    """Also one with another kind of key; who is connected stays so."""
    make_certificates(tmp_path)
    async with served(Bounds(), **_files(tmp_path)) as port:
        assert await _is_shown(port, tmp_path)
        old = ssl.create_default_context(cafile=tmp_path / "ca.pem")
        reading, writing = await asyncio.open_connection("127.0.0.1", port, ssl=old)
        key = rsa.generate_private_key(65537, 2048) if is_rsa else None
        make_certificates(tmp_path, DAY, key)
        await _told(said, "certificate-reread")
        assert await _is_shown(port, tmp_path)
        with pytest.raises(ssl.SSLError):
            await ask(port, tls=old)
        writing.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(5):
            assert (await reading.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
        await hang_up(writing)


@pytest.mark.parametrize("broken", ["server.pem", "server.key"])
async def test_what_cannot_be_used_changes_nothing(
    tmp_path: Path, said: list[EventDict], broken: str
) -> None:
    """It is told, with both files; once it can be, it is shown."""
    make_certificates(tmp_path)
    async with served(Bounds(), **_files(tmp_path)) as port:
        was = (tmp_path / broken).read_bytes()
        (tmp_path / broken).unlink()
        refused = await _told(said, "certificate-refused")
        assert refused["certificate"] == str(tmp_path / "server.pem")
        assert refused["private_key"] == str(tmp_path / "server.key")
        assert await _is_shown(port, tmp_path)
        (tmp_path / broken).write_bytes(was)
        await _told(said, "certificate-reread")
        assert await _is_shown(port, tmp_path)


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    """As is one that is not there."""
    make_certificates(tmp_path / "a")
    make_certificates(tmp_path / "b")
    with pytest.raises(ssl.SSLError, match="mismatch"):
        Certificate(tmp_path / "a" / "server.pem", tmp_path / "b" / "server.key")
    with pytest.raises(FileNotFoundError):
        Certificate(tmp_path / "a" / "server.pem", tmp_path / "c" / "server.key")
