"""`dialguard audit` of the dialplan that a real Asterisk has loaded, with the rig's holes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from fastagi.cli.app import application

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.rig.asterisk import Asterisk

WIDE_OPEN = "dialplan add extension 0123,1,Dial,PJSIP/0123@my-trunk into phones"


@pytest.fixture
def settings(running: Asterisk, tmp_path: Path) -> Path:
    """Settings with a login that may list the dialplan."""
    secret = tmp_path / "ami-secret"
    secret.touch(0o600)
    secret.write_text("auditor-of-the-rig\n")
    file = tmp_path / "dialguard.toml"
    file.write_text(
        f'[policy]\nfile = "p.toml"\n\n[ami]\nport = {running.ports.ami}\n'
        f'username = "auditor"\nsecret_file = "{secret}"\n'
    )
    return file


def _audit(*words: str, status: int = 2) -> dict[str, Any]:
    done = CliRunner().invoke(application(), ["audit", "--json", *words], catch_exceptions=False)
    assert done.exit_code == status, done.output
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def _ungated(found: dict[str, Any]) -> set[tuple[str, str, int, str]]:
    """Return the lines at which ways reach a trunk past the gate."""
    lasts = [each["way"][-1] for each in found["findings"] if each["kind"] == "ungated-trunk"]
    return {(each["context"], each["extension"], each["priority"], each["text"]) for each in lasts}


def test_the_loaded_dialplan_has_the_holes_of_its_files(running: Asterisk, settings: Path) -> None:
    """The rig's own, and none in what is shipped; of the files with their lines."""
    etc = running.home / "etc"
    files = _audit(str(etc))
    loaded = _audit("--ami", "--settings", str(settings), str(etc))
    assert ("outside", "_*85.", 1, "Dial(PJSIP/${EXTEN:3}@my-trunk,60)") in _ungated(files)
    assert _ungated(loaded) == _ungated(files)
    lines = (etc / "extensions.conf").read_text().splitlines()
    for each in files["findings"]:
        for hop in each["way"]:
            if hop["file"] == "extensions.conf":
                assert hop["text"].partition("(")[0] in lines[hop["line"] - 1]
    assert not any("dialguard.conf" in each["file"] for each in files["findings"])


def test_what_no_file_says_is_found_in_what_is_loaded(running: Asterisk, settings: Path) -> None:
    """An extension that somebody added on the command line; gone with it."""
    etc = str(running.home / "etc")
    before = _ungated(_audit("--ami", "--settings", str(settings), etc))
    running.cli(WIDE_OPEN)
    try:
        after = _ungated(_audit("--ami", "--settings", str(settings), etc))
    finally:
        running.cli("dialplan remove extension 0123@phones")
    assert ("phones", "0123", 1, "Dial(PJSIP/0123@my-trunk)") in after - before
    assert not _ungated(_audit(etc)) >= after


def test_a_login_that_may_not_list_it_is_told_what_it_lacks(
    running: Asterisk, settings: Path
) -> None:
    """The watcher's has no such right."""
    (settings.parent / "ami-secret").write_text("watcher-of-the-rig\n")
    settings.write_text(settings.read_text().replace('"auditor"', '"dialguard"'))
    words = ["audit", "--ami", "--settings", str(settings)]
    done = CliRunner().invoke(application(), words, catch_exceptions=False)
    assert done.exit_code == 1
    assert "manager.conf `write = call,reporting`" in done.stderr
