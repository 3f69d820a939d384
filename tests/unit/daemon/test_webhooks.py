"""Webhooks as the settings have them."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from fastagi.daemon.webhooks import begin_webhooks, hooks_of
from fastagi.errors import SettingsError
from fastagi.events.event import Kind
from fastagi.events.turn import KIND
from fastagi.settings.model import WebhookSettings
from fastagi.stores.opening import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.settings import Settings

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def hooked(settings: Settings, tmp_path: Path) -> Settings:
    """Settings with a webhook, whose secret is there."""
    file = tmp_path / "webhook-secret"
    file.touch(0o600)
    file.write_text(f"{SECRET}\n")
    hook = {"url": "https://127.0.0.1:1/x", "secret_file": file, "events": ["denial"]}
    return settings.model_copy(update={"webhook": (WebhookSettings.model_validate(hook),)})


def test_the_secret_is_read_from_its_file(hooked: Settings) -> None:
    """As everything that is secret."""
    (hook,) = hooks_of(hooked)
    assert (hook.url, hook.secret) == ("https://127.0.0.1:1/x", SECRET)
    assert hook.kinds == {Kind.DENIAL}


def test_a_secret_that_everybody_can_read_is_refused(hooked: Settings) -> None:
    """It would sign for anybody."""
    hooked.webhook[0].secret_file.chmod(0o644)
    with pytest.raises(SettingsError, match="everybody can read"):
        hooks_of(hooked)


async def test_each_is_served_until_the_end(hooked: Settings) -> None:
    """And its turn is another's then."""
    store = open_store("sqlite://:memory:")
    async with AsyncExitStack() as opened:
        begin_webhooks(hooked, store, time.time, opened)
        while not (turns := await store.records("~", KIND, "", 9, time.time())):
            pass
        assert [each.key for each in turns] == [f"webhook-{hooks_of(hooked)[0].name}"]
    assert await store.records("~", KIND, "", 9, time.time()) == []
    await store.close()
