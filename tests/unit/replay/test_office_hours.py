"""When a site works, and what a moment is on its wall."""

from __future__ import annotations

import pytest

from fastagi.policy.loading import load_text
from fastagi.replay.office_hours import Wall
from tests.unit.replay.samples import OFFICE, moment, office

HOURS = '[hours]\noffice = ["Mon-Fri 08:00-18:30"]\nclosed = ["2026-12-25", "2026-12-28"]'


def _wall(hours: str) -> Wall:
    text = OFFICE.read_text()
    assert HOURS in text
    return Wall(load_text(text.replace(HOURS, hours).replace('when     = "office"\n', ""), OFFICE))


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-12-07 08:00", True),
        ("2026-12-07 18:29", True),
        ("2026-12-07 18:30", False),
        ("2026-12-05 12:00", False),
        ("2026-12-25 12:00", False),
    ],
)
def test_office_hours_are_those_of_the_policy(at: str, *, is_open: bool) -> None:
    """And of no day that is closed."""
    wall = Wall(office())
    assert wall.name == "office"
    assert wall.at(moment(at)).open is is_open


@pytest.mark.parametrize(
    ("hours", "name"),
    [
        ("", ""),
        ('[hours]\nclosed = ["2026-12-07"]', ""),
        ('[hours]\nday = ["Mon-Fri 07:00-16:00"]', "day"),
        ('[hours]\nnight = ["Mon-Sun 20:00-06:00"]', ""),
        ('[hours]\nalways = ["Mon-Sun 00:00-24:00"]\nshift = ["Mon-Sat 06:00-14:00"]', "shift"),
        ('[hours]\nearly = ["Mon-Fri 06:00-14:00"]\noffice = ["Mon-Fri 09:00-17:00"]', "office"),
    ],
    ids=["none", "only closed", "by day", "by night", "always", "office goes before"],
)
def test_the_name_by_which_people_work_is_found(hours: str, name: str) -> None:
    """Where there is none, it is Monday to Friday, 8 to 18."""
    wall = _wall(hours)
    assert wall.name == name
    if not name:
        assert wall.at(moment("2026-12-08 17:59")).open
        assert not wall.at(moment("2026-12-08 18:00")).open
        assert not wall.at(moment("2026-12-05 12:00")).open
    if "closed" in hours:
        assert not wall.at(moment("2026-12-07 12:00")).open


@pytest.mark.parametrize(
    ("at", "hour", "night"),
    [
        ("2026-12-07 05:59", 5, True),
        ("2026-12-07 06:00", 6, False),
        ("2026-12-07 22:00", 22, True),
    ],
)
def test_the_night_is_from_22_to_6(at: str, hour: int, *, night: bool) -> None:
    """On the site's clock."""
    found = Wall(office()).at(moment(at))
    assert (found.day, found.weekday, found.hour, found.night) == ("2026-12-07", 1, hour, night)
    assert not found.weekend


def test_a_weekend_is_one() -> None:
    """Saturday and Sunday; and in summer the site's clock is another than the world's."""
    wall = Wall(office())
    days = [wall.at(moment(f"2026-07-{day:02} 12:30")) for day in range(6, 13)]
    assert [each.weekend for each in days] == [False] * 5 + [True] * 2
    assert {each.hour for each in days} == {12}


def test_the_same_minute_is_not_looked_at_twice() -> None:
    """Calls come in order of time."""
    wall = Wall(office())
    first = wall.at(moment("2026-12-07 12:30"))
    assert wall.at(moment("2026-12-07 12:30") + 59.9) is first
    assert wall.at(moment("2026-12-07 12:31")) is not first
