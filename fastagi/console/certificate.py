"""The certificate that the web shows: the one on disk, and not the one it started with."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from pathlib import Path

LOOK_S: Final = 2.0
"""Seconds between two looks at the files. They may be links into a folder of others, where nothing
would tell of a change."""

log = structlog.get_logger(__name__)


class Certificate:
    """A chain and its key, as they are by now.

    Every handshake is given a context of the newest that could be read. To load it into the one
    that is in use would leave the old one beside it where the new key is of another kind.

    Args:
        chain: In PEM.
        private_key: In PEM, without a passphrase.

    Raises:
        OSError: They cannot be used.
    """

    def __init__(self, chain: Path, private_key: Path) -> None:
        self._chain = chain
        self._private_key = private_key
        self._read = self._look()
        self._newest = self._load()

    def show_in(self, context: ssl.SSLContext) -> None:
        """Show it to whoever connects by a context, whatever that was made with."""

        def choose(shaking: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
            shaking.context = self._newest

        context.sni_callback = choose

    async def keep_up(self) -> None:
        """Read the files whenever they have changed and are no longer being written, for ever.

        What cannot be used is told, and changes nothing.
        """
        before = self._read
        while True:
            await asyncio.sleep(LOOK_S)
            now = await asyncio.to_thread(self._look)
            if now != self._read and now == before:
                self._read = now
                await asyncio.to_thread(self._renew)
            before = now

    def _renew(self) -> None:
        files = {"certificate": str(self._chain), "private_key": str(self._private_key)}
        try:
            self._newest = self._load()
        except OSError as error:
            log.error("certificate-refused", **files, error=str(error))
        else:
            log.warning("certificate-reread", **files)

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._chain, self._private_key, password="")  # asks at no terminal
        return context

    def _look(self) -> tuple[tuple[int, ...], ...]:
        """Return what changes when one of the files does."""
        return tuple(_look(each) for each in (self._chain, self._private_key))


def _look(file: Path) -> tuple[int, ...]:
    """Nothing of one that is not there."""
    try:
        status = file.stat()
    except OSError:
        return ()
    return status.st_ino, status.st_size, status.st_mtime_ns
