"""`dialguard versions`: the policies that were once in force, as they were."""

from __future__ import annotations

import difflib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from fastagi import versions
from fastagi.cli.output import fail, give_up, local_time, say, show_json, show_table
from fastagi.cli.service import JsonOption, SettingsOption, SiteOption, settings_of
from fastagi.daemon.places import versions_folder
from fastagi.errors import VersionError
from fastagi.policy.wording import nearest, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastagi.versions import Manifest
    from fastagi.versions.manifest import Kept

COLUMNS: Final = ("site", "version", "since", "until", "files", "bytes")

COMPARED_MAX: Final = 4 << 20
"""Bytes of a file whose lines are compared; of a longer one it is told that it changed."""

BEGINNING: Final = re.compile(r"[0-9a-f]{4,12}", re.ASCII)
"""What of a version is enough to name it, where no other begins so."""

VersionArgument = Annotated[
    str,
    typer.Argument(
        metavar="VERSION",
        help="as `dialguard versions` and the record name it; its beginning is enough, from four "
        "digits on",
    ),
]


def commands() -> typer.Typer:
    """Return the group of commands; without a command it lists."""
    group = typer.Typer(help="The policies that were in force, as they were.")
    group.callback(invoke_without_command=True, epilog="Example: dialguard versions")(
        _list_by_default
    )
    group.command("list", epilog="Example: dialguard versions list --json")(list_all)
    group.command(epilog="Example: dialguard versions show 0123456789ab > then.toml")(show)
    group.command(epilog="Example: dialguard versions diff 0123456789ab ba9876543210")(diff)
    return group


def _list_by_default(
    context: typer.Context,
    site: SiteOption = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """The policies that were in force, as they were; without a command: list."""
    if context.invoked_subcommand is None:
        list_all(site, settings, as_json)


def list_all(
    site: SiteOption = "", settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """List the versions that are kept, newest first; one that came back is there again.

    Columns: site, version, since, until, files, bytes. What is in force has no `until`. Bytes are
    those of its files as they were; what several versions share is kept once.
    """
    folder = versions_folder(settings_of(settings))
    rows = []
    try:
        for name, spans in versions.histories(folder).items():
            for span in reversed(spans) if site in ("", name) else ():
                manifest = versions.read_manifest(folder, name, span.version)
                size = sum(each.size for each in manifest.files)
                rows.append((name, span, len(manifest.files), size))
    except VersionError as error:
        give_up(error)
    if as_json:
        show_json(
            [
                dict(zip(COLUMNS, (name, each.version, each.since, each.until, *of), strict=True))
                for name, each, *of in rows
            ]
        )
        return
    shown = [
        [
            *(name, each.version, local_time(each.since)),
            *("" if each.until is None else local_time(each.until), str(files), str(size)),
        ]
        for name, each, files, size in rows
    ]
    show_table(COLUMNS, shown, none="no version is kept yet; the service keeps them as it runs")


def show(
    version: VersionArgument,
    file: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="of its files, this one: `irsf.csv`; the policy, if left out"
        ),
    ] = "",
    site: SiteOption = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a policy as it was, byte by byte, or one of its files; with `--json`, which it has."""
    folder = versions_folder(settings_of(settings))
    manifest = _manifest(folder, version, site)
    if as_json:
        show_json(
            {
                "site": manifest.site,
                "version": manifest.version,
                "files": [
                    {
                        "role": each.role,
                        "name": each.name,
                        "sha256": each.digest,
                        "bytes": each.size,
                    }
                    for each in manifest.files
                ],
            }
        )
        return
    raw = _contents(folder, _file(manifest, file) if file else manifest.policy)
    if sys.stdout.isatty():  # a file may hold what moves a terminal's cursor
        for line in raw.decode(errors="replace").splitlines():
            say(printable(line.replace("\t", "    ")))
    else:
        sys.stdout.buffer.write(raw)


def diff(
    old: VersionArgument,
    new: VersionArgument,
    site: SiteOption = "",
    settings: SettingsOption = None,
) -> None:
    """Show what changed between two versions, line by line, and in which of their files.

    What that means for calls is another question: see `dialguard explain` with each of them.
    """
    folder = versions_folder(settings_of(settings))
    before, after = _manifest(folder, old, site), _manifest(folder, new, site)
    if before.site != after.site:
        fail(
            f"version {before.version} is of site `{before.site}`, "
            f"version {after.version} of `{after.site}`"
        )
    files = {_key(each, before): each for each in before.files}
    later = {_key(each, after): each for each in after.files}
    changed = False
    for key in dict.fromkeys((*files, *later)):
        one, other = files.get(key), later.get(key)
        if one is not None and other is not None and one.digest == other.digest:
            continue
        changed = True
        for line in _changes(folder, one, other):
            style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
            say(printable(line.replace("\t", "    ")), style)
    if not changed:
        say("both are the same", "green")


def _key(kept: Kept, manifest: Manifest) -> tuple[str, str]:
    """Name a file by what it is to its policy: the policy itself whatever it was called."""
    return kept.role, "" if kept is manifest.policy else kept.name


def _changes(folder: Path, one: Kept | None, other: Kept | None) -> Iterator[str]:
    names = ["/dev/null" if each is None else each.name for each in (one, other)]
    there = [each for each in (one, other) if each is not None]
    if any(each.size > COMPARED_MAX for each in there):
        yield f"{names[-1] if other else names[0]}: {_grew(one, other)}"
        return
    before, after = (
        [] if each is None else _contents(folder, each).decode(errors="replace").splitlines()
        for each in (one, other)
    )
    yield from difflib.unified_diff(before, after, names[0], names[1], lineterm="")


def _grew(one: Kept | None, other: Kept | None) -> str:
    if one is None:
        return "is new"
    return "is gone" if other is None else f"{one.size} bytes became {other.size}"


def _manifest(folder: Path, version: str, site: str) -> Manifest:
    """Return a version's files, of whichever site it is; ends the command where it is not kept."""
    try:
        there = versions.histories(folder)
        kept = {
            (name, each.version)
            for name, spans in there.items()
            for each in spans
            if site in ("", name)
        }
        found = sorted(each for each in kept if _is_meant(version, each[1]))
        if len(found) == 1:
            return versions.read_manifest(folder, *found[0])
    except VersionError as error:
        give_up(error)
    meant = sorted({each for _, each in found})
    if len(meant) > 1:
        return fail(f"`{version}` begins several versions: {', '.join(meant)}")
    if meant:
        sites = ", ".join(name for name, _ in found)
        return fail(f"several sites have version {meant[0]}; say --site: {sites}")
    known = sorted({each for _, each in kept})
    what = f"version `{printable(version[:64])}`{f' of site `{printable(site)}`' if site else ''}"
    return fail(f"{what} is not kept here; {_which(version, known)}")


def _is_meant(written: str, version: str) -> bool:
    return BEGINNING.fullmatch(written) is not None and version.startswith(written)


def _which(version: str, known: Sequence[str]) -> str:
    return nearest(version, known) if known else "none is, yet"


def _file(manifest: Manifest, named: str) -> Kept:
    """Return a file of a version by its name, with its folders or without, or end the command."""
    found = [each for each in manifest.files if named in (each.name, Path(each.name).name)]
    if not found:
        names = [Path(each.name).name for each in manifest.files]
        fail(f"version {manifest.version} has no such file; {nearest(named, names)}")
    return found[0]


def _contents(folder: Path, kept: Kept) -> bytes:
    try:
        return versions.contents(folder, kept)
    except VersionError as error:
        give_up(error)
