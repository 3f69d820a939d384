"""All commands as one."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import typer

from fastagi.cli import main
from fastagi.cli.app import application
from fastagi.cli.on_demand import Outline, imported

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard

COMMANDS = [
    (),
    ("serve",),
    ("check",),
    ("explain",),
    ("exposure",),
    ("records",),
    ("report",),
    ("test",),
    ("schema",),
    ("fmt",),
    ("migrate",),
    ("learn",),
    ("call",),
    ("phone",),
    ("phone", "add"),
    ("phone", "pin"),
    ("phone", "totp"),
    ("phone", "recovery"),
    ("phone", "show"),
    ("phone", "list"),
    ("phone", "remove"),
    ("phone", "rotate"),
    ("phone", "invite"),
    ("operator",),
    ("operator", "add"),
    ("operator", "list"),
    ("operator", "role"),
    ("operator", "sites"),
    ("operator", "password"),
    ("operator", "totp"),
    ("operator", "disable"),
    ("operator", "enable"),
    ("operator", "remove"),
    ("alert",),
    ("alert", "list"),
    ("alert", "test"),
    ("calls",),
    ("calls", "end"),
    ("calls", "list"),
    ("calls", "lookup"),
    ("calls", "release"),
    ("lockouts",),
    ("lockouts", "list"),
    ("lockouts", "clear"),
    ("signins",),
    ("signins", "list"),
    ("signins", "end"),
    ("rates",),
    ("rates", "check"),
    ("rates", "price"),
    ("override",),
    ("override", "give"),
    ("override", "list"),
    ("override", "end"),
    ("audit",),
    ("brake",),
    ("brake", "list"),
    ("brake", "on"),
    ("brake", "lift"),
    ("watch",),
    ("watch", "list"),
    ("watch", "lift"),
    ("bans",),
    ("bans", "list"),
    ("bans", "add"),
    ("bans", "lift"),
    ("bans", "run"),
    ("bans", "off"),
    ("versions",),
    ("versions", "list"),
    ("versions", "show"),
    ("versions", "diff"),
    ("token",),
    ("token", "add"),
    ("token", "list"),
    ("token", "remove"),
    ("store",),
    ("store", "copy"),
    ("shadow",),
    ("shadow", "show"),
    ("shadow", "promote"),
    ("shadow", "demote"),
    ("emergency",),
    ("install",),
    ("doctor",),
    ("who-can",),
    ("what-can",),
    ("diff",),
    ("replay",),
]


def test_the_list_is_whole() -> None:
    """A new command has to be put into it, and so gets its help tested."""
    found: list[tuple[str, ...]] = [()]
    root = typer.main.get_group(application())
    for name, outline in root.commands.items():
        found.append((name,))
        found += [(name, inner) for inner in getattr(imported(outline), "commands", {})]
    assert sorted(found) == sorted(COMMANDS)


@pytest.mark.parametrize("name", typer.main.get_group(application()).commands)
def test_what_is_said_before_a_command_is_imported_is_what_it_says_itself(name: str) -> None:
    """The list of commands shows the one, its own help the other."""
    outline = typer.main.get_group(application()).commands[name]
    assert isinstance(outline, Outline)
    command = outline.load()
    assert command.name == name
    assert outline.help == (command.help or "").split("\n\n")[0]


HEAVY = ("fastapi", "authlib", "jinja2", "redis", "httpx", "fastagi.audit")
"""What costs most to import, and what few commands need."""


@pytest.mark.parametrize("words", ["--version", "--help", "dance"])
def test_what_needs_no_command_imports_none(words: str) -> None:
    """It answers at once: neither libraries nor any other command are imported."""
    found = imported_by(words)
    assert [each for each in found if each.startswith((*HEAVY, "fastagi.settings"))] == []


@pytest.mark.parametrize("words", ["phone list", "lockouts list", "check"])
def test_what_has_no_web_imports_none(words: str, dialguard: Dialguard) -> None:
    """Nor Redis where the store is a file, nor the audit."""
    settings = f" --settings {dialguard.settings}"
    found = imported_by(words + (f" {dialguard.policy}" if words == "check" else settings))
    assert "fastagi.policy.loading" in found or words == "lockouts list"
    assert [each for each in found if each.startswith(HEAVY)] == []


def imported_by(words: str) -> list[str]:
    """Return the modules that a process has imported which ran the command."""
    code = (
        "import sys; from fastagi.cli import main\n"
        f"sys.argv = ['dialguard', *{words!r}.split()]\n"
        "try: main()\n"
        "finally: print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert "fastagi.cli.app" in done.stderr, done.stderr
    return done.stderr.split()


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_help_says_what_it_does_and_ends_with_an_example(
    dialguard: Dialguard, words: tuple[str, ...]
) -> None:
    """A newcomer copies the last line."""
    done = dialguard(*words, "--help")
    assert done.exit_code == 0, done.output
    last = done.stdout.strip().splitlines()[-1].strip()
    assert last.startswith(" ".join(["Example: dialguard", *words])), last


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_paragraph_of_help_is_broken_before_the_terminal_does_it(
    words: tuple[str, ...],
) -> None:
    """Lines of a docstring, wrapped again, leave stumps."""
    command: object = typer.main.get_group(application())
    for word in words:
        command = imported(getattr(command, "commands", {})[word])
    paragraphs = (getattr(command, "help", "") or "").split("\n\n")
    assert [each for each in paragraphs if "\n" in each] == []


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--version",), 0, ""),
        (("check", "--no-such-option"), 1, "No such option"),
        (("dance",), 1, "No such command"),
        (("check", "nowhere.toml"), 3, "nowhere.toml"),
        (("schema",), 0, ""),
        (("lockouts", "clear", "phone", "101"), 1, "'KIND': 'phone' is not one of"),
    ],
)
def test_the_exit_status_tells(
    words: tuple[str, ...],
    status: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A mistyped command is never status 2, which says that a call is denied."""
    monkeypatch.setattr(sys, "argv", ["dialguard", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == status
    assert said in capsys.readouterr().err


def test_a_shell_can_complete(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the protocol that `--show-completion` tells it."""
    monkeypatch.setenv("_DIALGUARD_COMPLETE", "complete_bash")
    for typed, names in (
        ("dialguard lo", ["lockouts"]),
        ("dialguard calls l", ["list", "lookup"]),
    ):
        monkeypatch.setenv("COMP_WORDS", typed)
        monkeypatch.setenv("COMP_CWORD", str(typed.count(" ")))
        monkeypatch.setattr(sys, "argv", ["dialguard"])
        with pytest.raises(SystemExit):
            main()
        assert capsys.readouterr().out.split() == names


def test_a_group_alone_shows_its_help_and_no_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is nothing wrong to be named."""
    monkeypatch.setattr(sys, "argv", ["dialguard", "phone"])
    with pytest.raises(SystemExit):
        main()
    told = capsys.readouterr()
    assert "Usage: dialguard phone" in told.out
    assert told.err == ""


def test_ctrl_d_at_a_prompt_is_status_1(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was done."""

    def give_up() -> None:
        raise EOFError

    app = typer.Typer()
    app.command()(give_up)
    monkeypatch.setattr("fastagi.cli.app.application", lambda: app)
    monkeypatch.setattr(sys, "argv", ["dialguard"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
