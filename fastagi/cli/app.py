"""All commands as one, and what the exit status says.

0 done or allowed, 1 failed (a mistyped command, too), 2 denied, or a way past the gate found,
3 policy or settings invalid.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any, Final

import typer
from typer.exceptions import TyperException

from fastagi import __version__, service_log
from fastagi.cli.on_demand import OnDemand, Outline
from fastagi.cli.output import Status, warn

COMMANDS: Final = (
    (
        "serve",
        "serve:serve",
        "Run the service until SIGTERM or Ctrl-C; SIGHUP reloads the policy.",
        "dialguard serve --settings /etc/dialguard/dialguard.toml",
    ),
    (
        "check",
        "policy:check",
        "Look whether policies are valid, whether the cases beside them hold, and what is odd.",
        "dialguard check policies/*.toml",
    ),
    (
        "explain",
        "explain:explain",
        "Show what happens to a call, by which rule, and why not by the others.",
        "dialguard explain policies/office.toml 101 900390612345678",
    ),
    (
        "who-can",
        "answers:who_can",
        "Show who can call somewhere, when, how and by which rule, and who cannot: exactly.",
        "dialguard who-can policies/office.toml --to country:JM",
    ),
    (
        "what-can",
        "answers:what_can",
        "Show everything that a phone can call at a moment, and what it cannot: exactly.",
        'dialguard what-can policies/office.toml 101 --at "Sat 03:00"',
    ),
    (
        "diff",
        "differences:diff",
        "Show what a policy does otherwise than another, in calls, each difference proven by one.",
        "dialguard diff policies/office.toml new-office.toml",
    ),
    (
        "exposure",
        "exposure:exposure",
        "Show the most that one stolen extension, a class, the whole site can cost.",
        "dialguard exposure policies/office.toml --fail-over 100",
    ),
    (
        "test",
        "testing:try_cases",
        "Run the cases beside policies: the right verdict must come from the right rule.",
        "dialguard test policies/office.toml",
    ),
    (
        "replay",
        "replay:replay",
        "Show what a policy would have done to the calls of the past, before it takes force.",
        "dialguard replay policies/office.toml Master.csv --html replay.html",
    ),
    (
        "schema",
        "policy:schema",
        "Print the JSON Schema of a policy, for editors that complete and check as one types.",
        "dialguard schema > policy.schema.json",
    ),
    (
        "fmt",
        "fmt:fmt",
        "Lay files out: tables and keys in order, `=` under `=`, comments beside comments.",
        "dialguard fmt policies/*.toml --check",
    ),
    (
        "migrate",
        "migrate:migrate",
        "Bring policies to the format of today, and say what changes and why.",
        "dialguard migrate policies/office.toml --diff",
    ),
    (
        "learn",
        "learn:learn",
        "Propose a first policy and its cases, from calls that were made.",
        "dialguard learn Master.csv --timezone Europe/London",
    ),
    (
        "shadow",
        "shadow:commands",
        "What is in shadow would have done, and its promotion.",
        "dialguard shadow policies/office.toml --since 14d",
    ),
    (
        "call",
        "call:call",
        "Call through a running service with a pretend phone: read the prompts, key the digits.",
        "dialguard call 101 900390612345678 --hold",
    ),
    (
        "emergency",
        "emergency:emergency",
        "Print `emergency.conf` for a country: exact matches that are dialled before any check.",
        "dialguard emergency --country GB > emergency.conf",
    ),
    (
        "install",
        "install:install",
        "Put the gate into FreePBX, before every trunk, and show what changes in which file.",
        "dialguard install --freepbx --country GB --dry-run",
    ),
    (
        "audit",
        "audit:audit",
        "Find every way to a trunk that does not pass the gate, and doors that stand open beside "
        "it.",
        "dialguard audit asterisk --accepted accepted.toml",
    ),
    (
        "doctor",
        "doctor:doctor",
        "Look whether everything is there and wired right; say what to do where it is not.",
        "dialguard doctor",
    ),
    (
        "report",
        "report:report",
        "Report attacks: what was seen, from where, what was tried and would cost, what held.",
        "dialguard report --days 30 --html report.html",
    ),
    (
        "records",
        "reading_records:records",
        "Read records of calls, and tell what they hold and what was left out of them.",
        "dialguard records /var/log/asterisk/cdr-csv --timezone Europe/London",
    ),
    ("phone", "phone:commands", "Who has which second factor.", "dialguard phone add 101"),
    (
        "operator",
        "operators:commands",
        "Who may look at the console, and act there.",
        "dialguard operator add anna --role operator",
    ),
    (
        "alert",
        "alerts:commands",
        "Who is woken by what, and whether they can be.",
        "dialguard alert test",
    ),
    (
        "rates",
        "rates:commands",
        "What calls cost, by a carrier's sheet.",
        "dialguard rates check rates/wholesale.csv",
    ),
    ("calls", "calls:commands", "What is live, and what became of a call.", ""),
    ("lockouts", "lockouts:commands", "Who is locked out, and the way out of it.", ""),
    ("signins", "sign_ins:commands", "Who is signed in on which phone, and ending it.", ""),
    (
        "override",
        "overrides:commands",
        "Letting calls through that rules would not, some times.",
        "",
    ),
    ("brake", "brakes:commands", "What is braked, and the way out of it.", ""),
    ("watch", "watches:commands", "Whom watches hold after an attack, and the way out of it.", ""),
    ("bans", "bans:commands", "Who is banned, and the way out of it.", ""),
    ("versions", "versions:commands", "The policies that were in force, as they were.", ""),
    ("token", "tokens:commands", "What programs show to the API.", "dialguard token list"),
    ("store", "store:commands", "Move what the service knows to another store.", ""),
)
"""Every command in the order of the help: name, module and function, summary, example.

The function `commands` of a module returns a group, which may have its example itself. The summary
is the first paragraph of its help: it is shown before the module is imported.
"""


class Dialguard(OnDemand):
    """The whole command."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        for name, where, summary, example in COMMANDS:
            epilog = f"Example: {example}" if example else ""
            self.add_command(Outline(name, f"fastagi.cli.{where}", summary, epilog))


def application() -> typer.Typer:
    """Return the whole command."""
    app = typer.Typer(
        name="dialguard",
        cls=Dialguard,
        no_args_is_help=True,
        pretty_exceptions_enable=False,  # its tracebacks are long, and could show what is secret
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(epilog="Example: dialguard explain policies/office.toml 101 900390612345678")(
        _any_command
    )
    return app


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
