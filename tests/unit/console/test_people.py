"""The page for people: signing in, what it says meanwhile, signing off, and who is kept out."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest

from fastagi.call.guess import Guesser, guess
from fastagi.call.sign_in import Phone
from fastagi.errors import BusyError, LinkError, StoreError, VaultError
from fastagi.policy.loading import load_text
from fastagi.policy.model import Factor, Reason
from fastagi.signs.sighting import Seen, Sighting
from fastagi.stores.sign_ins import Origin, SignedOff, Way
from fastagi.stores.store import SubjectKind
from tests.doubles.lookout import Lookout
from tests.unit.console.world import (
    DESK,
    PIN,
    POLICY,
    SPARE,
    URL,
    Phones,
    World,
    enrolled,
    right,
    sign_in,
    token_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import TypeVar

    import httpx
    from structlog.typing import EventDict

    Found = TypeVar("Found")

SESSION = "__Host-dialguard-session"


async def live(world: World) -> list[str]:
    """Return who is signed in."""
    return [each.extension for each in await world.store.sign_ins("office", world.clock.now)]


# ----------------------------------------------------------------------------- how it should go


async def test_somebody_signs_in_and_off(world: World) -> None:
    """By the page; the sign-in is for the phone where it is."""
    async with world.browser() as browser:
        answer = await sign_in(browser, world)
        assert (answer.status_code, answer.headers["location"]) == (303, "/office/")
        (opened,) = await world.store.sign_ins("office", world.clock.now)
        assert (opened.extension, opened.person, opened.way) == ("101", "101", Way.PAGE)
        assert (opened.origin, opened.node) == (DESK, "pbx")
        page = await browser.get("/office/")
        assert "Signed in" in page.text
        assert "8 hr" in page.text
        answer = await browser.post("/office/sign-off", data={"form": token_in(page.text)})
        assert await live(world) == []
        page = await browser.get(answer.headers["location"])
    assert page.status_code == 200
    assert "You are signed off." in page.text


async def test_the_time_left_grows_less(world: World) -> None:
    """Without a script, at each look."""
    async with world.browser() as browser:
        await sign_in(browser, world)
        world.clock.now += 6 * 3600 + 50 * 60 + 1
        page = await browser.get("/office/")
    assert "1 hr 10 min" in page.text
    assert 'data-seconds="4199"' in page.text


async def test_that_it_ends_without_calls_is_said(world: World, tmp_path: Path) -> None:
    """Else people wonder."""
    policy = POLICY.replace('for = "8h"', 'for = "8h"\nidle = "30m"')
    world.sites.by_site["office"] = load_text(policy, tmp_path / "office.toml")
    async with world.browser() as browser:
        await sign_in(browser, world)
        page = await browser.get("/office/")
    assert "Without a call for 30 min it ends sooner." in page.text


async def test_it_asks_for_what_the_policy_says(world: World, tmp_path: Path) -> None:
    """A PIN alone, where that is enough; what else is sent is not looked at."""
    policy = POLICY.replace('for = "8h"', 'for = "8h"\nfactors = "pin"')
    world.sites.by_site["office"] = load_text(policy, tmp_path / "office.toml")
    async with world.browser() as browser:
        page = await browser.get("/office/")
        assert 'name="totp"' not in page.text
        fields = {"form": token_in(page.text), "extension": "101", "pin": PIN, "totp": "000000"}
        assert (await browser.post("/office/sign-in", data=fields)).status_code == 303


async def test_a_code_may_have_blanks_and_may_be_a_recovery_code(world: World) -> None:
    """As apps show it; as the paper has it."""
    async with world.browser() as browser:
        page = await browser.get("/office/")
        fields = right(world, page.text)
        fields["totp"] = f" {fields['totp'][:3]} {fields['totp'][3:]} "
        assert (await browser.post("/office/sign-in", data=fields)).status_code == 303
        fields = right(world, page.text) | {"totp": SPARE}
        assert (await browser.post("/office/sign-in", data=fields)).status_code == 303
        assert (await browser.post("/office/sign-in", data=fields)).status_code == 403


@pytest.mark.parametrize("why", SignedOff)
async def test_the_page_says_why_it_is_over(world: World, why: SignedOff) -> None:
    """In words of each reason's own, when it was, and with the form to sign in again."""
    async with world.browser() as browser:
        await sign_in(browser, world)
        world.clock.now += 3600
        await world.store.end_sign_ins("office", "101", None, why, world.clock.now)
        page = await browser.get("/office/")
        assert (await browser.get("/office/state")).json() == {"live": False}
    said = page.text.partition('role="status">')[2].partition("</p>")[0]
    assert "101" in said
    assert "11:10" in said
    assert 'name="pin"' in page.text


