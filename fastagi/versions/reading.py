"""A version out of the folder again: the very policy that was in force, or none."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from fastagi.errors import PolicyError, VersionError
from fastagi.policy.loading import load_raw
from fastagi.versions import blobs
from fastagi.versions.manifest import Role, read

if TYPE_CHECKING:
    from fastagi.policy.model import Policy
    from fastagi.versions.manifest import Kept, Manifest

BESIDE = frozenset({Role.LIST, Role.RATES})


def load_version(folder: Path, site: str, version: str) -> Policy:
    """Load a policy as it was in force, from what is kept of it.

    With a long rate sheet it takes seconds, as it did then.

    Args:
        folder: That of all versions.
        site: The policy's `site.name`.
        version: `Policy.version`, as it is in the record of decisions.

    Raises:
        VersionError: It is not kept here, not whole, or today's code cannot read it.
    """
    manifest = read(folder, site, version)
    raw = blobs.get(folder, manifest.policy.digest)
    with TemporaryDirectory(prefix="dialguard-version-") as made:
        instead: dict[Path, Path] = {}
        for place, each in enumerate(manifest.files):
            if each.role in BESIDE:
                file = instead.setdefault(Path(each.name), Path(made) / str(place))
                blobs.unpack(folder, each.digest, file)
        try:
            policy = load_raw(raw, Path(manifest.policy.name), instead=instead)
        except PolicyError as error:
            what = f"today's code cannot read version {version}: {error.problems[0].what}"
            raise VersionError(what) from error
    if (policy.site.name, policy.version) != (site, version):
        raise VersionError(f"what was kept as version {version} is version {policy.version}")
    return policy


def read_manifest(folder: Path, site: str, version: str) -> Manifest:
    """Return which files a version is of.

    Raises:
        VersionError: It is not kept here, or that cannot be read.
    """
    return read(folder, site, version)


def contents(folder: Path, kept: Kept) -> bytes:
    """Return what a file of a version held.

    Raises:
        VersionError: It is not there, or not what was kept.
    """
    return blobs.get(folder, kept.digest)
