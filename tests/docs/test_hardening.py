"""docs/hardening.md names every check there is, and what it says of each is what they print."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from fastagi.alerts import sending
from fastagi.alerts.kind import Kind as AlertKind
from fastagi.audit.finding import Kind
from fastagi.cli.app import application
from fastagi.cli.asterisk_checkup import ASKING, EMERGENCY
from fastagi.daemon.keys import make_keys
from fastagi.prompts.catalogue import PROMPTS, REFUSALS
from tests.doubles.manager import in_a_thread
from tests.unit.cli.test_handset import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typer.testing import Result

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "hardening.md").read_text()
OFFICE = ROOT / "policies" / "office.toml"
SAMPLES = {"POLICY": str(OFFICE), "FILE": str(ROOT / "policies" / "rates" / "wholesale.csv")}
ON_POLICIES = ("check", "test", "explain", "exposure", "rates")
BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list.

    Attributes:
        check: A command, without its backticks, or `by hand`.
        right: What is said where it is right.
    """

    what: str
    why: str
    check: str
    right: str


def _rows() -> list[Row]:
    cells = [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in PAGE.splitlines()
        if line.startswith("| ")
    ]
    return [
        Row(what, why, check.strip("`"), right)
        for what, why, check, right in cells
        if what != "what"
    ]


ROWS = _rows()


def dialguard(*words: str, typed: str = "") -> Result:
    """Run the command."""
    return CliRunner().invoke(application(), list(words), input=typed, catch_exceptions=False)


def pattern(shown: str) -> re.Pattern[str]:
    """Return what fits a text of the page: an ellipsis is anything."""
    return re.compile(".+".join(map(re.escape, shown.split("…"))))


def quoted(text: str) -> list[str]:
    """Return what stands in backticks."""
    return re.findall(r"`([^`]+)`", text)


def said_ok() -> set[str]:
    """Return all that the doctor may find well, in the page's words."""
    return {
        shown.removeprefix("OK ") for row in ROWS for shown in quoted(row.right) if "OK " in shown
    }


def test_each_line_says_what_why_and_how() -> None:
    """A command of ours, or that it is done by hand; and never nothing."""
    assert len(ROWS) > 80
    for row in ROWS:
        assert all((row.what, row.why, row.right)), row
        assert row.check == BY_HAND or row.check.startswith("dialguard "), row


def test_every_kind_of_finding_is_named_and_no_other() -> None:
    """Beside the audit."""
    named = {
        kind
        for row in ROWS
        if row.check.startswith("dialguard audit")
        for kind in re.findall(r"no `([a-z-]+)`", row.right)
    }
    assert named == {each.value for each in Kind}


# ------------------------------------------------------------------- the doctor


def _sentence(node: ast.expr) -> str:
    """Return a text as the page has it: an ellipsis for what differs; empty for a bare name."""
    match node:
        case ast.Constant(str(text)):
            return text
        case ast.JoinedStr(parts):
            return "".join(
                str(part.value) if isinstance(part, ast.Constant) else "…" for part in parts
            )
        case ast.BinOp(left):
            return _sentence(left)
        case _:
            return ""


