"""Extensions from elsewhere than `extensions.conf`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fastagi.audit.finding import Severity
from fastagi.audit.other_dialplans import is_loaded, other_dialplans

if TYPE_CHECKING:
    from tests.unit.audit.conftest import Etc


@pytest.mark.parametrize(
    ("modules", "loaded"),
    [
        ("[modules]\nautoload=yes\n", True),
        ("[modules]\nautoload = no\n", False),
        ("[modules]\n", False),
        ("[modules]\nload => pbx_ael.so\n", True),
        ("[modules]\nrequire = pbx_ael\n", True),
        ("[modules]\nautoload=yes\nnoload=pbx_ael.so\n", False),
        ("[modules]\nload=pbx_ael\nnoload = pbx_ael\n", False),
        ("[modules]\nautoload=1\nnoload=pbx_lua.so\n", True),
        ("[other]\n", True),
    ],
)
def test_modules_conf_tells_what_is_loaded(etc: Etc, modules: str, loaded: bool) -> None:
    """Where it does not tell, a module is taken for loaded."""
    assert is_loaded(etc({"modules.conf": modules}), "pbx_ael") is loaded


@pytest.mark.parametrize(
    ("modules", "severity"),
    [("autoload=yes\n", Severity.MEDIUM), ("autoload=no\n", Severity.LOW)],
)
def test_files_that_are_not_read_are_told(etc: Etc, modules: str, severity: Severity) -> None:
    """Worse where they are loaded."""
    folder = etc({"extensions.ael": "", "modules.conf": f"[modules]\n{modules}"})
    (finding,) = other_dialplans(folder)
    assert (finding.place.file, finding.severity) == ("extensions.ael", severity)
    assert "pbx_ael" in finding.message


def test_a_file_that_is_hidden_may_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it is told."""

    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", refuse)
    assert [each.place.file for each in other_dialplans(tmp_path)] == [
        "extensions.ael",
        "extensions.lua",
    ]


@pytest.mark.parametrize(
    ("users", "line"),
    [
        ("[6000]\nhassip=yes\n[6001]\nhassip=yes\n", 1),
        ("[general]\nhasiax=yes\n[6000]\nsecret=x\n", 3),
        ("[6000]\ndahdichan=1\nhasexten=yes\nhasexten=no\n", 1),
        ("[general]\nhassip=yes\n", None),
        ("[general]\nhassip=yes\n[6000]\nhassip=no\n", None),
        ("[general]\nhassip=yes\nhasexten=no\n[6000]\n", None),
        ("[6000](!)\nhassip=yes\n", None),
        ("[6000]\nsecret=x\n", None),
    ],
)
def test_phones_of_users_conf_are_told(etc: Etc, users: str, line: int | None) -> None:
    """Where one of them is given an extension; once for all."""
    places = [each.place for each in other_dialplans(etc({"users.conf": users}))]
    assert [each.line for each in places] == ([] if line is None else [line])


def test_nothing_is_told_of_nothing(tmp_path: Path) -> None:
    """Most have none of them."""
    assert list(other_dialplans(tmp_path)) == []
