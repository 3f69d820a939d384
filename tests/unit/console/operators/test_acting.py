"""What operators do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.call import evidence
from fastagi.call.brakes import by_hand, every
from fastagi.console.operators import audit
from fastagi.console.operators.accounts import Role
from fastagi.errors import LinkError, StoreError
from fastagi.policy.model import BrakeTerms, Stage, ThenWatch, Watch
from fastagi.signs.sign import Evidence, Per, Sign
from fastagi.stores.records import EVERYWHERE
from fastagi.stores.sign_ins import SignedOff
from fastagi.stores.store import SubjectKind
from tests.doubles.shaky_store import ShakyStore

if TYPE_CHECKING:
    import httpx

    from fastagi.policy.model import Policy
    from tests.unit.console.operators.backstage import Console

ROME = "+390612345678"
CALL = ("office", "1.2", ROME, "pbx")


async def trail(console: Console) -> list[tuple[str, str, str, str]]:
    """Return what was written down, newest first, without who came in."""
    entries = await audit.page(console.store, "", 50, console.now)
    return [
        (each.deed, each.site, each.what, each.outcome)
        for each in entries
        if each.deed != "entered"
    ]


async def shown(asking: httpx.AsyncClient, answer: httpx.Response) -> str:
    """Return the page that an answer sends to."""
    assert answer.status_code == 303, answer.text
    return (await asking.get(answer.headers["location"])).text


async def test_a_call_is_ended_at_its_asterisk(console: Console) -> None:
    """By the button that the page shows; it is gone from the page, and in the trail."""
    await console.call()
    await console.call(call="9.9", number="+442079460000")
    async with console.entered() as asking:
        page = (await asking.get("/console/")).text
        assert 'formaction="/console/calls/end"' in page
        assert "[&#34;office&#34;, &#34;1.2&#34;, &#34;+390612345678&#34;, &#34;pbx&#34;]" in page
        after = await shown(asking, await console.send(asking, "/calls/end", *CALL))
    assert "The call was ended." in after
    assert ROME not in after
    assert "+442079460000" in after
    assert console.ender.asked == [CALL]
    assert await trail(console) == [
        ("ended-call", "office", f"1.2 to {ROME} at pbx", "hung up PJSIP/my-trunk-00000001")
    ]


async def test_what_holds_no_slot_cannot_be_ended(console: Console) -> None:
    """A form names a call; Asterisk is asked of those alone that were let through."""
    await console.call()
    async with console.entered() as asking:
        for which in (("office", "1.3", ROME, "pbx"), ("branch", "1.2", ROME, "pbx")):
            after = await shown(asking, await console.send(asking, "/calls/end", *which))
            assert "That call is up no more." in after
        assert (await console.send(asking, "/calls/end", "x")).status_code == 400
        assert (await console.send(asking, "/calls/end")).status_code == 400
    assert console.ender.asked == []
    assert await trail(console) == []


async def test_a_call_that_ends_by_itself_meanwhile_is_told(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asterisk finds no leg of it."""
    await console.call()

    async def nothing(*_: object) -> int:
        return 0

    monkeypatch.setattr(console.ender.store, "release", nothing, raising=False)
    async with console.entered() as asking:
        after = await shown(asking, await console.send(asking, "/calls/end", *CALL))
    assert "That call is up no more." in after
    assert [each[3] for each in await trail(console)] == ["was up no more"]


async def test_an_asterisk_that_does_not_do_it_is_told(console: Console) -> None:
    """And that it was tried is in the trail."""
    await console.call()
    console.ender.trouble = LinkError("nobody answers at 127.0.0.1:5038")
    async with console.entered() as asking:
        answer = await console.send(asking, "/calls/end", *CALL)
    assert answer.status_code == 502
    assert "nobody answers at 127.0.0.1:5038" in answer.text
    assert [each[3] for each in await trail(console)] == [
        "failed: nobody answers at 127.0.0.1:5038"
    ]