async def test_no_two_reasons_sound_alike(world: World) -> None:
    """Whoever is told one, knows which it was."""
    said = set()
    for why in SignedOff:
        async with world.browser() as browser:
            await sign_in(browser, world)
            await world.store.end_sign_ins("office", "101", None, why, world.clock.now)
            world.clock.now += 30
            page = await browser.get("/office/")
            said.add(page.text.partition('role="status">')[2].partition(" (")[0])
    assert len(said) == len(SignedOff)


async def test_a_script_may_ask_whether_it_goes_on(world: World) -> None:
    """And learns nothing else."""
    async with world.browser() as browser:
        assert (await browser.get("/office/state")).json() == {"live": False}
        await sign_in(browser, world)
        answer = await browser.get("/office/state")
    assert answer.json() == {"live": True}


async def test_signing_in_anew_ends_the_session_before(world: World) -> None:
    """One browser has one."""
    async with world.browser() as browser:
        await sign_in(browser, world)
        before = browser.cookies[SESSION]
        world.clock.now += 60
        await sign_in(browser, world)
        assert browser.cookies[SESSION] != before
    async with world.browser() as thief:
        thief.cookies.set(SESSION, before)
        assert "was signed in anew" not in (await thief.get("/office/")).text


# ----------------------------------------------------------------------------- wrong, and alike


@pytest.mark.parametrize(
    "changed",
    [
        {"extension": "109"},
        {"extension": "nobody"},
        {"extension": "no such/endpoint"},
        {"extension": "101\x00"},
        {"extension": "102"},
        {"pin": "0000"},
        {"pin": "x" * 12},
        {"totp": "000000"},
        {"totp": "\u0661\u0662\u0663\u0664\u0665\u0666"},
        {"extension": "101 OR 1=1"},
    ],
)
async def test_whatever_is_wrong_looks_the_same(world: World, changed: dict[str, str]) -> None:
    """No extension, one without enrolment, a wrong PIN, a wrong code: letter by letter."""
    async with world.browser() as browser:
        page = await browser.get("/office/")
        fields = right(world, page.text) | {"pin": "8080"}
        usual = await browser.post("/office/sign-in", data=fields)
        answer = await browser.post("/office/sign-in", data=right(world, page.text) | changed)
    assert answer.status_code == usual.status_code == 403

    def without_what_was_typed(found: httpx.Response) -> str:
        before, _, after = found.text.partition('name="extension" value="')
        return before + after.partition('"')[2]

    assert without_what_was_typed(answer) == without_what_was_typed(usual)
    assert await live(world) == []


@pytest.mark.parametrize("extension", ["101", "102", "nobody"])
async def test_a_pin_is_hashed_in_any_case(world: World, extension: str) -> None:
    """The time it takes does not tell who is enrolled."""
    hashed: list[int] = []

    class Counting:
        """A pool that counts."""

        async def run(self, check: Callable[[], Found], site: str) -> Found:
            hashed.append(1)
            return check()

    async with world.browser(hash_pool=Counting()) as browser:
        page = await browser.get("/office/")
        fields = right(world, page.text, extension) | {"pin": "8080"}
        await browser.post("/office/sign-in", data=fields)
    assert hashed == [1]


