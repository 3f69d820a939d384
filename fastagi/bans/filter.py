"""Who carries bans out: nftables, or fail2ban by what it reads, or nobody where one only tries.

nftables is spoken to by its own command, as JSON on its standard input: every system that has
nftables has that, of the version that fits its kernel, while its Python library is no package of
PyPI's, and Debian's is for Debian's own Python. No shell is between, and no word comes of a text.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from fastagi.bans import table
from fastagi.errors import FilterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.bans.network import Network
    from fastagi.bans.table import Found, Wanted

WHERE: Final = "/usr/sbin:/sbin:/usr/bin:/bin:/usr/local/sbin"
"""Where `nft` is looked for; no environment is asked."""

PATIENCE_S: Final = 10.0
SAID_MOST: Final = 300  # characters of what nft says

log = structlog.get_logger(__name__)


class Filter(Protocol):
    """Whoever carries bans out."""

    async def hold(self, what: Wanted, now: float) -> bool:
        """See that what is wanted is so; whether anything had to be done for it.

        Raises:
            FilterError: It is not so, or nobody knows.
        """
        ...


class Nftables:
    """The kernel's packet filter."""

    def __init__(self) -> None:
        self._frame = ""
        self._until: Mapping[Network, float] = {}
        self._ports: tuple[int, ...] = ()

    async def hold(self, what: Wanted, now: float) -> bool:
        """See that the table is as it is wanted, whoever changed it: us before, or another."""
        there = await listed()
        as_it_was = there is not None and there.frame == self._frame
        if (
            as_it_was
            and there is not None
            and dict(what.bans) == self._until
            and tuple(what.ports) == self._ports
            and table.same(there.banned, what.bans)
            and table.same(there.never, what.never)
        ):
            return False
        await nft("-j", "-f", "-", said=table.replacement(what, now))
        there = await listed()
        if there is None or not table.same(there.banned, what.bans):
            raise FilterError("the table is not as it was made; does something else change it?")
        self._frame, self._until, self._ports = there.frame, dict(what.bans), tuple(what.ports)
        return True


class Fail2ban:
    """Lines of the log, which fail2ban reads; what is over or lifted is its own to know."""

    def __init__(self) -> None:
        self._until: Mapping[Network, float] = {}

    async def hold(self, what: Wanted, now: float) -> bool:
        """Write a line for each ban that is new, or on for longer."""
        new = {
            network: until
            for network, until in what.bans.items()
            if until > self._until.get(network, now)
        }
        for network, until in new.items():
            log.warning("ban-put-on", network=str(network), until=until)
        gone = self._until.keys() - what.bans.keys()
        self._until = dict(what.bans)
        return bool(new or gone)


class Nobody:
    """A dry run: nothing is done, and nothing asked."""

    def __init__(self) -> None:
        self._bans: frozenset[Network] | None = None

    async def hold(self, what: Wanted, now: float) -> bool:  # noqa: ARG002 - as of the others
        """Do nothing; whether it would be something."""
        was, self._bans = self._bans, frozenset(what.bans)
        return was != self._bans


async def listed() -> Found | None:
    """Return what the table holds; None where there is none.

    Raises:
        FilterError: Nobody can tell.
    """
    try:
        said = await nft("-j", "list", "table", table.FAMILY, table.TABLE)
    except NoTable:
        return None
    return table.found(said)


async def remove() -> None:
    """Take the table away, if there is one; everybody is heard again.

    Raises:
        FilterError: It is still there, or nobody knows.
    """
    await nft("-j", "-f", "-", said=table.removal())


class NoTable(FilterError):
    """There is no such table."""


async def nft(*words: str, said: str = "") -> str:
    """Run nft with words of our own, and return what it prints.

    Raises:
        FilterError: It is not there, takes too long, or fails; says how.
    """
    program = shutil.which("nft", path=WHERE)
    if program is None:
        raise FilterError("there is no `nft`; `apt-get install nftables`, or `dnf` likewise")
    try:
        # Not asyncio's own: with uvloop standard input is a socket then, which nft cannot open.
        done = await asyncio.to_thread(
            subprocess.run,
            [program, *words],
            input=said.encode(),
            capture_output=True,
            env={"LC_ALL": "C"},
            timeout=PATIENCE_S,
        )
    except OSError as error:
        raise FilterError(f"`{program}` cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise FilterError(f"`nft` did not end within {PATIENCE_S:.0f} s") from error
    if done.returncode == 0:
        return done.stdout.decode(errors="replace")
    what = " ".join(done.stderr.decode(errors="replace").split())[:SAID_MOST]
    if "list" in words and "No such file or directory" in what:
        raise NoTable("there is no table `inet dialguard`")
    hint = ""
    if "Operation not permitted" in what:
        hint = "; it takes CAP_NET_ADMIN, which `deploy/dialguard-bans.service` gives"
    raise FilterError(f"nft says `{what}`{hint}")
