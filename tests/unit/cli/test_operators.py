"""`dialguard operator …`."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import pytest

from fastagi.console.operators import accounts, audit
from fastagi.daemon.keys import open_vault
from fastagi.second_factor import password
from fastagi.stores.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from typer.testing import Result

    from fastagi.console.operators.accounts import Operator
    from fastagi.second_factor.vault import Vault
    from fastagi.stores.store import Store
    from tests.unit.cli.conftest import Dialguard

Found = TypeVar("Found")

WORDS = "tram vivid oboe quarry"


def add(dialguard: Dialguard, name: str = "anna", role: str = "operator", *words: str) -> Result:
    """Make an operator."""
    return dialguard.on_settings(
        "operator", "add", name, "--role", role, "--password-stdin", *words, typed=f"{WORDS}\n"
    )


def ask(dialguard: Dialguard, work: Callable[[Store], Awaitable[Found]]) -> Found:
    """Ask the folder's store."""

    async def do() -> Found:
        store = open_store(f"sqlite://{dialguard.folder}/dialguard.db")
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(do())


def account(dialguard: Dialguard, name: str = "anna") -> Operator | None:
    """Return an operator as the console finds it."""
    vault = open_vault(dialguard.folder / "keys")
    return ask(dialguard, lambda store: accounts.find(store, vault, name, 0.0))


def test_there_is_nobody_by_default(dialguard: Dialguard) -> None:
    """No account, no password."""
    assert dialguard.on_settings("operator", "list", "--json").stdout.strip() == "[]"


def test_adding_shows_a_code_and_stores_nothing_in_clear(dialguard: Dialguard) -> None:
    """Sealed whole: neither name and role can be changed there, nor anything read."""
    done = add(dialguard, "anna", "admin", "--uri")
    assert done.exit_code == 0, done.output
    secret = re.search(
        r"otpauth://totp/dialguard%20console:anna\?secret=([A-Z2-7]{32})", done.stdout
    )
    assert secret is not None
    found = account(dialguard)
    assert found is not None
    assert (found.role, found.secret) == ("admin", secret[1])
    assert password.verify_password(WORDS, found.password)
    stored = b"".join(file.read_bytes() for file in dialguard.folder.glob("dialguard.db*"))
    for each in (WORDS, secret[1], "argon2id"):
        assert each.encode() not in stored


def test_operators_are_listed_without_secrets(dialguard: Dialguard) -> None:
    """By name."""
    add(dialguard, "olga")
    add(dialguard, "anna", "viewer")
    lines = dialguard.on_settings("operator", "list").stdout.splitlines()
    assert [line.split("\t")[:2] for line in lines] == [["anna", "viewer"], ["olga", "operator"]]
    listed = json.loads(dialguard.on_settings("operator", "list", "--json").stdout)
    assert [set(each) for each in listed] == [
        {"name", "role", "sites", "since", "enters", "disabled"}
    ] * 2


@pytest.mark.parametrize("name", ["Anna", "", "an na", ".anna", "x" * 65, "anna\n", "~"])
def test_what_cannot_be_a_name_is_refused(dialguard: Dialguard, name: str) -> None:
    """By whatever command."""
    assert add(dialguard, name).exit_code == 1
    for words in (["role", "--role", "viewer"], ["password", "--password-stdin"], ["remove"]):
        done = dialguard("operator", *words, "--settings", str(dialguard.settings), "--", name)
        assert done.exit_code != 0


def test_adding_twice_is_refused(dialguard: Dialguard) -> None:
    """The first stays as it is."""
    add(dialguard)
    before = account(dialguard)
    done = add(dialguard, "anna", "admin")
    assert (done.exit_code, "`dialguard operator password`" in done.stderr) == (1, True)
    assert account(dialguard) == before


def test_a_weak_password_is_refused(dialguard: Dialguard) -> None:
    """And nobody is made."""
    done = dialguard.on_settings(
        *("operator", "add", "anna", "--role", "admin", "--password-stdin"), typed="password1234\n"
    )
    assert (done.exit_code, "common" in done.stderr) == (1, True)
    assert dialguard.on_settings("operator", "list", "--json").stdout.strip() == "[]"


