"""Sessions of operators: how long they live, and what ends them."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from fastagi.console.operators import accounts, entering
from fastagi.console.operators.accounts import Role
from fastagi.console.operators.entering import IDLE_S, WHOLE_S, Typed
from fastagi.errors import BusyError, StoreError
from fastagi.second_factor.vault import Vault, new_key
from fastagi.signs.sighting import Seen, Sighting
from fastagi.stores.records import EVERYWHERE
from fastagi.stores.store import SubjectKind
from tests.doubles.lookout import Lookout
from tests.doubles.shaky_store import ShakyStore
from tests.unit.console.operators.backstage import HASHED, WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.console.operators.entering import Session
    from tests.unit.console.operators.backstage import Console


async def enter(console: Console, name: str = "olga") -> Session:
    """Have an operator be in."""
    await console.add(name, Role.OPERATOR)
    session = await entering.enter(Typed(name, WORDS, console.code(), None), console.world.ports)
    assert session is not None
    return session


async def lives(console: Console, session: Session, *, watching: bool = False) -> bool:
    """Whether a session does."""
    ports = console.world.ports
    return await entering.session_of(session.key, ports, watching=watching) is not None


async def test_it_ends_while_nobody_does_anything(console: Console) -> None:
    """To watch is to do nothing; to open a page is."""
    session = await enter(console)
    console.world.clock.now += IDLE_S - 1
    assert await lives(console, session)
    console.world.clock.now += IDLE_S - 1
    assert await lives(console, session, watching=True)
    console.world.clock.now += 2
    assert not await lives(console, session)


async def test_it_ends_with_the_shift(console: Console) -> None:
    """However busy somebody is."""
    session = await enter(console)
    for _ in range(int(WHOLE_S / 1800) - 1):
        console.world.clock.now += 1800
        assert await lives(console, session)
    console.world.clock.now += 1800
    assert not await lives(console, session)


@pytest.mark.parametrize(
    "parts", [{"role": Role.ADMIN}, {"password": HASHED}, {"secret": "A" * 32}, {}]
)
async def test_it_ends_with_another_password_secret_or_role(
    console: Console, parts: dict[str, object]
) -> None:
    """Also where it is the same again."""
    session = await enter(console)
    ports = console.world.ports
    found = await accounts.find(ports.store, ports.vault, "olga", console.now)
    assert found is not None
    assert await lives(console, session)
    await accounts.put(ports.store, ports.vault, found.changed(console.now, **parts), console.now)
    assert not await lives(console, session)


async def test_it_ends_with_its_operator(console: Console) -> None:
    """And another of the same name does not bring it back."""
    session = await enter(console)
    await accounts.remove(console.store, "olga", console.now)
    assert not await lives(console, session)
    await console.add("olga", Role.ADMIN)
    assert not await lives(console, session)


async def test_another_entering_of_the_same_operator_does_not_end_it(console: Console) -> None:
    """A code that is burnt changes the account, and nobody is out by that."""
    session = await enter(console)
    console.world.clock.now += 30
    typed = Typed("olga", WORDS, console.code(), None)
    assert await entering.enter(typed, console.world.ports) is not None
    assert await lives(console, session)


async def test_the_database_alone_is_no_session(console: Console) -> None:
    """The key is not in it; and what is in it is sealed for this session only."""
    session = await enter(console)
    records = await console.store.records(EVERYWHERE, entering.KIND, "", 10, console.now)
    assert len(records) == 1
    assert session.key not in records[0].key + records[0].text
    assert session.operator.stamp not in records[0].text
    assert await entering.session_of(records[0].key, console.world.ports) is None


async def test_one_that_no_key_opens_is_none(console: Console) -> None:
    """The keys may have been changed."""
    session = await enter(console)
    other = replace(console.world.ports, vault=Vault([new_key()]))
    assert await entering.session_of(session.key, other) is None


async def test_one_that_is_left_is_not_brought_back_by_a_page_under_way(console: Console) -> None:
    """Which read it before, and dates its use after."""
    session = await enter(console)
    await entering.leave(session, console.world.ports)
    await entering._put(session, console.world.ports)
    assert not await lives(console, session)


async def test_what_could_not_be_looked_at_does_not_count(console: Console) -> None:
    """Whoever is refused for our trouble has learnt nothing."""

    class Full:
        async def run(self, check: Callable[[], object], site: str) -> object:
            raise BusyError("too many")

    await console.add("olga", Role.OPERATOR)
    busy = replace(console.world.ports, hash_pool=Full())  # type: ignore[arg-type]
    for _ in range(7):
        with pytest.raises(BusyError):
            await entering.enter(Typed("olga", WORDS, console.code(), None), busy)
    assert await console.store.lockouts(None, console.now) == []
    await console.lock_out("olga", SubjectKind.OPERATOR, EVERYWHERE)
    assert await entering.enter(Typed("olga", WORDS, console.code(), None), busy) is None


async def test_of_two_who_use_one_code_at_a_moment_one_is_in(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have read the account before either burnt it."""
    read = await console.add("olga", Role.OPERATOR)
    read = await accounts.find(console.store, console.world.ports.vault, "olga", 0.0)  # type: ignore[assignment]

    async def before(*_: object) -> object:
        return read

    monkeypatch.setattr("fastagi.console.operators.accounts.find", before)
    typed = Typed("olga", WORDS, console.code(), None)
    entered = [await entering.enter(typed, console.world.ports) for _ in range(2)]
    assert [each is not None for each in entered] == [True, False]


