"""What `dialguard doctor` looks at of each Asterisk's manager interface."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fastagi.cli.checkup import fail, ok, warn
from fastagi.daemon.manager_logins import logins_of
from fastagi.errors import DialguardError, LinkError, LoginRefused
from fastagi.watcher.channels import MARK
from fastagi.watcher.link import connected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.cli.checkup import Finding
    from fastagi.settings import Settings
    from fastagi.watcher.link import Login


def managers_let_us_in(settings: Settings) -> Iterator[Finding]:
    """Whether each Asterisk of the settings lets the watcher in, and does what it needs."""
    if not settings.ami:
        yield warn(
            "no Asterisk is watched: a call past the gate is not noticed, and a sign-in not ended "
            "as its phone registers elsewhere",
            "put `[ami]` into the settings (docs/install.md)",
        )
    for login in logins_of(settings):
        yield asyncio.run(_try(login))


async def _try(login: Login) -> Finding:
    place = f"{login.host}:{login.port}"
    try:
        async with connected(login) as link:
            try:
                rows = (await link.channels(MARK)).rows
            except LinkError as error:
                return fail(str(error), f"`[{login.username}]` in manager.conf: `write = call`")
    except LoginRefused as error:
        cure = f"`[{login.username}]` in manager.conf: is the secret the same, `permit` ours?"
        return fail(str(error), cure)
    except DialguardError as error:
        return fail(str(error), "see `[ami]` in docs/install.md")
    return ok(f"Asterisk at {place} (node `{login.node}`) lets us watch: {len(rows)} channels up")
