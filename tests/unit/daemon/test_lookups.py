"""Look-ups as the settings have them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from fastagi import settings as settings_files
from fastagi.call.ports import NoLookups, Reports
from fastagi.daemon.lookups import begin_lookups, place_of
from fastagi.daemon.places import Means, means_of
from fastagi.errors import SettingsError
from fastagi.lookups.desk import Desk
from fastagi.lookups.service import Credentials
from fastagi.lookups.subject import Kind, NoMeter
from fastagi.stores.opening import open_store
from tests.unit.policy.samples import ROME, policy_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from fastagi.settings import Settings
    from fastagi.stores.store import Store

SETTINGS = """\
[policy]
file = "office.toml"

[lookups]
numbers = "https://sentrypeer.example/api/phone-numbers/"
token_url = "https://authz.sentrypeer.example/oauth/token"
client_id = "me"
secret_file = "secret"
audience = "https://sentrypeer.example/api"
"""
SECRET = "s3cret-of-sixteen-letters"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Return a store."""
    store = open_store(f"sqlite:///{tmp_path / 'dialguard.db'}")
    yield store
    await store.close()


def settings_of(folder: Path, text: str = SETTINGS) -> Settings:
    """Return settings with look-ups."""
    (folder / "dialguard.toml").write_text(text)
    secret = folder / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    return settings_files.load(folder / "dialguard.toml")


def test_the_service_is_where_the_settings_say(tmp_path: Path) -> None:
    """With the secret, which does not print."""
    settings = settings_of(tmp_path)
    assert settings.lookups is not None
    place = place_of(settings.lookups)
    assert place.urls[Kind.NUMBER] == "https://sentrypeer.example/api/phone-numbers/"
    assert place.before == ("", "+", "00")
    assert place.credentials == Credentials(
        "https://authz.sentrypeer.example/oauth/token",
        "me",
        SECRET,
        "https://sentrypeer.example/api",
    )
    assert SECRET not in repr(place)


def test_a_policy_can_count_on_what_is_asked_for(tmp_path: Path) -> None:
    """And on nothing else."""
    settings = settings_of(tmp_path)
    assert means_of(settings) == Means(has_replicas=False, numbers=True, addresses=False)
    none = settings_of(tmp_path, '[policy]\nfile = "office.toml"\n')
    assert means_of(none) == Means(has_replicas=False, numbers=False, addresses=False)


async def test_without_the_table_nobody_is_asked(tmp_path: Path, store: Store) -> None:
    """And nothing is known."""
    settings = settings_of(tmp_path, '[policy]\nfile = "office.toml"\n')
    policy = policy_of()
    async with AsyncExitStack() as opened:
        lookups = begin_lookups(settings, store, NoMeter(), opened)
        assert isinstance(lookups, NoLookups)
        number = policy.plan.read(ROME)
        assert lookups.known(policy, "101", number, None) == Reports()


async def test_with_it_a_desk_is_open_until_the_stack_is_left(
    tmp_path: Path, store: Store
) -> None:
    """And the chore ends with it."""
    async with AsyncExitStack() as opened:
        assert isinstance(begin_lookups(settings_of(tmp_path), store, NoMeter(), opened), Desk)


async def test_a_secret_that_everybody_can_read_is_refused(tmp_path: Path, store: Store) -> None:
    """As all secrets."""
    settings = settings_of(tmp_path)
    (tmp_path / "secret").chmod(0o644)
    async with AsyncExitStack() as opened:
        with pytest.raises(SettingsError):
            begin_lookups(settings, store, NoMeter(), opened)
