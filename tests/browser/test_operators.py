"""What operators do in a real browser: log in, see what happens, and stop it."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from typing import TYPE_CHECKING, TypeVar

import pyotp
import pytest
from playwright.sync_api import expect

from fastagi.call import brakes, overrides
from fastagi.call.brakes import Brake
from fastagi.policy.model import Stage
from fastagi.stores.opening import open_store
from fastagi.stores.records import EVERYWHERE
from fastagi.stores.sign_ins import Origin, SignedOff, SignIn, Way
from fastagi.stores.store import FailureKind, Hold, Lease, Penalty, Subject, SubjectKind
from tests.browser.test_people import looked_at
from tests.integration.running import dialguard
from tests.unit.console.test_past_decisions import put
from tests.unit.watcher.samples import row

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from playwright.sync_api import Page

    from fastagi.stores.store import Store
    from tests.browser.conftest import Web

    Open = Callable[..., Page]

Found = TypeVar("Found")

WORDS = "tram vivid oboe quarry"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def ask(web: Web, work: Callable[[Store], Awaitable[Found]]) -> Found:
    """Ask the service's store, as another process does."""
    found: list[Found] = []

    async def do() -> None:
        store = open_store(f"sqlite://{web.folder / 'dialguard.db'}")
        try:
            found.append(await work(store))
        finally:
            await store.close()

    thread = threading.Thread(target=asyncio.run, args=(do(),))
    thread.start()
    thread.join()
    return found[0]


def make(web: Web, name: str, role: str = "operator") -> str:
    """Make an operator; returns the secret of the one-time codes."""
    words = ("operator", "add", name, "--role", role, "--password-stdin", "--uri")
    done = dialguard(web.folder, *words, typed=f"{WORDS}\n")
    assert done.returncode == 0, done.stderr
    secret = re.search(r"secret=([A-Z2-7]+)", done.stdout)
    assert secret is not None
    return secret[1]


