"""`dialguard phone …`."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import stat
import time
from typing import TYPE_CHECKING

import pyotp
import pytest

from fastagi.stores.opening import open_store

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard

PIN = "80911"


def add(dialguard: Dialguard, *words: str) -> str:
    """Enrol 101 and return what was printed."""
    done = dialguard.on_settings("phone", "add", "101", "--pin-stdin", *words, typed=f"{PIN}\n")
    assert done.exit_code == 0, done.output
    return done.stdout


def test_adding_gives_all_three(dialguard: Dialguard) -> None:
    """A PIN, a QR code in the terminal, ten recovery codes; none of it is stored in clear."""
    printed = add(dialguard)
    codes = re.findall(r"^  (\d{10})$", printed, re.MULTILINE)
    assert len(set(codes)) == 10
    assert "▀" in printed or "█" in printed
    shown = json.loads(dialguard.on_settings("phone", "show", "101", "--json").stdout)
    assert (shown["pin"], shown["totp"], shown["recovery"]) == ("yes", "yes", 10)
    stored = b"".join(file.read_bytes() for file in dialguard.folder.glob("dialguard.db*"))
    assert PIN.encode() not in stored
    assert codes[0].encode() not in stored


def test_adding_twice_is_refused(dialguard: Dialguard) -> None:
    """The message says what changes a part of it."""
    add(dialguard)
    done = dialguard.on_settings("phone", "add", "101", "--pin-stdin", typed=f"{PIN}\n")
    assert done.exit_code == 1
    assert "`dialguard phone pin`" in done.stderr


@pytest.mark.parametrize("pin", ["1234", "0000", "1011", "12ab", "", "123"])
def test_a_weak_pin_is_refused(dialguard: Dialguard, pin: str) -> None:
    """Those that a thief tries first; the message does not repeat it."""
    done = dialguard.on_settings("phone", "pin", "1011", "--pin-stdin", typed=f"{pin}\n")
    assert done.exit_code == 1
    assert dialguard.on_settings("phone", "list", "--json").stdout.strip() == "[]"


def test_a_pin_is_asked_for_twice_in_a_terminal(
    dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hidden, and a slip of the finger changes nothing; a weak one is asked for once only."""
    answers = iter(["1234", PIN, "80912", PIN, PIN])
    monkeypatch.setattr("fastagi.cli.enrolling.getpass.getpass", lambda _: next(answers))
    monkeypatch.setattr("fastagi.cli.enrolling.sits_there", lambda: True)
    weak = dialguard.on_settings("phone", "pin", "101")
    assert "counting" in weak.stderr
    slipped = dialguard.on_settings("phone", "pin", "101")
    assert slipped.exit_code == 1
    assert "not the same" in slipped.stderr
    assert dialguard.on_settings("phone", "pin", "101").exit_code == 0


def test_without_a_terminal_the_pin_comes_from_stdin_if_asked(dialguard: Dialguard) -> None:
    """A script that forgot to say so is told, not taken by the empty word."""
    done = dialguard.on_settings("phone", "pin", "102", typed="")
    assert done.exit_code == 1
    assert "no terminal to key a PIN at; use `--pin-stdin`" in done.stderr


def test_a_uri_enrols_an_app(dialguard: Dialguard) -> None:
    """For those who provision by program."""
    uri = re.search(r"otpauth://\S+", add(dialguard, "--uri"))
    assert uri is not None
    totp = pyotp.parse_uri(uri[0])
    assert totp.name == "101"
    assert totp.issuer == "dialguard office"


