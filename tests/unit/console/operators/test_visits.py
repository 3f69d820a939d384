"""One request of the console: whether its form is ours, and what becomes of trouble."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.console.front import Front
from fastagi.console.operators.accounts import Role
from fastagi.errors import BusyError, VaultError
from tests.doubles.shaky_store import ShakyStore
from tests.unit.console.operators.backstage import WORDS, token_in

if TYPE_CHECKING:
    from tests.unit.console.operators.backstage import Console

CLEAR = {"which": '["office", "extension", "102"]'}


async def still_locked(console: Console) -> bool:
    """Whether 102 is locked out."""
    return bool(await console.store.lockouts("office", console.now))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://branch.example.org.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_a_form_that_begins_elsewhere_is_refused(
    console: Console, headers: dict[str, str]
) -> None:
    """With the right cookie and the right token, even."""
    await console.lock_out("102")
    async with console.entered() as asking:
        form = token_in((await asking.get("/console/")).text)
        answer = await asking.post(
            "/console/lockouts/clear", data={"form": form, **CLEAR}, headers=headers
        )
    assert answer.status_code == 403
    assert await still_locked(console)


async def test_a_form_needs_the_token_of_its_own_session(console: Console) -> None:
    """Neither none, nor another's, nor that of before somebody was in."""
    await console.lock_out("102")
    async with console.browser() as asking, console.entered("mallory") as other:
        theirs = token_in((await other.get("/console/")).text)
        before = token_in((await asking.get("/console/login")).text)
        await console.add("olga", Role.OPERATOR)
        console.world.clock.now += 30
        await console.log_in(asking, "olga")
        for form in ("", theirs, before, "\u00e9", "0" * 64):
            answer = await asking.post("/console/lockouts/clear", data={"form": form, **CLEAR})
            assert answer.status_code == 403
        assert (await asking.post("/console/lockouts/clear", data=CLEAR)).status_code == 403
        assert (await asking.post("/console/lockouts/clear")).status_code == 403
    assert await still_locked(console)


async def test_nobody_is_logged_in_by_another_page(console: Console) -> None:
    """A token without its cookie, or with one that was planted, is none."""
    await console.add("olga", Role.OPERATOR)
    async with console.browser() as asking:
        form = token_in((await asking.get("/console/login")).text)
        asking.cookies.clear()
        filled = {"name": "olga", "password": WORDS, "code": console.code(), "form": form}
        assert (await asking.post("/console/login", data=filled)).status_code == 403
        asking.cookies.set("dialguard-operator-form", "planted", domain="phones.example.org")
        assert (await asking.post("/console/login", data=filled)).status_code == 403
        assert (await asking.get("/console/")).status_code == 303


async def test_nothing_is_done_by_asking_for_a_page(console: Console) -> None:
    """What changes anything is a form."""
    await console.lock_out("102")
    async with console.entered() as asking:
        form = token_in((await asking.get("/console/")).text)
        answer = await asking.get("/console/lockouts/clear", params={"form": form, **CLEAR})
    assert answer.status_code in {404, 405}
    assert await still_locked(console)


async def test_a_form_with_too_much_in_it_is_refused(console: Console) -> None:
    """More fields, longer ones, files."""
    async with console.entered() as asking:
        form = token_in((await asking.get("/console/")).text)
        many = {"form": form, **{f"x{number}": "" for number in range(40)}}
        long = {"form": form, "extension": "1" * 3000, "dialled": "0", "site": "office"}
        assert (await asking.post("/console/explain", data=long)).status_code == 400
        with_file = {"extension": ("x.txt", b"x")}
        answers = [
            await asking.post("/console/explain", files={**with_file}, data=many),
            await asking.post("/console/explain", files=with_file, data={"form": form}),
        ]
    assert all(400 <= each.status_code < 500 for each in answers)


async def test_by_the_name_of_a_site_s_host_there_is_no_console(console: Console) -> None:
    """What is shown there is that site's alone."""
    async with console.browser(url="https://branch.example.org") as asking:
        assert (await asking.get("/console/login")).status_code == 404


async def test_without_encryption_the_cookie_has_another_name(console: Console) -> None:
    """A browser keeps no `__Host-` cookie without it; on this machine nobody listens."""
    console.front = Front("http://localhost:8573", {}, ("en",), pace_s=0.0)
    console.build()
    await console.add("olga", Role.VIEWER)
    async with console.browser(url="http://localhost:8573") as asking:
        answer = await console.log_in(asking, "olga")
        cookies = answer.headers.get_list("set-cookie")
    assert any(each.startswith("dialguard-operator=") for each in cookies)
    assert not any("Secure" in each for each in cookies)


async def test_a_store_that_is_away_is_told(console: Console) -> None:
    """On a page, and nobody is taken for another meanwhile."""
    store = ShakyStore(console.store)
    async with console.entered() as asking:
        console.build(store=store)
        store.away = True
        async with console.browser() as other:
            other.cookies.update(asking.cookies)
            answer = await other.get("/console/")
    assert answer.status_code == 503
    assert "The store does not answer" in answer.text


@pytest.mark.parametrize(
    ("error", "said"), [(BusyError("x"), "Too many"), (VaultError("x"), "cannot be read")]
)
async def test_trouble_at_the_door_is_told(
    console: Console, error: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a sentence; what it was exactly is the log's."""

    async def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr("fastagi.console.operators.entering.enter", fails)
    async with console.browser() as asking:
        answer = await console.log_in(asking, "olga")
    assert (answer.status_code, said in answer.text) == (503, True)


async def test_answers_at_the_door_are_paced(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A right guess and a wrong one come at multiples of the pace."""
    slept: list[float] = []

    async def sleep(delay_s: float) -> None:
        slept.append(delay_s)

    console.front = replace(console.front, pace_s=0.25)
    console.build()
    await console.add("olga", Role.VIEWER)
    async with console.browser() as asking:
        form = token_in((await asking.get("/console/login")).text)
        monkeypatch.setattr("fastagi.console.operators.visits.asyncio.sleep", sleep)
        for code in ("000000", console.code()):
            filled = {"name": "olga", "password": WORDS, "code": code, "form": form}
            await asking.post("/console/login", data=filled)
    waits = [each for each in slept if each > 0]
    assert len(waits) == 2
    assert all(each <= 0.25 for each in waits)


async def test_an_address_that_is_none_is_counted_by_name_alone(console: Console) -> None:
    """A socket of the kernel's own has none."""
    await console.add("olga", Role.VIEWER)
    async with console.browser("somewhere") as asking:
        for _ in range(5):
            await console.log_in(asking, "olga", password="wrong as can be")
        assert (await console.log_in(asking, "olga")).status_code == 403
