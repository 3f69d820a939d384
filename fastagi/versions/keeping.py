"""A policy that came into force into the folder, and what is too old or too much out of it."""

from __future__ import annotations

import contextlib
import fcntl
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.errors import VersionError
from fastagi.policy.files import cases_path, version_of
from fastagi.versions import blobs, manifest
from fastagi.versions.manifest import SITE, VERSION, Kept, Manifest, Role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastagi.policy.model import Policy
    from fastagi.versions.manifest import Span

DAY_S: Final = 86_400

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long versions are kept that are in force no more, and how much of them.

    Attributes:
        days: After which one is let go of, if no line of the record is as old.
        bytes_most: Of all together; above it the one goes first that was in force longest ago.
    """

    days: int
    bytes_most: int


def keep(folder: Path, policy: Policy, now: float) -> bool:
    """Keep a policy that is in force, with its cases, lists and rate sheet.

    Of several processes that do it at once one does, and the others find it done.

    Args:
        folder: That of all versions.
        policy: As it was loaded from its files.
        now: Since when it is in force, if it was not before.

    Returns:
        Whether it is new: another was in force before, or none.

    Raises:
        VersionError: Its files say something else by now: what is loaded next will be kept.
        OSError: It cannot be kept.
    """
    site, version = policy.site.name, policy.version
    with _locked(folder):
        before = manifest.history(folder, site)
        spans = manifest.with_another(before, version, now)
        is_kept = manifest.manifest_file(folder, site, version).exists()
        if is_kept and spans == before:
            return False
        if not is_kept:
            manifest.write(folder, _kept(folder, policy))
        manifest.write_history(folder, site, spans)
    return spans != before


def _kept(folder: Path, policy: Policy) -> Manifest:
    """Keep the files of a policy, once it is sure that they are those it was loaded from."""
    roles = [Role.LIST] * len(policy.files_beside)
    if policy.rates is not None:
        roles[-1] = Role.RATES  # `files_beside` has it last
    files = [(Role.POLICY, policy.source), *zip(roles, policy.files_beside, strict=True)]
    digests = [blobs.digest_of(file) for _, file in files]
    lists = digests[1:] if policy.rates is None else digests[1:-1]
    rates = None if policy.rates is None else bytes.fromhex(digests[-1])
    found = version_of(bytes.fromhex(digests[0]), map(bytes.fromhex, lists), rates)
    if found != policy.version:
        raise VersionError(f"the files of version {policy.version} say something else by now")
    if (cases := cases_path(policy.source)).exists():
        files.append((Role.CASES, cases))
        digests.append(blobs.digest_of(cases))
    kept = []
    for (role, file), digest in zip(files, digests, strict=True):
        blobs.put(folder, file, digest)
        kept.append(Kept(role, str(file), digest, file.stat().st_size))
    return Manifest(policy.site.name, policy.version, tuple(kept))


# ----------------------------------------------------------------------------- bounds


def forget(folder: Path, bounds: Bounds, now: float, oldest_line: float | None) -> list[str]:
    """Let go of versions that are too old, or too much; return which, as `site/version`.

    What is in force stays, and so does what a line of the record may still refer to, unless there
    is too much of it. Of a site of which it cannot be read what was in force when, all stays, and
    it is told: others are tidied as ever.

    Args:
        folder: That of all versions.
        bounds: How much is kept.
        now: The moment.
        oldest_line: When the oldest line of the record was written; None where there is none.

    Raises:
        OSError: It cannot be read what there is, or something cannot be taken away.
    """
    before = now - bounds.days * DAY_S
    before = before if oldest_line is None else min(before, oldest_line)
    with _locked(folder):
        there, kept = _there(folder)
        used = {name: _digests(folder, *name) for name in kept}
        sizes = blobs.sizes(folder)
        gone: list[tuple[str, str]] = []
        for over, site, version in _over(there):
            total = sum(sizes.get(each, 0) for each in set().union(*used.values()))
            if over >= before and total <= bounds.bytes_most:
                break
            del used[(site, version)]
            gone.append((site, version))
        for site in {site for site, _ in gone}:
            left = [each for each in there[site] if (site, each.version) in used]
            manifest.write_history(folder, site, left)
        for site, version in gone:
            manifest.manifest_file(folder, site, version).unlink(missing_ok=True)
        blobs.forget_others(folder, set().union(*used.values()))
    return [f"{site}/{version}" for site, version in gone]


def _there(folder: Path) -> tuple[dict[str, list[Span]], set[tuple[str, str]]]:
    """Return the history of each site that can be read, and all versions that there are."""
    there: dict[str, list[Span]] = {}
    kept: set[tuple[str, str]] = set()
    for site in sorted(each.name for each in folder.iterdir() if SITE.fullmatch(each.name)):
        try:
            spans = manifest.history(folder, site)
            for each in spans:
                manifest.manifest_file(folder, site, each.version)
        except (VersionError, TypeError) as error:
            log.error("policy-versions-not-tidied", site=site, error=str(error))
            files = (folder / site).glob("*.json")
            kept |= {(site, each.stem) for each in files if VERSION.fullmatch(each.stem)}
        else:
            there[site] = spans
            kept |= {(site, each.version) for each in spans}
    return there, kept


def _over(there: dict[str, list[Span]]) -> list[tuple[float, str, str]]:
    """Return when each version was over that is in force no more, the longest ago first."""
    last: dict[tuple[str, str], float | None] = {}
    for site, spans in there.items():
        for each in spans:
            last[(site, each.version)] = each.until
    return sorted((until, *name) for name, until in last.items() if until is not None)


def _digests(folder: Path, site: str, version: str) -> frozenset[str]:
    """Return what a version is made of; nothing of one that cannot be read."""
    try:
        return frozenset(each.digest for each in manifest.read(folder, site, version).files)
    except VersionError:
        return frozenset()


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Be the only one who changes the folder."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
