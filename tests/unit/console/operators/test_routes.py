"""All routes of the console: none is open, and nobody does more than their role may."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import APIRoute

from fastagi.console import assets
from fastagi.console.api import problems
from fastagi.console.operators.accounts import Role
from fastagi.console.operators.ports import Backstage
from fastagi.console.operators.routes import open_console
from fastagi.policy.consistency import PATHS
from fastagi.stores.store import SubjectKind
from tests.unit.console.operators.backstage import token_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from fastagi.console.operators.visits import Doors
    from tests.unit.console.operators.backstage import Console

OPEN = {("GET", "/console/login"), ("POST", "/console/login")}
"""What takes no role: to say who one is."""

FOR_VIEWERS = {
    ("POST", "/console/logout"),
    ("POST", "/console/explain"),
    ("POST", "/console/lookup"),
}
"""Forms that change nothing but one's own session."""


def doors(console: Console) -> Doors:
    """Return the doors, as the application has them."""
    backstage = Backstage(console.world.ports, console.decisions, console.ender)
    return open_console(backstage, console.front, assets.load())


def routes(console: Console) -> set[tuple[str, str]]:
    """Return every route under /console that the application answers, by method and path."""
    return {
        (method, route.path)
        for route in doors(console).router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }


def every_route(of: Any) -> Iterator[APIRoute]:
    """Yield every route of an application or a router, also of those that are included."""
    for route in of.routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from every_route(route.original_router)


async def ask(asking: httpx.AsyncClient, method: str, path: str, form: str) -> httpx.Response:
    """Ask one route."""
    if method == "GET":
        return await asking.get(path)
    return await asking.request(method, path, data={"form": form, "which": '["a", "b", "c"]'})


def test_no_site_has_the_name_of_a_path(console: Console) -> None:
    """What the web has at its top, besides the sites' own pages, no policy can name a site."""
    guarding: Any = console.app
    paths = [problems.PREFIX, *(each.path for each in every_route(guarding._app.app))]
    tops = {each.split("/")[1] for each in paths}
    assert tops - {"", "{site}", assets.PREFIX.strip("/")} == PATHS


def test_every_route_was_opened_with_a_role(console: Console) -> None:
    """There is no other way in: what the router has, the doors have."""
    opened = doors(console)
    assert set(opened.opened) == routes(console)
    assert {route for route, role in opened.opened.items() if role is None} == OPEN


async def test_the_application_has_no_other_route_below_the_console(console: Console) -> None:
    """Neither a page that describes the API, nor a file."""
    for path in ("/console", "/console/static", "/console/login/", "/console/../console/trail/x"):
        async with console.browser() as asking:
            assert (await asking.get(path)).status_code in {303, 307, 404}
    assert {
        (method, route.path)
        for route in every_route(console.app._app.app)  # type: ignore[attr-defined]
        if route.path.startswith("/console")
        for method in route.methods or ()
    } == routes(console)
    async with console.browser() as asking:
        described = (await asking.get("/api/v1/openapi.json")).json()
    assert not any(path.startswith("/console") for path in described["paths"])


async def test_nobody_gets_through_without_having_entered(console: Console) -> None:
    """Each is sent to the door, with nothing on the way; with a cookie of their own, too."""
    for cookie in ("", "x", "x" * 5000, "%80"):
        async with console.browser() as asking:
            form = token_in((await asking.get("/console/login")).text)
            headers = {"Cookie": f"__Host-dialguard-operator={cookie}"} if cookie else {}
            for method, path in routes(console) - OPEN:
                request = asking.build_request(method, path, data={"form": form}, headers=headers)
                if method == "GET":
                    request = asking.build_request(method, path, headers=headers)
                answer = await asking.send(request)
                if path == "/console/events":
                    assert answer.text == "event: over\ndata: {}\n\n"
                    continue
                assert answer.status_code == 303, (method, path)
                assert answer.headers["location"] == "/console/login"
                assert answer.text == ""