@pytest.mark.parametrize(("name", "begins"), [("101.png", b"\x89PNG"), ("101.svg", b"<?xml")])
def test_a_qr_code_goes_into_a_new_private_file(
    dialguard: Dialguard, name: str, begins: bytes
) -> None:
    """Only its owner can read it, and nothing is overwritten."""
    out = dialguard.folder / name
    done = dialguard.on_settings("phone", "totp", "101", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert out.read_bytes().startswith(begins)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    again = dialguard.on_settings("phone", "totp", "101", "--out", str(out))
    assert again.exit_code == 1
    assert "there already" in again.stderr
    nowhere = dialguard.on_settings("phone", "totp", "101", "--out", str(out / "x.png"))
    assert "cannot be written" in nowhere.stderr
    other = dialguard.on_settings("phone", "totp", "101", "--out", str(out.with_suffix(".jpg")))
    assert "neither .png nor .svg" in other.stderr.replace("\n", " ")


def test_recovery_codes_can_be_made_anew(dialguard: Dialguard) -> None:
    """The old ones are void."""
    first = re.findall(r"^  (\d{10})$", add(dialguard), re.MULTILINE)
    done = dialguard.on_settings("phone", "recovery", "101")
    assert not set(first) & set(re.findall(r"^  (\d{10})$", done.stdout, re.MULTILINE))


def test_phones_are_shown_and_listed_without_secrets(dialguard: Dialguard) -> None:
    """Who has what."""
    add(dialguard)
    assert dialguard.on_settings("phone", "show", "101").stdout.startswith("extension\t101\n")
    line = dialguard.on_settings("phone", "list").stdout
    assert line.startswith("101\tyes\tyes\t10\t20")


def test_a_phone_is_forgotten(dialguard: Dialguard) -> None:
    """Once; the second time there is nothing to forget."""
    add(dialguard)
    assert dialguard.on_settings("phone", "remove", "101").exit_code == 0
    assert dialguard.on_settings("phone", "remove", "101").exit_code == 1
    assert "not enrolled" in dialguard.on_settings("phone", "show", "101").stderr


def test_a_name_that_no_endpoint_can_have_is_refused(dialguard: Dialguard) -> None:
    """Rather than enrolled for nobody."""
    done = dialguard.on_settings("phone", "pin", "1 01", "--pin-stdin", typed=f"{PIN}\n")
    assert done.exit_code == 1
    assert "cannot be an endpoint's name" in done.stderr


def test_a_phone_that_cannot_dial_is_warned_of(dialguard: Dialguard) -> None:
    """It is in no class; a slip of the finger, or a class to come."""
    done = dialguard.on_settings("phone", "pin", "999999", "--pin-stdin", typed=f"{PIN}\n")
    assert done.exit_code == 0
    assert "it cannot dial" in done.stderr
    removed = dialguard.on_settings("phone", "remove", "999999")
    assert removed.exit_code == 0
    assert removed.stderr == ""


def test_keys_that_others_can_read_are_refused(dialguard: Dialguard) -> None:
    """Before anything is stored under them."""
    (dialguard.folder / "keys").write_text("x")
    (dialguard.folder / "keys").chmod(0o644)
    done = dialguard.on_settings("phone", "pin", "101", "--pin-stdin", typed=f"{PIN}\n")
    assert done.exit_code == 1
    assert "chmod 600" in done.stderr


def test_a_lost_key_file_is_not_replaced(dialguard: Dialguard) -> None:
    """A new key would void what everybody has."""
    add(dialguard)
    (dialguard.folder / "keys").unlink()
    done = dialguard.on_settings("phone", "pin", "102", "--pin-stdin", typed=f"{PIN}\n")
    assert done.exit_code == 1
    assert "restore it from its backup" in done.stderr
    assert not (dialguard.folder / "keys").exists()


# ----------------------------------------------------------------------------- invitations


CONSOLE = '[console]\nurl = "http://localhost:8573"\n'


def invited(dialguard: Dialguard, *words: str) -> str:
    """Invite 101; returns the token of the link."""
    if CONSOLE not in dialguard.settings.read_text():
        with dialguard.settings.open("a") as settings:
            settings.write(CONSOLE)
    done = dialguard.on_settings("phone", "invite", "101", *words)
    assert done.exit_code == 0, done.output
    link = r"^http://localhost:8573/office/invitation/([A-Za-z0-9_-]{43})$"
    found = re.search(link, done.stdout, re.MULTILINE)
    assert found is not None
    return found[1]


def accepted(dialguard: Dialguard, token: str, in_s: float = 0.0) -> bool:
    """Whether the invitation is good, by then; that uses it up."""

    async def accept() -> bool:
        store = open_store(f"sqlite://{dialguard.folder / 'dialguard.db'}")
        key = hashlib.sha256(token.encode()).hexdigest()
        found = await store.take_record("office", "invitation", key, time.time() + in_s)
        await store.close()
        return found is not None

    return asyncio.run(accept())


def test_an_invitation_is_a_link(dialguard: Dialguard) -> None:
    """Good for a day, or as long as was said; its token is not stored."""
    token = invited(dialguard)
    stored = b"".join(file.read_bytes() for file in dialguard.folder.glob("dialguard.db*"))
    assert token.encode() not in stored
    assert accepted(dialguard, token, 86_000)
    assert not accepted(dialguard, invited(dialguard, "--for", "30m"), 1801)


def test_removing_a_phone_voids_its_invitation(dialguard: Dialguard) -> None:
    """Whoever left could come back by it; also where nothing was enrolled yet."""
    token = invited(dialguard)
    assert dialguard.on_settings("phone", "remove", "101").exit_code == 1
    assert not accepted(dialguard, token)


@pytest.mark.parametrize("lasts", ["", "0s", "1", "15d", "x"])
def test_an_invitation_does_not_lie_about_for_ever(dialguard: Dialguard, lasts: str) -> None:
    """Two weeks at most."""
    dialguard.settings.write_text(dialguard.settings.read_text() + CONSOLE)
    done = dialguard.on_settings("phone", "invite", "101", "--for", lasts)
    assert done.exit_code == 1
    assert done.stdout == ""


def test_without_a_web_nobody_is_invited(dialguard: Dialguard) -> None:
    """There would be nobody to open the link."""
    done = dialguard.on_settings("phone", "invite", "101")
    assert done.exit_code == 1
    assert "`[console]`" in done.stderr
