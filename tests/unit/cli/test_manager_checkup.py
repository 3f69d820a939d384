"""What `dialguard doctor` says of the manager interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.cli.manager_checkup import managers_let_us_in
from fastagi.cli.service import settings_of

if TYPE_CHECKING:
    from fastagi.cli.checkup import Finding
    from tests.doubles.manager import Manager
    from tests.unit.cli.conftest import Dialguard


def found(dialguard: Dialguard) -> list[Finding]:
    """Return what the doctor finds."""
    return list(managers_let_us_in(settings_of(dialguard.settings)))


def test_without_the_table_it_is_told_what_is_not_noticed(dialguard: Dialguard) -> None:
    """It may be left out."""
    (finding,) = found(dialguard)
    assert (finding.mark, "a call past the gate is not noticed" in finding.what) == ("WARN", True)


def test_an_asterisk_that_lets_us_watch_is_ok(dialguard: Dialguard, manager: Manager) -> None:
    """It lists its channels."""
    (finding,) = found(dialguard)
    assert (finding.mark, "lets us watch: 0 channels up" in finding.what) == ("OK", True)


def test_a_refused_login_says_where_to_look(dialguard: Dialguard, manager: Manager) -> None:
    """And never the secret."""
    manager.secret = "another-secret-than-ours"
    (finding,) = found(dialguard)
    assert finding.mark == "FAIL"
    assert "manager.conf: is the secret the same" in finding.cure
    assert "secret-of-the-tests" not in finding.what


def test_too_few_rights_are_told(dialguard: Dialguard, manager: Manager) -> None:
    """A login that may not list channels."""
    manager.refuses.add("Status")
    (finding,) = found(dialguard)
    assert (finding.mark, "`write = call`" in finding.cure) == ("FAIL", True)


def test_a_secret_that_cannot_be_read_is_told(dialguard: Dialguard, manager: Manager) -> None:
    """By its file."""
    (dialguard.folder / "ami-secret").unlink()
    (finding,) = found(dialguard)
    assert (finding.mark, "ami-secret" in finding.what) == ("FAIL", True)


def test_the_doctor_says_it(dialguard: Dialguard, manager: Manager) -> None:
    """Among all the rest."""
    said = dialguard.on_settings("doctor", "--asterisk", "/nowhere").stdout
    assert "lets us watch" in said.replace("\n", " ")
