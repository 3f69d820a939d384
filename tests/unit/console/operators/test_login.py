"""The console's own door."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.console.operators import audit
from fastagi.console.operators.accounts import Role
from fastagi.console.operators.login import REFUSED
from fastagi.stores.records import EVERYWHERE
from tests.unit.console.operators.backstage import WORDS, token_in

if TYPE_CHECKING:
    from tests.unit.console.operators.backstage import Console


async def test_name_password_and_code_let_in(console: Console) -> None:
    """With a cookie that no script reads, no other page sends, and no other host sets."""
    await console.add("olga", Role.VIEWER)
    async with console.browser() as asking:
        answer = await console.log_in(asking, "olga")
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/")
        cookie = next(
            each
            for each in answer.headers.get_list("set-cookie")
            if each.startswith("__Host-dialguard-operator=")
        )
        assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
        page = await asking.get("/console/")
    assert page.status_code == 200
    assert "olga" in page.text
    assert "(viewer)" in page.text


@pytest.mark.parametrize(
    "typed",
    [
        {"password": "another word altogether"},
        {"code": "000000"},
        {"name": "nobody"},
        {"name": "no name at all!"},
        {"name": "", "password": "", "code": ""},
    ],
)
async def test_whatever_is_wrong_the_answer_is_the_same(
    console: Console, typed: dict[str, str]
) -> None:
    """Letter by letter, but for the form's token: nobody learns who there is."""
    await console.add("olga", Role.VIEWER)
    async with console.browser() as asking:
        answer = await console.log_in(asking, typed.pop("name", "olga"), **typed)
        assert answer.status_code == 403
        assert REFUSED in answer.text
        text = answer.text.replace(token_in(answer.text), "")
    async with console.browser() as other:
        wrong = await console.log_in(other, "olga", password="wrong as can be")
        assert wrong.text.replace(token_in(wrong.text), "") == text
        assert (await other.get("/console/")).status_code == 303


async def test_every_part_is_looked_at_whatever_the_others_say(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As dear for a name that nobody has; of one that is locked out nothing is looked at."""
    checked: list[str | None] = []
    monkeypatch.setattr(
        "fastagi.second_factor.password.verify_password",
        lambda _, stored: checked.append(stored),
    )
    held: list[str] = []
    monkeypatch.setattr(
        "fastagi.second_factor.one_time_code.matching_step",
        lambda secret, *_: held.append(secret),
    )
    await console.add("olga", Role.VIEWER)
    async with console.browser() as asking:
        for name in ("olga", "nobody", "not even a name", *["olga"] * 6):
            await console.log_in(asking, name)
    assert (len(checked), len(held)) == (7, 7)
    assert sum(each is None for each in checked) == 2


async def test_a_code_is_good_once(console: Console) -> None:
    """Also for whoever read it over a shoulder, with the password."""
    await console.add("olga", Role.VIEWER)
    async with console.browser() as first, console.browser() as second:
        assert (await console.log_in(first, "olga")).status_code == 303
        assert (await console.log_in(second, "olga")).status_code == 403
        console.world.clock.now += 30
        assert (await console.log_in(second, "olga")).status_code == 303


async def test_an_older_code_is_burnt_with_a_newer_one(console: Console) -> None:
    """The code of the step before would fit still, as clocks differ."""
    await console.add("olga", Role.VIEWER)
    older = console.code()
    console.world.clock.now += 30
    async with console.browser() as asking:
        assert (await console.log_in(asking, "olga")).status_code == 303
        assert (await console.log_in(console.browser(), "olga", code=older)).status_code == 403


async def test_too_many_tries_lock_out(console: Console) -> None:
    """The right ones too, with the same words; and until it is over."""
    await console.add("olga", Role.VIEWER)
    async with console.browser() as asking:
        for _ in range(5):
            await console.log_in(asking, "olga", password="wrong as can be")
        locked = await console.log_in(asking, "olga")
        assert (locked.status_code, REFUSED in locked.text) == (403, True)
        found = await console.store.lockouts(EVERYWHERE, console.now)
        assert [(each.kind, each.name) for each in found] == [("operator", "olga")]
        console.world.clock.now += 901
        assert (await console.log_in(asking, "olga")).status_code == 303


async def test_one_address_cannot_go_through_all_names(console: Console) -> None:
    """Twenty guesses, and it is locked out; of IPv6 the whole network."""
    async with console.browser("2001:db8::1") as asking:
        for number in range(20):
            await console.log_in(asking, f"name{number}")
    await console.add("olga", Role.VIEWER)
    async with console.browser("2001:db8::2") as neighbour, console.browser() as other:
        assert (await console.log_in(neighbour, "olga")).status_code == 403
        assert (await console.log_in(other, "olga")).status_code == 303


async def test_a_right_guess_takes_the_wrong_ones_back(console: Console) -> None:
    """Who mistypes now and then is not locked out after a week."""
    await console.add("olga", Role.VIEWER)
    async with console.browser() as asking:
        for _ in range(3):
            for _ in range(4):
                await console.log_in(asking, "olga", password="wrong as can be")
            assert (await console.log_in(asking, "olga")).status_code == 303
            await console.send(asking, "/logout")
            console.world.clock.now += 30


async def test_each_entering_has_a_key_of_its_own(console: Console) -> None:
    """A cookie that somebody planted, or had before, is good for nothing."""
    await console.add("olga", Role.VIEWER)
    async with console.browser() as asking:
        asking.cookies.set("__Host-dialguard-operator", "planted", domain="phones.example.org")
        assert (await console.log_in(asking, "olga")).status_code == 303
        keys = [each.value for each in asking.cookies.jar if each.name.endswith("-operator")]
        assert "planted" not in keys[-1:]
    async with console.browser() as thief:
        thief.cookies.set("__Host-dialguard-operator", "planted", domain="phones.example.org")
        assert (await thief.get("/console/")).status_code == 303


async def test_a_stolen_cookie_is_good_for_nothing_after_log_out(console: Console) -> None:
    """On whatever browser."""
    async with console.entered() as asking, console.browser() as thief:
        thief.cookies.update(asking.cookies)
        assert (await thief.get("/console/")).status_code == 200
        left = await console.send(asking, "/logout")
        assert (left.status_code, left.headers["location"]) == (303, "/console/login")
        assert (await thief.get("/console/")).status_code == 303


async def test_who_is_in_is_not_asked_again(console: Console) -> None:
    """The page sends them on."""
    async with console.entered() as asking:
        answer = await asking.get("/console/login")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/")


async def test_who_enters_anew_is_out_as_before(console: Console) -> None:
    """A session that nobody sees any more does not live on."""
    async with console.entered() as asking, console.browser() as thief:
        thief.cookies.update(asking.cookies)
        console.world.clock.now += 30
        form = token_in((await asking.get("/console/")).text)
        filled = {"name": "olga", "password": WORDS, "code": console.code(), "form": form}
        assert (await asking.post("/console/login", data=filled)).status_code == 303
        assert (await thief.get("/console/")).status_code == 303
        assert (await asking.get("/console/")).status_code == 200


async def test_entering_and_leaving_are_in_the_trail(console: Console) -> None:
    """With where from; newest first."""
    async with console.entered() as asking:
        console.world.clock.now += 1
        await console.send(asking, "/logout")
    entries = await audit.page(console.store, "", 10, console.now)
    assert [(each.operator, each.deed, each.address) for each in entries] == [
        ("olga", "left", "192.0.2.7"),
        ("olga", "entered", "192.0.2.7"),
    ]