def test_a_password_is_asked_for_twice_in_a_terminal(
    dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hidden; a slip of the finger changes nothing. Without a terminal it says what to do."""
    answers = iter([WORDS, "tram vivid oboe quarrz", WORDS, WORDS])
    monkeypatch.setattr("fastagi.cli.operators.getpass.getpass", lambda _: next(answers))
    monkeypatch.setattr("fastagi.cli.operators.sits_there", lambda: True)
    slipped = dialguard.on_settings("operator", "add", "anna", "--role", "viewer")
    assert (slipped.exit_code, "not the same" in slipped.stderr) == (1, True)
    assert dialguard.on_settings("operator", "add", "anna", "--role", "viewer").exit_code == 0
    monkeypatch.setattr("fastagi.cli.operators.sits_there", lambda: False)
    done = dialguard.on_settings("operator", "password", "anna")
    assert (done.exit_code, "use `--password-stdin`" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("words", "typed", "changed"),
    [
        (["role", "anna", "--role", "viewer"], "", "role"),
        (["password", "anna", "--password-stdin"], "quartz hinge molar bonsai\n", "password"),
        (["totp", "anna", "--uri"], "", "secret"),
    ],
)
def test_each_part_can_be_changed(
    dialguard: Dialguard, words: list[str], typed: str, changed: str
) -> None:
    """The others stay; and the stamp is another, so that whoever is in is out."""
    add(dialguard)
    before = account(dialguard)
    done = dialguard.on_settings("operator", *words, typed=typed)
    assert done.exit_code == 0, done.output
    after = account(dialguard)
    assert before is not None
    assert after is not None
    assert before.stamp != after.stamp
    for part in ("role", "password", "secret"):
        assert (getattr(before, part) == getattr(after, part)) is (part != changed)


@pytest.mark.parametrize(
    "words",
    [
        ["role", "--role", "viewer"],
        ["password", "--password-stdin"],
        ["totp", "--uri"],
        ["remove"],
    ],
)
def test_who_is_not_there_cannot_be_changed(dialguard: Dialguard, words: list[str]) -> None:
    """Status 1."""
    done = dialguard.on_settings("operator", words[0], "nobody", *words[1:], typed=f"{WORDS}\n")
    assert (done.exit_code, "there is no operator `nobody`" in done.stderr) == (1, True)


def test_who_is_removed_is_gone(dialguard: Dialguard) -> None:
    """Twice is status 1."""
    add(dialguard)
    assert dialguard.on_settings("operator", "remove", "anna").exit_code == 0
    assert account(dialguard) is None
    assert dialguard.on_settings("operator", "remove", "anna").exit_code == 1


def test_two_who_make_one_at_a_moment_make_one(
    dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second is told."""
    add(dialguard)

    async def nobody(*_: object) -> None:
        return None

    monkeypatch.setattr("fastagi.console.operators.accounts.find", nobody)
    done = add(dialguard)
    assert (done.exit_code, "somebody else has just made" in done.stderr) == (1, True)


def test_what_is_done_here_is_in_the_trail_too(dialguard: Dialguard) -> None:
    """Without an address, and with nothing secret."""
    add(dialguard)
    dialguard.on_settings("operator", "role", "anna", "--role", "admin")
    dialguard.on_settings("operator", "remove", "anna")
    found = ask(dialguard, lambda store: audit.page(store, "", 10, 0.0))
    assert [(each.operator, each.deed, each.what, each.outcome) for each in found] == [
        ("(command line)", "removed-operator", "anna", "done"),
        ("(command line)", "changed-operator", "anna, admin", "done"),
        ("(command line)", "added-operator", "anna, operator", "done"),
    ]


def test_a_new_key_seals_the_accounts_anew(dialguard: Dialguard) -> None:
    """So that the old one may go."""
    add(dialguard)
    done = dialguard.on_settings("phone", "rotate", "--json")
    assert json.loads(done.stdout)["operators"] == 1
    keys = (dialguard.folder / "keys").read_text().splitlines()
    lines = [each for each in keys if each and not each.startswith("#")]
    (dialguard.folder / "keys").write_text(f"{lines[0]}\n")
    assert account(dialguard) is not None
    assert json.loads(dialguard.on_settings("phone", "rotate", "--json").stdout)["operators"] == 1


def test_a_lockout_of_the_console_can_be_cleared(dialguard: Dialguard) -> None:
    """By the operator's name, whatever sites there are; or of an address, at `~`."""
    done = dialguard.on_settings("lockouts", "clear", "operator", "anna")
    assert (done.exit_code, "nothing is held against operator `anna` at `~`" in done.stderr) == (
        1,
        True,
    )
    done = dialguard.on_settings("lockouts", "clear", "address", "192.0.2.7", "--site", "~")
    assert "nothing is held against address `192.0.2.7` at `~`" in done.stderr


def test_a_change_is_made_to_what_is_there_by_then(
    dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who logs in at that moment burns a code, and the account is another."""
    add(dialguard)
    put, tried = accounts.put, []

    async def late(records: Store, vault: Vault, operator: Operator, now: float) -> bool:
        tried.append(operator)
        if len(tried) == 1:
            present = await accounts.find(records, vault, "anna", now)
            assert present is not None
            assert await put(records, vault, replace(present, step=7), now)
        return await put(records, vault, operator, now)

    monkeypatch.setattr(accounts, "put", late)
    assert dialguard.on_settings("operator", "role", "anna", "--role", "admin").exit_code == 0
    found = account(dialguard)
    assert found is not None
    assert (found.role, found.step) == ("admin", 7)


OIDC = '[console]\n[console.oidc]\nissuer = "https://id.example.org"\nclient_id = "dialguard"\n'


def test_who_enters_by_the_provider_has_no_password(dialguard: Dialguard) -> None:
    """Neither at first, nor by the commands that give others a new one."""
    words = ("operator", "add", "anna", "--role", "viewer", "--sso")
    done = dialguard.on_settings(*words)
    assert (done.exit_code, "no `[console.oidc]`" in done.stderr) == (1, True)
    with dialguard.settings.open("a") as settings:
        settings.write(OIDC)
    done = dialguard.on_settings(*words, "--password-stdin", typed=f"{WORDS}\n")
    assert (done.exit_code, "neither password nor QR code" in done.stderr) == (1, True)
    assert dialguard.on_settings(*words).exit_code == 0
    made = account(dialguard)
    assert made is not None
    assert (made.role, made.password, made.secret, made.subject) == ("viewer", "", "", "")
    for more in (("password", "anna", "--password-stdin"), ("totp", "anna", "--uri")):
        done = dialguard.on_settings("operator", *more, typed=f"{WORDS}\n")
        assert (done.exit_code, "enters by the provider" in done.stderr) == (1, True)
        assert "otpauth" not in done.stdout
    assert account(dialguard) == made
    listed = dialguard.on_settings("operator", "list").stdout.rstrip("\n").split("\t")
    assert listed[3:] == ["sso", "", "all"]


def test_an_operator_is_disabled_and_enabled_again(dialguard: Dialguard) -> None:
    """Whoever is in is out: each has a stamp of its own."""
    add(dialguard)
    stamps = set()
    for word, disabled in (("disable", True), ("enable", False)):
        assert dialguard.on_settings("operator", word, "anna").exit_code == 0
        found = account(dialguard)
        assert found is not None
        assert found.disabled is disabled
        stamps.add(found.stamp)
        listed = dialguard.on_settings("operator", "list").stdout.rstrip("\n").split("\t")
        assert listed[3:] == ["password", "disabled" if disabled else "", "all"]
    assert len(stamps) == 2
    assert dialguard.on_settings("operator", "disable", "nobody").exit_code == 1


def test_results_stand_alone_on_stdout(dialguard: Dialguard) -> None:
    """What is logged on the way goes elsewhere, as it does for every command."""
    settings = str(dialguard.settings)
    words = [sys.executable, "-m", "fastagi", "operator", "add", "anna", "--role", "viewer"]
    words += ["--password-stdin", "--uri", "--settings", settings]
    done = subprocess.run(words, input=f"{WORDS}\n", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == [
        "otpauth",
        "`anna` may enter, as viewer",
    ]
    assert "key-file-made" in done.stderr
    assert "operator-did" not in done.stderr


def test_an_operator_may_see_some_sites_only(dialguard: Dialguard) -> None:
    """Only sites that there are; who is in logs in anew, and all is said in so many words."""
    done = dialguard.on_settings(
        *("operator", "add", "anna", "--role", "viewer", "--site", "office", "--password-stdin"),
        typed=f"{WORDS}\n",
    )
    assert (done.exit_code, "of office" in done.stdout) == (0, True)
    before = account(dialguard)
    assert before is not None
    assert before.sites == {"office"}
    for words in (["--site", "hotel"], [], ["--all", "--site", "office"]):
        assert dialguard.on_settings("operator", "sites", "anna", *words).exit_code == 1
    assert account(dialguard) == before
    assert dialguard.on_settings("operator", "sites", "anna", "--all").exit_code == 0
    after = account(dialguard)
    assert after is not None
    assert (after.sites, after.stamp == before.stamp) == (frozenset(), False)
