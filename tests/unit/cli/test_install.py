"""`dialguard install --freepbx`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from fastagi.freepbx.edits import EMERGENCY, EXTENSIONS, GLOBALS, ROUTINE
from fastagi.freepbx.hook import HOOK
from tests.unit.freepbx.shapes import VERSIONS, copy

if TYPE_CHECKING:
    from typer.testing import Result

    from tests.unit.cli.conftest import Dialguard

SHIPPED = Path(__file__).parents[3] / "dialplan" / "dialguard.conf"


class Install:
    """The command, for one folder."""

    def __init__(self, dialguard: Dialguard, folder: Path) -> None:
        self.dialguard, self.folder = dialguard, folder

    def __call__(self, *words: str, status: int = 0, typed: str = "") -> Result:
        """Run it for Great Britain."""
        done = self.dialguard(
            *("install", "--freepbx", "--country", "gb", "--folder", str(self.folder)),
            *words,
            typed=typed,
        )
        assert done.exit_code == status, done.output
        return done

    @property
    def files(self) -> dict[str, bytes]:
        """What is in the folder, backups aside."""
        found = (each for each in self.folder.rglob("*") if each.is_file())
        return {
            str(each.relative_to(self.folder)): each.read_bytes()
            for each in found
            if each.suffix != ".bak"
        }

    def ways(self) -> list[str]:
        """Return where the audit finds ways to a trunk past the gate."""
        done = self.dialguard("audit", "--json", "--country", "GB", str(self.folder))
        found = [each for each in json.loads(done.stdout)["findings"] if each["way"]]
        return [each["way"][-1]["context"] for each in found]


@pytest.fixture(params=VERSIONS)
def install(request: pytest.FixtureRequest, dialguard: Dialguard, tmp_path: Path) -> Install:
    """For a FreePBX of either version."""
    return Install(dialguard, copy(request.param, tmp_path / "etc"))


def test_a_dry_run_shows_the_diff_and_writes_nothing(install: Install) -> None:
    """With or without `--yes`."""
    before = install.files
    said = install("--dry-run", "--yes").stdout
    assert f"--- {EXTENSIONS}\n+++ {EXTENSIONS}\n@@" in said
    assert f"\n+[{HOOK}]\n" in said
    assert f"new: {ROUTINE}, " in said
    assert said.endswith("nothing is written: `--dry-run`\n")
    assert install.files == before


def test_it_writes_once_and_takes_all_out_again(install: Install) -> None:
    """Nothing that FreePBX writes is touched, and what was there is kept beside."""
    before = install.files
    assert "now `fwconsole reload`" in install("--yes").stdout
    after = install.files
    assert {each for each in after if after[each] != before.get(each)} == {EXTENSIONS, ROUTINE}
    assert after[ROUTINE] == SHIPPED.read_bytes()
    (kept,) = install.folder.glob("*.bak")
    assert kept.read_bytes() == before[EXTENSIONS]
    assert install("--yes").stdout == "nothing to do: all is as it should be\n"
    assert install.files == after
    kept.unlink()
    assert "nothing of ours includes it" in install("--remove", "--yes").stdout
    assert install.files == {**before, ROUTINE: after[ROUTINE]}
    assert "nothing to do: it is not there" in install("--remove", "--yes").stdout


def test_the_audit_finds_no_way_past_it_until_it_is_taken_out(install: Install) -> None:
    """With FreePBX's emergency routes, and with a trunk before them."""
    assert set(install.ways()) == {"macro-dialout-trunk"}
    install("--yes")
    assert install.ways() == []
    install("--yes", "--emergency-trunk", "my-trunk")
    assert install.ways() == []
    for each in install.folder.glob("*.bak"):
        each.unlink()
    install("--yes", "--remove")
    assert set(install.ways()) == {"macro-dialout-trunk"}


def test_a_line_that_leaves_the_hook_is_a_way_past_it(install: Install) -> None:
    """The audit reads what the block does, not that it is there."""
    install("--yes")
    file = install.folder / EXTENSIONS
    asks = " same => n,Gosub(dialguard,outbound,1(${DIAL_NUMBER}))\n"
    text = file.read_text()
    assert asks in text
    file.write_text(text.replace(asks, ""))
    assert set(install.ways()) == {HOOK}