async def test_answers_come_at_a_pace(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of a difference in time is lost between two beats."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("fastagi.console.visits.asyncio.sleep", sleep)
    world.front = replace(world.front, pace_s=60.0)
    async with world.browser() as browser:
        page = await browser.get("/office/")
        for changed in ({"pin": "8080"}, {"extension": "nobody"}, {"extension": ""}, {}):
            await browser.post("/office/sign-in", data=right(world, page.text) | changed)
    assert len(waited) == 4
    assert all(0 < each <= 60 for each in waited)


@pytest.mark.parametrize("left_out", ["extension", "pin", "totp"])
async def test_what_is_not_filled_in_is_no_guess(world: World, left_out: str) -> None:
    """And costs none."""
    async with world.browser() as browser:
        page = await browser.get("/office/")
        for _ in range(6):
            fields = right(world, page.text) | {left_out: " "}
            assert (await browser.post("/office/sign-in", data=fields)).status_code == 400
        assert (await sign_in(browser, world)).status_code == 303


async def test_a_policy_that_asks_for_nothing_opens_nothing(world: World) -> None:
    """None can say so; should one ever."""
    policy = world.sites.by_site["office"]
    terms = replace(policy.sign_in, factors=())
    world.sites.by_site["office"] = replace(policy, sign_in=terms)
    async with world.browser() as browser:
        assert (await sign_in(browser, world)).status_code == 400
    assert await live(world) == []


async def test_where_the_phone_is_unknown_the_keypad_is_named(world: World) -> None:
    """Not registered, or twice; but to nobody who has not shown the factors."""
    world.phones.places.clear()
    async with world.browser() as browser:
        answer = await sign_in(browser, world)
        assert answer.status_code == 409
        assert "dial *1" in answer.text
        fields = right(world, answer.text) | {"pin": "8080"}
        assert "dial *1" not in (await browser.post("/office/sign-in", data=fields)).text
    assert await live(world) == []


@pytest.mark.parametrize("away", [True, False])
async def test_an_asterisk_that_is_away_or_knows_two_knows_none(
    world: World, told: list[EventDict], away: bool
) -> None:
    """Nobody could say which of two is the person's."""

    class Odd(Phones):
        """Asterisk."""

        async def phones(self, site: str, extension: str) -> Sequence[Phone]:
            """Do not answer, or twice."""
            if away:
                raise LinkError("away")
            return [Phone(extension, DESK, "pbx")] * 2

    async with world.browser(whereabouts=Odd()) as browser:
        assert (await sign_in(browser, world)).status_code == 409
    assert ("phone-not-found" in [line["event"] for line in told]) is away
    assert await live(world) == []


async def test_where_not_all_of_the_place_is_known_nobody_signs_in(world: World) -> None:
    """A sign-in is bound to all that the policy says."""
    world.phones.places["office", "101"] = Origin("10.0.0.5", "tls")
    async with world.browser() as browser:
        assert (await sign_in(browser, world)).status_code == 409
    assert await live(world) == []


async def test_an_enrolment_that_changes_meanwhile_is_shown_no_more(
    world: World, at_the_desk: object
) -> None:
    """Between the guess and the sign-in somebody took it away."""

    class Slow(Phones):
        """Asterisk, which takes its time."""

        async def phones(self, site: str, extension: str) -> Sequence[Phone]:
            """Answer, when it is too late."""
            await world.store.unenrol(site, extension, world.clock.now)
            return (Phone(extension, DESK, "pbx"),)

    async with world.browser(whereabouts=Slow()) as browser:
        assert (await sign_in(browser, world)).status_code == 403
    assert await live(world) == []


# ----------------------------------------------------------------------------- brute force


async def test_wrong_tries_lock_out_and_the_phone_too(world: World) -> None:
    """One count, by whatever way; and the right factors do not help either."""
    async with world.browser() as browser:
        page = await browser.get("/office/")
        statuses = [
            (
                await browser.post(
                    "/office/sign-in", data=right(world, page.text) | {"pin": f"80{each:02}"}
                )
            ).status_code
            for each in range(6)
        ]
        assert statuses == [403] * 5 + [429]
        assert (await sign_in(browser, world)).status_code == 429
    keyed = {Factor.PIN: PIN, Factor.TOTP: world.code()}
    policy = world.sites.by_site["office"]
    by_phone = await guess(policy, Guesser("101", None), keyed, world.ports.call)
    assert by_phone is Reason.LOCKED_OUT


async def test_a_lockout_looks_the_same_for_whom_there_is_not(world: World) -> None:
    """Else it would tell who is."""
    async with world.browser() as browser:
        page = await browser.get("/office/")
        fields = right(world, page.text, "nobody")
        answers = [await browser.post("/office/sign-in", data=fields) for _ in range(6)]
    assert [each.status_code for each in answers] == [403] * 5 + [429]


async def test_an_address_is_locked_out_that_tries_everybody(world: World) -> None:
    """One try each at many extensions; a colleague's browser is not."""
    async with world.browser("198.51.100.1") as browser:
        page = await browser.get("/office/")
        statuses = [
            (
                await browser.post("/office/sign-in", data=right(world, page.text, str(each)))
            ).status_code
            for each in range(200, 221)
        ]
    assert statuses == [403] * 20 + [429]
    lockouts = await world.store.lockouts("office", world.clock.now)
    assert {(each.kind, each.name) for each in lockouts} == {(SubjectKind.ADDRESS, "198.51.100.1")}
    async with world.browser("192.0.2.7") as browser:
        assert (await sign_in(browser, world)).status_code == 303


async def test_who_has_no_address_is_counted_all_the_same(world: World) -> None:
    """Against the extension."""
    async with world.browser("not-an-address") as browser:
        assert (await sign_in(browser, world)).status_code == 303


# ----------------------------------------------------------------------------- forms of others


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://phones.example.org"},
        {"Origin": "https://phones.example.org.evil.example"},
        {"Origin": ""},
    ],
)
async def test_a_form_that_another_page_sent_is_not_taken(
    world: World, headers: dict[str, str]
) -> None:
    """Even with the right token; nor does it sign off."""
    async with world.browser() as browser:
        page = await browser.get("/office/")
        fields = right(world, page.text)
        answer = await browser.post("/office/sign-in", data=fields, headers=headers)
        assert answer.status_code == 403
        assert await live(world) == []
        await sign_in(browser, world)
        await browser.post("/office/sign-off", data=fields, headers=headers)
        assert await live(world) == ["101"]


