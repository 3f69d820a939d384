"""`dialguard calls end`: hanging up the trunk legs of a call, at Asterisk, and nothing else."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Annotated

import typer

from fastagi.cli.output import fail, give_up, say, show_json
from fastagi.cli.service import JsonOption, SettingsOption, settings_of, with_store
from fastagi.daemon.ending_calls import end_calls
from fastagi.daemon.manager_logins import logins_of
from fastagi.errors import DialguardError
from fastagi.watcher.ending import Wanted, of_leases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.daemon.ending_calls import Ended, WantedOf
    from fastagi.settings import Settings
    from fastagi.stores.store import Lease


def end(
    call: Annotated[
        str, typer.Argument(metavar="[CALL]", help="the call, as `dialguard calls` names it")
    ] = "",
    number: Annotated[
        str, typer.Option("--number", metavar="NUMBER", help="only its leg to this number (+39…)")
    ] = "",
    extension: Annotated[
        str, typer.Option("--extension", metavar="NAME", help="every call of this extension")
    ] = "",
    site: Annotated[str, typer.Option("--site", metavar="NAME", help="of this site only")] = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hang a call up, or all of an extension, at each Asterisk of `[ami]`.

    Only trunk legs that the gate let through are ended, so never an emergency call that the
    dialplan put through by itself. Exit status 1 if there is none.
    """
    if bool(call) == bool(extension):
        fail("say which: either CALL or --extension")
    loaded = settings_of(settings)
    if not loaded.ami:
        fail("the settings have no `[ami]`; end it at Asterisk: `channel request hangup CHANNEL`")
    if extension:
        ended = end_of_extension(loaded, site, extension)
    else:
        wanted = [Wanted(call, number or None, site or None)]
        ended = _end(loaded, lambda _: wanted)
    if as_json:
        show_json(
            [
                {
                    "node": each.node,
                    "channel": each.channel,
                    "call": each.call,
                    "number": each.number,
                }
                for each in ended
            ]
        )
    if not ended:
        fail(f"no call of `{extension}` is up" if extension else f"call `{call}` has no leg up")
    if not as_json:
        for each in ended:
            say(each.words, "green")


def end_of_extension(settings: Settings, site: str, extension: str) -> Sequence[Ended]:
    """End every call of an extension that holds slots, of a site or (empty) of all.

    Ends the command where the store or an Asterisk cannot be reached.
    """
    now = time.time()
    live = with_store(settings, lambda store: store.live(site or None, now))
    leases: Sequence[Lease] = [each for each in live if each.extension == extension]
    return _end(settings, lambda node: of_leases(leases, node))


def _end(settings: Settings, wanted_of: WantedOf) -> Sequence[Ended]:
    try:
        return asyncio.run(end_calls(logins_of(settings), wanted_of))
    except DialguardError as error:
        give_up(error)
