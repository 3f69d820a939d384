"""An operator of one site goes everywhere, and finds nothing of another's; nor can touch it.

Everything there is to see is planted at a second site, with a mark in each. Every route of the
console is asked for, every form is sent with what the other site's own operator would send.
"""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fastagi.call import brakes, overrides
from fastagi.call.brakes import Brake
from fastagi.console.operators import accounts, audit
from fastagi.console.operators.accounts import Role
from fastagi.console.operators.audit import Deed, Entry
from fastagi.decision_log.recent import LATEST
from fastagi.policy.loading import load_text
from fastagi.policy.model import Stage
from fastagi.stores.records import EVERYWHERE
from fastagi.stores.sign_ins import Origin
from fastagi.stores.store import SubjectKind
from tests.unit.console.operators.backstage import token_in
from tests.unit.console.operators.test_live import listening
from tests.unit.console.operators.test_routes import routes
from tests.unit.console.world import POLICY

if TYPE_CHECKING:
    import httpx

    from fastagi.stores.store import Store
    from tests.unit.console.operators.backstage import Console

MARK = "planted"
"""In whatever is of the other site, its name too."""

OTHER = f"{MARK}-site"

OURS, THEIRS = "101", f"{MARK}-101"


@pytest.fixture
async def planted(console: Console) -> Console:
    """Return a console at which both sites have one of everything."""
    text = POLICY.replace('"office"', f'"{OTHER}"').replace('["1XX"]', '["1XX", "planted-XXX"]')
    text = text.replace('name = "abroad"', f'name = "{MARK}-rule"')
    other = load_text(text, Path(f"{OTHER}.toml"))
    console.world.sites.by_site[OTHER] = other
    await console.call()
    await console.call(
        site=OTHER, call=f"{MARK}.1", extension=THEIRS, channel=f"PJSIP/{THEIRS}-00000001"
    )
    for site, name in (("office", "102"), (OTHER, f"{MARK}-102")):
        await console.lock_out(name, site=site)
    await console.lock_out(f"{MARK}-nobody", SubjectKind.OPERATOR, EVERYWHERE)
    await console.sign_in("103")
    origin = Origin("10.0.0.6", "tls", "b" * 40, "d" * 40)
    await console.sign_in(f"{MARK}-103", site=OTHER, id=f"{MARK}-id", origin=origin)
    for site, extension in (("office", OURS), (OTHER, THEIRS)):
        why = f"{MARK}-why" if site == OTHER else "ours"
        await overrides.give(
            console.store, site, extension, "+39", 1, 3600, "ada", why, console.now
        )
        console.decide(site=site, extension=extension, rule=f"rule-of-{site}")
        entry = Entry(console.now, "ada", "", Deed.ENDED_CALL, site, f"a call of {extension}")
        await audit.note(console.store, entry)
    entry = Entry(console.now, f"{MARK}-ada", "", Deed.ENTERED)
    await audit.note(console.store, entry)
    return console


async def everything_of(store: Store, now: float) -> list[object]:
    """Return all that the store has of the other site."""
    return [
        *(await store.live(OTHER, now), await store.lockouts(OTHER, now)),
        *(await store.sign_ins(OTHER, now), await overrides.every(store, OTHER, now)),
        *(await brakes.every(store, OTHER, now), await store.lockouts(EVERYWHERE, now)),
    ]


FORMS = {
    "/console/calls/end": [OTHER, f"{MARK}.1", "+390612345678", "pbx"],
    "/console/lockouts/clear": [OTHER, "extension", f"{MARK}-102"],
    "/console/brakes/lift": [OTHER, "site", ""],
    "/console/watches/lift": [OTHER, f"{MARK}-103", f"{MARK}-watch"],
    "/console/sign-ins/end": [OTHER, f"{MARK}-103", f"{MARK}-id"],
    "/console/overrides/give": [OTHER, THEIRS, "+44"],
}
"""What the buttons of the other site say."""


async def crawl(asking: httpx.AsyncClient, console: Console) -> dict[str, str]:
    """Ask for every page, and send every form as it is meant; return what was answered."""
    form = token_in((await asking.get("/console/policy")).text)
    given = (await overrides.every(console.store, OTHER, console.now))[0]
    buttons = {**FORMS, "/console/overrides/end": [OTHER, given.id]}
    found: dict[str, str] = {}
    for method, path in sorted(routes(console)):
        if path in {"/console/login", "/console/logout", "/console/events"}:
            continue
        if method == "GET":
            ways = ["", f"?words={MARK}", f"?words={OTHER}", "?after="]
            if path == "/console/why":
                ways += ["?reference=4071"]
            for query in ways:
                answer = await asking.get(f"{path}{query}")
                # What was asked for stands there again, as whoever asks has typed it.
                text = answer.text.replace(f'value="{query[7:]}"', "")
                found[f"GET {path}{query}"] = text.replace(query[1:] or MARK * 9, "")
        elif path in buttons:
            data = {"form": form, "which": json.dumps(buttons[path])}
            found[f"POST {path}"] = (await asking.post(path, data=data)).text
        else:
            for site in (OTHER, ""):
                data = {"form": form, "site": site, "extension": "101", "dialled": "9020"}
                data["reference"] = "4071"
                found[f"POST {path} {site}"] = (await asking.post(path, data=data)).text
    return found


@pytest.mark.parametrize("role", list(Role))
async def test_an_operator_of_one_site_finds_nothing_of_another(
    planted: Console, role: Role
) -> None:
    """On no page, by no form, whatever their role; and all that is there stays as it is."""
    console = planted
    before = await everything_of(console.store, console.now)
    async with console.entered("olga", role, "office") as asking:
        found = await crawl(asking, console)
        own = await asking.get("/console/")
    leaks = {asked for asked, text in found.items() if MARK in text}
    assert leaks == set()
    assert await everything_of(console.store, console.now) == before
    assert console.ender.asked == []
    assert "+390612345678" in own.text


