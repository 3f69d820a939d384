"""`check` and `schema`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fastagi.cli.app import COMMANDS
from fastagi.cli.policy import SCHEMAS
from fastagi.policy.schema import json_schema

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard

ROME = "900390612345678"

CASES = """\
[[case]]
name   = "Rome asks for both"
call   = { from = "101", dial = "900390612345678", at = "2026-01-05T10:10:00" }
expect = { verdict = "pin+totp", rule = "abroad" }
"""


def test_a_valid_policy_is_said_to_be(dialguard: Dialguard) -> None:
    """Status 0, also where something is odd."""
    done = dialguard("check", str(dialguard.policy))
    assert done.exit_code == 0, done.output
    assert f"{dialguard.policy}: valid" in done.stdout


def test_a_broken_policy_is_status_3_with_file_and_line(dialguard: Dialguard) -> None:
    """And what to write instead."""
    text = dialguard.policy.read_text().replace('then = "allow"', 'then = "alow"')
    dialguard.policy.write_text(text)
    line = text.splitlines().index('then = "alow"') + 1
    done = dialguard("check", str(dialguard.policy))
    assert done.exit_code == 3
    assert f"office.toml:{line}: " in done.stderr.replace("\n", "")
    for command in (
        ("explain", str(dialguard.policy), "101", ROME),
        ("test", str(dialguard.policy)),
    ):
        assert dialguard(*command).exit_code == 3


def test_limits_on_what_is_used_are_valid(dialguard: Dialguard) -> None:
    """The service starts on them."""
    more = '\n[[limit]]\nname = "a-day"\nper = "extension"\nminutes = 600\nwithin = "24h"\n'
    dialguard.policy.write_text(dialguard.policy.read_text() + more)
    assert dialguard("check", str(dialguard.policy)).exit_code == 0


def test_broken_cases_are_found_by_check(dialguard: Dialguard) -> None:
    """They lie beside the policy, and would stop a reload."""
    (dialguard.folder / "office.cases.toml").write_text("[[case]]\nnam = 1\n")
    assert dialguard("check", str(dialguard.policy)).exit_code == 3


def test_a_case_that_fails_is_status_3(dialguard: Dialguard) -> None:
    """With its file and line: the service would not start on the policy, nor reload it."""
    beside = dialguard.folder / "office.cases.toml"
    beside.write_text(f"\n{CASES}")
    assert dialguard("check", str(dialguard.policy)).exit_code == 0
    beside.write_text(f"\n{CASES}".replace('verdict = "pin+totp"', 'verdict = "allow"'))
    done = dialguard("check", str(dialguard.policy))
    assert done.exit_code == 3
    assert "valid" not in done.stdout
    told = done.stderr.replace("\n", "")
    assert f"{beside}:2: case `Rome asks for both` fails: verdict is `pin+totp`, not" in told
    found = json.loads(dialguard("check", str(dialguard.policy), "--json").stdout)
    assert len(found[0]["problems"]) == 1


def test_check_speaks_json(dialguard: Dialguard) -> None:
    """With problems and oddities apart."""
    done = dialguard("check", str(dialguard.policy), "--json")
    found = json.loads(done.stdout)
    assert found[0]["problems"] == []
    text = dialguard.policy.read_text().replace('then = "allow"', 'then = "alow"')
    dialguard.policy.write_text(text)
    (found,) = json.loads(dialguard("check", str(dialguard.policy), "--json").stdout)
    (problem,) = found["problems"]
    line = text.splitlines().index('then = "alow"') + 1
    assert (problem["file"], problem["line"]) == (str(dialguard.policy), line)
    assert "`alow`" in problem["what"]


def test_cases_alone_are_no_policy(dialguard: Dialguard) -> None:
    """Rather than nothing at all, which looks like success."""
    for command in ("check", "test"):
        done = dialguard(command, str(dialguard.folder / "office.cases.toml"))
        assert done.exit_code == 1
        assert "office.toml" in done.stderr.replace("\n", "")


def test_cases_go_with_their_policy(dialguard: Dialguard) -> None:
    """`policies/*.toml` names them, and a folder holds them, but they are no policies."""
    beside = dialguard.folder / "office.cases.toml"
    beside.write_text(CASES)
    dialguard.settings.unlink()
    for places in ((str(dialguard.policy), str(beside)), (str(dialguard.folder),)):
        done = dialguard("check", *places)
        assert done.exit_code == 0, done.output
        assert done.stdout == f"{dialguard.policy}: valid\n"
    empty = dialguard.folder / "empty"
    empty.mkdir()
    assert dialguard("test", str(empty)).exit_code == 3


def test_the_schema_is_json_schema(dialguard: Dialguard) -> None:
    """For editors."""
    for options, title in (((), "dialguard policy"), (("--cases",), "dialguard cases")):
        schema = json.loads(dialguard("schema", *options).stdout)
        assert schema["$schema"].startswith("https://json-schema.org/")
        assert schema["title"] == title


def test_a_sequence_that_fails_is_status_3(dialguard: Dialguard) -> None:
    """As a case that fails; the line is that of the step."""
    (dialguard.folder / "office.cases.toml").write_text(
        '[[sequence]]\nname = "s"\nstart = "2026-01-05T10:00:00"\n'
        f'step = [\n{{ call = {{ from = "101", dial = "{ROME}" }},'
        ' expect = { rule = "at-home" } },\n]\n'
    )
    done = dialguard("check", str(dialguard.policy))
    assert done.exit_code == 3
    told = done.stderr.replace("\n", "")
    assert "office.cases.toml:5: sequence `s` fails: step 1 (at 10:00:00): rule is" in told


def test_the_schema_of_settings_is_another(dialguard: Dialguard) -> None:
    """Both are JSON."""
    policy = json.loads(dialguard("schema").stdout)
    settings = json.loads(dialguard("schema", "--settings").stdout)
    assert (policy["title"], settings["title"]) == ("dialguard policy", "dialguard settings")


@pytest.mark.parametrize(
    "options",
    [("--cases", "--settings"), ("--cases", "--write", "."), ("--settings", "--write", ".")],
)
def test_one_schema_is_asked_for(dialguard: Dialguard, options: tuple[str, ...]) -> None:
    """Which of two it would be, nobody could tell from the command."""
    done = dialguard("schema", *options)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "say one of `--cases`, `--settings` and `--write`" in done.stderr


def test_the_example_writes_the_policy_s_schema_under_its_name() -> None:
    """`#:schema ./policy.schema.json` is what editors look for."""
    example = next(each for name, _, _, each in COMMANDS if name == "schema")
    assert SCHEMAS[example.rpartition(" ")[2]] is json_schema


def test_schemas_are_written_where_editors_look(dialguard: Dialguard) -> None:
    """Beside the policy, whose first line names them."""
    done = dialguard("schema", "--write", str(dialguard.folder))
    assert done.exit_code == 0
    written = json.loads((dialguard.folder / "policy.schema.json").read_text())
    assert written == json.loads(dialguard("schema").stdout)
    assert (dialguard.folder / "dialguard.schema.json").exists()
    done = dialguard("schema", "--write", str(dialguard.folder / "nowhere"))
    assert done.exit_code == 1
    assert "cannot be written: no such file" in done.stderr


def test_of_a_folder_those_in_shadow_are_looked_at_too(dialguard: Dialguard) -> None:
    """The service would refuse them as loudly; and one beside nothing is read by nobody."""
    beside = dialguard.folder / "policies" / "office.shadow.toml"
    beside.parent.mkdir()
    text = dialguard.policy.read_text()
    in_force = beside.with_name("office.toml")
    in_force.write_text(text)
    words = ("check", str(beside.parent))
    beside.write_text(text)
    done = dialguard(*words)
    assert (done.exit_code, f"{beside}: valid" in done.stdout) == (0, True)
    beside.write_text(text.replace('then = "allow"', 'then = "alow"'))
    done = dialguard(*words)
    assert (done.exit_code, f"{beside}:" in done.stderr) == (3, True)
    beside.write_text(text.replace('"office"', '"hotel"', 1))
    done = dialguard(*words)
    assert (done.exit_code, "site `hotel` is not `office`" in done.stderr) == (3, True)
    in_force.write_text("?")
    assert "is not `office`" not in dialguard("check", str(beside)).stderr
    in_force.unlink()
    done = dialguard("check", str(beside))
    assert (done.exit_code, "there is no `office.toml` beside it" in done.stderr) == (0, True)
