"""From sources to calls."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.cdr import reading
from fastagi.cdr.past_call import PastCall
from fastagi.cdr.plan import Assumed, CsvFile, Database, Plan, Progress
from fastagi.cdr.reading import calls_of, name_of, zone_named
from fastagi.cdr.tally import Kind, Tally
from fastagi.errors import RecordsError
from tests.unit.cdr.rows import NOON, a_row, as_line, write

RECORDED = Path(__file__).parent / "recorded"


def read(*files: Path, assumed: Assumed | None = None) -> tuple[list[PastCall], Tally]:
    """Return the calls of some files, and the counts."""
    tally = Tally()
    plan = Plan(tuple(CsvFile(each) for each in files), assumed or Assumed())
    calls = [PastCall._make(each) for each in calls_of(plan, tally, lambda _: None)]
    return calls, tally


def test_calls_come_in_the_order_in_which_they_began(tmp_path: Path) -> None:
    """Whatever the order of rows and files; rows are written as calls end."""
    first = write(tmp_path / "a.csv", a_row(NOON + 60), a_row(NOON, talked=3_600))
    second = write(tmp_path / "b.csv", a_row(NOON + 30))
    calls, _ = read(first, second)
    assert [(each.at, each.place) for each in calls] == [
        (NOON, "a.csv:2"),
        (NOON + 30, "b.csv:1"),
        (NOON + 60, "a.csv:1"),
    ]


def test_what_freepbx_wrote() -> None:
    """Real rows: two trunks, of which the first takes no call; transfers; denials."""
    calls, tally = read(RECORDED / "freepbx-on-22.csv")
    assert (tally.rows, tally.calls, tally.folded) == (31, 14, 6)
    assert tally.skipped == {Kind.INBOUND: 3, Kind.LOCAL: 8}
    assert tally.trunks == {"trunk-one"}
    first = calls[0]
    assert (first.extension, first.dialled, first.trunk) == ("101", "907400123456", "my-trunk")
    assert (first.rings_s, first.talked_s, first.node) == (5, 1, "rig22")
    denied = calls[1]  # Asterisk answered with prompts, nobody else did
    assert (denied.dialled, denied.talked_s, denied.trunk) == ("900881612345678", 0, "")


def test_what_a_dialplan_wrote() -> None:
    """Real rows: line ends in what somebody dialled; a forward; calls that came in."""
    calls, tally = read(RECORDED / "dialplan-on-16.csv")
    assert tally.skipped[Kind.BROKEN] == 0
    assert tally.rows == tally.calls + tally.folded + tally.skipped.total()
    assert tally.skipped[Kind.NOTHING_DIALLED] == 5
    assert tally.skipped[Kind.FORWARD] == 1
    assert {each.extension for each in calls} <= {"101", "102", "103", "104", "119", "134"}
    assert "my-trunk" in tally.trunks


def test_a_trunk_is_known_after_its_first_call(tmp_path: Path) -> None:
    """What it did before, in a context that does not tell, is left out, too."""
    trunk = "PJSIP/my-trunk-0000002c"
    file = write(
        tmp_path / "Master.csv",
        a_row(
            NOON, channel=trunk, dst="600", context="ext-group", dstchannel="PJSIP/101-00000001"
        ),
        a_row(NOON + 60),
        a_row(NOON + 90, channel=trunk, dst="s", context="from-trunk"),
    )
    calls, tally = read(file)
    assert [each.extension for each in calls] == ["101"]
    assert tally.skipped == {Kind.INBOUND: 2}


def test_a_file_that_is_mostly_broken(tmp_path: Path) -> None:
    """It is not read to its end in vain: the message says where, and what to do."""
    file = tmp_path / "Master.csv"
    row = [*a_row()[:9], "29/05/2026 12:00", *a_row()[10:]]
    file.write_text(as_line(a_row()) + as_line(row) * 3)
    with pytest.raises(RecordsError) as raised:
        read(file)
    assert str(raised.value) == (
        "3 of 4 rows cannot be read: Master.csv:4: began 29/05/2026 12:00, took 65, talked 60. "
        "`--time-format '%d/%m/%Y %H:%M'` would read that time. Else say what the columns are "
        "(`--columns`, `--column`), how times are written (`--time-format`), or leave the file "
        "out"
    )


@pytest.mark.parametrize(
    ("at", "talked", "words"),
    [
        (
            *("01/12/2026 08:14", "60"),
            "'%d/%m/%Y %H:%M'` or `--time-format '%m/%d/%Y %H:%M'` would read that time. Else say",
        ),
        ("soon", "60", "Export.csv:4: began soon, talked 60. Say what the columns are"),
        ("2026-12-01 08:14:00", "long", "talked long. Say what the columns are"),
        ("", "", "Export.csv:4: no time. Say what the columns are"),
    ],
)
def test_times_that_nobody_guesses(tmp_path: Path, at: str, talked: str, words: str) -> None:
    """Each way is named in which they could be read; cells that are empty are not shown."""
    file = tmp_path / "Export.csv"
    file.write_text("at,extension,dialled,talked\n" + f"{at},101,112,{talked}\n" * 3)
    with pytest.raises(RecordsError) as raised:
        read(file)
    assert words in str(raised.value)


def test_some_broken_rows_are_counted(tmp_path: Path) -> None:
    """With the lines of the first few."""
    file = tmp_path / "Master.csv"
    file.write_text(as_line(a_row()) + '"cut off\n' + as_line(a_row(NOON + 60)))
    calls, tally = read(file)
    assert len(calls) == 2
    assert tally.examples[Kind.BROKEN] == ["Master.csv:2: the line is cut off, or too long"]


def test_the_zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine's or UTC, whichever fits; said, where neither does; and the one given."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    file = write(tmp_path / "Master.csv", a_row())  # UTC's, by its uniqueid
    calls, tally = read(file)
    assert (calls[0].at, tally.notes) == (NOON, [])
    file = write(tmp_path / "Master.csv", a_row(uniqueid=f"{NOON - 5 * 3600}.1"))
    calls, tally = read(file)
    assert tally.notes == [
        "Master.csv: calls began 3:00 h off what their `uniqueid` says, in this machine's time "
        "zone and in UTC: say `--timezone`"
    ]
    calls, tally = read(file, assumed=Assumed(zone="Asia/Karachi"))
    assert (calls[0].at, tally.notes) == (NOON - 5 * 3600, [])
    calls, _ = read(file, assumed=Assumed(time_format="%Y-%m-%d %H:%M:%S"))
    assert calls[0].at == NOON - 2 * 3600


def test_a_zone_that_every_uniqueid_contradicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is taken, as somebody says so, and told of."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    file = write(tmp_path / "Master.csv", *[a_row()] * 3)
    calls, tally = read(file, assumed=Assumed(zone="America/New_York"))
    assert (calls[0].at, tally.notes) == (
        NOON + 4 * 3600,
        [
            "Master.csv: calls began 4:00 h off what their `uniqueid` says, in "
            "`America/New_York`: leave `--timezone` out, and they fit"
        ],
    )
    file = write(tmp_path / "Master.csv", a_row(uniqueid=f"{NOON - 5 * 3600}.1"))
    _, tally = read(file, assumed=Assumed(zone="UTC", local="Europe/London"))
    assert tally.notes == [
        "Master.csv: calls began 5:00 h off what their `uniqueid` says, in `UTC`: is "
        "`--records-timezone` right?"
    ]


def test_the_zone_of_the_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the likeliest, before this machine's, where nothing tells; and else what fits."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    karachi = Assumed(local="Asia/Karachi")
    for uniqueid, off_h in (("", 5), (f"{NOON - 5 * 3600}.1", 5), (f"{NOON - 7200}.1", 2)):
        file = write(tmp_path / "Master.csv", a_row(uniqueid=uniqueid))
        calls, tally = read(file, assumed=karachi)
        assert (calls[0].at, tally.notes) == (NOON - off_h * 3600, [])
    calls, tally = read(write(file, a_row()), assumed=karachi)  # UTC's, by its uniqueid
    assert (calls[0].at, tally.notes) == (NOON, [])
    _, tally = read(write(file, a_row(uniqueid=f"{NOON - 8 * 3600}.1")), assumed=karachi)
    assert tally.notes == [
        "Master.csv: calls began 3:00 h off what their `uniqueid` says, in `Asia/Karachi`, in "
        "this machine's time zone and in UTC: say `--records-timezone`"
    ]


def test_utc_is_found_out_when_summer_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of records that begin in winter, when it cannot be told from London's time."""
    monkeypatch.setenv("TZ", "Europe/London")
    winter = NOON - 150 * 86_400
    file = write(tmp_path / "Master.csv", *(a_row(winter + 60 * n) for n in range(600)), a_row())
    calls, tally = read(file)
    assert (calls[0].at, calls[-1].at, tally.notes) == (winter, NOON, [])