async def test_without_a_manager_interface_there_is_no_button(console: Console) -> None:
    """It says where calls are ended then."""
    await console.call()
    console.build(can_end=False)
    async with console.entered() as asking:
        page = (await asking.get("/console/")).text
        assert "formaction" not in page
        assert "[ami]" in page
        assert (await console.send(asking, "/calls/end", *CALL)).status_code == 400


async def test_a_lockout_is_cleared(console: Console) -> None:
    """Twice is told, and not written down: nothing was done."""
    await console.lock_out("102")
    await console.lock_out("192.0.2.9", SubjectKind.ADDRESS)
    async with console.entered() as asking:
        answer = await console.send(asking, "/lockouts/clear", "office", "extension", "102")
        after = await shown(asking, answer)
        assert "The lockout was cleared." in after
        assert "extension 102" not in after
        assert "address 192.0.2.9" in after
        answer = await console.send(asking, "/lockouts/clear", "office", "extension", "102")
        assert "Nothing is held against" in await shown(asking, answer)
        for wrong in (("office", "person", "102"), ("office", "102"), ()):
            assert (await console.send(asking, "/lockouts/clear", *wrong)).status_code == 400
    assert await trail(console) == [("cleared-lockout", "office", "extension 102", "done")]


def _braking(console: Console) -> Policy:
    """Have the office's policy speak of a brake."""
    sites = console.world.sites
    policy = replace(sites.by_site["office"], brake=BrakeTerms())
    sites.by_site["office"] = policy
    return policy


async def test_a_brake_is_shown_and_lifted(console: Console) -> None:
    """On the board and beside the lockouts; one that is off already is told."""
    policy = _braking(console)
    for stage, name in ((Stage.EXTENSION, "102"), (Stage.SITE, "")):
        await by_hand(console.store, policy, stage, name, 60, "ann", "holidays", console.now)
    async with console.entered() as asking:
        for page in ("/console/", "/console/lockouts"):
            shown_there = (await asking.get(page)).text
            assert "The brake is on" in shown_there
            assert "holidays" in shown_there
            assert 'aria-label="Lift the brake of extension 102"' in shown_there
            assert 'aria-label="Lift the brake of the site"' in shown_there
        answer = await console.send(asking, "/brakes/lift", "office", "extension", "102")
        after = await shown(asking, answer)
        assert "The brake was lifted." in after
        assert "extension 102" not in after
        answer = await console.send(asking, "/brakes/lift", "office", "extension", "102")
        assert "No such brake is on any more." in await shown(asking, answer)
        for wrong in (("office", "person", "102"), ("office", "102"), ()):
            assert (await console.send(asking, "/brakes/lift", *wrong)).status_code == 400
    (left,) = await every(console.store, "office", console.now)
    assert left.stage is Stage.SITE
    assert await trail(console) == [("lifted-brake", "office", "extension 102", "done")]


async def test_who_may_only_look_lifts_none(console: Console) -> None:
    """Nor sees a button."""
    policy = _braking(console)
    await by_hand(console.store, policy, Stage.SITE, "", 60, "ann", "", console.now)
    async with console.entered("vera", Role.VIEWER) as asking:
        page = (await asking.get("/console/lockouts")).text
        assert "The brake is on" in page
        assert "formaction" not in page
        assert (
            await console.send(asking, "/brakes/lift", "office", "site", "")
        ).status_code == 403


