"""`dialguard shadow`: what is in shadow would have done this, to the calls there were."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperGroup

from fastagi.cli.output import fail, give_up, say, show_json, show_table
from fastagi.cli.promoting import demote, promote
from fastagi.cli.service import JsonOption, SettingsOption, settings_of
from fastagi.cli.shadow_sums import LogOption, say_what_differs, say_whether_enough, sums_of
from fastagi.cli.shadow_sums import as_json as sum_as_json
from fastagi.daemon.places import policy_place
from fastagi.daemon.reload import policy_files
from fastagi.daemon.shadows import load_beside
from fastagi.errors import DialguardError, PolicyError
from fastagi.policy.loading import load
from fastagi.policy.values import read_duration
from fastagi.rating.tariff import amount

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence

    from typer._click import Context

    from fastagi.policy.model import Policy
    from fastagi.settings import Settings
    from fastagi.shadows.sums import Sum

MOST_SHOWN: Final = 5  # extensions, countries and hours of each


class Shown(TyperGroup):
    """A group that shows where no command is named: `dialguard shadow office.toml`."""

    default: Final = "show"

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Name the command that is meant."""
        helps = set(self.get_help_option_names(ctx))
        if not args or (args[0] not in self.commands and args[0] not in helps):
            args = [self.default, *args]
        return super().parse_args(ctx, args)


def commands() -> typer.Typer:
    """Return the group of commands; without a command it shows."""
    group = typer.Typer(cls=Shown, help="What is in shadow would have done, and its promotion.")
    group.command(
        "show", epilog="Example: dialguard shadow show policies/office.toml --since 14d"
    )(show)
    group.command(epilog="Example: dialguard shadow promote office.toml --rule abroad-pin")(
        promote
    )
    group.command(epilog="Example: dialguard shadow demote office.toml --rule abroad-pin")(demote)
    return group


# ------------------------------------------------------------------- show


def show(
    policy: Annotated[
        Path | None,
        typer.Argument(metavar="[POLICY]", help="the policy in force; else that of the settings"),
    ] = None,
    site: Annotated[str, typer.Option("--site", metavar="NAME", help="of this site only")] = "",
    since: Annotated[
        str, typer.Option("--since", metavar="DURATION", help="how far back: 12h, 7d")
    ] = "30d",
    log: LogOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sum up what rules, limits and policies in shadow would have done to the calls there were.

    Each with how many calls it was held against, what would have become of them, whose and where
    to, what they cost, the latest of them with their references, and whether that is enough to
    promote it. A policy in shadow is `office.shadow.toml` beside `office.toml`.
    """
    chosen = None if policy is not None and log else settings_of(settings)
    logs = log or ([] if chosen is None else [chosen.log.decisions])
    try:
        begins = time.time() - read_duration(since)
    except ValueError as error:
        fail(f"`--since {since}`: {error}")
    found = [(each, _sums(each, logs, begins)) for each in _policies(chosen, policy, site)]
    if as_json:
        show_json([_as_json(each, sums) for each, sums in found])
        return
    for each, sums in found:
        if not sums:
            say(f"{each.site.name}: nothing is in shadow")
        for one in sums:
            _show(each, one)


def _policies(settings: Settings | None, file: Path | None, site: str) -> list[Policy]:
    try:
        if file is not None:
            files: Sequence[Path] = policy_files(file)
        else:
            assert settings is not None  # noqa: S101 - read where no policy is named
            files = policy_files(policy_place(settings))
        loaded = [load(each) for each in files]
    except DialguardError as error:
        give_up(error)
    of_site = [each for each in loaded if site in {"", each.site.name}]
    if not of_site:
        known = ", ".join(f"`{each.site.name}`" for each in loaded)
        fail(f"there is no site `{site}`; there is {known}")
    return of_site


def _sums(policy: Policy, logs: Sequence[Path], since: float) -> list[Sum]:
    try:
        return sums_of(policy, load_beside(policy), logs, since)
    except PolicyError as error:
        give_up(error)
    except OSError as error:
        fail(f"the record `{error.filename}` cannot be read: {error.strerror}")


def _show(policy: Policy, of: Sum) -> None:
    say_what_differs(policy, of)
    if of.cost:
        cost = f"{amount(of.cost)} {_plain(of.currency)}"
        say(f"  those that would have been refused cost {cost}".rstrip())
    for title, counted in (("extensions", of.extensions), ("countries", of.countries)):
        if counted:
            say(f"  {title}: {_most(counted)}")
    if of.hours:
        say(f"  hours: {_most_hours(of)}")
    shown = ("time", "extension", "number", "reference", "now", "then")
    if of.examples:
        show_table(
            ("time", "extension", "number", "reference", "is", "would be"),
            [[_plain(str(getattr(each, name))) for name in shown] for each in of.examples],
        )
    say_whether_enough(of)


def _most(counted: Counter[str]) -> str:
    return ", ".join(
        f"{_plain(name)} {count:,}" for name, count in counted.most_common(MOST_SHOWN)
    )


def _most_hours(of: Sum) -> str:
    return ", ".join(f"{hour:02}h {count:,}" for hour, count in of.hours.most_common(MOST_SHOWN))


def _plain(text: str) -> str:
    """Return a name as it is safe to print: files may hold anything."""
    return "".join(each if each.isprintable() else "�" for each in text)


def _as_json(policy: Policy, sums: Sequence[Sum]) -> dict[str, Any]:
    return {
        "policy": policy.source,
        "site": policy.site.name,
        "shadows": [sum_as_json(each) for each in sums],
    }