@pytest.mark.parametrize("role", list(Role))
async def test_each_may_what_the_role_may_and_no_more(console: Console, role: Role) -> None:
    """A viewer can change nothing: every form that does is refused, and was looked at here."""
    async with console.entered(role=role) as asking:
        form = token_in((await asking.get("/console/policy")).text)
        for (method, path), needs in doors(console).opened.items():
            if needs is None or path in {"/console/events", "/console/logout"}:
                continue
            answer = await ask(asking, method, path, form)
            assert (answer.status_code == 403) is not role.may(needs), (method, path)
    changing = {
        route
        for route, needs in doors(console).opened.items()
        if route[0] != "GET" and needs not in {None, Role.OPERATOR, Role.ADMIN}
    }
    assert changing == FOR_VIEWERS


async def test_a_viewer_sees_no_button_and_changes_nothing(console: Console) -> None:
    """Whatever is there stays, also where the form is right in all else."""
    lease, sign_in = await console.call(), await console.sign_in()
    await console.lock_out("102")
    async with console.entered(role=Role.VIEWER) as asking:
        for path in ("/console/", "/console/lockouts", "/console/sign-ins"):
            assert "formaction" not in (await asking.get(path)).text
        which = (lease.site, lease.call, lease.number, lease.node)
        await console.send(asking, "/calls/end", *which)
        await console.send(asking, "/lockouts/clear", "office", "extension", "102")
        await console.send(asking, "/sign-ins/end", "office", "101", sign_in.id)
    assert console.ender.asked == []
    assert len(await console.store.lockouts("office", console.now)) == 1
    assert len(await console.store.sign_ins("office", console.now)) == 1


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202e\x1b[2J"


async def test_what_others_choose_is_text_on_every_page(console: Console) -> None:
    """Extension, number, channel, address, reference: none of them is ever a tag."""
    await console.call(
        extension=HOSTILE,
        number=HOSTILE,
        node=HOSTILE,
        channel=HOSTILE,
        call=HOSTILE,
        rule=HOSTILE,
        country=HOSTILE,
        reference=HOSTILE,
    )
    await console.lock_out(HOSTILE)
    await console.lock_out(HOSTILE, SubjectKind.ADDRESS)
    await console.sign_in(HOSTILE, person=HOSTILE, id=HOSTILE)
    fields = ("site", "node", "call", "channel", "extension", "address", "number", "verdict")
    console.decide(
        **dict.fromkeys((*fields, "rule", "reason", "policy"), HOSTILE),
        time=f"{console_time(console)}Z",
    )
    async with console.entered("ada", Role.ADMIN) as asking:
        await console.send(asking, "/lockouts/clear", "office", "extension", HOSTILE)
        pages = [
            await asking.get(path)
            for (method, path) in routes(console)
            if method == "GET" and path != "/console/events"
        ]
        pages += [
            await asking.get("/console/decisions", params={"words": HOSTILE}),
            await asking.get("/console/trail", params={"after": HOSTILE}),
            await asking.get("/console/", params={"said": HOSTILE}),
            await console.send(asking, "/lookup", reference="4071"),
            await console.send(asking, "/lookup", reference=HOSTILE),
            await console.send(asking, "/calls/end", HOSTILE, HOSTILE, HOSTILE, HOSTILE),
            await console.send(asking, "/explain", site="office", extension=HOSTILE, dialled="0"),
            await console.send(
                asking, "/explain", site="office", extension="101", dialled=HOSTILE, at=""
            ),
            await console.send(asking, "/explain", site=HOSTILE, extension="1", dialled="0"),
        ]
    seen = 0
    for page in pages:
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
        assert "\u202e" not in page.text
        assert "\x1b" not in page.text
        seen += "&lt;script&gt;alert" in page.text
    assert seen >= 8
    assert all(page.text.count("<script") == 1 for page in pages if page.text)


def console_time(console: Console) -> str:
    """Return the moment as the record writes it."""
    return datetime.fromtimestamp(console.now, UTC).strftime("%Y-%m-%dT%H:%M:%S.000")