def test_without_yes_it_asks(install: Install) -> None:
    """A script, which cannot answer, gets nothing written."""
    before = install.files
    assert "say `--yes`" in install(status=1).stderr
    with patch("fastagi.cli.install.is_asked_here", return_value=True):
        install(typed="n\n", status=1)
        assert install.files == before
        assert "Write this?" in install(typed="y\n").stdout
    assert install.files != before


def test_an_emergency_trunk_of_its_own(install: Install) -> None:
    """Its variable, its context, and the site's own number."""
    install("--yes", "--emergency-trunk", "my-trunk", "--also", "2222")
    assert b"\nDIALGUARD_EMERGENCY_TRUNK = my-trunk\n" in install.files[GLOBALS]
    assert b"exten => 2222,1,Dial(" in install.files[EMERGENCY]
    assert b"\nexten => 2222,1,Set(OUTNUM=" in install.files[EXTENSIONS]
    assert b"include => dialguard-emergency\n" in install.files[EXTENSIONS]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--emergency-trunk", "a, b"), "cannot be a trunk's name"),
        (("--emergency-trunk", "a\nexten => x"), "cannot be a trunk's name"),
        (("--also", "_X."), "`_X.` is no number for a dialplan"),
        (("--country", "XX"), "`XX` is not known"),
        (("--country", ""), "say whose emergency numbers pass"),
    ],
)
def test_what_may_not_be_written_into_a_dialplan_is_refused(
    install: Install, words: tuple[str, ...], said: str
) -> None:
    """Before anything is."""
    before = install.files
    assert said in install("--yes", *words, status=1).stderr
    assert install.files == before


def test_into_what_must_be_said(dialguard: Dialguard) -> None:
    """There may be others one day."""
    done = dialguard("install", "--country", "GB")
    assert (done.exit_code, "say into what" in done.stderr) == (1, True)


def test_another_folder_is_none_of_freepbx(dialguard: Dialguard, tmp_path: Path) -> None:
    """Where it writes no dialplan there is nothing to hook into."""
    done = dialguard("install", "--freepbx", "--country", "GB", "--folder", str(tmp_path))
    assert done.exit_code == 3
    assert (
        "extensions_additional.conf: there is no such file; name FreePBX's folder" in done.stderr
    )


def test_a_block_that_somebody_changed_is_refused_with_its_place(install: Install) -> None:
    """File and line, as editors jump to them; nothing is written."""
    install("--yes")
    file = install.folder / EXTENSIONS
    lines = file.read_text().splitlines()
    at = lines.index("include => dialguard-sign-in")
    lines[at] = ";include => dialguard-sign-in"
    file.write_text("\n".join(lines) + "\n")
    before = install.files
    for words in ((), ("--remove",)):
        assert f"{file}:" in install("--yes", *words, status=3).stderr
    assert f"{file}:{at + 1}: somebody changed" in install("--dry-run", status=3).stderr
    assert install.files == before


def test_what_the_gate_cannot_do_here_is_told(install: Install) -> None:
    """A custom trunk, and no route for emergency calls."""
    (install.folder / GLOBALS).write_text("OUT_7 = AMP:Local/$OUTNUM$@x\n")
    generated = install.folder / "extensions_additional.conf"
    generated.write_text(generated.read_text().replace("EMERGENCYROUTE=YES", "X=Y"))
    said = install("--dry-run").stderr
    assert "trunk 7 is a custom one" in said
    assert "no outbound route marked Emergency takes `112`, `999`, `18000`" in said
    said = install("--dry-run", "--emergency-trunk", "my-trunk").stderr
    assert "no outbound route" not in said


def test_a_hook_that_asterisk_would_not_run_is_told(install: Install) -> None:
    """Where `extensions.conf` reads its own before `extensions_custom.conf`."""
    main = install.folder / "extensions.conf"
    include = f"#include {EXTENSIONS}\n"
    main.write_text(main.read_text().replace(include, "") + include)
    assert "Asterisk would run another" in install("--yes", status=1).stderr


def test_the_diff_shows_nothing_that_moves_a_terminal(install: Install) -> None:
    """Whoever may write to the file shall not write to root's screen."""
    (install.folder / EXTENSIONS).write_bytes(b"; \x1b[2J \xff\ttab\r\n")
    said = install("--dry-run").stdout
    assert "; \ufffd[2J \ufffd " in said
