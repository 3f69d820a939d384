"""What the documents tell people to type, exists."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from fastagi.cli.shadow import Shown
from tests.docs import commands_page
from tests.docs.commands_page import commands

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)[^)]*\)")
INLINE = re.compile(r"`(dialguard [^`]+)`")
PLACEHOLDERS = {"POLICY", "NUMBER", "…", "FROM", "TO"}


def _blocks(page: Path, language: str) -> list[str]:
    return [text for kind, text in BLOCK.findall(page.read_text()) if kind == language]


def _commands() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        lines = [line for block in _blocks(page, "sh") for line in block.splitlines()]
        lines += INLINE.findall(page.read_text())
        for line in lines:
            command = line.partition("#")[0].partition(" > ")[0].strip()
            if command.startswith("dialguard "):
                found.append((page.name, command))
    return sorted(set(found))


@pytest.mark.parametrize(("page", "command"), _commands())
def test_a_command_in_the_documents_exists(page: str, command: str) -> None:
    """Each sub-command and each option of it is one that the command knows."""
    known = commands()
    words = shlex.split(command)
    name = next(
        " ".join(words[:length])
        for length in range(len(words), 0, -1)
        if " ".join(words[:length]) in known
    )
    found, rest = known[name], words[len(name.split()) :]
    if isinstance(found, Shown):
        found = known[f"{name} {found.default}"]
    if isinstance(found, TyperGroup) and not found.invoke_without_command:
        unknown = {word for word in rest if not word.startswith("--")} - PLACEHOLDERS
        assert unknown == set(), f"{page}: no such command: {command}"
    options = {option for each in found.params for option in [*each.opts, *each.secondary_opts]}
    unknown = {word for word in rest if word.startswith("--")} - options - {"--help"}
    assert unknown == set(), f"{page}: {command}"


def test_the_page_of_commands_is_up_to_date() -> None:
    """`python -m tests.docs.commands_page` writes it."""
    assert commands_page.PAGE.read_text() == commands_page.page()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_toml_in_the_documents_is_toml(page: Path) -> None:
    """Whoever copies it gets no syntax error."""
    for block in _blocks(page, "toml"):
        tomllib.loads(block)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link is a file of the project."""
    broken = [each for each in LINK.findall(page.read_text()) if not (page.parent / each).exists()]
    assert broken == []


def test_the_unit_in_the_documents_is_the_one_that_ships() -> None:
    """Nobody copies an older one."""
    (unit,) = _blocks(ROOT / "docs" / "install.md", "ini")
    assert unit == (ROOT / "deploy" / "dialguard.service").read_text()


def test_help_shows_what_is_in_brackets(capsys: pytest.CaptureFixture[str]) -> None:
    """`[ami]` is a table of the settings, and no style that a terminal would swallow."""
    for words, command in commands().items():
        command.get_help(typer.Context(command, info_name=words))
        shown = capsys.readouterr().out
        assert "Usage" in shown
        assert "``" not in shown, words
        assert words != "dialguard calls end" or "each Asterisk of `[ami]`" in shown
