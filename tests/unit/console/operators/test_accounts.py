"""Who may look at the console."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.console.operators import accounts
from fastagi.console.operators.accounts import KIND, Operator, Role
from fastagi.errors import EnrolmentError, VaultError
from fastagi.second_factor.vault import Vault, new_key
from fastagi.stores.records import EVERYWHERE, Record
from tests.doubles.shaky_store import ShakyStore

if TYPE_CHECKING:
    from tests.unit.console.operators.backstage import Console


def test_each_role_may_what_those_before_it_may() -> None:
    """Viewer, operator, admin."""
    may = {role: [needed for needed in Role if role.may(needed)] for role in Role}
    assert may == {
        Role.VIEWER: [Role.VIEWER],
        Role.OPERATOR: [Role.VIEWER, Role.OPERATOR],
        Role.ADMIN: [Role.VIEWER, Role.OPERATOR, Role.ADMIN],
    }


def test_names_are_few_letters() -> None:
    """They stand in logs and in commands."""
    accounts.check_name("anna.b-2_c")
    accounts.check_name("anna+gate@example.org")
    with pytest.raises(EnrolmentError, match="up to 64 of"):
        accounts.check_name("Anna")


async def test_an_account_comes_back_as_it_was(console: Console) -> None:
    """And of two who change it at a moment one is told."""
    made = await console.add("anna", Role.ADMIN)
    store, vault = console.store, console.world.ports.vault
    found = await accounts.find(store, vault, "anna", console.now)
    assert found == made
    assert await accounts.list_all(store, vault, console.now) == [made]
    assert await accounts.any_there(store, console.now)
    changed = found.changed(console.now, role=Role.VIEWER)
    assert changed.stamp != found.stamp
    assert await accounts.put(store, vault, changed, console.now)
    assert not await accounts.put(store, vault, changed, console.now)
    assert not await accounts.put(store, vault, made, console.now)


async def test_the_database_alone_makes_no_operator(console: Console) -> None:
    """Neither with an account of one's own making, nor with another's in one's own name."""
    made = await console.add("anna", Role.ADMIN)
    store, vault = console.store, console.world.ports.vault
    theirs = await store.record(EVERYWHERE, KIND, "anna", console.now)
    assert theirs is not None
    assert made.secret not in theirs.text
    own = Vault([new_key()])
    forged = own.seal(json.dumps({"role": "admin"}), json.dumps([KIND, "mine"])).decode()
    for name, text in (("mallory", theirs.text), ("mine", forged), ("clear", '{"role": "admin"}')):
        await store.put_record(EVERYWHERE, KIND, Record(name, text, None), None, console.now)
        with pytest.raises(VaultError):
            await accounts.find(store, vault, name, console.now)
    assert await accounts.remove(store, "mallory", console.now)


async def test_an_account_of_a_later_version_is_told(console: Console) -> None:
    """A role that this one does not know opens nothing."""
    vault = console.world.ports.vault
    for opened in ({"role": "owner"}, {}):
        text = vault.seal(json.dumps(opened), json.dumps([KIND, "anna"])).decode()
        await console.store.put_record(
            EVERYWHERE, KIND, Record("anna", text, None), None, console.now
        )
        with pytest.raises(VaultError, match="cannot be read"):
            await accounts.find(console.store, vault, "anna", console.now)
        await accounts.remove(console.store, "anna", console.now)


async def test_accounts_are_sealed_anew(console: Console) -> None:
    """Each once; what somebody changes meanwhile stays changed."""
    await console.add("anna", Role.ADMIN)
    await console.add("olga", Role.VIEWER)
    old = new_key()
    vault = Vault([new_key(), old])
    for name in ("anna", "olga"):
        found = await accounts.find(console.store, console.world.ports.vault, name, console.now)
        assert found is not None
        assert await accounts.put(console.store, Vault([old]), found, console.now)
    assert await accounts.reseal(console.store, vault, console.now) == 2
    assert await accounts.reseal(console.store, vault, console.now) == 0


async def test_what_changes_while_accounts_are_sealed_stays_changed(console: Console) -> None:
    """Who is removed stays removed, and a code that is burnt stays burnt."""
    for name in ("anna", "olga"):
        await console.add(name, Role.VIEWER)
    first, key, store = new_key(), new_key(), ShakyStore(console.store)
    old, both = Vault([first]), Vault([key, first])
    for name in ("anna", "olga"):
        made = await accounts.find(console.store, console.world.ports.vault, name, console.now)
        assert made is not None
        assert await accounts.put(console.store, old, made, console.now)
    found = await accounts.find(console.store, old, "olga", console.now)
    assert found is not None

    async def meanwhile() -> None:
        store.before.clear()
        await accounts.remove(console.store, "anna", console.now)
        burnt = replace(found, step=7)
        assert await accounts.put(console.store, old, burnt, console.now)

    store.before["put_record"] = meanwhile
    assert await accounts.reseal(store.store, both, console.now) == 1
    (left,) = await accounts.list_all(console.store, Vault([key]), console.now)
    assert (left.name, left.step) == ("olga", 7)


def test_an_operator_shows_no_secret() -> None:
    """In whatever log."""
    shown = repr(Operator("anna", Role.ADMIN, "HASH", "SECRET", 0.0, stamp="STAMP", text="TEXT"))
    assert not any(each in shown for each in ("HASH", "SECRET", "STAMP", "TEXT"))


async def test_an_account_of_an_earlier_version_is_one_with_a_password(console: Console) -> None:
    """Which knew no other way in, and shut nobody out."""
    made = await console.add("anna", Role.ADMIN)
    store, vault = console.store, console.world.ports.vault
    owner = json.dumps([KIND, "anna"])
    kept = await store.take_record(EVERYWHERE, KIND, "anna", console.now)
    assert kept is not None
    written = json.loads(vault.open(kept.text.encode(), owner))
    del written["subject"], written["disabled"]
    older = Record("anna", vault.seal(json.dumps(written), owner).decode(), None)
    await store.put_record(EVERYWHERE, KIND, older, None, console.now)
    assert await accounts.find(store, vault, "anna", console.now) == made