async def test_our_own_origin_is_ours(world: World) -> None:
    """Browsers send it with forms."""
    headers = {"Origin": URL, "Sec-Fetch-Site": "same-origin"}
    async with world.browser() as browser:
        page = await browser.get("/office/")
        answer = await browser.post(
            "/office/sign-in", data=right(world, page.text), headers=headers
        )
    assert answer.status_code == 303


@pytest.mark.parametrize("token", [None, "", "0" * 64, "\u00e9", "x" * 190])
async def test_a_form_without_its_token_is_not_taken(world: World, token: str | None) -> None:
    """The page comes back with one that is good."""
    async with world.browser() as browser:
        page = await browser.get("/office/")
        fields = {name: value for name, value in right(world, page.text).items() if name != "form"}
        if token is not None:
            fields["form"] = token
        answer = await browser.post("/office/sign-in", data=fields)
        assert answer.status_code == 403
        assert "open for too long" in answer.text
        fields["form"] = token_in(answer.text)
        assert (await browser.post("/office/sign-in", data=fields)).status_code == 303


async def test_a_token_is_of_its_browser(world: World) -> None:
    """What one was given does not serve another, with or without a cookie."""
    async with world.browser() as one, world.browser() as other:
        page = await one.get("/office/")
        fields = right(world, page.text)
        assert (await other.post("/office/sign-in", data=fields)).status_code == 403
        other.cookies.clear()
        await other.get("/office/")
        assert (await other.post("/office/sign-in", data=fields)).status_code == 403


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b'{"extension": "101"}', b"a=" + b"x" * 5000, b"&" * 100]
)
async def test_what_is_no_form_is_refused(world: World, content: bytes) -> None:
    """Whatever it says it is."""
    kinds = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]
    async with world.browser() as browser:
        for kind in kinds:
            headers = {"Content-Type": kind}
            answer = await browser.post("/office/sign-in", content=content, headers=headers)
            assert answer.status_code in {400, 403}


