"""What docs/records.md shows is what the command says."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from fastagi.cdr.columns import Field
from fastagi.cli.app import application

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "records.md").read_text()


@pytest.fixture
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The clock on this machine's wall."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def test_what_is_shown_is_what_is_said(tmp_path: Path, in_utc: None) -> None:
    """Of records that a real Asterisk wrote, in a folder as it has them."""
    recorded = ROOT / "tests" / "unit" / "cdr" / "recorded" / "freepbx-on-22.csv"
    shutil.copy(recorded, tmp_path / "Master.csv")
    done = CliRunner().invoke(application(), ["records", str(tmp_path), "--show", "4"])
    (shown,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert done.stdout + done.stderr == shown


def test_every_field_is_named() -> None:
    """Whoever has columns of other names finds what to call them."""
    assert [field for field in Field if f"`{field}`" not in PAGE] == []
