"""Where the settings say that things are, as paths that hold wherever a command is run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fastagi.settings import Settings

SQLITE: Final = "sqlite://"


@dataclass(frozen=True, slots=True)
class Means:
    """What the service has that a policy may count on; all of it, if nothing is said.

    Attributes:
        has_replicas: Whether its store is one that may have some.
        numbers: Whether somebody is asked what numbers are reported.
        addresses: The same of addresses.
    """

    has_replicas: bool = True
    numbers: bool = True
    addresses: bool = True


ALL: Final = Means()


def policy_place(settings: Settings) -> Path:
    """Return the policy's file, or the folder of policies."""
    place = settings.policy.file or settings.policy.folder
    assert place is not None  # noqa: S101 - the settings have one of the two
    return place


def policy_folder(settings: Settings) -> Path:
    """Return the folder whose files are the policy."""
    place = policy_place(settings)
    return place if settings.policy.file is None else place.parent


def versions_folder(settings: Settings) -> Path:
    """Return where policies are kept that were in force: in the service's own state."""
    return settings.versions.folder or settings.keys.file.parent / "versions"


def means_of(settings: Settings) -> Means:
    """Return what the service has that a policy may count on."""
    lookups = settings.lookups
    return Means(
        has_replicas=store_is_shared(settings),
        numbers=lookups is not None and bool(lookups.numbers),
        addresses=lookups is not None and bool(lookups.addresses),
    )


def store_file(settings: Settings) -> Path | None:
    """Return the file of an SQLite store; None where the store is none."""
    path = store_url(settings).removeprefix(SQLITE)
    return None if path in {settings.store.url, "", ":memory:"} else Path(path)


def store_is_shared(settings: Settings) -> bool:
    """Whether other machines may use the store."""
    return not settings.store.url.startswith(SQLITE)


def store_url(settings: Settings) -> str:
    """Return the store's URL; a relative path of SQLite is, as every path, the settings file's."""
    url = settings.store.url
    path = url.removeprefix(SQLITE)
    if settings.source is None or path in {url, "", ":memory:"}:
        return url
    return f"{SQLITE}{(settings.source.parent / path).absolute()}"
