"""`dialguard token …`."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import TYPE_CHECKING

import pytest

from fastagi import tokens as room
from fastagi.cli import tokens
from fastagi.stores.opening import open_store
from fastagi.tokens import Token

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard

ADD = ("token", "add", "crm", "--scope", "sign-ins:write", "--scope", "sign-ins:read")


def found(dialguard: Dialguard, secret: str, *, used: bool = False) -> Token | None:
    """Return what the store has of a token; use it, if told to."""

    async def do() -> Token | None:
        store = open_store(f"sqlite://{dialguard.folder}/dialguard.db")
        token = await room.find(store, "office", secret, time.time())
        if used and token is not None:
            await room.note_use(store, token, time.time())
        await store.close()
        return token

    return asyncio.run(do())


def test_a_token_is_printed_once_and_alone(dialguard: Dialguard) -> None:
    """On stdout, so that a pipe takes it; with what it was asked for, and an end."""
    told = dialguard.on_settings(*ADD, "--extensions", "1XX", "--extensions", "alice")
    assert told.exit_code == 0, told.output
    assert re.fullmatch(r"dgt_[\w-]{43}\n", told.stdout)
    token = found(dialguard, told.stdout.strip())
    assert token is not None
    assert token.scopes == {room.Scope.READ_SIGN_INS, room.Scope.WRITE_SIGN_INS}
    assert [each.text for each in token.extensions] == ["1XX", "alice"]
    assert token.until == pytest.approx(time.time() + 90 * 86400, abs=60)


def test_tokens_are_listed_without_what_is_secret(dialguard: Dialguard) -> None:
    """In a pipe, and as JSON."""
    secret = dialguard.on_settings(*ADD, "--for", "12h").stdout.strip()
    moment = r"[-0-9]{10} [:0-9]{8}"
    told = dialguard.on_settings("token", "list").stdout
    assert re.fullmatch(rf"crm\tsign-ins:read sign-ins:write\tall\t{moment}\t{moment}\t-\n", told)
    found(dialguard, secret, used=True)
    listed = dialguard.on_settings("token", "list", "--json").stdout
    (one,) = json.loads(listed)
    assert tuple(one) == tokens.LISTED
    assert (one["extensions"], one["used"][:2]) == ([], "20")
    assert secret not in told + listed
    assert room.digest_of(secret) not in told + listed


def test_a_token_that_lasts_is_listed(dialguard: Dialguard) -> None:
    """Such as another program made."""

    async def do() -> None:
        store = open_store(f"sqlite://{dialguard.folder}/dialguard.db")
        scopes, now = list(room.Scope), time.time()
        await room.add(store, "office", "old", scopes, [], None, now)
        await store.close()

    asyncio.run(do())
    assert dialguard.on_settings("token", "list").stdout.endswith("\t-\t-\n")


def test_the_help_names_the_columns() -> None:
    """In a pipe they have no heading."""
    assert f"Columns: {', '.join(tokens.LISTED)}." in (tokens.list_all.__doc__ or "")


def test_a_token_is_removed(dialguard: Dialguard) -> None:
    """Once; and it is void from then on."""
    secret = dialguard.on_settings(*ADD).stdout.strip()
    done = dialguard.on_settings("token", "remove", "crm")
    assert done.exit_code == 0, done.output
    assert found(dialguard, secret) is None
    again = dialguard.on_settings("token", "remove", "crm")
    assert again.exit_code == 1
    assert "there is no token `crm` at `office`" in again.stderr


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("token", "add", "crm"), "--scope"),
        (("token", "add", "crm", "--scope", "all"), "sign-ins:read"),
        ((*ADD, "--extensions", "1[2"), "not closed"),
        ((*ADD, "--for", "ever"), "no duration"),
        (("token", "add", "a b", *ADD[3:]), "cannot be a token's name"),
        ((*ADD, "--site", "home"), "there is no site"),
    ],
)
def test_what_cannot_be_is_refused(
    dialguard: Dialguard, words: tuple[str, ...], complaint: str
) -> None:
    """And nothing is made."""
    try:
        refused = dialguard.on_settings(*words)
    except SystemExit:
        pytest.fail("the command ends by itself")
    assert refused.exit_code != 0
    assert complaint in refused.output
    assert dialguard.on_settings("token", "list").stdout == ""
