"""Folders of configuration, written as they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from pathlib import Path


class Etc(Protocol):
    """Writes a folder of configuration."""

    def __call__(self, files: dict[str, str | bytes]) -> Path:
        """Return the folder; `files` are texts by their names in it."""


@pytest.fixture
def etc(tmp_path: Path) -> Etc:
    """A folder with files in it."""

    def write(files: dict[str, str | bytes]) -> Path:
        for name, text in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode() if isinstance(text, str) else text)
        return tmp_path

    return write