def _sentences() -> Iterator[str]:
    yield from (wire.there for wire in (*EMERGENCY, ASKING))
    for file in (ROOT / "fastagi" / "cli").glob("*checkup.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(ast.Name("ok"), [said]) if sentence := _sentence(said):
                    yield sentence
                case _:
                    pass


def test_every_check_of_the_doctor_is_named_and_no_other() -> None:
    """By what it says where all is well."""
    assert {each.replace("`", "").replace("…:…", "…") for each in _sentences()} == said_ok()


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder where all is well, as far as one has neither a web nor a Redis; its settings."""
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    with (tmp_path / "policies" / "office.toml").open("a") as policy:
        policy.write('\n[bypass]\ntrunks = ["my-trunk"]\n\n[brake]\nfor = "1h"\n')
    make_keys(tmp_path / "keys")
    (tmp_path / "urls").touch(0o600)
    (tmp_path / "urls").write_text("json://127.0.0.1/\n")
    (tmp_path / "bin").mkdir()
    for name, said in (
        ("timedatectl", "yes"),
        (
            "systemctl",
            "LoadState=loaded\nUser=dialguard\nWatchdogUSec=3s\nNoNewPrivileges=yes\n"
            "ProtectSystem=strict\nProtectHome=yes\nCapabilityBoundingSet=\nRestart=always",
        ),
    ):
        program = tmp_path / "bin" / name
        program.write_text(f"#!/bin/sh\ncat <<'END'\n{said}\nEND\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    with in_a_thread() as asterisk:
        asterisk.tells_security = True
        (tmp_path / "ami-secret").touch(0o600)
        (tmp_path / "ami-secret").write_text(asterisk.secret)
        settings = tmp_path / "dialguard.toml"
        settings.write_text(f"""
[policy]
file = "policies/office.toml"
[agi]
listen = "127.0.0.1:1"
[keys]
file = "keys"
[store]
url = "sqlite://dialguard.db"
[log]
decisions = "decisions.jsonl"
[ami]
port = {asterisk.port}
secret_file = "ami-secret"
[lookout]
[[alert]]
name = "on-call"
urls_file = "urls"
""")
        assert dialguard("brake", "--settings", str(settings)).exit_code == 0  # makes the store
        yield settings


@pytest.fixture
def asterisk(tmp_path: Path) -> Path:
    """The sample dialplan, installed as docs/install.md has it, and sounds."""
    etc = tmp_path / "asterisk"
    (etc / "dialguard").mkdir(parents=True)
    for name in ("extensions.conf", "pjsip.conf"):
        shutil.copy(ROOT / "dialplan" / name, etc)
    for name in ("dialguard.conf", "emergency.conf"):
        shutil.copy(ROOT / "dialplan" / name, etc / "dialguard")
    (etc / "asterisk.conf").write_text(f"[directories]\nastdatadir => {etc}\n")
    for language in ("en", "es"):
        for files in (*PROMPTS.values(), *REFUSALS.values()):
            for each in files:
                sound = etc / "sounds" / language / f"{each}.wav"
                sound.parent.mkdir(parents=True, exist_ok=True)
                sound.touch()
    return etc


def test_where_all_is_well_the_doctor_says_what_is_shown(office: Path, asterisk: Path) -> None:
    """Each line is one of the page's, and nothing but OK."""
    service = Service(b"NOOP\n")
    host, port = service.address
    office.write_text(office.read_text().replace("127.0.0.1:1", f"{host}:{port}"))
    done = dialguard("doctor", "--settings", str(office), "--asterisk", str(asterisk))
    service.end()
    assert done.exit_code == 0, done.output
    lines = [line.replace("`", "") for line in done.stdout.splitlines()]
    assert [line for line in lines if not line.startswith("OK ")] == []
    known = {each: pattern(each) for each in said_ok()}
    heard = set()
    for line in lines:
        (shown,) = {
            each for each, fits in known.items() if fits.match(line.removeprefix("OK").strip())
        }
        heard.add(shown)
    unheard = {each.partition(" ")[0] for each in known.keys() - heard}
    # `the`: way to a Redis
    assert unheard == {"web", "passwords", "certificate", "…", "OpenID", "the", "FreePBX's"}


# ------------------------------------------------------------------- the audit


def test_the_sample_is_right_once_its_passwords_and_addresses_are(asterisk: Path) -> None:
    """No finding of any kind is left; before, just those two."""
    words = "audit", "--json", str(asterisk)
    assert set(re.findall(r'"kind": "([a-z-]+)"', dialguard(*words).stdout)) == {
        "weak-password",
        "no-address-list",
    }
    pjsip = asterisk / "pjsip.conf"
    text = re.sub(r"password = change-me[a-z-]*", "password = q7Zt2vXw9LmK4sRb", pjsip.read_text())
    pjsip.write_text(
        text.replace(
            "context = phones", "context = phones\ndeny = 0.0.0.0/0\npermit = 192.0.2.0/24"
        )
    )
    done = dialguard(*words)
    assert (done.exit_code, '"kind"' in done.stdout) == (0, False)


# ------------------------------------------------------------------- the policy


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row.check.split()[1] in ON_POLICIES],
    ids=lambda row: row.check,
)
def test_what_is_asked_of_the_sample_policy_is_answered_so(
    row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each word in backticks is printed, by a command that ends well."""
    monkeypatch.chdir(ROOT)
    words = [SAMPLES.get(word, word) for word in shlex.split(row.check)[1:]]
    done = dialguard(*words)
    printed = done.stdout.replace("`", "")
    wanted = [each for each in quoted(row.right) if each != "unbounded"]
    assert wanted or "exit status 0" in row.right
    for each in wanted:
        assert pattern(each).search(printed), printed
    assert words[0] == "explain" or done.exit_code == 0, printed
    assert "unbounded" not in printed


def test_emergency_numbers_are_what_the_command_makes() -> None:
    """The sample's, by the command that is shown."""
    (row,) = [row for row in ROWS if row.check.startswith("dialguard emergency ")]
    done = dialguard(*shlex.split(row.check)[1:])
    assert done.stdout == (ROOT / "dialplan" / "emergency.conf").read_text()


# ------------------------------------------------------------------- people, and who is woken


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.right.startswith("nothing")], ids=lambda row: row.check
)
def test_where_there_is_nothing_nothing_is_printed(row: Row, office: Path) -> None:
    """To standard output, and it ends well."""
    done = dialguard(*shlex.split(row.check)[1:], "--settings", str(office))
    assert (done.exit_code, done.stdout) == (0, "")


def test_a_pin_that_is_guessed_first_is_refused(office: Path) -> None:
    """The one that is shown."""
    (row,) = [row for row in ROWS if row.check.startswith("dialguard phone pin")]
    (pin,) = quoted(row.right)
    words = *shlex.split(row.check)[1:], "--pin-stdin", "--settings", str(office)
    done = dialguard(*words, typed=f"{pin}\n")
    assert done.exit_code == 1
    assert "choose digits that follow no pattern" in done.output


def test_alerts_are_listed_and_tried_as_shown(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All kinds, where nothing else is said."""

    async def send(url: str, message: object) -> str:
        return ""

    monkeypatch.setattr(sending, "send", send)
    listed = dialguard("alert", "list", "--settings", str(office)).stdout
    assert all(str(each) in listed for each in AlertKind if each is not AlertKind.TEST)
    (row,) = [row for row in ROWS if row.check == "dialguard alert test"]
    (shown,) = quoted(row.right)
    tried = dialguard("alert", "test", "--settings", str(office)).stdout
    assert pattern(shown).fullmatch(tried.strip())


def test_the_drill_can_be_done(office: Path) -> None:
    """But for the calls, which are somebody's."""
    drill = PAGE.partition("## The drill")[2].partition("```sh\n")[2].partition("```")[0]
    lines = [line.partition("#")[0].strip() for line in drill.splitlines()]
    done = [
        dialguard(*shlex.split(line)[1:], "--settings", str(office))
        for line in lines
        if "4071" not in line and "calls end" not in line
    ]
    assert [each.exit_code for each in done] == [0, 0, 0], [each.output for each in done]
