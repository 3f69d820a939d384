"""Which column is what."""

from __future__ import annotations

import pytest

from fastagi.cdr.columns import CDR_CSV, Field, is_heading, of_cdr_csv, of_names, of_places
from fastagi.errors import RecordsError
from tests.unit.cdr.rows import a_row

FREEPBX = (
    *("calldate", "clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp"),
    *("lastdata", "duration", "billsec", "disposition", "amaflags", "accountcode", "uniqueid"),
    *("userfield", "did", "recordingfile", "cnum", "cnam", "outbound_cnum", "outbound_cnam"),
    *("dst_cnam", "linkedid", "peeraccount", "sequence"),
)


def test_the_table_of_freepbx() -> None:
    """Everything that is needed is found by its name."""
    places = of_names(FREEPBX, {}, of="cdr").places
    assert {field: FREEPBX[place] for field, place in places.items()} == {
        Field.AT: "calldate",
        Field.DIALLED: "dst",
        Field.CHANNEL: "channel",
        Field.DURATION: "duration",
        Field.TALKED: "billsec",
        Field.DISPOSITION: "disposition",
        Field.CALL: "uniqueid",
        Field.TO_CHANNEL: "dstchannel",
        Field.CONTEXT: "dcontext",
        Field.DID: "did",
    }


@pytest.mark.parametrize("width", [16, 17, 18, 19, 20, 21])
def test_cdr_csv(width: int) -> None:
    """With and without `loguniqueid`, `loguserfield` and `newcdrcolumns`."""
    uniqueid, userfield, new = "pbx-1780056000.42", "mine", ["", "pbx-1780056000.42", "7"]
    more = {
        16: [],
        17: [uniqueid],
        18: [uniqueid, userfield],
        19: new,
        20: [uniqueid, *new],
        21: [uniqueid, userfield, *new],
    }
    row = a_row()[:16] + more[width]
    layout = of_cdr_csv(row)
    assert layout is not None
    cells = dict(zip(Field, layout.reader()([*row, ""]), strict=True))
    assert cells[Field.AT] == "2026-05-29 12:00:00"
    assert cells[Field.DIALLED] == "902079460123"
    assert cells[Field.CALL] == ("" if width in (16, 19) else uniqueid)
    assert layout.needs == 16


def test_one_column_more_may_be_the_user_field() -> None:
    """Seventeen columns without `loguniqueid`."""
    layout = of_cdr_csv([*a_row()[:16], "mine"])
    assert layout is not None
    assert Field.CALL not in layout.places


@pytest.mark.parametrize(
    "row",
    [
        list(CDR_CSV),
        ["1", "2"],
        [*a_row()[:12], "long", *a_row()[13:]],
        [*a_row()[:14], "17", *a_row()[15:]],
        [*a_row(), "1", "2", "3", "4"],
    ],
)
def test_what_is_no_cdr_csv(row: list[str]) -> None:
    """Where it is not sure, nothing is guessed."""
    assert of_cdr_csv(row) is None


def test_a_heading() -> None:
    """Two names that are known, or one that somebody named, make one; a row of calls does not."""
    assert is_heading(["Start", "DST", "note"], {})
    assert is_heading(["Wann", "Wohin"], {Field.AT: "wann"})
    assert not is_heading(["Wann", "dst"], {})
    assert not is_heading(a_row(), {})


def test_what_somebody_says_of_columns_counts() -> None:
    """Over the names that are known, and over the channel where the extension is said."""
    names = ["start", "src", "dst", "channel", "rufnummer"]
    layout = of_names(names, {Field.EXTENSION: "SRC", Field.DIALLED: "5"}, of="x.csv")
    assert layout.places == {Field.AT: 0, Field.EXTENSION: 1, Field.DIALLED: 4}
    assert layout.needs == layout.width == 5


def test_columns_by_their_numbers() -> None:
    """Where there is no heading."""
    chosen = {Field.AT: "1", Field.EXTENSION: "2", Field.DIALLED: "3"}
    assert of_places(3, chosen, of="x.csv").places == {
        Field.AT: 0,
        Field.EXTENSION: 1,
        Field.DIALLED: 2,
    }


@pytest.mark.parametrize("name", ["0", "4", "nobody", "-1"])
def test_a_column_that_is_not_there(name: str) -> None:
    """The message says which there are."""
    with pytest.raises(RecordsError, match=r"x.csv: there is no column .* for `at`; it has 3 col"):
        of_places(3, {Field.AT: name}, of="x.csv")
    with pytest.raises(RecordsError, match="it has `start`, `dst`, `channel`"):
        of_names(["start", "dst", "channel"], {Field.AT: name}, of="x.csv")


def test_a_column_that_is_needed() -> None:
    """The message says what to write, and which columns there are."""
    with pytest.raises(RecordsError) as raised:
        of_names(["src", "dst", "note"], {}, of="x.csv")
    assert str(raised.value) == (
        "x.csv: say which column it is: `--column at=…` and `--column extension=…`; it has `src`, "
        "`dst`, `note`"
    )
    with pytest.raises(
        RecordsError, match=r"x.csv: say which column it is: `--column dialled=…`$"
    ):
        of_places(3, {Field.AT: "1", Field.CHANNEL: "2"}, of="x.csv")
