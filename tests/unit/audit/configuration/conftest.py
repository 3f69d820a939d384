"""A configuration as texts, read as from a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

import pytest

from fastagi.audit.configuration.files import Files, read_files

if TYPE_CHECKING:
    from pathlib import Path

Read: TypeAlias = Callable[[Mapping[str, str]], Files]
"""Texts by file name, to what was read."""


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write files into a folder and read them."""

    def write(texts: Mapping[str, str]) -> Files:
        for name, text in texts.items():
            (tmp_path / name).write_text(text)
        return read_files(tmp_path)

    return write
