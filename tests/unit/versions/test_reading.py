"""`versions.reading`: the very policy that was in force, or none."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.errors import VersionError
from fastagi.numbering.number import Category
from fastagi.policy.decision import decide
from fastagi.policy.model import Facts, Request
from fastagi.versions import blobs, contents, histories, load_version, manifest, read_manifest
from fastagi.versions.keeping import keep
from tests.unit.policy.samples import MONDAY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.versions.conftest import Office


def test_a_version_is_the_policy_that_it_was(office: Office) -> None:
    """Whatever its files say now, or if they are gone."""
    policy = office.load()
    keep(office.kept, policy, 1.0)
    shutil.rmtree(office.folder)
    again = load_version(office.kept, "office", policy.version)
    assert (again.version, again.source, again.files_beside) == (
        policy.version,
        policy.source,
        policy.files_beside,
    )
    assert again.rules == policy.rules
    number = policy.plan.read("900881612345678")
    assert number.category is Category.SATELLITE
    request = Request("101", number, MONDAY)
    assert decide(again, request, Facts()) == decide(policy, request, Facts())
    rome = policy.plan.read("900390612345678")
    assert again.rates is not None
    assert policy.rates is not None
    assert again.rates.tariff(rome, 0.0) == policy.rates.tariff(rome, 0.0)


def test_its_files_can_be_read_one_by_one(office: Office) -> None:
    """As bytes."""
    policy = office.load()
    keep(office.kept, policy, 1.0)
    made = read_manifest(office.kept, "office", policy.version)
    assert contents(office.kept, made.policy) == policy.source.read_bytes()
    assert [each.version for each in histories(office.kept)["office"]] == [policy.version]


def test_a_version_under_another_name_is_none(office: Office) -> None:
    """Somebody renamed a file, or two versions begin alike."""
    policy = office.load()
    keep(office.kept, policy, 1.0)
    file = manifest.manifest_file(office.kept, "office", policy.version)
    file.rename(file.with_name("0123456789ab.json"))
    with pytest.raises(VersionError, match=f"is version {policy.version}"):
        load_version(office.kept, "office", "0123456789ab")


def test_what_todays_code_cannot_read_is_told(office: Office) -> None:
    """A key may have changed its meaning meanwhile."""
    policy = office.load()
    keep(office.kept, policy, 1.0)
    old = office.write("old.toml", '[site]\nname = "office"\nperiwinkle = 1\n')
    made = read_manifest(office.kept, "office", policy.version)
    digest = blobs.digest_of(old)
    blobs.put(office.kept, old, digest)
    first = replace(made.policy, digest=digest)
    manifest.write(office.kept, replace(made, files=(first, *made.files[1:])))
    with pytest.raises(VersionError, match="today's code cannot read version"):
        load_version(office.kept, "office", policy.version)


def test_who_may_not_read_it_is_told_who_may(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record may be for more than the service's user; what it judged by is not."""
    policy = office.load()
    keep(office.kept, policy, 1.0)

    def refused(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", refused)  # root may read everything
    with pytest.raises(VersionError, match="by the service's user only: run this as that user"):
        load_version(office.kept, "office", policy.version)