async def test_an_operator_of_both_finds_it(planted: Console) -> None:
    """As does who sees all: what the crawl above looks for is there to be found."""
    pages = {"/", "/decisions", "/lockouts", "/sign-ins", "/overrides", "/policy", "/trail"}
    for name, sites in (("both", ("office", OTHER)), ("all", ())):
        async with planted.entered(name, Role.ADMIN, *sites) as asking:
            for path in pages:
                assert MARK in (await asking.get(f"/console{path}")).text, (name, path)


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read as often as a test can wait for."""
    monkeypatch.setattr("fastagi.console.operators.board.FRESH_S", 0.02)


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("page", ["calls", "decisions", "lockouts", "sign-ins"])
async def test_a_stream_tells_of_ones_own_site(planted: Console, page: str) -> None:
    """Whatever the page, also where the other's words are looked for."""
    for words in ("", f"&words={MARK}"):
        async with (
            planted.entered(f"olga{len(words)}", Role.ADMIN, "office") as asking,
            listening(planted, asking, f"page={page}{words}") as stream,
        ):
            told = await stream.parts()
        assert told
        assert MARK not in str(told)


@pytest.mark.usefixtures("often")
async def test_who_sees_one_site_leaves_streams_for_others(
    planted: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One eighth of them, all who see the same together."""
    monkeypatch.setattr("fastagi.console.operators.live.WATCHERS", 8)
    async with (
        planted.entered("ada", Role.ADMIN) as other,
        planted.entered("olga", Role.ADMIN, "office") as asking,
    ):
        async with listening(planted, asking, "page=calls") as stream:
            await stream.parts()
            assert (await asking.get("/console/events?page=calls")).status_code == 503
            async with listening(planted, other, "page=calls") as beside:
                assert MARK in str(await beside.parts())
        async with listening(planted, asking, "page=calls") as stream:
            await stream.parts()


async def test_one_who_sees_one_site_looks_up_one_thing_at_a_time(
    planted: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The turns are others', too."""
    reading, go_on = threading.Event(), threading.Event()

    def slowly(*_: object) -> list[object]:
        reading.set()
        go_on.wait(20)
        return []

    monkeypatch.setattr("fastagi.console.operators.looking_up._find", slowly)
    async with planted.entered("olga", Role.VIEWER, "office") as asking:
        form = token_in((await asking.get("/console/policy")).text)
        data = {"form": form, "reference": "4071"}
        first = asyncio.create_task(asking.post("/console/lookup", data=data))
        await asyncio.to_thread(reading.wait)
        second = await asking.post("/console/lookup", data=data)
        go_on.set()
        assert ((await first).status_code, second.status_code) == (200, 503)


async def test_whose_sites_change_is_out(planted: Console) -> None:
    """A session was begun with what its operator saw then."""
    async with planted.entered("olga", Role.ADMIN, "office") as asking:
        ports = planted.world.ports
        found = await accounts.find(planted.store, ports.vault, "olga", planted.now)
        assert found is not None
        assert found.sites == {"office"}
        changed = found.changed(planted.now, sites=frozenset({OTHER}))
        assert await accounts.put(planted.store, ports.vault, changed, planted.now)
        assert (await asking.get("/console/")).headers["location"] == "/console/login"


async def test_a_brake_of_another_is_not_lifted(planted: Console) -> None:
    """Nor is it told whether there is one."""
    brake = Brake(OTHER, Stage.SITE, "", "", planted.now, planted.now + 600, by="ada", why="")
    await brakes.put_on(planted.store, brake, planted.now)
    async with planted.entered("olga", Role.OPERATOR, "office") as asking:
        done = await planted.send(asking, "/brakes/lift", OTHER, "site", "")
        assert done.headers["location"] == "/console/lockouts?said=off"
    assert len(await brakes.every(planted.store, OTHER, planted.now)) == 1


async def test_a_flood_of_another_pushes_no_decision_off_the_page(console: Console) -> None:
    """Each site's latest are kept, however many others make."""
    console.decide(extension="108")
    for _ in range(LATEST + 10):
        console.decide(site=OTHER)
    async with console.entered("olga", Role.VIEWER, "office") as asking:
        shown = (await asking.get("/console/decisions")).text
    assert "108" in shown
    assert MARK not in shown


async def test_the_trail_of_one_site_goes_back_past_others_deeds(console: Console) -> None:
    """A page is full of one's own, and tells nothing of how much is between."""
    for number in range(450):
        site = "office" if number % 150 == 0 else OTHER
        entry = Entry(console.now + number, "ada", "", Deed.ENDED_CALL, site, f"call-{number}.")
        await audit.note(console.store, entry)
    async with console.entered("olga", Role.ADMIN, "office") as asking:
        shown = (await asking.get("/console/trail")).text
    assert [f"call-{number}." in shown for number in (0, 150, 300, 449)] == [
        True,
        True,
        True,
        False,
    ]
    assert "Older" not in shown


async def test_a_trail_that_is_very_long_is_read_piece_by_piece(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page is more than so many steps of the store."""
    monkeypatch.setattr(audit, "STEPS", 2)
    for number in range(10):
        entry = Entry(console.now + number, "ada", "", Deed.ENDED_CALL, "office", f"{number}")
        await audit.note(console.store, entry)
    entries, older = await audit.page_for(console.store, "", 3, console.now, lambda _: False)
    assert entries == []
    rest, end = await audit.page_for(console.store, older, 3, console.now, lambda _: True)
    assert ([each.what for each in rest], bool(end)) == (["3", "2", "1"], True)
