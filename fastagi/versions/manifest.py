"""Which files a version is of, and from when until when it was in force."""

from __future__ import annotations

import json
import math
import os
import re
import secrets
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from fastagi.errors import VersionError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SITE: Final = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)
VERSION: Final = re.compile(r"[0-9a-f]{12}", re.ASCII)
DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)

HISTORY: Final = "history.json"


class Role(StrEnum):
    """What a file is to a policy."""

    POLICY = "policy"
    CASES = "cases"
    LIST = "list"
    RATES = "rates"


@dataclass(frozen=True, slots=True)
class Kept:
    """One file of a version.

    Attributes:
        name: Its path, as the policy has it.
        digest: SHA-256, in hex.
        size: In bytes, as it was.
    """

    role: Role
    name: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files of one version: the policy first; its lists in their order."""

    site: str
    version: str
    files: tuple[Kept, ...]

    @property
    def policy(self) -> Kept:
        """The policy itself."""
        return self.files[0]


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which a version was in force; seconds since the epoch.

    Attributes:
        until: None while it is.
    """

    version: str
    since: float
    until: float | None = None

    def __post_init__(self) -> None:
        """Take no other moments than such: what was read may be anything.

        Raises:
            ValueError: One is no moment.
            TypeError: One is no number at all.
        """
        if not all(map(math.isfinite, (self.since, self.until or 0.0))):
            raise ValueError("no moment")


def of_site(folder: Path, site: str) -> Path:
    """Return where a site's versions are.

    Raises:
        VersionError: That is no site's name.
    """
    if not SITE.fullmatch(site):
        raise VersionError("that is no site's name; write a policy's `site.name`")
    return folder / site


def manifest_file(folder: Path, site: str, version: str) -> Path:
    """Return where it is written which files a version is of.

    Raises:
        VersionError: That is no version, or no site's name.
    """
    if not VERSION.fullmatch(version):
        raise VersionError("that is no version of a policy: they have twelve hex digits")
    return of_site(folder, site) / f"{version}.json"


def read(folder: Path, site: str, version: str) -> Manifest:
    """Read which files a version is of.

    Raises:
        VersionError: It is not kept here, or that cannot be read.
    """
    file = manifest_file(folder, site, version)
    try:
        told = json.loads(file.read_bytes())
        files = tuple(Kept(**each | {"role": Role(each["role"])}) for each in told["files"])
        is_ours = all(DIGEST.fullmatch(each.digest) for each in files)
    except FileNotFoundError:
        raise VersionError(f"version {version} of site `{site}` is not kept here") from None
    except PermissionError as error:
        raise VersionError(
            f"`{file}` may be read by the service's user only: run this as that user, or as root"
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VersionError(f"`{file}` cannot be read") from error
    if not (is_ours and files and files[0].role is Role.POLICY):
        raise VersionError(f"`{file}` is none of ours")
    return Manifest(site, version, files)


def write(folder: Path, manifest: Manifest) -> None:
    """Write which files a version is of.

    Raises:
        OSError: It cannot be written.
    """
    file = manifest_file(folder, manifest.site, manifest.version)
    _put(file, {"files": [asdict(each) for each in manifest.files]})


# ----------------------------------------------------------------------------- when


def history(folder: Path, site: str) -> list[Span]:
    """Return when each version of a site was in force, oldest first; none where none is kept.

    Raises:
        VersionError: It cannot be read.
    """
    file = of_site(folder, site) / HISTORY
    try:
        return [Span(**each) for each in json.loads(file.read_bytes())]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, ValueError, TypeError) as error:
        raise VersionError(f"`{file}` cannot be read") from error


def histories(folder: Path) -> dict[str, list[Span]]:
    """Return the same of every site, by its name.

    Raises:
        VersionError: The folder, or one of them, cannot be read.
    """
    try:
        names = sorted(each.name for each in folder.iterdir() if SITE.fullmatch(each.name))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise VersionError(f"`{folder}` cannot be read") from error
    spans = {name: history(folder, name) for name in names}
    return {name: each for name, each in spans.items() if each}


def write_history(folder: Path, site: str, spans: Sequence[Span]) -> None:
    """Write when each version of a site was in force.

    Raises:
        OSError: It cannot be written.
    """
    _put(of_site(folder, site) / HISTORY, [asdict(each) for each in spans])


def with_another(spans: Sequence[Span], version: str, now: float) -> list[Span]:
    """Return the spans once a version is in force; as they are where it is already."""
    if spans and spans[-1].version == version and spans[-1].until is None:
        return list(spans)
    over = [replace(each, until=now) if each.until is None else each for each in spans]
    return [*over, Span(version, now)]


def _put(file: Path, value: object) -> None:
    """Write a file, all of it or nothing."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
        with os.fdopen(os.open(draft, flags, 0o600), "w", encoding="utf-8") as opened:
            json.dump(value, opened, indent=1)
            opened.flush()
            os.fsync(opened.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
