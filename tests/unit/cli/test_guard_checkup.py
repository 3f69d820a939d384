"""What `dialguard doctor` says of guards that calls go without."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fastagi.cli import guard_checkup
from fastagi.cli.checkup import Mark
from fastagi.cli.service import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.cli.checkup import Finding
    from tests.unit.cli.conftest import Dialguard

UNIT = Path(__file__).parents[3] / "deploy" / "dialguard.service"
PASSWORD = "a-long-password"

# What systemd 252 says of the unit that ships.
SHOWN = {
    "LoadState": "loaded",
    "User": "dialguard",
    "WatchdogUSec": "3s",
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "CapabilityBoundingSet": "",
    "Restart": "always",
}


def told(findings: Iterator[Finding]) -> list[tuple[str, str]]:
    """Return mark and sentence; each that is not OK says what to do, and none a password."""
    found = list(findings)
    assert all(each.cure for each in found if each.mark is not Mark.OK)
    assert PASSWORD not in repr(found)
    return [(str(each.mark), each.what) for each in found]


# ------------------------------------------------------------------- alerts


def test_that_nobody_is_woken_is_a_warning(dialguard: Dialguard) -> None:
    """A service without alerts works."""
    ((mark, what),) = told(guard_checkup.somebody_is_woken(settings_of(dialguard.settings)))
    assert (mark, what) == ("WARN", "nobody is woken: there is no `[[alert]]`")


@pytest.mark.parametrize(("urls", "places"), [(1, "1 place;"), (3, "3 places;")])
def test_to_how_many_alerts_go(dialguard: Dialguard, urls: int, places: str) -> None:
    """Without the URLs, which are secrets."""
    file = dialguard.folder / "on-call.urls"
    file.touch(0o600)
    file.write_text("".join(f"json://127.0.0.1/{PASSWORD}{each}\n" for each in range(urls)))
    with dialguard.settings.open("a") as text:
        text.write('[[alert]]\nname = "on-call"\nurls_file = "on-call.urls"\n')
    settings = settings_of(dialguard.settings)
    ((mark, what),) = told(guard_checkup.somebody_is_woken(settings))
    assert (mark, places in what) == ("OK", True)
    file.chmod(0o644)  # which the settings' own check tells
    assert told(guard_checkup.somebody_is_woken(settings)) == []


# ------------------------------------------------------------------- the way to the store


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite://dialguard.db", None),
        (f"redis+sentinel://:{PASSWORD}@192.0.2.20", None),  # which opening it tells
        (f"redis://dialguard:{PASSWORD}@127.0.0.1/0", []),
        (f"redis://dialguard:{PASSWORD}@localhost/0", []),
        (f"rediss://dialguard:{PASSWORD}@192.0.2.20/0", []),
        (f"redis://dialguard:{PASSWORD}@192.0.2.20/0", ["`192.0.2.20` can be read"]),
        (f"redis+sentinel://:{PASSWORD}@127.0.0.1,s2/m", ["`s2` can be read"]),
        ("redis://127.0.0.1/0", ["no password"]),
        ("redis+cluster://n1", ["`n1` can be read", "no password"]),
    ],
)
def test_the_way_to_the_store(dialguard: Dialguard, url: str, words: list[str] | None) -> None:
    """A file has none; a Redis is to ask for a password, and TLS goes where others may listen."""
    text = dialguard.settings.read_text().replace("sqlite://dialguard.db", url)
    dialguard.settings.write_text(text)
    dialguard.settings.chmod(0o640)
    found = told(guard_checkup.store_is_guarded(settings_of(dialguard.settings)))
    if words is None:
        assert found == []
    elif not words:
        assert [mark for mark, _ in found] == ["OK"]
    else:
        assert [mark for mark, _ in found] == ["WARN"] * len(words)
        assert all(word in what for word, (_, what) in zip(words, found, strict=True))


def test_a_store_s_password_is_not_everybody_s_to_read(dialguard: Dialguard) -> None:
    """It stands in the settings."""
    url = f"redis://:{PASSWORD}@127.0.0.1/0"
    text = dialguard.settings.read_text().replace("sqlite://dialguard.db", url)
    dialguard.settings.write_text(text)
    dialguard.settings.chmod(0o644)
    ((mark, what),) = told(guard_checkup.store_is_guarded(settings_of(dialguard.settings)))
    assert (mark, what.startswith("everybody on the machine can read `")) == ("WARN", True)


# ------------------------------------------------------------------- the unit


def systemctl(folder: Path, monkeypatch: pytest.MonkeyPatch, shown: dict[str, str] | None) -> None:
    """Put a program there that says what systemd would; None: there is no systemd."""
    program = folder / "systemctl"
    lines = "\n".join(f"{name}={value}" for name, value in (shown or {}).items())
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{lines}\nEND\n")
    program.chmod(0o755)
    found = None if shown is None else str(program)
    monkeypatch.setattr("fastagi.cli.guard_checkup.shutil.which", lambda _: found)


def test_the_unit_that_ships_is_as_it_should_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what is looked at are lines of it."""
    written = dict(re.findall(r"^(\w+)=(.*)$", UNIT.read_text(), re.MULTILINE))
    for name, value in guard_checkup.HELD.items():
        assert written[name].replace("true", "yes") == value
    systemctl(tmp_path, monkeypatch, SHOWN)
    ((mark, what),) = told(guard_checkup.unit_is_ours())
    assert (mark, what.endswith("as user `dialguard`")) == ("OK", True)


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"User": ""}, "it is root"),
        ({"User": "root"}, "it is root"),
        ({"WatchdogUSec": "0"}, "no `WatchdogSec`"),
        ({"ProtectSystem": "full"}, "`ProtectSystem=full`"),
        ({"ProtectHome": "no"}, "`ProtectHome=no`"),
        ({"NoNewPrivileges": "no"}, "`NoNewPrivileges=no`"),
        ({"CapabilityBoundingSet": "cap_net_admin"}, "`CapabilityBoundingSet=cap_net_admin`"),
        ({"Restart": "no"}, "`Restart=no`"),
    ],
)
def test_a_looser_unit_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], word: str
) -> None:
    """With the line that is loose."""
    systemctl(tmp_path, monkeypatch, SHOWN | changed)
    ((mark, what),) = told(guard_checkup.unit_is_ours())
    assert (mark, what.endswith(f"than it needs: {word}")) == ("WARN", True)


@pytest.mark.parametrize("shown", [None, {}, {"LoadState": "not-found"}])
def test_without_systemd_it_cannot_be_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shown: dict[str, str] | None
) -> None:
    """Or where it knows no such unit."""
    systemctl(tmp_path, monkeypatch, shown)
    ((mark, what),) = told(guard_checkup.unit_is_ours())
    assert (mark, "cannot be told" in what) == ("WARN", True)