async def test_a_code_that_passes_meanwhile_is_none(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password may take its time to be checked."""
    await console.add("olga", Role.OPERATOR)
    typed = Typed("olga", WORDS, console.code(), None)
    right = entering._is_right

    async def then_late(*asked: object) -> object:
        found = await right(*asked)  # type: ignore[arg-type]
        console.world.clock.now += 90
        return found

    monkeypatch.setattr(entering, "_is_right", then_late)
    assert await entering.enter(typed, console.world.ports) is None


async def test_no_store_is_no_session(console: Console) -> None:
    """It is told, and nobody is let in by it."""
    session = await enter(console)
    store = ShakyStore(console.store)
    store.away = True
    away = replace(console.world.ports, store=store.store)
    with pytest.raises(StoreError):
        await entering.session_of(session.key, away)


async def test_a_name_that_nobody_has_is_written_down_nowhere(console: Console) -> None:
    """It may be a password, in the wrong field; it is locked out all the same."""
    with capture_logs() as logs:
        for _ in range(6):
            typed = Typed("tramvividoboequarry", "anna", "000000", None)
            assert await entering.enter(typed, console.world.ports) is None
    (locked,) = await console.store.lockouts(EVERYWHERE, console.now)
    assert locked.kind is SubjectKind.OPERATOR
    assert re.fullmatch(r"\?[0-9a-f]{3}", locked.name)  # so few that they fill no store
    assert [each["event"] for each in logs] == ["operator-refused"] * 5 + ["operator-locked-out"]
    assert "tram" not in str(logs)


async def test_who_guesses_at_this_door_is_told_of_to_the_lookout(console: Console) -> None:
    """With the address and without the name, which may be a password; locked out or not."""
    await console.add("olga", Role.OPERATOR)
    lookout, there = Lookout(), ip_address("192.0.2.7")
    ports = replace(console.world.ports, sightings=lookout)
    for _ in range(entering.WRONG + 1):
        assert await entering.enter(Typed("olga", "nonsense", "000000", there), ports) is None
    assert await entering.enter(Typed("pa ssword", "x", "000000", there), ports) is None
    probe = Sighting(console.now, Seen.PROBE, address=there, proven=True)
    assert lookout.seen == [probe] * (entering.WRONG + 2)


async def test_who_comes_in_is_told_of_to_nobody(console: Console) -> None:
    """Whoever knows it all is no attacker."""
    await console.add("olga", Role.OPERATOR)
    lookout = Lookout()
    ports = replace(console.world.ports, sightings=lookout)
    typed = Typed("olga", WORDS, console.code(), ip_address("192.0.2.7"))
    assert await entering.enter(typed, ports) is not None
    assert lookout.seen == []
