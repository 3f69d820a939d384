"""What a row means."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest

from fastagi.cdr import meaning
from fastagi.cdr.clock import Clock
from fastagi.cdr.columns import Field, Layout, of_cdr_csv
from fastagi.cdr.meaning import Attempt, Reader, first_seconds, of_uniqueid
from fastagi.cdr.plan import Assumed
from fastagi.cdr.tally import Kind, Tally
from tests.unit.cdr.rows import NOON, a_row


def read(
    row: list[str], assumed: Assumed | None = None, layout: Layout | None = None
) -> tuple[Attempt | None, Tally]:
    """Return what a row of `Master.csv`, at line 17, means, and the counts."""
    tally = Tally()
    layout = layout or of_cdr_csv(row)
    assert layout is not None
    reader = Reader(layout, Clock(UTC), assumed or Assumed(), tally, 0, "Master.csv")
    found = reader.read(row, 17)
    return (None if found is None else Attempt(*found)), tally  # type: ignore[arg-type]  # cells


def meant(row: list[str], assumed: Assumed | None = None) -> Attempt:
    """Return the attempt that a row is."""
    found, tally = read(row, assumed)
    assert found is not None, tally.examples
    return found


def test_an_outbound_call() -> None:
    """Everything that a row tells."""
    assert meant(a_row()) == Attempt(
        at=NOON,
        file=0,
        row=17,
        extension="101",
        dialled="902079460123",
        lasts_s=65,
        talked_s=60,
        call="pbx-1780056000.42",
        channel="PJSIP/101-0000002a",
        node="pbx",
        trunk="my-trunk",
        address="",
        transport="",
    )


def test_what_is_assumed() -> None:
    """Where the record does not tell."""
    assumed = Assumed(address="10.0.0.5", transport="tls", node="here")
    found = meant(a_row(uniqueid="1780056000.42"), assumed)
    assert (found.address, found.transport, found.node) == ("10.0.0.5", "tls", "here")
    assert meant(a_row(), assumed).node == "pbx"


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (a_row(channel="Local/101@phones-0000002a;1", dstchannel=""), Kind.LOCAL),
        (a_row(channel="Local/101@phones-0000002a;1", dst="101"), Kind.LOCAL),
        (a_row(channel="Local/s@phones-0000002a;1", dst="release"), Kind.LOCAL),
        (a_row(channel="Local/902079460123@phones-0000002a;2"), Kind.FORWARD),
        (a_row(channel="DAHDI/1-1"), Kind.NO_PHONE),
        (a_row(channel="PJSIP/anonymous-0000002a"), Kind.NO_PHONE),
        (a_row(channel=""), Kind.NO_PHONE),
        (a_row(context="from-trunk"), Kind.INBOUND),
        (a_row(context="from-did-direct"), Kind.INBOUND),
        (a_row(dst="s"), Kind.NOTHING_DIALLED),
        (a_row(dst="h"), Kind.NOTHING_DIALLED),
        (a_row(dst="hangup"), Kind.NOTHING_DIALLED),
        (a_row(dst=""), Kind.NOTHING_DIALLED),
        (a_row(dst="300\n1"), Kind.NOTHING_DIALLED),
        (a_row(dst="1" * 81), Kind.NOTHING_DIALLED),
        (a_row(dst="*97"), Kind.FEATURE_CODE),
        (a_row(dst="#901"), Kind.FEATURE_CODE),
        (a_row()[:15], Kind.BROKEN),
        ([*a_row()[:9], "soon", *a_row()[10:]], Kind.BROKEN),
        ([*a_row()[:12], "-1", *a_row()[13:]], Kind.BROKEN),
        ([*a_row()[:12], "nan", *a_row()[13:]], Kind.BROKEN),
        ([*a_row()[:13], "x", *a_row()[14:]], Kind.BROKEN),
    ],
)
def test_what_is_no_outbound_call(row: list[str], kind: Kind) -> None:
    """It is counted by its kind, and shown with its place."""
    found, tally = read(row, layout=of_cdr_csv(a_row()))
    assert found is None
    assert tally.skipped == {kind: 1}
    assert tally.examples[kind][0].startswith("Master.csv:17")


@pytest.mark.parametrize("dst", ["+442079460123", "3 ", "1-800", "112"])
def test_whatever_has_digits_is_dialled(dst: str) -> None:
    """The policy judges it as it is on record."""
    assert meant(a_row(dst=dst)).dialled == dst


def test_what_is_left_out_on_demand() -> None:
    """By time, by trunk and by context."""
    assert read(a_row(), Assumed(since=NOON + 1))[1].skipped == {Kind.ELSEWHEN: 1}
    assert read(a_row(), Assumed(until=NOON))[1].skipped == {Kind.ELSEWHEN: 1}
    assert read(a_row(), Assumed(since=NOON, until=NOON + 1))[0] is not None
    assert read(a_row(), Assumed(trunks=frozenset({"101"})))[1].skipped == {Kind.INBOUND: 1}
    assert read(a_row(), Assumed(inbound=frozenset({"pho"})))[1].skipped == {Kind.INBOUND: 1}


@pytest.mark.parametrize(
    ("row", "talked_s"),
    [
        (a_row(talked=60), 60),
        (a_row(talked=60, disposition="FAILED"), 0),  # the prompts were answered, nobody else
        (a_row(talked=60, disposition="BUSY"), 0),
        (a_row(talked=60, dstchannel=""), 0),
        (a_row(talked=0), 0),
        (a_row(talked=0, disposition="ANSWERED"), 1),  # for less than a second
    ],
)
def test_how_long_it_was_talked(row: list[str], talked_s: int) -> None:
    """Only where somebody at the other end answered."""
    assert meant(row).talked_s == talked_s


def test_records_that_tell_less() -> None:
    """Who made the columns says what they are; seconds alone tell that it was answered."""
    fields = (Field.AT, Field.EXTENSION, Field.DIALLED, Field.TALKED, Field.TRUNK, Field.NODE)
    layout = Layout({field: place for place, field in enumerate(fields)})
    found, _ = read([f"{NOON}", " 101 ", "112", "1:01", "one", "b"], layout=layout)
    assert found is not None
    assert (found.extension, found.talked_s, found.lasts_s) == ("101", 61, 61)
    assert (found.trunk, found.node, found.call, found.channel) == ("one", "b", "", "")
    nobody, tally = read([f"{NOON}", " ", "112", "", "", ""], layout=layout)
    assert nobody is None
    assert tally.skipped == {Kind.NO_PHONE: 1}


def test_seconds_with_a_comma() -> None:
    """As a spreadsheet writes them."""
    found, _ = read([*a_row()[:12], "65,5", *a_row()[13:]], layout=of_cdr_csv(a_row()))
    assert found is not None
    assert found.lasts_s == 65.5


def test_a_call_with_a_did_comes_from_outside() -> None:
    """As FreePBX writes it."""
    places: dict[Field, int] = {Field.AT: 0, Field.CHANNEL: 1, Field.DIALLED: 2, Field.DID: 3}
    row = [f"{NOON}", "PJSIP/my-trunk-0000002a", "600", "442079460999"]
    assert read(row, layout=Layout(places))[1].skipped == {Kind.INBOUND: 1}
    assert read([*row[:3], ""], layout=Layout(places))[0] is not None


def test_trunks_are_learnt() -> None:
    """An endpoint by which calls come in, and by which calls go out."""
    tally = Tally()
    layout = of_cdr_csv(a_row())
    assert layout is not None
    reader = Reader(layout, Clock(UTC), Assumed(), tally, 0, "Master.csv")
    for _ in range(2):
        reader.read(a_row(), 1)
        reader.read(a_row(dst="102", dstchannel="PJSIP/102-0000002b"), 2)
        reader.read(a_row(context="from-trunk", channel="PJSIP/my-trunk-0000002c"), 3)
        reader.read(a_row(context="from-trunk", channel="PJSIP/102-0000002d"), 4)
    assert tally.trunks == {"my-trunk"}


def test_made_up_channels_fill_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose they are is remembered of so many only."""
    monkeypatch.setattr(meaning, "CHANNELS", 3)
    layout = of_cdr_csv(a_row())
    assert layout is not None
    reader = Reader(layout, Clock(UTC), Assumed(), Tally(), 0, "Master.csv")
    for number in range(10):
        found: Any = reader.read(a_row(channel=f"PJSIP/{number}-0000002a"), 1)
        assert found[3] == f"{number}"
    assert len(reader._owners) <= 3


@pytest.mark.parametrize(
    ("call", "node", "epoch"),
    [
        ("1780056000.42", "", 1_780_056_000),
        ("pbx-1780056000.42", "pbx", 1_780_056_000),
        ("pbx-of-anna-1780056000.42", "pbx-of-anna", 1_780_056_000),
        ("1780056000", "", 0),
        ("", "", 0),
        ("a.b", "", 0),
        ("42.1", "", 0),
    ],
)
def test_what_a_uniqueid_tells(call: str, node: str, epoch: float) -> None:
    """`[systemname-]epoch.number`."""
    assert of_uniqueid(call) == (node, epoch)


def test_first_seconds() -> None:
    """By both, of rows that have both."""
    layout = of_cdr_csv(a_row())
    assert layout is not None
    assert first_seconds([a_row(), a_row()[:16]], layout) == [("2026-05-29 12:00:00", NOON)]
    assert first_seconds([a_row()], Layout({Field.AT: 0})) == []
