"""What a phone had before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.lookout.habits import MOST, News, habits_of, learn
from fastagi.signs.sighting import Seen
from fastagi.signs.sign import Sign
from tests.unit.lookout.samples import DAY_S, HOME, NOW, THIEF, sighting

if TYPE_CHECKING:
    from fastagi.signs.sighting import Sighting
    from tests.doubles.shaky_store import ShakyStore

KEEP_S = 90 * DAY_S


def showed(address: str = HOME, **more: str) -> Sighting:
    """Return that a phone showed its right password."""
    return sighting(Seen.RIGHT_PASSWORD, address=address, site="office", **more)  # type: ignore[arg-type]  # texts


async def had(shaky: ShakyStore, what: Sighting, now: float = NOW) -> list[News]:
    """Return what is new of a sighting, which is known from now on."""
    habits = await habits_of(shaky.store, "office", "101", now, KEEP_S)
    news = habits.news(what)
    assert await learn(shaky.store, what, habits, now, KEEP_S)
    return news


async def test_the_first_time_teaches_and_is_no_news(shaky: ShakyStore) -> None:
    """Nor is what it had before, nor its neighbourhood."""
    assert await had(shaky, showed(country="DE", agent="a")) == []
    assert await had(shaky, showed("192.0.2.99", country="DE", agent="a")) == []


async def test_all_that_is_new_is_told_with_what_was_before(shaky: ShakyStore) -> None:
    """Of a user agent only a digest is known."""
    await had(shaky, showed(country="DE", agent="a", transport="udp"))
    assert await had(shaky, showed(THIEF, country="FR", agent="b", transport="tls")) == [
        News(Sign.NEW_ADDRESS, "192.0.2.0/24"),
        News(Sign.NEW_COUNTRY, "DE"),
        News(Sign.NEW_AGENT, ""),
        News(Sign.NEW_TRANSPORT, "udp"),
    ]


async def test_what_is_not_known_is_not_new(shaky: ShakyStore) -> None:
    """And what is known for the first time of its kind, neither."""
    await had(shaky, showed())
    assert await had(shaky, showed(address="")) == []
    assert await had(shaky, showed(country="DE")) == []
    assert [each.sign for each in await had(shaky, showed(country="FR"))] == [Sign.NEW_COUNTRY]


async def test_what_was_had_long_ago_is_new_again(shaky: ShakyStore) -> None:
    """Where something else was had meanwhile."""
    await had(shaky, showed())
    await had(shaky, showed(THIEF), NOW + 60 * DAY_S)
    assert [each.sign for each in await had(shaky, showed(), NOW + 95 * DAY_S)] == [
        Sign.NEW_ADDRESS
    ]


async def test_it_is_written_once_a_day(shaky: ShakyStore) -> None:
    """Though a phone registers each minute."""
    await had(shaky, showed())
    habits = await habits_of(shaky.store, "office", "101", NOW, KEEP_S)
    assert habits.knows(showed())
    assert not habits.knows(showed(THIEF))
    assert not habits.knows(sighting(Seen.RIGHT_PASSWORD, address=HOME, at=NOW + DAY_S))


async def test_of_two_who_learn_one_is_told(shaky: ShakyStore) -> None:
    """Another gate was faster."""
    habits = await habits_of(shaky.store, "office", "101", NOW, KEEP_S)
    await had(shaky, showed())
    assert not await learn(shaky.store, showed(THIEF), habits, NOW, KEEP_S)


async def test_whoever_comes_from_everywhere_makes_nobody_remember_it_all(
    shaky: ShakyStore,
) -> None:
    """What was had longest ago is forgotten first."""
    for number in range(MOST + 5):
        await had(shaky, showed(f"198.51.{number}.1"), NOW + number)
    habits = await habits_of(shaky.store, "office", "101", NOW + 100, KEEP_S)
    known = habits.had[Sign.NEW_ADDRESS]
    assert len(known) == MOST
    assert "198.51.4.0/24" not in known
    assert "198.51.24.0/24" in known
