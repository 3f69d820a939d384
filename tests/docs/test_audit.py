"""docs/audit.md shows what the command says of the files it shows."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fastagi.audit.accepted import read_accepted
from fastagi.audit.finding import Severity
from fastagi.cli.app import application
from tests.docs.commands_page import commands

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "audit.md").read_text()


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """The files that are shown, and the gate's routine."""
    for name, text in zip(("pjsip.conf", "extensions.conf"), _blocks("ini"), strict=True):
        (tmp_path / name).write_text(text)
    (tmp_path / "dialguard").mkdir()
    shutil.copy(ROOT / "dialplan" / "dialguard.conf", tmp_path / "dialguard")
    return tmp_path


def test_the_report_is_what_is_shown(office: Path) -> None:
    """To the letter."""
    done = CliRunner().invoke(application(), ["audit", str(office)], catch_exceptions=False)
    assert done.exit_code == 2
    assert [done.stdout] == _blocks("text")


def test_what_is_shown_can_be_accepted_as_is_shown(office: Path) -> None:
    """With the fields of the example, and what the report said."""
    file = office / "accepted.toml"
    (example,) = _blocks("toml")
    file.write_text(example)
    (entry,) = read_accepted(file)
    assert entry.why
    words = ["audit", "--json", str(office)]
    found = json.loads(CliRunner().invoke(application(), words).stdout)["findings"]
    (fields,) = tomllib.loads(example)["accepted"]
    for each in found:
        mine = {"kind": each["kind"], "file": each["file"], "text": each["message"]}
        lines = [f"{name} = {json.dumps(mine.get(name, 'because'))}" for name in fields]
        with file.open("a") as accepted:
            accepted.write("\n".join(["", "[[accepted]]", *lines, ""]))
    done = CliRunner().invoke(application(), [*words, "--accepted", str(file)])
    assert done.exit_code == 0
    (stale,) = json.loads(done.stdout)["stale"]
    assert stale["text"] == entry.text


@pytest.mark.parametrize("block", _blocks("yaml"), ids=["github", "gitlab"])
def test_options_in_a_pipeline_exist(block: str) -> None:
    """What it keeps, the command writes."""
    (line,) = re.findall(r"dialguard audit .*", block)
    options = {option for each in commands()["dialguard audit"].params for option in each.opts}
    assert set(re.findall(r"--[a-z]+", line)) <= options
    assert "audit.sarif" in block.replace(line, "")


def test_every_severity_is_explained() -> None:
    """In the table."""
    assert re.findall(r"^\| (high|medium|low) \|", PAGE, re.MULTILINE) == [
        each.value for each in Severity
    ]
