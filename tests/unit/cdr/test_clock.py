"""When a call began."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.cdr.clock import Clock, formats_of, words, zone_by

LONDON = ZoneInfo("Europe/London")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
TURN = datetime(2026, 10, 25, 1, 0, tzinfo=UTC).timestamp()
"""When London goes back from 02:00 to 01:00."""


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-05-29 13:00:00", 1_780_056_000),
        ("2026-05-29T13:00:00", 1_780_056_000),
        ("2026-05-29 13:00:00.250000", 1_780_056_000.25),
        ("2026-05-29T12:00:00Z", 1_780_056_000),
        ("2026-05-29 14:00:00+02:00", 1_780_056_000),
        ("29.05.2026 13:00:00", 1_780_056_000),
        ("1780056000", 1_780_056_000),
        ("1780056000.5", 1_780_056_000.5),
        ("1780056000500", 1_780_056_000.5),
        (" 2026-05-29 13:00:00 ", 1_780_056_000),
    ],
)
def test_what_is_understood(text: str, at: float) -> None:
    """What Asterisk writes, ISO 8601, epochs; a time that says its own zone keeps it."""
    assert Clock(LONDON).read(text, 0, 0) == at


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "0000-00-00 00:00:00", "2026-13-01 00:00:00", "05/06/2026 13:00:00"],
)
def test_what_is_not(text: str) -> None:
    """Nobody guesses whether the day or the month comes first."""
    with pytest.raises(ValueError, match=r"."):
        Clock(LONDON).read(text, 0, 0)


def test_a_broken_minute_in_a_known_hour() -> None:
    """What is remembered of an hour does not let anything through."""
    clock = Clock(UTC)
    clock.read("2026-05-29 12:00:00", 0, 0)
    with pytest.raises(ValueError, match=r"."):
        clock.read("2026-05-29 12:xx:00", 0, 0)


def test_a_format_that_was_given() -> None:
    """It is the only one that counts."""
    clock = Clock(LONDON, "%d/%m/%Y %H:%M:%S")
    assert clock.read("29/05/2026 13:00:00", 0, 0) == 1_780_056_000
    with pytest.raises(ValueError, match=r"."):
        clock.read("2026-05-29 13:00:00", 0, 0)


@pytest.mark.parametrize("at", [TURN - 1800, TURN + 1800])
def test_an_hour_that_comes_twice_by_uniqueid(at: float) -> None:
    """The `uniqueid` tells which of both it was."""
    assert Clock(LONDON).read("2026-10-25 01:30:00", at, 10) == at


def test_an_hour_that_comes_twice_by_the_order_of_rows() -> None:
    """Rows are written as calls end: what seems to end before the row before, is an hour later."""
    clock = Clock(LONDON)
    texts = ("00:59:00", "01:10:00", "01:58:00", "01:05:00", "01:30:00", "02:00:00")
    read = [clock.read(f"2026-10-25 {each}", 0, 10) for each in texts]
    assert [each - TURN for each in read] == [-3660, -3000, -120, 300, 1800, 3600]


@given(
    st.sampled_from([LONDON, LORD_HOWE, ZoneInfo("Asia/Kathmandu"), UTC]),
    st.integers(1_700_000_000, 1_900_000_000),
)
def test_any_moment_is_read_back(zone: ZoneInfo, at: int) -> None:
    """With the `uniqueid`, every moment of every zone, hours that come twice included."""
    text = f"{datetime.fromtimestamp(at, zone):%Y-%m-%d %H:%M:%S}"
    clock = Clock(zone)
    assert clock.read(text, at, 0) == at
    assert clock.read(text, at, 0) == at  # as it is remembered


def test_half_an_hour_that_comes_twice() -> None:
    """On Lord Howe Island clocks go back by half an hour."""
    turn = datetime(2026, 4, 4, 15, 0, tzinfo=UTC).timestamp()
    for second in range(int(turn) - 3600, int(turn) + 3600, 300):
        text = f"{datetime.fromtimestamp(second, LORD_HOWE):%Y-%m-%d %H:%M:%S}"
        assert Clock(LORD_HOWE).read(text, second, 0) == second


def test_no_more_hours_are_remembered_than_needed() -> None:
    """Garbage that looks like time fills no memory."""
    clock = Clock(UTC)
    begin = datetime(2000, 1, 1, tzinfo=UTC)
    for hour in range(20_001):
        clock.read(f"{begin + timedelta(hours=hour):%Y-%m-%d %H:%M:%S}", 0, 0)
    assert len(clock._hours) == 1


def _told(zone: ZoneInfo, apart: float = 0) -> list[tuple[str, float]]:
    begin = 1_780_056_000
    return [
        (f"{datetime.fromtimestamp(at + apart, zone):%Y-%m-%d %H:%M:%S}", float(at))
        for at in range(begin, begin + 50_000, 1_000)
    ]


def test_the_zone_that_fits() -> None:
    """This machine's, or UTC where Asterisk was told `usegmtime`."""
    berlin = ZoneInfo("Europe/Berlin")
    assert zone_by(_told(berlin), [berlin, UTC]) == (berlin, 0)
    assert zone_by(_told(ZoneInfo("UTC")), [berlin, UTC]) == (UTC, 0)


def test_a_zone_that_does_not_fit_is_told_of() -> None:
    """By how much, so that somebody sees which it is."""
    berlin = ZoneInfo("Europe/Berlin")
    assert zone_by(_told(ZoneInfo("America/New_York")), [berlin, UTC]) == (berlin, -6 * 3600)


def test_times_of_another_format_tell_as_well() -> None:
    """Where it is said how they are written."""
    told = [("29/05/2026 12:00", 1_780_056_000.0)]
    assert zone_by(told, [LONDON, UTC], "%d/%m/%Y %H:%M") == (UTC, 0)
    clock = Clock(LONDON, "%d/%m/%Y %H:%M", perhaps=UTC)
    assert clock.read(*told[0], 0) == 1_780_056_000


def test_nothing_tells() -> None:
    """Without `uniqueid`, and with times that nobody understands, it is this machine's."""
    berlin = ZoneInfo("Europe/Berlin")
    assert zone_by([("2026-05-29 13:00:00", 0.0)], [berlin, UTC]) == (berlin, 0)
    assert zone_by([("soon", 1_780_056_000.0)], [berlin, UTC]) == (berlin, 0)


def test_utc_in_winter_and_in_summer() -> None:
    """In winter London's times and UTC's are the same; from March on the `uniqueid` tells."""
    clock = Clock(LONDON, perhaps=UTC)
    january, july = (datetime(2026, month, 1, 12, tzinfo=UTC).timestamp() for month in (1, 7))
    assert clock.read("2026-01-01 12:00:00", january, 10) == january
    assert clock.read("2026-07-01 12:00:00", july, 10) == july
    assert clock.read("2026-07-01 13:00:00", july, 10) == july  # London's own
    assert clock.read("2026-07-01 13:00:00", 0, 10) == july
    assert clock.read("2026-07-01 13:10:00", july, 10) == july + 600  # its next trunk


def test_formats_by_which_a_time_could_be_read() -> None:
    """Both where the day may be the month; none of what is no time."""
    assert formats_of("05/06/2026 13:00") == ["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"]
    assert formats_of(" 2026/06/15 01:00:00 PM ") == ["%Y/%m/%d %I:%M:%S %p"]
    assert formats_of("soon") == []


def test_words() -> None:
    """Hours and minutes."""
    assert words(-6 * 3600) == "-6:00 h"
    assert words(5400) == "1:30 h"