def test_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In bytes, over all files, to the last."""
    monkeypatch.setattr(reading, "OFTEN", 10)
    files = [write(tmp_path / name, *[a_row()] * 25) for name in ("a.csv", "b.csv")]
    size = files[0].stat().st_size
    told: list[Progress] = []
    list(calls_of(Plan(tuple(map(CsvFile, files))), Tally(), told.append))
    assert [each.rows for each in told] == [10, 20, 30, 40, 50, 50]
    assert [each.total for each in told] == [2 * size] * 6
    assert told[-1].done == 2 * size
    assert [each.done for each in told] == sorted(each.done for each in told)


def test_zones_by_name() -> None:
    """The message says how one is written."""
    assert zone_named("Europe/London") == ZoneInfo("Europe/London")
    for name in ("London", "../etc/passwd", ""):
        with pytest.raises(RecordsError, match="there is no time zone"):
            zone_named(name)


def test_what_a_source_is_called() -> None:
    """Never by its URL."""
    assert name_of(CsvFile(Path("/var/log/asterisk/cdr-csv/Master.csv"))) == "Master.csv"
    assert name_of(Database("mysql://me:secret@host/db", "calls")) == "calls"
    assert "secret" not in repr(Database("mysql://me:secret@host/db"))


@given(
    st.lists(
        st.tuples(
            st.integers(0, 100_000),
            st.integers(100, 105),
            st.integers(0, 60),
            st.integers(0, 900),
            st.text("0123456789", min_size=1, max_size=15),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_calls_come_out_as_they_went_in(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[int, int, int, int, str]]
) -> None:
    """Whatever calls there were, written when they ended, are read in the order of their begin."""
    rows = [
        (
            at + rings + talked,
            a_row(
                NOON + at,
                dst=dialled,
                channel=f"PJSIP/{extension}-{number:08x}",
                rings=rings,
                talked=talked,
                uniqueid=f"{NOON + at}.{number}",
            ),
        )
        for number, (at, extension, rings, talked, dialled) in enumerate(made)
    ]
    file = tmp_path_factory.getbasetemp() / "made.csv"
    write(file, *(row for _, row in sorted(rows, key=lambda each: each[0])))
    calls, tally = read(file, assumed=Assumed(zone="UTC"))
    expected = [
        (NOON + at, f"{extension}", dialled, rings, talked)
        for at, extension, rings, talked, dialled in made
    ]
    assert sorted(tuple(each[:5]) for each in calls) == sorted(expected)
    assert [each.at for each in calls] == sorted(each.at for each in calls)
    assert tally.skipped.total() == 0