async def test_a_brake_that_is_lifted_by_another_meanwhile_is_told(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both had read that it was on."""
    policy = _braking(console)
    await by_hand(console.store, policy, Stage.SITE, "", 60, "ann", "", console.now)

    async def nothing(*_: object) -> None:
        return None

    monkeypatch.setattr("fastagi.call.brakes.lift", nothing)
    async with console.entered() as asking:
        answer = await console.send(asking, "/brakes/lift", "office", "site", "")
        assert "No such brake is on any more." in await shown(asking, answer)


async def test_one_that_is_cleared_by_another_meanwhile_is_told(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both had read that it was there."""
    await console.lock_out("102")

    async def nothing(*_: object) -> bool:
        return False

    monkeypatch.setattr(console.store, "clear", nothing, raising=False)
    async with console.entered() as asking:
        answer = await console.send(asking, "/lockouts/clear", "office", "extension", "102")
        assert "Nothing is held against" in await shown(asking, answer)


@pytest.mark.parametrize(
    ("kind", "name"), [(SubjectKind.OPERATOR, "anna"), (SubjectKind.ADDRESS, "192.0.2.9")]
)
async def test_lockouts_of_the_console_are_an_administrator_s(
    console: Console, kind: SubjectKind, name: str
) -> None:
    """Else one operator could let another's password be guessed for ever."""
    await console.lock_out(name, kind, EVERYWHERE)
    async with console.entered("olga") as olga, console.entered("ada", Role.ADMIN) as ada:
        page = (await olga.get("/console/lockouts")).text
        assert name in page
        assert "formaction" not in page
        refused = await console.send(olga, "/lockouts/clear", EVERYWHERE, kind, name)
        assert (refused.status_code, "an administrator" in refused.text) == (403, True)
        assert "formaction" in (await ada.get("/console/lockouts")).text
        cleared = await console.send(ada, "/lockouts/clear", EVERYWHERE, kind, name)
        assert "The lockout was cleared." in await shown(ada, cleared)


async def test_a_sign_in_is_ended_as_by_an_operator(console: Console) -> None:
    """The page of the person says so then."""
    sign_in = await console.sign_in()
    which = ("office", "101", sign_in.id)
    async with console.entered() as asking:
        after = await shown(asking, await console.send(asking, "/sign-ins/end", *which))
        assert "The sign-in was ended." in after
        after = await shown(asking, await console.send(asking, "/sign-ins/end", *which))
        assert "That sign-in is over already." in after
        assert (await console.send(asking, "/sign-ins/end", "x")).status_code == 400
    over = await console.store.sign_in("office", "101", sign_in.id, console.now)
    assert over is not None
    assert over.why is SignedOff.OPERATOR
    assert await trail(console) == [("ended-sign-in", "office", "101", "done")]


async def test_one_that_is_over_meanwhile_is_told(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its person was faster."""
    sign_in = await console.sign_in()

    async def nothing(*_: object) -> tuple[()]:
        return ()

    monkeypatch.setattr(console.store, "end_sign_ins", nothing, raising=False)
    async with console.entered() as asking:
        answer = await console.send(asking, "/sign-ins/end", "office", "101", sign_in.id)
        assert "over already" in await shown(asking, answer)


async def test_what_cannot_be_written_down_is_not_done(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is."""
    await console.call()
    await console.lock_out("102")
    sign_in = await console.sign_in()
    async with console.entered() as asking:

        async def fails(*_: object) -> None:
            raise StoreError("full")

        monkeypatch.setattr("fastagi.console.operators.audit.note", fails)
        for path, which in (
            ("/calls/end", CALL),
            ("/lockouts/clear", ("office", "extension", "102")),
            ("/sign-ins/end", ("office", "101", sign_in.id)),
        ):
            assert (await console.send(asking, path, *which)).status_code == 503
    assert console.ender.asked == []
    assert len(await console.store.lockouts("office", console.now)) == 1
    assert len(await console.store.sign_ins("office", console.now)) == 1


async def test_a_store_that_breaks_off_in_the_middle_is_told(console: Console) -> None:
    """Whether it was done is not known, and the trail says just that."""
    await console.lock_out("102")
    store = ShakyStore(console.store)
    console.build(store=store)

    async def breaks() -> None:
        raise StoreError("gone")

    store.after["clear"] = breaks
    async with console.entered() as asking:
        answer = await console.send(asking, "/lockouts/clear", "office", "extension", "102")
    assert answer.status_code == 503
    assert [each[3] for each in await trail(console)] == [
        "the store did not answer; whether it was done is not known"
    ]


async def test_lists_that_cannot_be_read_are_told(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is taken for gone that may be there; and nothing is done."""
    await console.call()
    sign_in = await console.sign_in()
    await console.lock_out("102")
    async with console.entered() as asking:

        async def fails(*_: object) -> None:
            raise StoreError("away")

        monkeypatch.setattr(console.store, "live", fails, raising=False)
        for path in ("/console/", "/console/lockouts", "/console/sign-ins"):
            page = await asking.get(path)
            assert "so this list is not known" in page.text
            assert "No call is up" not in page.text
        for path, which in (
            ("/calls/end", CALL),
            ("/lockouts/clear", ("office", "extension", "102")),
            ("/sign-ins/end", ("office", "101", sign_in.id)),
            ("/watches/lift", ("office", "102", "guessed")),
        ):
            assert (await console.send(asking, path, *which)).status_code == 503
    assert console.ender.asked == []
    assert await trail(console) == []


# ----------------------------------------------------------------------------- watches


async def _saw(console: Console, *extensions: str) -> None:
    """Have a watch of the office see an attack on extensions."""
    watch = Watch(
        *("guessed", Sign.SUCCESS_AFTER_GUESSING, Per.ACCOUNT, 10, 3600),
        then=frozenset({ThenWatch.STEP_UP}),
    )
    sites = console.world.sites
    policy = replace(sites.by_site["office"], watches=(watch,))
    sites.by_site["office"] = policy
    for extension in extensions:
        what = Evidence(
            *("office", "guessed", watch.sign, watch.per, extension, extension),
            *("<b>203.0.113.5</b>", 41, 12.0),
            addresses=1,
            proven=True,
            at=console.now,
        )
        assert await evidence.keep(console.store, policy, watch, what, console.now) is not None


async def test_what_a_watch_holds_is_shown_and_lifted(console: Console) -> None:
    """On the board and beside the lockouts, with what was seen; text of an attacker is text."""
    await _saw(console, "102", "103")
    async with console.entered() as asking:
        for page in ("/console/", "/console/lockouts"):
            shown_there = (await asking.get(page)).text
            assert "Extensions that were attacked" in shown_there
            assert "41 wrong passwords within 12 s" in shown_there
            assert "?b?203?0?113?5?/b?" in shown_there
            assert 'aria-label="Lift what watch guessed holds against 102"' in shown_there
        answer = await console.send(asking, "/watches/lift", "office", "102", "guessed")
        after = await shown(asking, answer)
        assert "That watch holds it no more." in after
        assert "holds against 102" not in after
        answer = await console.send(asking, "/watches/lift", "office", "102", "guessed")
        assert "That watch does not hold it any more." in await shown(asking, answer)
        for wrong in (("office", "102"), ()):
            assert (await console.send(asking, "/watches/lift", *wrong)).status_code == 400
    (left,) = await evidence.every(console.store, "office", console.now)
    assert left.extension == "103"
    assert await trail(console) == [("lifted-watch", "office", "102, guessed", "done")]


async def test_who_may_only_look_lifts_nothing_that_a_watch_holds(console: Console) -> None:
    """Nor sees a button."""
    await _saw(console, "102")
    async with console.entered("vera", Role.VIEWER) as asking:
        page = (await asking.get("/console/lockouts")).text
        assert "Extensions that were attacked" in page
        assert "formaction" not in page
        done = await console.send(asking, "/watches/lift", "office", "102", "guessed")
        assert done.status_code == 403


async def test_what_another_lifts_meanwhile_is_told(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both had read that it was held."""
    await _saw(console, "102")

    async def nothing(*_: object) -> None:
        return None

    async with console.entered() as asking:
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr("fastagi.call.evidence.lift", nothing)
            answer = await console.send(asking, "/watches/lift", "office", "102", "guessed")
        assert "That watch does not hold it any more." in await shown(asking, answer)
    assert await trail(console) == [("lifted-watch", "office", "102, guessed", "there was none")]