async def test_a_file_in_the_form_is_not_looked_at(world: World) -> None:
    """There are none to send."""
    async with world.browser() as browser:
        answer = await browser.post("/office/sign-in", files={"pin": b"4711"})
    assert answer.status_code == 400


# ----------------------------------------------------------------------------- sessions


async def test_a_session_is_not_chosen_by_whoever_plants_it(world: World) -> None:
    """Fixation: the key is new at each sign-in."""
    async with world.browser() as browser:
        browser.cookies.set(SESSION, "planted", domain="phones.example.org")
        await sign_in(browser, world)
        keys = [each.value for each in browser.cookies.jar if each.name == SESSION]
        assert keys[-1] not in {"planted", None}
    async with world.browser() as thief:
        thief.cookies.set(SESSION, "planted")
        assert (await thief.get("/office/state")).json() == {"live": False}


async def test_a_cookie_stolen_is_worth_nothing_after_signing_off(world: World) -> None:
    """Nor does it say who that was."""
    async with world.browser() as browser:
        await sign_in(browser, world)
        stolen = browser.cookies[SESSION]
        page = await browser.get("/office/")
        await browser.post("/office/sign-off", data={"form": token_in(page.text)})
        assert SESSION not in browser.cookies
    async with world.browser() as thief:
        thief.cookies.set(SESSION, stolen)
        page = await thief.get("/office/")
    assert "101" not in page.text


async def test_cookies_are_kept_from_scripts_and_from_the_way(world: World) -> None:
    """`__Host-`: of this host alone, and encrypted (RFC 6265bis, 4.1.3.2)."""
    async with world.browser() as browser:
        page = await browser.get("/office/?lang=de")
        answer = await sign_in(browser, world)
    cookies = [*page.headers.get_list("set-cookie"), *answer.headers.get_list("set-cookie")]
    assert len(cookies) == 3
    for each in cookies:
        assert each.startswith("__Host-")
        parts = {part.strip().lower() for part in each.split(";")}
        assert {"httponly", "secure", "samesite=strict", "path=/"} <= parts


async def test_on_this_machine_alone_cookies_go_in_the_clear(world: World) -> None:
    """`http://localhost`: browsers refuse `__Host-` there."""
    world.front = replace(world.front, url="http://localhost:8573", hosts={})
    async with world.browser(url="http://localhost:8573") as browser:
        await sign_in(browser, world)
        assert {each.name for each in browser.cookies.jar} == {
            "dialguard-form",
            "dialguard-session",
        }


async def test_signing_off_without_a_session_is_no_error(world: World) -> None:
    """Somebody pressed twice."""
    async with world.browser() as browser:
        page = await browser.get("/office/")
        answer = await browser.post("/office/sign-off", data={"form": token_in(page.text)})
    assert answer.status_code == 303


# ----------------------------------------------------------------------------- sites


