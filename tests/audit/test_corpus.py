"""Dialplans as they are found in the world: every planted hole is found, and nothing else.

Each folder of `dialplans` is what an administrator would have in /etc/asterisk, without the gate's
own files, which are put beside as installing does. `expected.toml` says what is wrong there.
"""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from fastagi.audit.auditing import audit
from fastagi.audit.finding import Kind

if TYPE_CHECKING:
    from fastagi.audit.finding import Finding

CORPUS: Final = Path(__file__).parent / "dialplans"
SHIPPED: Final = Path(__file__).parents[2] / "dialplan"
FOLDERS: Final = sorted(each.parent for each in CORPUS.glob("*/expected.toml"))


@pytest.fixture
def installed(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a folder, with the gate's files in it."""
    folder: Path = request.param
    shutil.copytree(folder, tmp_path / "etc")
    for name in ("dialguard.conf", "emergency.conf"):
        (tmp_path / "etc" / "dialguard").mkdir(exist_ok=True)
        shutil.copy(SHIPPED / name, tmp_path / "etc" / "dialguard" / name)
    return tmp_path / "etc"


@pytest.mark.parametrize("installed", FOLDERS, ids=lambda folder: folder.name, indirect=True)
def test_what_is_wrong_is_found_and_nothing_else(installed: Path) -> None:
    """Kind, file and line of every finding; and the lines of its way."""
    expected = tomllib.loads((installed / "expected.toml").read_text())["findings"]
    found = audit(installed).findings
    assert sorted({(each.kind.value, str(each.place)) for each in found}) == sorted(
        {(each["kind"], each["at"]) for each in expected}
    )
    for each in expected:
        if "way" in each:
            assert each["way"] in [_lines(one) for one in found if one.kind is Kind(each["kind"])]


def _lines(finding: Finding) -> list[str]:
    """Return the lines of a way, but for those of the gate's own files."""
    lines = [str(hop.place) for hop in finding.way]
    return [each for each in lines if not each.startswith("dialguard/")]


def test_there_are_as_many_as_there_should_be() -> None:
    """Forty at least, half of them sound, and most kinds of findings among the others."""
    all_of_them = [tomllib.loads((each / "expected.toml").read_text()) for each in FOLDERS]
    sound = [each for each in all_of_them if not each["findings"]]
    planted = [each for each in all_of_them if each["findings"]]
    assert len(sound) >= 20
    assert len(planted) >= 20
    kinds = {Kind(finding["kind"]) for each in planted for finding in each["findings"]}
    assert set(Kind) - kinds == {Kind.READABLE}  # which hangs on the modes of files
