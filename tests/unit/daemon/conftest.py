"""A folder with settings and a policy that a service could run on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import structlog

from fastagi import settings as settings_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from structlog.typing import EventDict

    from fastagi.settings import Settings

POLICY = """\
[site]
name = "office"
country = "GB"
timezone = "Europe/London"
internal = ["1XX"]
outside_prefix = "9"

[classes]
staff = ["1XX"]

[[rule]]
name = "at-home"
to = ["national"]
then = "allow"
"""

SETTINGS = """\
[policy]
file = "office.toml"

[agi]
listen = "127.0.0.1:0"

[keys]
file = "keys"

[store]
url = "sqlite://dialguard.db"

[log]
decisions = "log/decisions.jsonl"
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """Return the file of a policy that is valid."""
    file = tmp_path / "office.toml"
    file.write_text(POLICY)
    return file


@pytest.fixture
def settings(tmp_path: Path, policy: Path) -> Settings:
    """Return settings that name the policy."""
    file = tmp_path / "dialguard.toml"
    file.write_text(SETTINGS)
    return settings_files.load(file)


@pytest.fixture
def told() -> Iterator[list[EventDict]]:
    """Return what is logged."""
    with structlog.testing.capture_logs() as lines:
        yield lines