@pytest.fixture
async def two(world: World, tmp_path: Path) -> World:
    """A service with two sites, in each of which there is an extension 101."""
    text = POLICY.replace('"office"', '"branch"')
    world.sites.by_site["branch"] = load_text(text, tmp_path / "branch.toml")
    await world.store.enrol("branch", enrolled(world.ports.vault, "101", "branch"))
    world.phones.places["branch", "101"] = DESK
    return world


async def test_each_site_has_its_page(two: World) -> None:
    """And its own people: a session is of its site."""
    async with two.browser() as browser:
        assert (await sign_in(browser, two, site="branch")).status_code == 303
        assert (await browser.get("/branch/state")).json() == {"live": True}
        assert (await browser.get("/office/state")).json() == {"live": False}
    assert await live(two) == []


async def test_of_several_sites_none_is_the_first(two: World) -> None:
    """The address names one, or the host does; and shows no other."""
    async with two.browser() as browser:
        assert (await browser.get("/")).status_code == 404
    async with two.browser(url="https://branch.example.org") as browser:
        assert (await browser.get("/")).headers["location"] == "/branch/"
        assert (await browser.get("/branch/")).status_code == 200
        assert (await browser.get("/office/")).status_code == 404


async def test_of_one_site_it_is_the_first(world: World) -> None:
    """Nobody has to know its name."""
    async with world.browser() as browser:
        assert (await browser.get("/")).headers["location"] == "/office/"


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere/",
        "/office",
        "/office/nothing",
        "/office//",
        "//office/",
        "/office/%2e%2e/",
        "/office/%00",
        "/_/x/page.css",
        "/_/../pages/base.html",
        "/_/%2e%2e/base.html",
        "/%F0%9F%98%80/",
        "/office/sign-in",
        "/~/",
    ],
)
async def test_no_other_path_leads_anywhere(world: World, path: str) -> None:
    """Nor to a file."""
    async with world.browser() as browser:
        request = browser.build_request("GET", URL)
        request.url = request.url.copy_with(raw_path=path.encode())
        answer = await browser.send(request)
    assert answer.status_code in {404, 405}
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("site", ["Office", "office ", "\u043effice"])
async def test_a_site_is_named_as_it_is(world: World, site: str) -> None:
    """No name is bent to fit, and none is the only one there is."""
    async with world.browser() as browser:
        assert (await browser.get(f"/{site}/sign-in")).status_code in {404, 405}
        assert (await browser.get(f"/{site}/state")).status_code == 404


# ----------------------------------------------------------------------------- trouble of ours


@pytest.mark.parametrize(
    ("trouble", "status"),
    [(BusyError("busy"), 503), (VaultError("no key"), 500), (StoreError("away"), 503)],
)
async def test_trouble_of_ours_is_said_and_no_guess(
    world: World, trouble: Exception, status: int, told: list[EventDict]
) -> None:
    """Nobody is signed in, nobody is locked out."""

    class Broken:
        """A pool that cannot."""

        async def run(self, check: Callable[[], Found], site: str) -> Found:
            raise trouble

    async with world.browser(hash_pool=Broken()) as browser:
        for _ in range(7):
            answer = await sign_in(browser, world)
            assert answer.status_code == status
    assert await live(world) == []
    async with world.browser() as browser:
        assert (await sign_in(browser, world)).status_code == 303


async def test_a_wrong_guess_is_told_to_the_lookout_with_the_browsers_address(
    world: World,
) -> None:
    """It has shaken hands; what is right, or not filled in, is told to nobody."""
    lookout = Lookout()
    async with world.browser("192.0.2.9", sightings=lookout) as browser:
        page = await browser.get("/office/")
        for changed in ({"pin": "8080"}, {"pin": ""}, {"extension": "no such/endpoint"}, {}):
            await browser.post("/office/sign-in", data=right(world, page.text) | changed)
    now, there = world.clock.now, ip_address("192.0.2.9")
    assert lookout.seen == [
        Sighting(now, Seen.WRONG_CODE, "101", there, proven=True, site="office")
    ]
