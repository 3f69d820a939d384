"""Webhooks as the settings have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.daemon.hooks import hooks_of
from fastagi.errors import SettingsError
from fastagi.events.event import Kind
from tests.unit.daemon.conftest import HOOK_SECRET

if TYPE_CHECKING:
    from fastagi.settings import Settings


def test_the_secret_is_read_from_its_file(hooked: Settings) -> None:
    """As everything that is secret."""
    (hook,) = hooks_of(hooked)
    assert (hook.url, hook.secret) == ("https://127.0.0.1:1/x", HOOK_SECRET)
    assert hook.kinds == {Kind.DENIAL}


def test_a_secret_that_everybody_can_read_is_refused(hooked: Settings) -> None:
    """It would sign for anybody."""
    hooked.webhook[0].secret_file.chmod(0o644)
    with pytest.raises(SettingsError, match="everybody can read"):
        hooks_of(hooked)
