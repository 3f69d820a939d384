"""Rows of CSV files."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.cdr import csv_files
from fastagi.cdr.columns import Field
from fastagi.cdr.csv_files import OpenedFile, size_of
from fastagi.cdr.plan import CsvFile
from fastagi.errors import RecordsError
from tests.unit.cdr.rows import a_row, as_line, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Cells = list[tuple[int, list[str] | None]]


def read(source: CsvFile) -> tuple[dict[Field, int], Cells]:
    """Return what the columns are, and all rows."""
    opened = OpenedFile(source)
    try:
        layout, sample, rest = opened.rows()
        return dict(layout.places), [*sample, *rest]
    finally:
        opened.close()


def test_a_master_csv(tmp_path: Path) -> None:
    """Recognised by what stands in it."""
    file = write(tmp_path / "Master.csv", a_row(), a_row(dst="112"))
    places, rows = read(CsvFile(file))
    assert places[Field.DIALLED] == 2
    assert rows == [(1, a_row()), (2, a_row(dst="112"))]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_packed_one(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    """Whatever it is called."""
    file = tmp_path / "Master.csv.1"
    file.write_bytes(pack(as_line(a_row()).encode()))
    assert read(CsvFile(file))[1] == [(1, a_row())]


def test_a_packed_one_that_was_cut_off(tmp_path: Path) -> None:
    """What is there is read, and that there was more is a broken line."""
    file = tmp_path / "Master.csv.gz"
    many = "".join(as_line(a_row(dst=f"{number}")) for number in range(2_000))
    file.write_bytes(gzip.compress(many.encode())[:-2_000])
    rows = read(CsvFile(file))[1]
    assert len(rows) > 100
    assert rows[-1][1] is None
    assert all(row is not None for _, row in rows[:-1])


def test_a_heading_and_other_delimiters(tmp_path: Path) -> None:
    """As spreadsheets write them, with a byte order mark."""
    file = tmp_path / "export.csv"
    file.write_text("\ufeffcalldate;extension;dst\r\n2026-05-29 12:00:00;101;112\r\n", newline="")
    places, rows = read(CsvFile(file))
    assert places == {Field.AT: 0, Field.EXTENSION: 1, Field.DIALLED: 2}
    assert rows == [(2, ["2026-05-29 12:00:00", "101", "112"])]


def test_columns_by_number_and_a_delimiter(tmp_path: Path) -> None:
    """Where there is no heading, and nobody could guess."""
    file = tmp_path / "export.csv"
    file.write_text("1780056000:101:112\n")
    chosen = {Field.AT: "1", Field.EXTENSION: "2", Field.DIALLED: "3"}
    assert read(CsvFile(file, None, chosen, ":")) == (
        {Field.AT: 0, Field.EXTENSION: 1, Field.DIALLED: 2},
        [(1, ["1780056000", "101", "112"])],
    )


def test_columns_by_cdr_custom_conf(tmp_path: Path) -> None:
    """Which say what is in the file."""
    conf = tmp_path / "cdr_custom.conf"
    conf.write_text("[mappings]\nMaster.csv => ${CDR(dst)},${CDR(start,u)},${CDR(channel)}\n")
    file = tmp_path / "Master.csv"
    file.write_text('"112",1780056000.5,"PJSIP/101-0000002a"\n')
    assert read(CsvFile(file, conf))[0] == {Field.AT: 1, Field.DIALLED: 0, Field.CHANNEL: 2}


def test_an_empty_file(tmp_path: Path) -> None:
    """A day without calls is none to complain of."""
    file = tmp_path / "Master.csv"
    file.write_text("")
    assert read(CsvFile(file)) == ({Field.AT: 0}, [])


@pytest.mark.parametrize("text", ["hello\n", "a,b,c\n1,2,3\n", '"never closed\n'])
def test_what_nobody_can_tell(tmp_path: Path, text: str) -> None:
    """The message says where, what stands there, and what to do."""
    file = tmp_path / "notes.txt"
    file.write_text(text)
    with pytest.raises(RecordsError, match=r"notes.txt:1: neither a heading nor .* `--columns"):
        read(CsvFile(file))


def test_no_file(tmp_path: Path) -> None:
    """It says so."""
    with pytest.raises(RecordsError, match=r"Master.csv` cannot be read: No such file"):
        OpenedFile(CsvFile(tmp_path / "Master.csv"))
    assert size_of(tmp_path / "Master.csv") == 0


def test_a_file_that_cannot_be_read_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails is told of, with the line."""

    class Failing(io.BytesIO):
        def readline(self, _: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(csv_files, "MAGIC", ((b"", lambda _: Failing()),))
    with pytest.raises(RecordsError, match="cannot be read beyond line 0: Input/output error"):
        read(CsvFile(write(tmp_path / "Master.csv", a_row())))


def test_a_line_that_was_cut_off_swallows_none(tmp_path: Path) -> None:
    """A machine that lost power in the middle of a line."""
    file = tmp_path / "Master.csv"
    good = as_line(a_row())
    file.write_text(good + good[:60] + "\n" + good * 40)
    rows = read(CsvFile(file))[1]
    assert [number for number, row in rows if row is None] == [2]
    assert [row for _, row in rows if row is not None] == [a_row()] * 41


def test_a_cut_line_before_one_that_is_too_long(tmp_path: Path) -> None:
    """Both are broken, and none else."""
    file = tmp_path / "Master.csv"
    good = as_line(a_row())
    file.write_text(good + '"cut\n' + "x" * (csv_files.LINE_BYTES + 1) + "\n" + good)
    assert [(n, row is None) for n, row in read(CsvFile(file))[1]] == [
        *((1, False), (2, True), (3, True), (4, False))
    ]


def test_a_cut_line_at_the_end(tmp_path: Path) -> None:
    """While Asterisk writes it."""
    file = tmp_path / "Master.csv"
    file.write_text(as_line(a_row()) + as_line(a_row())[:60])
    assert read(CsvFile(file))[1] == [(1, a_row()), (2, None)]


def test_a_cell_with_a_lines_end(tmp_path: Path) -> None:
    """Whoever dials one cannot write a row of his own: it stays inside of the cell."""
    forged = (
        "300\n,101,900390612345678,phones,,PJSIP/101-0000002a,,,,2026-05-29 12:00:00,,,1,1,A,D"
    )
    file = write(tmp_path / "Master.csv", a_row(dst=forged), a_row())
    assert read(CsvFile(file))[1] == [(1, a_row(dst=forged)), (3, a_row())]


@pytest.mark.parametrize(
    "broken",
    [
        'a,x"y,"z',  # opens a quotation that the next line would close
        "a\rb,c",
        "a\0b,c",
        "x" * (csv_files.LINE_BYTES * 2 + 5),
    ],
)
def test_a_broken_line_is_one_line(tmp_path: Path, broken: str) -> None:
    """What comes after it is read as ever, but for a line that was swallowed, which is told of."""
    file = tmp_path / "Master.csv"
    lines = as_line(a_row()), f"{broken}\n", as_line(a_row(dst="1")), as_line(a_row(dst="2"))
    file.write_text("".join(lines), newline="")
    rows = read(CsvFile(file))[1]
    assert (2, None) in rows
    assert rows[0] == (1, a_row())
    assert rows[-1] == (4, a_row(dst="2"))
    assert [number for number, _ in rows] == [1, 2, 3, 4]


def test_an_empty_line_is_none(tmp_path: Path) -> None:
    """And the first row may be a broken one."""
    file = tmp_path / "Master.csv"
    file.write_text("\n" + "x\n" + as_line(a_row()))
    assert [number for number, _ in read(CsvFile(file))[1]] == [2, 3]


def test_how_far_it_is(tmp_path: Path) -> None:
    """In bytes of the file as it lies there."""
    file = write(tmp_path / "Master.csv", *[a_row()] * 2_000)
    opened = OpenedFile(CsvFile(file))
    _, _, rest = opened.rows()
    begun = opened.done
    for _ in rest:
        pass
    assert 0 < begun < opened.done == size_of(file)
    opened.close()


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=20)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=10))
def test_whatever_stands_in_cells(
    tmp_path_factory: pytest.TempPathFactory, given_rows: list[list[str]]
) -> None:
    """Rows come out as Asterisk wrote them, whatever people call themselves and dial."""
    file = tmp_path_factory.getbasetemp() / "any.csv"
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([["start", "dst", "channel"], *given_rows])
    file.write_text(out.getvalue(), "utf-8", newline="")
    assert [row for _, row in read(CsvFile(file))[1]] == given_rows


@given(st.binary(max_size=3_000))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    """Each line is a row, a broken one, or none; nothing breaks."""
    file = tmp_path_factory.getbasetemp() / "junk.csv"
    file.write_bytes(b"start,dst,channel\n" + junk)
    numbers = [number for number, _ in read(CsvFile(file))[1]]
    assert numbers == sorted(numbers)
