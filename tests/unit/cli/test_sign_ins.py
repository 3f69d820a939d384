"""`dialguard signins`."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import TYPE_CHECKING

from fastagi.cli import sign_ins
from fastagi.stores.opening import open_store
from fastagi.stores.sign_ins import Origin, SignedOff, SignIn, Way
from fastagi.stores.store import Lease

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard

ROME = "+390612345678"
WHERE = Origin("10.0.0.5", "tls", "a" * 40, "c" * 40)


def sign_in(
    dialguard: Dialguard,
    extension: str = "101",
    *,
    id: str = "first",
    person: str = "",
    site: str = "office",
    idle_s: int = 0,
    ago_s: float = 0.0,
) -> None:
    """Have somebody signed in, for an hour."""
    now = time.time()
    new = SignIn(
        site=site,
        extension=extension,
        id=id,
        person=person or extension,
        way=Way.KEYPAD,
        origin=WHERE,
        node="pbx-1",
        since=now - ago_s,
        until=now + 3600,
        idle_s=idle_s,
        used=now - ago_s,
    )

    async def do() -> None:
        store = open_store(f"sqlite://{dialguard.folder}/dialguard.db")
        await store.put_sign_in(new)
        await store.close()

    asyncio.run(do())


def call_out(dialguard: Dialguard, id: str = "first", call: str = "1.2") -> None:
    """Have a call live that a sign-in let through."""
    now = time.time()
    lease = Lease(
        site="office",
        call=call,
        number=ROME,
        extension="101",
        country="IT",
        category="international",
        channel="PJSIP/101-00000001",
        node="127.0.0.1",
        rule="abroad",
        reference="4071",
        seconds=600,
        since=now,
        expires=now + 660,
        sign_in=id,
    )

    async def do() -> None:
        store = open_store(f"sqlite://{dialguard.folder}/dialguard.db")
        await store.take(lease, now)
        await store.close()

    asyncio.run(do())


def why_over(dialguard: Dialguard, id: str, site: str = "office") -> SignedOff | None:
    """Return why the sign-in on 101 is over; None while it lives."""

    async def do() -> SignIn | None:
        store = open_store(f"sqlite://{dialguard.folder}/dialguard.db")
        try:
            return await store.sign_in(site, "101", id, time.time())
        finally:
            await store.close()

    found = asyncio.run(do())
    assert found is not None
    return found.why


def idle_left_of(dialguard: Dialguard, id: str) -> object:
    """Return how many minutes a sign-in may still be idle, as programs are told."""
    told = json.loads(dialguard.on_settings("signins", "list", "--json").stdout)
    return next(each["idle_minutes_left"] for each in told if each["id"] == id)


# ------------------------------------------------------------------- listing


def test_sign_ins_are_listed(dialguard: Dialguard) -> None:
    """With or without the word `list`: who, how, since, until, from where."""
    sign_in(dialguard, person="105")
    for words in (("signins",), ("signins", "list")):
        told = dialguard.on_settings(*words).stdout
        assert re.fullmatch(
            r"office\t101\t105\tkeypad\t[-0-9]{10} [:0-9]{8}\t[-0-9]{10} [:0-9]{8}\t60\t-\t"
            r"10\.0\.0\.5\tpbx-1\tfirst\n",
            told,
        )


def test_programs_are_told_everything(dialguard: Dialguard) -> None:
    """What the table shows, and what the sign-in is bound to."""
    sign_in(dialguard)
    (told,) = json.loads(dialguard.on_settings("signins", "--json").stdout)
    assert set(sign_ins.LISTED) < set(told)
    assert (told["extension"], told["minutes_left"], told["idle_minutes_left"]) == (
        "101",
        60,
        None,
    )
    assert (told["transport"], told["agent"], told["contact"]) == ("tls", "a" * 40, "c" * 40)
    assert re.fullmatch(r"[-0-9]{10}T[:0-9]{8}\+00:00", told["until"])


def test_the_help_names_the_columns() -> None:
    """In a pipe they have no heading."""
    told = " ".join((sign_ins.list_all.__doc__ or "").split())
    assert f"Columns: {', '.join(sign_ins.LISTED)}." in told


def test_how_long_it_may_be_idle_is_told(dialguard: Dialguard) -> None:
    """It counts down from the last call, but not during one."""
    sign_in(dialguard, idle_s=1800, ago_s=600)
    assert dialguard.on_settings("signins").stdout.split("\t")[7] == "20"
    call_out(dialguard, "", call="0.1")
    assert idle_left_of(dialguard, "first") == 20
    call_out(dialguard)
    assert idle_left_of(dialguard, "first") == 30


def test_the_sign_ins_of_a_site_are_listed(dialguard: Dialguard) -> None:
    """Where one is named."""
    sign_in(dialguard)
    sign_in(dialguard, id="second", site="branch")
    for words in (("signins",), ("signins", "list")):
        told = dialguard.on_settings(*words, "--site", "branch").stdout
        assert [each.split("\t")[0] for each in told.splitlines()] == ["branch"]
    assert len(dialguard.on_settings("signins").stdout.splitlines()) == 2


# ------------------------------------------------------------------- ending


def test_the_sign_ins_of_a_phone_are_ended(dialguard: Dialguard) -> None:
    """All, and those of no other; twice is status 1."""
    sign_in(dialguard, person="105")
    sign_in(dialguard, id="second")
    sign_in(dialguard, "102", id="third")
    done = dialguard.on_settings("signins", "end", "101")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "`105` is no longer signed in on `101`",
        "`101` is no longer signed in on `101`",
    ]
    assert why_over(dialguard, "first") is why_over(dialguard, "second") is SignedOff.OPERATOR
    assert dialguard.on_settings("signins").stdout.startswith("office\t102\t")
    again = dialguard.on_settings("signins", "end", "101")
    assert (again.exit_code, "nobody is signed in on `101`\n" in again.stderr) == (1, True)


def test_one_of_several_is_ended(dialguard: Dialguard) -> None:
    """By its id; as JSON, for programs."""
    sign_in(dialguard)
    sign_in(dialguard, id="second")
    done = dialguard.on_settings("signins", "end", "101", "--id", "second", "--json")
    assert [each["id"] for each in json.loads(done.stdout)] == ["second"]
    assert (why_over(dialguard, "first"), why_over(dialguard, "second")) == (
        None,
        SignedOff.OPERATOR,
    )
    again = dialguard.on_settings("signins", "end", "101", "--id", "second", "--json")
    assert (again.exit_code, json.loads(again.stdout)) == (1, [])
    assert "nobody is signed in on `101` as `second`" in again.stderr


def test_of_several_sites_one_must_be_named(dialguard: Dialguard) -> None:
    """Nothing is ended in the wrong house."""
    sign_in(dialguard)
    sign_in(dialguard, id="second", site="branch")
    torn = dialguard.on_settings("signins", "end", "101")
    assert torn.exit_code == 1
    assert "`101` is signed in at several sites; say --site: `branch`, `office`" in torn.stderr
    assert (why_over(dialguard, "first"), why_over(dialguard, "second", "branch")) == (None, None)
    done = dialguard.on_settings("signins", "end", "101", "--site", "branch")
    assert done.exit_code == 0, done.output
    assert (why_over(dialguard, "first"), why_over(dialguard, "second", "branch")) == (
        None,
        SignedOff.OPERATOR,
    )


def test_a_policy_that_does_not_load_is_in_nobody_s_way(dialguard: Dialguard) -> None:
    """A thief is shown out first."""
    sign_in(dialguard)
    dialguard.policy.write_text("[site\n")
    assert dialguard.on_settings("signins", "end", "101").exit_code == 0
    assert why_over(dialguard, "first") is SignedOff.OPERATOR


def test_calls_that_it_let_through_are_told_of(dialguard: Dialguard) -> None:
    """With how to end them; of others nothing is said, nor to programs."""
    sign_in(dialguard)
    call_out(dialguard, "", call="9.0")
    done = dialguard.on_settings("signins", "end", "101")
    assert (done.exit_code, done.stderr) == (0, "")
    for id, words in (("second", []), ("third", ["--json"])):
        sign_in(dialguard, id=id)
        call_out(dialguard, id, call=id)
        done = dialguard.on_settings("signins", "end", "101", *words)
        told = "are up: 1; `dialguard calls end --extension 101` ends them"
        assert (done.exit_code, told in done.stderr) == (0, not words)
