"""Webhooks as the settings have them: their secrets are in files of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.daemon.keys import read_secret
from fastagi.events.event import Kind
from fastagi.webhooks.hook import Hook

if TYPE_CHECKING:
    from fastagi.settings import Settings


def hooks_of(settings: Settings) -> list[Hook]:
    """Return who is told.

    Raises:
        SettingsError: A secret cannot be read, everybody can read it, or it is too short.
    """
    return [
        Hook(
            each.url,
            read_secret(each.secret_file),
            frozenset(map(Kind, each.events)),
            frozenset(each.sites),
        )
        for each in settings.webhook
    ]
