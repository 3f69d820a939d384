"""`dialguard emergency`: the dialplan by which emergency calls need nobody's leave."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from fastagi.cli.output import fail, give_up
from fastagi.emergency_dialplan import emergency_conf
from fastagi.errors import DialguardError
from fastagi.numbering.emergency import numbers_of


def emergency(
    country: Annotated[str, typer.Option(help="ISO 3166-1 code of the site's country: GB, US …")],
    outside_prefix: Annotated[
        str, typer.Option(help="what callers dial for a line, if anything")
    ] = "",
    more: Annotated[
        list[str] | None,
        typer.Option("--also", help="a number of the site's own; again for another"),
    ] = None,
) -> None:
    """Print `emergency.conf` for a country: exact matches that are dialled before any check."""
    try:
        numbers = (*numbers_of(country.upper()), *(more or ()))
        conf = emergency_conf(country.upper(), outside_prefix, numbers)
    except ValueError as error:
        fail(str(error))
    except DialguardError as error:
        give_up(error)
    sys.stdout.write(conf)