def log_in(page: Page, name: str, secret: str) -> None:
    """Fill in the form and send it."""
    page.goto("/console/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(WORDS)
    page.get_by_label("One-time code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("h1")).to_have_text("Calls")


def a_call(call: str, number: str = "+390612345678", **parts: str) -> Lease:
    """Return a call that is up."""
    now = time.time()
    return Lease(
        site="office",
        call=call,
        number=number,
        node=parts.get("node", "127.0.0.1"),
        extension=parts.get("extension", "101"),
        country="IT",
        category="international",
        channel=parts.get("channel", "PJSIP/101-00000001"),
        rule="abroad",
        reference="4071",
        seconds=3600,
        since=now,
        expires=now + 3600,
        holds=(Hold("two-at-a-time", "101", 2), Hold("trunk", "pstn", 10)),
    )


def lock_out(web: Web, name: str) -> None:
    """Have an extension be locked out."""
    subjects, penalty = (Subject(SubjectKind.EXTENSION, name, 1),), Penalty(900, 86_400)
    ask(
        web,
        lambda store: store.begin_attempt(
            "office", subjects, FailureKind.CODE, penalty, time.time()
        ),
    )


def put_on_record(web: Web) -> None:
    """Have decisions of the day be on record."""
    lines = []
    for number in range(60):
        at = time.gmtime(time.time() - 1200 * number)
        entry = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", at),
            "site": "office",
            "node": "127.0.0.1",
            "call": f"{number}.1",
            "channel": HOSTILE if number == 0 else "PJSIP/101-00000001",
            "extension": "101",
            "address": "10.0.0.5",
            "number": "+3906123xxxx",
            "verdict": "deny" if number % 3 == 0 else "allow",
            "rule": "abroad",
            "reason": "wrong-code" if number % 3 == 0 else "rule",
            "reference": f"{4071 + number}",
            "policy": "0123456789ab",
        }
        lines.append(json.dumps(entry, separators=(",", ":")) + "\n")
    with (web.folder / "decisions.jsonl").open("a") as file:
        file.writelines(reversed(lines))


@pytest.fixture(scope="module")
def secret(web: Web) -> str:
    """The secret of `olga`, who is an operator."""
    put_on_record(web)
    return make(web, "olga", "admin")


def test_a_live_call_appears_and_vanishes(web: Web, opened: Open, secret: str) -> None:
    """Without reloading; and what a caller chose is text."""
    page = opened()
    page.goto("/console/")
    expect(page.locator("h1")).to_have_text("Log in")
    looked_at(page, "console-login")
    log_in(page, "olga", secret)
    expect(page.locator("#state")).to_have_text("Live.")
    page.evaluate("window.stayed = true")
    expect(page.locator("#part-calls")).to_contain_text("No call is up.")
    lease = a_call("1.2", channel=HOSTILE)
    ask(web, lambda store: store.take(lease, lease.since))
    expect(page.locator("#part-calls")).to_contain_text("+390612345678")
    expect(page.locator("#part-calls")).to_contain_text("<script>alert(1)</script>")
    expect(page.locator("#part-uses")).to_contain_text("1 of 2")
    looked_at(page, "console-calls")
    ask(web, lambda store: store.release("office", "1.2", None, None, time.time()))
    expect(page.locator("#part-calls")).to_contain_text("No call is up.")
    assert page.evaluate("window.stayed") is True


def test_what_somebody_points_at_does_not_move(web: Web, opened: Open, secret: str) -> None:
    """Until they point elsewhere: nobody ends another's call by a row that jumped."""
    lease, other = a_call("2.1"), a_call("2.2", "+442079460000")
    ask(web, lambda store: store.take(lease, lease.since))
    page = entered(web, opened, "pia")
    rows = page.locator("#part-calls tbody tr")
    expect(rows).to_have_count(1)
    rows.get_by_role("button").hover()
    ask(web, lambda store: store.take(other, other.since))
    expect(page.locator("body")).to_have_class("held")
    expect(rows).to_have_count(1)
    page.locator("h1").hover()
    expect(rows).to_have_count(2)
    for call in ("2.1", "2.2"):
        ask(web, lambda store, call=call: store.release("office", call, None, None, time.time()))  # type: ignore[misc]


def entered(web: Web, opened: Open, name: str, role: str = "operator", **how: object) -> Page:
    """Return a page at which an operator is in."""
    page = opened(**how)
    log_in(page, name, make(web, name, role))
    return page


def test_a_lockout_is_cleared(web: Web, opened: Open, secret: str) -> None:
    """And another's appears meanwhile."""
    lock_out(web, "192")
    page = entered(web, opened, "paul")
    page.get_by_role("link", name="Lockouts").click()
    expect(page.locator("#state")).to_have_text("Live.")
    expect(page.locator("#part-lockouts")).to_contain_text("extension 192")
    lock_out(web, "193")
    expect(page.locator("#part-lockouts")).to_contain_text("extension 193")
    looked_at(page, "console-lockouts")
    page.get_by_role("button", name="Clear the lockout of extension 192").click()
    expect(page.locator(".said")).to_have_text("The lockout was cleared.")
    expect(page.locator("#part-lockouts")).not_to_contain_text("extension 192")
    left = ask(web, lambda store: store.lockouts("office", time.time()))
    assert [each.name for each in left] == ["193"]


def put_brake_on(web: Web, stage: Stage, name: str) -> None:
    """Have something be braked, as by a call that hit it."""
    now = time.time()
    brake = Brake(
        "office", stage, name, "staff", now, now + 600, cause="trap", reference="4071", call="1.2"
    )
    ask(web, lambda store: brakes.put_on(store, brake, now))


def test_a_brake_is_lifted(web: Web, opened: Open, secret: str) -> None:
    """It appears on the board by itself; what else is braked stays so."""
    page = entered(web, opened, "bert")
    expect(page.locator("#state")).to_have_text("Live.")
    put_brake_on(web, Stage.EXTENSION, "101")
    put_brake_on(web, Stage.CLASS, "staff")
    expect(page.locator("#part-brakes")).to_contain_text("extension 101")
    looked_at(page, "console-brakes")
    page.get_by_role("button", name="Lift the brake of extension 101").click()
    expect(page.locator(".said")).to_have_text("The brake was lifted.")
    expect(page.locator("#part-brakes")).not_to_contain_text("extension 101")
    expect(page.locator("#part-brakes")).to_contain_text("class staff")
    (left,) = ask(web, lambda store: brakes.every(store, "office", time.time()))
    assert left.key == "class/staff"
    page.get_by_role("button", name="Lift the brake of class staff").click()
    expect(page.locator("#part-brakes")).to_be_empty()


def test_a_sign_in_is_ended_without_a_script(web: Web, opened: Open, secret: str) -> None:
    """All of it works without one."""
    now = time.time()
    origin = Origin("10.0.0.5", "tls", "a" * 40, "c" * 40)
    sign_in = SignIn(
        "office", "104", "an-id", "104", Way.KEYPAD, origin, "", now, now + 3600, 0, now
    )
    ask(web, lambda store: store.open_sign_in(sign_in, None, 1, now))
    page = entered(web, opened, "petra", scripts=False)
    page.get_by_role("link", name="Sign-ins").click()
    expect(page.locator("#state")).to_contain_text("reload the page")
    looked_at_without_scripts(page)
    page.get_by_role("button", name="End the sign-in on 104").click()
    expect(page.locator(".said")).to_have_text("The sign-in was ended.")
    over = ask(web, lambda store: store.sign_in("office", "104", "an-id", time.time()))
    assert over is not None
    assert over.why is SignedOff.OPERATOR
    page.get_by_role("button", name="Log out").click()
    expect(page.locator("h1")).to_have_text("Log in")


def looked_at_without_scripts(page: Page) -> None:
    """Keep what it looks like; axe is a script, and cannot be asked."""
    expect(page.locator("table")).to_be_visible()


def test_a_call_is_ended_at_asterisk(web: Web, opened: Open, secret: str) -> None:
    """By its trunk leg."""
    lease = a_call("3.1")
    web.asterisk.rows.append(row("3.2", "PJSIP/my-trunk-00000009", f"3.1:{lease.number}:office"))
    ask(web, lambda store: store.take(lease, lease.since))
    page = entered(web, opened, "peter")
    page.get_by_role("button", name="End the call of 101 to +390612345678").click()
    expect(page.locator(".said")).to_have_text("The call was ended.")
    assert [each["Channel"] for each in web.asterisk.asked("Hangup")] == ["3.2"]
    web.asterisk.rows.pop()
    ask(web, lambda store: store.release("office", "3.1", None, None, time.time()))


def test_a_refused_call_is_let_through_in_one_click(web: Web, opened: Open, secret: str) -> None:
    """Beside the decision; the page that follows says who has what, and takes it back."""
    page = entered(web, opened, "otto")
    page.get_by_role("link", name="Decisions").click()
    page.get_by_label("Only with all of these words").fill("wrong-code 4071")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("button", name="Let 101 through").click()
    expect(page.locator(".said")).to_have_text("The override was given.")
    (given,) = ask(web, lambda store: overrides.every(store, "office", time.time()))
    assert (given.extension, given.to, given.uses, given.by) == ("101", "+3906123", 1, "otto")
    looked_at(page, "console-overrides")
    page.get_by_role("button", name="End the override of 101").click()
    expect(page.locator(".said")).to_have_text("The override was ended.")
    page.get_by_label("Extension", exact=True).fill("101")
    page.get_by_label("Calls", exact=True).fill("3")
    page.get_by_role("button", name="Let through").click()
    expect(page.locator("tbody tr")).to_contain_text("any number")
    (given,) = ask(web, lambda store: overrides.every(store, "office", time.time()))
    assert (given.to, given.uses) == ("", 3)
    ask(web, lambda store: overrides.end(store, "office", given.id, time.time()))


def test_a_decision_says_why(web: Web, opened: Open, secret: str) -> None:
    """From the list to the reasons, by the policy of then; and nothing of it is hard to read."""
    put(web.folder / "decisions.jsonl", "not-on-mondays", call="47.11")
    page = opened()
    log_in(page, "olga", secret)
    page.goto("/console/decisions")
    page.get_by_role("link", name="Why 101, reference 4711, call 47.11").click()
    expect(page.locator("h1")).to_have_text("Why 4711")
    expect(page.locator("main")).to_contain_text("denied by rule `not-on-mondays`")
    expect(page.get_by_role("row", name="decides")).to_contain_text("not-on-mondays")
    looked_at(page, "console-why")
    page.goto("/console/decisions")
    page.get_by_role("link", name="Why 101, reference 4071, call 0.1").click()
    expect(page.get_by_role("note")).to_contain_text("is not kept here")
    looked_at(page, "console-why-not")


def test_every_other_page_looks_right(web: Web, opened: Open, secret: str) -> None:
    """With something on it, at every width."""
    now = time.time()
    origin = Origin("10.0.0.5", "tls", "a" * 40, "c" * 40)
    sign_in = SignIn(
        "office", "105", "another-id", "105", Way.PAGE, origin, "", now, now + 3600, 0, now
    )
    ask(web, lambda store: store.open_sign_in(sign_in, None, 1, now))
    page = entered(web, opened, "ada", "admin")
    page.get_by_role("link", name="Sign-ins").click()
    expect(page.locator("#part-sign-ins")).to_contain_text("105")
    looked_at(page, "console-sign-ins")
    page.get_by_role("link", name="Decisions").click()
    expect(page.locator("#part-decisions tbody tr")).not_to_have_count(0)
    page.get_by_label("Only with all of these words").fill("wrong-code 4071")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#part-decisions tbody tr")).to_have_count(1)
    looked_at(page, "console-decisions")
    page.get_by_label("Reference the caller heard").fill("4072")
    page.get_by_role("button", name="Look up").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    looked_at(page, "console-lookup")
    page.get_by_role("link", name="Policy").click()
    page.get_by_label("Extension", exact=True).fill("101")
    page.get_by_label("Dialled", exact=True).fill("900390612345678")
    page.get_by_role("button", name="Explain").click()
    expect(page.locator("#answer")).to_contain_text("nobody is signed in on `101`")
    looked_at(page, "console-policy")
    page.get_by_role("link", name="Trail").click()
    expect(page.locator("tbody tr").first).to_contain_text("entered")
    looked_at(page, "console-trail")
    ask(web, lambda store: store.end_sign_ins("office", "105", None, SignedOff.API, time.time()))


def test_who_is_removed_is_out_while_the_page_is_open(web: Web, opened: Open, secret: str) -> None:
    """Within seconds, and by itself."""
    page = entered(web, opened, "rita", "viewer")
    expect(page.locator("#state")).to_have_text("Live.")
    assert page.locator("button", has_text="End").count() == 0
    assert dialguard(web.folder, "operator", "remove", "rita").returncode == 0
    expect(page.locator("h1")).to_have_text("Log in")
    assert ask(web, lambda store: store.record(EVERYWHERE, "operator", "rita", 0.0)) is None
