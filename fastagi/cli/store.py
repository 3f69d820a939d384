"""`dialguard store`: moving what the service knows to another store."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from fastagi.cli.output import Status, fail, give_up, say, show_json, show_table, warn
from fastagi.cli.service import JsonOption, leave_to_owner, settings_of
from fastagi.daemon.places import SQLITE, store_url
from fastagi.errors import DialguardError
from fastagi.stores.copying import Counts, copy, count, differences
from fastagi.stores.opening import open_store

OF_SETTINGS: Final = "settings:"
EXAMPLE: Final = "Example: dialguard store copy settings:old.toml settings:dialguard.toml"
COUNTED: Final = ("site", "extensions", "subjects", "calls", "sign_ins", "records", "charges")


def commands() -> typer.Typer:
    """Return the group of commands."""
    group = typer.Typer(help="Move what the service knows to another store.", epilog=EXAMPLE)
    group.callback()(_group)
    group.command("copy", epilog=EXAMPLE)(copy_all)
    return group


def _group() -> None:
    """Move what the service knows to another store."""


def copy_all(
    source: Annotated[
        str,
        typer.Argument(metavar="FROM", help="the URL of a store, or `settings:FILE`"),
    ],
    target: Annotated[str, typer.Argument(metavar="TO", help="likewise; it is added to")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", metavar="", help="count only; TO is not touched")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Copy everything that lasts from one store to another, then compare the two.

    Stop the service first: what changes in FROM meanwhile may be left behind. FROM stays as it
    is. Begun again after a failure, it goes on. Status 1 where something differs in the end.

    A password in a URL can be read by every user of this machine while the command runs; with
    `settings:FILE` it is the store of a settings file, and its URL stays there.

    Columns: site, extensions, subjects, calls, sign_ins, records, charges.
    """
    urls = _url(source), _url(target)
    _look(*urls)
    if not dry_run:
        warn("stop the service first: what changes meanwhile may be left behind")
    try:
        counts, differ = asyncio.run(_copy(*urls, dry_run=dry_run))
    except DialguardError as error:
        give_up(error)
    if as_json:
        shown = [dict(zip(COUNTED, asdict(each).values(), strict=True)) for each in counts]
        show_json({"dry_run": dry_run, "sites": shown, "differs": differ})
    else:
        rows = [[str(value) for value in asdict(each).values()] for each in counts]
        show_table(COUNTED, rows, none="there is nothing to copy")
    for each in differ:
        warn(f"differs: {each}", "red")
    if differ:
        raise typer.Exit(Status.FAILED)
    if not dry_run and not as_json and Console().is_terminal:
        say("copied, read back and the same", "green")


def _url(named: str) -> str:
    if named.startswith(OF_SETTINGS):
        return store_url(settings_of(Path(named.removeprefix(OF_SETTINGS))))
    return named


def _look(source: str, target: str) -> None:
    """End the command where a copy would come of nothing, or be made in the wrong hands."""
    if source == target or _file(source) == _file(target) is not None:
        fail("FROM and TO are the same store")
    if (file := _file(source)) is not None and not file.is_file():
        fail(f"there is no store `{source}`")  # opening it would make an empty one
    for url in (source, target):
        if (file := _file(url)) is not None:
            leave_to_owner(file)


def _file(url: str) -> Path | None:
    """Return the file of an SQLite store, by its one true name; None for stores of other kinds."""
    return Path(url.removeprefix(SQLITE)).resolve() if url.startswith(SQLITE) else None


async def _copy(
    source_url: str, target_url: str, *, dry_run: bool
) -> tuple[list[Counts], list[str]]:
    now = time.time()
    source = open_store(source_url)
    try:
        counts = await count(source, now)
        if dry_run:
            return counts, []
        target = open_store(target_url)
        try:
            await target.ready()
            with Console(stderr=True).status("copying") as shown:
                await copy(source, target, now, shown.update)
                shown.update("comparing")
                return counts, await differences(source, target, now)
        finally:
            await target.close()
    finally:
        await source.close()
