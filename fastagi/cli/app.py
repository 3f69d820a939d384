"""All commands as one, and what the exit status says.

0 done or allowed, 1 failed (a mistyped command, too), 2 denied, or a way past the gate found,
3 policy or settings invalid.
"""

from __future__ import annotations

import inspect
import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from fastagi import __version__, service_log
from fastagi.cli import (
    alerts,
    brakes,
    calls,
    lockouts,
    operators,
    overrides,
    phone,
    rates,
    sign_ins,
    store,
    tokens,
)
from fastagi.cli.audit import audit
from fastagi.cli.call import call
from fastagi.cli.doctor import doctor
from fastagi.cli.emergency import emergency
from fastagi.cli.explain import explain
from fastagi.cli.exposure import exposure
from fastagi.cli.output import Status, warn
from fastagi.cli.policy import check, schema, try_cases
from fastagi.cli.serve import serve


def application() -> typer.Typer:
    """Return the whole command."""
    app = typer.Typer(
        name="dialguard",
        no_args_is_help=True,
        pretty_exceptions_enable=False,  # its tracebacks are long, and could show what is secret
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(epilog="Example: dialguard explain policies/office.toml 101 900390612345678")(
        _any_command
    )
    app.command(epilog="Example: dialguard serve --settings /etc/dialguard/dialguard.toml")(serve)
    app.command(epilog="Example: dialguard check policies/*.toml")(check)
    app.command(epilog="Example: dialguard explain policies/office.toml 101 900390612345678")(
        explain
    )
    app.command(epilog="Example: dialguard exposure policies/office.toml --fail-over 100")(
        exposure
    )
    app.command("test", epilog="Example: dialguard test policies/office.toml")(try_cases)
    app.command(epilog="Example: dialguard schema > dialguard.schema.json")(schema)
    app.command(epilog="Example: dialguard call 101 900390612345678 --hold")(call)
    app.add_typer(phone.commands(), name="phone", epilog="Example: dialguard phone add 101")
    app.add_typer(
        operators.commands(),
        name="operator",
        epilog="Example: dialguard operator add anna --role operator",
    )
    app.add_typer(alerts.commands(), name="alert", epilog="Example: dialguard alert test")
    app.add_typer(
        rates.commands(),
        name="rates",
        epilog="Example: dialguard rates check rates/wholesale.csv",
    )
    app.add_typer(calls.commands(), name="calls")
    app.add_typer(lockouts.commands(), name="lockouts")
    app.add_typer(sign_ins.commands(), name="signins")
    app.add_typer(overrides.commands(), name="override")
    app.add_typer(brakes.commands(), name="brake")
    app.add_typer(tokens.commands(), name="token", epilog="Example: dialguard token list")
    app.add_typer(store.commands(), name="store", epilog=store.EXAMPLE)
    app.command(epilog="Example: dialguard emergency --country GB > emergency.conf")(emergency)
    app.command(epilog="Example: dialguard audit asterisk --accepted accepted.toml")(audit)
    app.command(epilog="Example: dialguard doctor")(doctor)
    _unwrap_help(app)
    return app


def _unwrap_help(app: typer.Typer) -> None:
    """Make each paragraph of help one line, which a terminal of any width wraps by itself."""
    for command in app.registered_commands:
        paragraphs = inspect.getdoc(command.callback) or ""
        command.help = "\n\n".join(" ".join(each.split()) for each in paragraphs.split("\n\n"))
    for group in app.registered_groups:
        if group.typer_instance is not None:
            _unwrap_help(group.typer_instance)


def start() -> None:
    """Run the command with the process's arguments, and end with its exit status."""
    service_log.configure()  # stdout is for results; structlog would print there by itself
    try:
        status = application()(standalone_mode=False)
    except TyperException as error:
        # Not the usual 2 for a mistyped command: 2 says that a call is denied.
        if what := error.format_message():  # without one, the help was shown
            # pydantic's own words for a word that is none of an argument's
            warn(f"error: {what.replace(': Value error, ', ': ')}", "red")
            warn("`dialguard --help`, or `--help` after a command, says what there is", "")
        status = Status.FAILED
    except typer.Abort:
        status = Status.FAILED
    sys.exit(status or Status.DONE)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"dialguard {__version__}")
        raise typer.Exit


def _any_command(
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            metavar="",
            help="print the version",
            is_eager=True,
            callback=_show_version,
        ),
    ] = False,
) -> None:
    """The outbound-call gate for Asterisk: may this phone make this call, and for how long?"""
