"""A folder with settings and a policy that a service could run on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import structlog

from fastagi import settings as settings_files
from fastagi.settings.model import WebhookSettings

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


HOOK_SECRET = "0123456789abcdef0123456789abcdef"


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
def hooked(settings: Settings, tmp_path: Path) -> Settings:
    """Settings with a webhook, whose secret is there."""
    file = tmp_path / "webhook-secret"
    file.touch(0o600)
    file.write_text(f"{HOOK_SECRET}\n")
    hook = {"url": "https://127.0.0.1:1/x", "secret_file": file, "events": ["denial"]}
    return settings.model_copy(update={"webhook": (WebhookSettings.model_validate(hook),)})


@pytest.fixture
def told() -> Iterator[list[EventDict]]:
    """Return what is logged."""
    with structlog.testing.capture_logs() as lines:
        yield lines
