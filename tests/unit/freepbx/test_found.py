"""What is found in a FreePBX's dialplan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.audit.dialplan import Dialplan
from fastagi.audit.place import Place
from fastagi.freepbx.found import (
    custom_trunks,
    emergency_routes,
    in_the_way,
    is_asked_first,
    shape_of,
)
from fastagi.freepbx.hook import HOOK, Shape
from tests.unit.freepbx.shapes import copy, dialplan

if TYPE_CHECKING:
    from pathlib import Path

CUSTOM = "extensions_custom.conf"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A FreePBX 17."""
    return copy("17", tmp_path)


def _write(folder: Path, text: str, name: str = CUSTOM) -> Dialplan:
    (folder / name).write_text(text)
    return dialplan(folder)


@pytest.mark.parametrize(("version", "shape"), [("16", Shape.MACRO), ("17", Shape.GOSUB)])
def test_the_shape_is_how_the_hook_is_called(tmp_path: Path, version: str, shape: Shape) -> None:
    """Not what a version says of itself."""
    assert shape_of(dialplan(copy(version, tmp_path))) is shape


def test_where_it_is_called_in_no_way_or_in_two_there_is_no_shape(folder: Path) -> None:
    """A guess would end calls, or let them past."""
    assert shape_of(Dialplan({})) is None
    also = "[macro-dialout-trunk]\nexten => x,1,Macro(dialout-trunk-predial-hook)\n"
    assert shape_of(_write(folder, also)) is None


def test_freepbxs_own_empty_hook_is_not_in_the_way(folder: Path) -> None:
    """It is read behind ours; so is nothing, where there is no hook at all."""
    assert in_the_way(dialplan(folder), CUSTOM, None) is None
    assert in_the_way(Dialplan({}), CUSTOM, None) is None


@pytest.mark.parametrize(
    "line", ["exten => s,1,NoOp(mine)", "include => mine", "switch => Realtime/@x"]
)
def test_somebody_elses_lines_are_in_the_way(folder: Path, line: str) -> None:
    """Wherever they stand, but in our own block."""
    found = _write(folder, f"; mine\n[{HOOK}]\n{line}\n")
    assert in_the_way(found, CUSTOM, None) == Place(CUSTOM, 3)
    assert in_the_way(found, CUSTOM, (4, 9)) == Place(CUSTOM, 3)
    assert in_the_way(found, CUSTOM, (1, 9)) is None


def test_a_hook_in_a_file_that_is_included_is_in_the_way_too(folder: Path) -> None:
    """Modules bring files of their own."""
    _write(folder, f"[{HOOK}]\nexten => s,1,NoOp(mine)\n", "more.conf")
    found = _write(folder, "#include more.conf\n")
    assert in_the_way(found, CUSTOM, (1, 9)) == Place("more.conf", 2)


def test_trunks_whose_dial_string_is_anything_are_told(folder: Path) -> None:
    """By their numbers."""
    found = _write(folder, "OUT_7 = AMP:Local/$OUTNUM$@x\nOUT_8 = PJSIP\n", "globals_custom.conf")
    assert list(custom_trunks(found)) == ["7"]


def test_the_numbers_of_emergency_routes_are_told(folder: Path) -> None:
    """As they are written there."""
    assert emergency_routes(dialplan(folder)) == {"112", "999"}


def test_the_hook_that_asterisk_runs_is_the_one_it_reads_first(folder: Path) -> None:
    """One in `extensions_override_freepbx.conf` would win over ours."""
    mine = f"[{HOOK}]\nexten => s,1,NoOp(mine)\n"
    assert is_asked_first(_write(folder, mine), CUSTOM)
    assert not is_asked_first(_write(folder, mine, "extensions_override_freepbx.conf"), CUSTOM)
    assert not is_asked_first(Dialplan({}), CUSTOM)
