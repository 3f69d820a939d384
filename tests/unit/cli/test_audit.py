"""`dialguard audit`: the command, its reports and its exit status."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as Xml

import pytest

from fastagi.audit.finding import Kind

if TYPE_CHECKING:
    from tests.doubles.manager import Manager
    from tests.unit.cli.conftest import Dialguard

SHIPPED = Path(__file__).parents[3] / "dialplan"

HOLE = """
[fax]
exten => _0X.,1,Dial(PJSIP/${EXTEN}@my-trunk)

[phones](+)
exten => _*7.,1,Goto(fax,${EXTEN:2},1)
"""

ACCEPTED = """\
[[accepted]]
kind = "{kind}"
file = "{file}"
text = "{text}"
why = "the machine in the cellar"
"""


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    """The configuration that is shipped, installed as docs/install.md says, with passwords."""
    folder = tmp_path / "asterisk"
    shutil.copytree(SHIPPED, folder / "dialguard")
    for name in ("extensions.conf", "pjsip.conf"):
        shutil.move(folder / "dialguard" / name, folder)
    pjsip = folder / "pjsip.conf"
    pjsip.write_text(re.sub("password = .*", _password, pjsip.read_text()))
    return folder


def _password(found: re.Match[str]) -> str:
    return f"password = 7hf82jfu3hjduf8s{found.start()}"


@pytest.fixture
def holed(etc: Path) -> Path:
    """The same, with a way past the gate."""
    with (etc / "extensions.conf").open("a") as file:
        file.write(HOLE)
    return etc


def _line(folder: Path, text: str) -> int:
    lines = (folder / "extensions.conf").read_text().splitlines()
    return 1 + next(at for at, line in enumerate(lines) if text in line)


def test_what_is_shipped_is_sound(dialguard: Dialguard, etc: Path) -> None:
    """Exit status 0, and how much was looked at."""
    done = dialguard("audit", str(etc))
    assert done.exit_code == 0, done.output
    assert "HIGH" not in done.stdout
    assert "MEDIUM" not in done.stdout
    assert " steps in " in done.stdout.splitlines()[-1]


def test_a_way_past_the_gate_is_told_line_by_line(dialguard: Dialguard, holed: Path) -> None:
    """From the phone to the trunk, each line with its place, and what to do."""
    done = dialguard("audit", str(holed))
    assert done.exit_code == 2, done.output
    told = done.stdout[: done.stdout.index("do this:")]
    goto, dial = _line(holed, "Goto(fax"), _line(holed, "@my-trunk)\n".strip())
    assert f"extensions.conf:{dial}: " in told
    assert "[ungated-trunk]" in told
    steps = [line.split() for line in told[told.index("the way:") :].splitlines()]
    assert [f"extensions.conf:{goto}", "phones,_*7.,1", "Goto(fax,${EXTEN:2},1)"] in steps
    assert [f"extensions.conf:{dial}", "fax,_0X.,1", "Dial(PJSIP/${EXTEN}@my-trunk)"] in steps
    assert " high" in done.stdout.splitlines()[-1]


def test_programs_get_json(dialguard: Dialguard, holed: Path) -> None:
    """Of all that was found."""
    done = dialguard("audit", str(holed), "--json")
    assert done.exit_code == 2
    found = json.loads(done.stdout)
    assert found["sound"] is False
    assert found["contexts"] > 3
    assert found["lines"] > 50
    assert found["stale"] == []
    high = [each for each in found["findings"] if each["severity"] == "high"]
    assert "ungated-trunk" in {each["kind"] for each in high}
    assert {each["way"][-1]["context"] for each in high} == {"fax"}


def test_code_hosts_get_sarif(
    dialguard: Dialguard, holed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With files as they are named from where it is run; from elsewhere, whole."""
    uris = []
    for here in (holed.parent, holed / "..", SHIPPED):
        monkeypatch.chdir(here)
        dialguard("audit", str(holed), "--sarif", str(holed / "audit.sarif"))
        (run,) = json.loads((holed / "audit.sarif").read_text())["runs"]
        first = run["results"][0]["locations"][0]["physicalLocation"]
        uris.append(first["artifactLocation"]["uri"])
    assert uris == ["asterisk/extensions.conf"] * 2 + [f"file://{holed}/extensions.conf"]


def test_the_ways_are_drawn(dialguard: Dialguard, holed: Path, etc: Path) -> None:
    """The way past the gate red, the others green."""
    file = holed / "ways.svg"
    dialguard("audit", str(holed), "--drawing", str(file))
    svg = Xml.fromstring(file.read_text())  # noqa: S314 - it is ours
    namespace = "{http://www.w3.org/2000/svg}"
    past = [
        each.findtext(f"{namespace}title") or ""
        for each in svg.iter(f"{namespace}g")
        if each.get("class") == "past"
    ]
    assert any(each.startswith("phones → fax: ") for each in past)
    assert not any(each.startswith("outside → PJSIP") for each in past)


def test_a_file_that_cannot_be_written_is_told(dialguard: Dialguard, etc: Path) -> None:
    """By its name."""
    for option in ("--sarif", "--drawing"):
        done = dialguard("audit", str(etc), option, str(etc / "away" / "x"))
        assert done.exit_code == 1
        assert "away/x` cannot be written: no such file or directory" in done.stderr


