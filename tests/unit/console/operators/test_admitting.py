"""Which account somebody enters by whom a provider vouches for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.console.operators import accounts, audit
from fastagi.console.operators.accounts import Operator, Role
from fastagi.console.operators.admitting import Person, Refused, admit, subject_of

if TYPE_CHECKING:
    from tests.unit.console.operators.backstage import Console

OLGA = Person("olga", subject_of("https://id.example.org", {"sub": "1"}), Role.OPERATOR, True, "")


async def made(console: Console, **parts: object) -> Operator:
    """Have an account that enters by the provider."""
    account = Operator("olga", Role.OPERATOR, "", "", console.now)
    account = replace(account, **parts)  # type: ignore[arg-type]
    assert await accounts.put(console.store, console.world.ports.vault, account, console.now)
    return account


async def kept(console: Console) -> Operator:
    """Return the account as it is in the store."""
    ports = console.world.ports
    found = await accounts.find(console.store, ports.vault, "olga", console.now)
    assert found is not None
    return found


async def refused(console: Console, person: Person, *, makes_accounts: bool = True) -> str:
    """Return why somebody may not enter."""
    with pytest.raises(Refused) as caught:
        await admit(person, console.world.ports, makes_accounts=makes_accounts)
    return str(caught.value)


async def trail(console: Console) -> list[tuple[str, str, str, str]]:
    """Return what was written down, oldest first."""
    found = await audit.page(console.store, "", 10, console.now)
    return [(each.operator, each.deed, each.what, each.outcome) for each in reversed(found)]


async def test_an_account_is_made_where_that_is_wanted(console: Console) -> None:
    """With the role that is given there, and no password; else nobody is let in."""
    ports = console.world.ports
    assert await refused(console, OLGA, makes_accounts=False) == "there is no account of that name"
    nothing = replace(OLGA, role=None)
    assert await refused(console, nothing) == "nothing there gives a role"
    assert await trail(console) == []
    await admit(OLGA, ports, makes_accounts=True)
    account = await kept(console)
    assert (account.role, account.password, account.secret) == (Role.OPERATOR, "", "")
    assert account.subject == '["https://id.example.org", "1"]'
    assert await trail(console) == [("(provider)", "added-operator", "olga, operator", "done")]


async def test_whoever_enters_first_is_who_the_account_is_of(console: Console) -> None:
    """A name that the provider gives to another person later is not enough."""
    ports = console.world.ports
    before = await made(console)
    await admit(OLGA, ports, makes_accounts=False)
    assert (await kept(console)).stamp == before.stamp
    another = replace(OLGA, subject=subject_of("https://id.example.org", {"sub": "2"}))
    elsewhere = replace(OLGA, subject=subject_of("https://id2.example.org", {"sub": "1"}))
    for person in (another, elsewhere):
        why = await refused(console, person)
        assert why == "the account of that name is another person's there"
    await admit(OLGA, ports, makes_accounts=False)
    assert await trail(console) == [
        ("(provider)", "changed-operator", "olga, first entered", "done")
    ]


async def test_no_provider_takes_over_an_account_with_a_password(console: Console) -> None:
    """Whatever it says; the way in for when the provider is lost stays as it is."""
    account = await console.add("olga", Role.ADMIN)
    why = await refused(console, replace(OLGA, role=Role.ADMIN))
    assert why == "the account of that name enters by password"
    assert await kept(console) == account


async def test_another_role_there_ends_what_was_begun_with_the_old(console: Console) -> None:
    """Up or down; and where the provider says none, the account's counts."""
    ports = console.world.ports
    first = await made(console, subject=OLGA.subject)
    await admit(replace(OLGA, role=Role.VIEWER), ports, makes_accounts=False)
    second = await kept(console)
    assert (second.role, second.stamp != first.stamp) == (Role.VIEWER, True)
    silent = replace(OLGA, role=None, says_role=False)
    assert (await admit(silent, ports, makes_accounts=False)).role is Role.VIEWER
    assert await kept(console) == second
    assert [each[2] for each in await trail(console)] == ["olga, viewer"]


async def test_no_role_any_more_is_no_way_in_and_out_of_every_session(console: Console) -> None:
    """Written down, too."""
    first = await made(console, subject=OLGA.subject)
    assert await refused(console, replace(OLGA, role=None)) == "nothing there gives a role"
    assert (await kept(console)).stamp != first.stamp
    assert [each[2] for each in await trail(console)] == ["olga, no role any more"]


async def test_who_is_disabled_is_not_let_in(console: Console) -> None:
    """Whatever the provider gives; nor is another account made."""
    account = await made(console, subject=OLGA.subject, disabled=True)
    why = await refused(console, replace(OLGA, role=Role.ADMIN))
    assert why == "the account is disabled"
    assert await kept(console) == account


async def test_who_changes_it_meanwhile_is_not_overruled(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read again: an account that was disabled a moment ago is disabled."""
    account = await made(console)
    put = accounts.put
    ports = console.world.ports

    async def late(*given: object) -> bool:
        monkeypatch.setattr(accounts, "put", put)
        found = await kept(console)
        assert await put(console.store, ports.vault, replace(found, disabled=True), console.now)
        return await put(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(accounts, "put", late)
    assert await refused(console, OLGA) == "the account is disabled"
    assert (await kept(console)).stamp == account.stamp
    assert [each[3] for each in await trail(console)] == ["somebody else was faster"]


async def test_it_does_not_try_for_ever(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it makes one, changes one, or takes a role away."""

    async def never(*_: object) -> bool:
        return False

    monkeypatch.setattr(accounts, "put", never)
    assert "all the time" in await refused(console, OLGA)
    monkeypatch.undo()
    await made(console)
    monkeypatch.setattr(accounts, "put", never)
    for person in (OLGA, replace(OLGA, role=None)):
        assert "all the time" in await refused(console, person)


async def test_the_provider_may_say_which_sites(console: Console) -> None:
    """At each sign-in anew; who is given another is out, and who is given none does not enter."""
    ports = console.world.ports
    hotel = replace(OLGA, sites=frozenset({"hotel"}), says_sites=True)
    nothing = replace(hotel, sites=None)
    assert await refused(console, nothing) == "nothing there gives a site"
    await admit(hotel, ports, makes_accounts=True)
    first = await kept(console)
    assert first.sites == {"hotel"}
    await admit(hotel, ports, makes_accounts=True)
    assert (await kept(console)).stamp == first.stamp
    await admit(replace(hotel, sites=frozenset()), ports, makes_accounts=True)
    every = await kept(console)
    assert (every.sites, every.stamp == first.stamp) == (frozenset(), False)
    assert await refused(console, nothing) == "nothing there gives a site"
    assert (await kept(console)).stamp != every.stamp
    assert {what for _, _, what, _ in await trail(console)} == {
        *("olga, operator, of hotel", "olga, operator, of all sites", "olga, no site any more"),
    }
