"""What `cdr_custom` writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.cdr.cdr_custom import mapping_of
from fastagi.errors import RecordsError

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE = """\
; Mappings
[general]
Master.csv => not,this
[mappings]
;Old.csv => ${CDR(clid)}
Master.csv => ${CSV_QUOTE(${CDR(clid)})},${CSV_QUOTE(${CDR(src)})},${CSV_QUOTE(${CDR(dst)})},\
${CSV_QUOTE(${CDR(channel)})},${CDR(start,u)},${CDR(duration, f)},"${CHANNEL(pjsip,remote_addr)}",\
${CHANNEL(endpoint)},${STRFTIME(${EPOCH},,%Y-%m-%d)},$[1 + 2],${CHANNEL(musicclass)}
Simple.csv = ${CDR(dst)}
"""


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    """The configuration."""
    file = tmp_path / "cdr_custom.conf"
    file.write_text(SAMPLE)
    return file


@pytest.mark.parametrize("name", ["Master.csv", "Master.csv.1", "Master.csv-20260901.gz"])
def test_the_columns_of_a_file(conf: Path, name: str) -> None:
    """A rotated one has them, too; what is neither CDR nor CHANNEL has no name."""
    assert mapping_of(conf, name) == [
        *("clid", "src", "dst", "channel", "start", "duration", "address", "extension"),
        *("", "", ""),
    ]


def test_the_only_mapping_counts_for_any_file(tmp_path: Path) -> None:
    """Whoever copied the file gave it another name."""
    conf = tmp_path / "cdr_custom.conf"
    conf.write_text("[mappings](+)\nMaster.csv => ${CDR(dst)},${CDR(start)}\n")
    assert mapping_of(conf, "last-quarter.csv") == ["dst", "start"]


def test_no_mapping_for_a_file(conf: Path) -> None:
    """The message says which there are."""
    with pytest.raises(RecordsError, match=r"no mapping for `x.csv`; it has `Master.csv`, `Sim"):
        mapping_of(conf, "x.csv")


def test_no_mapping_at_all(tmp_path: Path) -> None:
    """Or none, where it is another file."""
    conf = tmp_path / "other.conf"
    conf.write_text("[general]\nenable = yes\n")
    with pytest.raises(RecordsError, match="it has none"):
        mapping_of(conf, "Master.csv")


def test_no_configuration(tmp_path: Path) -> None:
    """It says so."""
    with pytest.raises(RecordsError, match="cannot be read: No such file"):
        mapping_of(tmp_path / "nothing.conf", "Master.csv")