def test_what_is_accepted_is_sound(dialguard: Dialguard, holed: Path) -> None:
    """With the reason; and what no longer fits is told."""
    found = json.loads(dialguard("audit", str(holed), "--json").stdout)["findings"]
    high = [each for each in found if each["severity"] == "high"]
    entries = [
        ACCEPTED.format(kind=each["kind"], file=each["file"], text=each["message"])
        for each in high
    ]
    file = holed / "accepted.toml"
    file.write_text("\n".join(dict.fromkeys(entries)))
    done = dialguard("audit", str(holed), "--accepted", str(file))
    assert (done.exit_code, done.stderr) == (0, "")
    assert "because: the machine in the cellar" in done.stdout
    assert done.stdout.splitlines()[-1].endswith(f"; {len(high)} accepted")
    shutil.copy(SHIPPED / "extensions.conf", holed)
    done = dialguard("audit", str(holed), "--accepted", str(file), "--json")
    assert done.exit_code == 0
    stale = json.loads(done.stdout)["stale"]
    assert Kind.UNGATED.value in {each["kind"] for each in stale}
    assert len(stale) == len(set(entries))
    assert f"{file}:{stale[0]['line']}: no finding fits this any more; take it out" in done.stderr


def test_a_wrong_file_of_accepted_findings_is_invalid(dialguard: Dialguard, etc: Path) -> None:
    """Status 3, with the line."""
    file = etc / "accepted.toml"
    file.write_text("[[accepted]]\n")
    done = dialguard("audit", str(etc), "--accepted", str(file))
    assert done.exit_code == 3
    assert f"{file}:1: `kind` is missing" in done.stderr


@pytest.mark.parametrize(
    ("where", "said"),
    [("away", "is no folder; name the one of Asterisk's"), (".", "there is no `extensions.conf`")],
)
def test_without_a_dialplan_it_fails(
    dialguard: Dialguard, tmp_path: Path, where: str, said: str
) -> None:
    """Status 1, and what to name."""
    done = dialguard("audit", str(tmp_path / where))
    assert done.exit_code == 1
    assert said in done.stderr


def test_without_a_folder_it_reads_asterisks_own(
    dialguard: Dialguard, holed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is none, it says so."""
    monkeypatch.setattr("fastagi.cli.audit.ETC", holed)
    assert dialguard("audit").exit_code == 2
    monkeypatch.setattr("fastagi.cli.audit.ETC", holed / "away")
    done = dialguard("audit")
    assert done.exit_code == 1
    assert "away` is no folder" in done.stderr


def _loaded(context: str, extension: str, application: str, data: str) -> dict[str, str]:
    return {
        "Context": context,
        "Extension": extension,
        "Priority": "1",
        "Application": application,
        "AppData": data,
        "Registrar": "pbx_config",
    }


def test_what_is_loaded_is_asked_over_ami(
    dialguard: Dialguard, manager: Manager, etc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files beside it tell of phones; without them anybody may come in anywhere."""
    manager.dialplan = [
        _loaded("phones", "101", "Dial", "PJSIP/101"),
        _loaded("phones", "_0X.", "Dial", "PJSIP/${EXTEN}@my-trunk"),
    ]
    done = dialguard.on_settings("audit", "--ami", str(etc), "--json")
    assert done.exit_code == 2, done.output
    found = json.loads(done.stdout)
    assert (found["lines"], found["contexts"]) == (2, 1)
    ends = [each["way"][-1] for each in found["findings"] if each["kind"] == "ungated-trunk"]
    assert {(each["extension"], each["file"]) for each in ends} == {("_0X.", "")}
    monkeypatch.setattr("fastagi.cli.audit.ETC", etc / "away")
    done = dialguard.on_settings("audit", "--ami", "--json")
    assert done.exit_code == 2
    ways = [each["way"] for each in json.loads(done.stdout)["findings"]]
    assert {way[-1]["extension"] for way in ways if way} == {"101", "_0X."}


def test_an_empty_dialplan_is_told(dialguard: Dialguard, manager: Manager) -> None:
    """Asterisk may have failed to load it."""
    done = dialguard.on_settings("audit", "--ami")
    assert done.exit_code == 1
    assert "Asterisk has loaded no dialplan" in done.stderr


def test_a_node_is_one_of_ami(dialguard: Dialguard, etc: Path) -> None:
    """Files have none."""
    done = dialguard("audit", str(etc), "--node", "a")
    assert done.exit_code == 1
    assert "--node is for --ami" in done.stderr


def test_emergency_numbers_of_a_country_need_not_ask(dialguard: Dialguard, etc: Path) -> None:
    """Where they are dialled by hand, outside of the context that is made for them."""
    with (etc / "extensions.conf").open("a") as file:
        file.write("[phones](+)\nexten => 117,1,Dial(PJSIP/117@my-trunk)\n")
    words = ("audit", str(etc), "--json", "--country")
    kinds = [
        {each["kind"] for each in json.loads(dialguard(*words, country).stdout)["findings"]}
        for country in ("ch", "GB")
    ]
    assert ["ungated-trunk" in each for each in kinds] == [False, True]
    done = dialguard(*words, "XX")
    assert done.exit_code == 1
    assert "XX" in done.stderr
