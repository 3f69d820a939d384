"""What `dialguard doctor` says of whoever looks for signs of an attack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.cli import lookout_checkup
from fastagi.cli.lookout_checkup import attacks_are_seen
from fastagi.cli.service import settings_of

if TYPE_CHECKING:
    import pytest

    from fastagi.cli.checkup import Finding
    from tests.doubles.manager import Manager
    from tests.unit.cli.conftest import Dialguard

WATCH = '\n[[watch]]\nname = "scans"\nsign = "enumeration"\nper = "address"\n'
ABROAD = '\n[[watch]]\nname = "far-away"\nsign = "new-country"\nper = "account"\n'


def found(dialguard: Dialguard) -> list[Finding]:
    """Return what the doctor finds."""
    return list(attacks_are_seen(settings_of(dialguard.settings)))


def say(dialguard: Dialguard, policy: str = "", settings: str = "") -> None:
    """Add to the policy and to the settings."""
    with dialguard.policy.open("a") as file:
        file.write(policy)
    with dialguard.settings.open("a") as file:
        file.write(settings)


def test_without_watches_there_is_nothing_to_say(dialguard: Dialguard) -> None:
    """Nor of a policy that is broken, which is told of elsewhere."""
    assert found(dialguard) == []
    say(dialguard, "\nnonsense = 1\n")
    assert found(dialguard) == []


def test_a_watch_that_nobody_keeps_is_told(dialguard: Dialguard) -> None:
    """It takes `[lookout]`."""
    say(dialguard, WATCH)
    (finding,) = found(dialguard)
    assert (finding.mark, "nobody looks for them" in finding.what) == ("WARN", True)


def test_a_lookout_with_nothing_to_look_for_or_at_is_told(dialguard: Dialguard) -> None:
    """No watch, and no Asterisk."""
    say(dialguard, settings="[lookout]\n")
    nothing, nobody = found(dialguard)
    assert "no policy says what is one" in nothing.what
    assert "hears no Asterisk" in nobody.what


def test_an_asterisk_that_tells_is_ok(dialguard: Dialguard, manager: Manager) -> None:
    """Of our own login."""
    say(dialguard, WATCH, "[lookout]\n")
    manager.tells_security = True
    (finding,) = found(dialguard)
    assert (finding.mark, "tells of security events" in finding.what) == ("OK", True)


def test_an_asterisk_that_tells_nothing_is_told(
    dialguard: Dialguard, manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user may not read them."""
    monkeypatch.setattr(lookout_checkup, "HEARD_S", 0.1)
    say(dialguard, WATCH, "[lookout]\n")
    (finding,) = found(dialguard)
    assert (finding.mark, "user,security" in finding.cure) == ("FAIL", True)
    manager.secret = "another-secret-than-ours"
    (finding,) = found(dialguard)
    assert (finding.mark, "refuses" in finding.what) == ("FAIL", True)


def test_a_country_that_can_never_be_new_is_told(dialguard: Dialguard, manager: Manager) -> None:
    """Where there is no database, or what is named is none."""
    manager.tells_security = True
    say(dialguard, ABROAD, "[lookout]\n")
    country, _ = found(dialguard)
    assert (country.mark, "`far-away` of" in country.what) == ("WARN", True)
    (dialguard.folder / "c.mmdb").write_text("nonsense")
    say(dialguard, settings='geoip = "c.mmdb"\n')
    country, _ = found(dialguard)
    assert (country.mark, "is no database of countries" in country.what) == ("FAIL", True)
    assert "c.mmdb" in country.what


def test_the_doctor_says_it(dialguard: Dialguard) -> None:
    """Among all the rest."""
    say(dialguard, WATCH)
    said = dialguard.on_settings("doctor", "--asterisk", "/nowhere").stdout
    assert "nobody looks for them" in said.replace("\n", " ")
