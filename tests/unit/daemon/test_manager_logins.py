"""How to log in to each Asterisk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.daemon.manager_logins import logins_of
from fastagi.errors import SettingsError
from fastagi.settings.model import AmiSettings

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.settings import Settings


def test_there_is_one_for_each(settings: Settings, tmp_path: Path) -> None:
    """None without `[ami]`; the secret is read when it is wanted, and anew each time."""
    assert logins_of(settings) == []
    file = tmp_path / "secret"
    ami = AmiSettings(host="192.0.2.1", port=5039, username="x", secret_file=file)
    (login,) = logins_of(settings.model_copy(update={"ami": (ami,)}))
    assert (login.node, login.host, login.port, login.username) == (
        "192.0.2.1",
        "192.0.2.1",
        5039,
        "x",
    )
    with pytest.raises(SettingsError):
        login.secret()
    file.touch(0o600)
    for secret in ("first-secret-of-it", "second-secret-of-it"):
        file.write_text(f"{secret}\n")
        assert login.secret() == secret
