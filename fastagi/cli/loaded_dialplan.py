"""The dialplan that an Asterisk has loaded, asked over its manager interface."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from fastagi.cli.output import fail, give_up
from fastagi.daemon.manager_logins import logins_of
from fastagi.errors import DialguardError, LinkError, LoginRefused
from fastagi.watcher.link import connected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastagi.settings import Settings
    from fastagi.watcher.link import Login

ACTION: Final = "ShowDialPlan"
"""main/pbx.c manager_show_dialplan(); it takes one of the rights `config` and `reporting`."""


def loaded_dialplan(settings: Settings, node: str) -> Sequence[Mapping[str, str]]:
    """Return the events of its list; ends the command where there is none to be had.

    Args:
        settings: Where each Asterisk is.
        node: Which of them; may be empty where there is only one.
    """
    login = _login(settings, node)
    try:
        return asyncio.run(_ask(login))
    except LoginRefused as error:
        fail(f"{error}; look at `[{login.username}]` in its manager.conf")
    except DialguardError as error:
        give_up(error)


def _login(settings: Settings, node: str) -> Login:
    logins = {each.node: each for each in logins_of(settings)}
    if not logins:
        fail("the settings name no Asterisk; write `[ami]` (docs/install.md)")
    if node in logins:
        return logins[node]
    known = ", ".join(f"`{name}`" for name in logins)
    if node:
        fail(f"there is no node `{node}` in `[ami]`; there is {known}")
    if len(logins) > 1:
        fail(f"there are several Asterisks: say --node: {known}")
    return next(iter(logins.values()))


async def _ask(login: Login) -> Sequence[Mapping[str, str]]:
    async with connected(login) as link:
        try:
            return await link.ask(ACTION)
        except LinkError as error:
            cure = f"give `[{login.username}]` in manager.conf `write = call,reporting`"
            raise LinkError(f"{error}; {cure}") from error
