"""Processes share a sheet: one makes it, the others map it, and none is worse off without."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from fastagi.rating.reading import read_sheet
from fastagi.rating.shared import MappedSheet, forget_others, shared_sheet
from fastagi.rating.sheet import RateSheet

NOW = 1_800_000_000.0


def made() -> RateSheet:
    """Read a sheet."""
    return read_sheet(b"prefix,price\n39,1\n393,2\n", Path("s.csv")).sheet


def unmade() -> RateSheet:
    """Fail, as it should be there already."""
    pytest.fail("it is there already")


def test_the_first_makes_it_and_the_others_map_it(tmp_path: Path) -> None:
    """What they find in it is the same."""
    first = shared_sheet(tmp_path, "a", made)
    second = shared_sheet(tmp_path, "a", unmade)
    assert isinstance(first, MappedSheet)
    assert isinstance(second, MappedSheet)
    assert first.tariff("393", NOW) == second.tariff("393", NOW) == made().tariff("393", NOW)
    assert bytes(second.buffer) == bytes(made().buffer)


def test_of_many_that_want_it_at_once_one_makes_it(tmp_path: Path) -> None:
    """The others wait; each finds it whole."""
    program = (
        "import sys; from pathlib import Path; from fastagi.rating.reading import read_sheet;"
        "from fastagi.rating.shared import shared_sheet\n"
        "folder = Path(sys.argv[1])\n"
        "def read():\n"
        "    (folder / 'made').open('a').write('x')\n"
        "    return read_sheet(b'prefix,price\\n39,1\\n', Path('s')).sheet\n"
        "assert shared_sheet(folder, 'a', read).tariff('39', 1.0)\n"
    )
    words = [sys.executable, "-c", program, str(tmp_path)]
    processes = [subprocess.Popen(words) for _ in range(4)]
    assert [each.wait(60) for each in processes] == [0] * 4
    assert (tmp_path / "made").read_text() == "x"


def test_a_mapped_sheet_travels_as_its_name(tmp_path: Path) -> None:
    """What is kept for successors is no copy of it."""
    sheet = shared_sheet(tmp_path, "a", made)
    kept = pickle.dumps(sheet)
    assert len(kept) < 1000
    assert pickle.loads(kept).tariff("393", NOW) == sheet.tariff("393", NOW)  # noqa: S301 - ours
    forget_others(tmp_path, [])
    with pytest.raises(OSError, match="No such file"):
        pickle.loads(kept)  # noqa: S301 - ours
    assert sheet.tariff("393", NOW) is not None  # who has it mapped, keeps it


@pytest.mark.parametrize("there", [b"", b"half of it"])
def test_what_is_not_whole_is_made_anew(tmp_path: Path, there: bytes) -> None:
    """Nobody looks into it."""
    (tmp_path / "a.rates").write_bytes(there)
    assert shared_sheet(tmp_path, "a", made).tariff("39", NOW) is not None
    assert shared_sheet(tmp_path, "a", unmade).tariff("39", NOW) is not None


def test_without_a_folder_each_has_its_own(tmp_path: Path) -> None:
    """The service runs, and prices are known."""
    for folder in (tmp_path / "gone", tmp_path / "file"):
        (tmp_path / "file").touch()
        sheet = shared_sheet(folder, "a", made)
        assert not isinstance(sheet, MappedSheet)
        assert sheet.tariff("39", NOW) is not None


def test_where_it_cannot_be_written_each_has_its_own(tmp_path: Path) -> None:
    """As where the file system is full."""
    (tmp_path / "a.draft").mkdir()
    assert not isinstance(shared_sheet(tmp_path, "a", made), MappedSheet)


def test_what_is_used_is_kept(tmp_path: Path) -> None:
    """Others' files go."""
    one, _ = (shared_sheet(tmp_path, name, made) for name in ("a", "b"))
    forget_others(tmp_path, [one, made()])
    assert [each.name for each in tmp_path.glob("*.rates")] == ["a.rates"]
