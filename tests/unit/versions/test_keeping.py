"""`versions.keeping`: what came into force is kept, and no more of it than there may be."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from fastagi.errors import VersionError
from fastagi.policy.loading import load
from fastagi.versions import blobs, manifest
from fastagi.versions.keeping import DAY_S, Bounds, forget, keep
from fastagi.versions.manifest import Role, Span

if TYPE_CHECKING:
    from tests.unit.versions.conftest import Office

ROOMY = Bounds(10, 1 << 30)


def test_all_its_files_are_kept(office: Office) -> None:
    """The policy, its lists in their order, its rate sheet, its cases."""
    policy = office.load()
    assert keep(office.kept, policy, 1.0)
    kept = manifest.read(office.kept, "office", policy.version).files
    assert [each.role for each in kept] == [
        *(Role.POLICY, Role.LIST, Role.LIST, Role.RATES, Role.CASES)
    ]
    assert blobs.get(office.kept, kept[3].digest) == b"prefix,price\n39,1.20\n"
    assert office.kept.stat().st_mode & 0o777 == 0o700


def test_a_policy_alone_is_kept_alone(office: Office) -> None:
    """Most have no sheet, and some no cases."""
    text = '[site]\nname = "bare"\ncountry = "GB"\ntimezone = "UTC"\n'
    policy = load(office.write("bare.toml", text))
    assert keep(office.kept, policy, 1.0)
    assert len(manifest.read(office.kept, "bare", policy.version).files) == 1


def test_what_does_not_change_is_kept_once(office: Office) -> None:
    """A sheet of a million lines is not kept anew with each rule."""
    keep(office.kept, office.load(), 1.0)
    files = len(blobs.sizes(office.kept))
    assert keep(office.kept, office.ruled("worse"), 2.0)
    assert len(blobs.sizes(office.kept)) == files + 1


def test_several_workers_keep_it_once(office: Office) -> None:
    """And those that come later find it done."""
    policy = office.load()
    with ThreadPoolExecutor(8) as workers:
        told = [workers.submit(keep, office.kept, policy, float(each)) for each in range(8)]
    assert sum(each.result() for each in told) == 1
    assert len(manifest.history(office.kept, "office")) == 1


def test_a_version_whose_manifest_is_gone_is_kept_again(office: Office) -> None:
    """Nothing is new about it, all the same."""
    policy = office.load()
    keep(office.kept, policy, 1.0)
    manifest.manifest_file(office.kept, "office", policy.version).unlink()
    assert not keep(office.kept, policy, 2.0)
    assert manifest.read(office.kept, "office", policy.version).policy.role is Role.POLICY


def test_files_that_say_something_else_by_now_are_not_kept(office: Office) -> None:
    """Nobody would be told the reasons of a policy that was none."""
    policy = office.load()
    office.write("home.csv", "+1\n")
    with pytest.raises(VersionError, match="something else by now"):
        keep(office.kept, policy, 1.0)
    assert manifest.history(office.kept, "office") == []


def _three(office: Office) -> list[str]:
    versions = []
    for day, name in enumerate(("a", "b", "c")):
        policy = office.ruled(name)
        keep(office.kept, policy, day * DAY_S)
        versions.append(policy.version)
    return versions


def test_what_is_too_old_goes(office: Office) -> None:
    """With what only it was made of; what is in force stays however old."""
    first, second, third = _three(office)
    now = 11.5 * DAY_S  # the first was over ten and a half days ago
    assert forget(office.kept, ROOMY, now, None) == [f"office/{first}"]
    assert [each.version for each in manifest.history(office.kept, "office")] == [second, third]
    used = {
        each.digest
        for version in (second, third)
        for each in manifest.read(office.kept, "office", version).files
    }
    assert set(blobs.sizes(office.kept)) == used
    assert forget(office.kept, ROOMY, 10_000 * DAY_S, None) == [f"office/{second}"]
    assert manifest.read(office.kept, "office", third).version == third


def test_what_a_line_may_refer_to_stays(office: Office) -> None:
    """However old."""
    first, *_ = _three(office)
    assert forget(office.kept, ROOMY, 10_000 * DAY_S, 0.5 * DAY_S) == []
    assert forget(office.kept, ROOMY, 10_000 * DAY_S, 1.5 * DAY_S) == [f"office/{first}"]


def test_of_too_much_the_oldest_goes_first(office: Office) -> None:
    """Even where a line refers to it; never what is in force."""
    first, second, third = _three(office)
    size = sum(blobs.sizes(office.kept).values())
    assert forget(office.kept, replace(ROOMY, bytes_most=size), 2 * DAY_S, 0.0) == []
    bounds = replace(ROOMY, bytes_most=size - 1)
    assert forget(office.kept, bounds, 2 * DAY_S, 0.0) == [f"office/{first}"]
    assert forget(office.kept, replace(ROOMY, bytes_most=0), 2 * DAY_S, 0.0) == [
        f"office/{second}"
    ]
    assert manifest.history(office.kept, "office") == [Span(third, 2 * DAY_S)]


def test_a_version_that_came_back_is_as_old_as_its_last_time(office: Office) -> None:
    """In force, it is not old at all."""
    one, two = office.ruled("a"), office.ruled("b")
    keep(office.kept, two, 0.0)
    office.ruled("a")
    keep(office.kept, one, 1.0)
    office.ruled("b")
    keep(office.kept, two, 2.0)
    assert forget(office.kept, ROOMY, 100 * DAY_S, None) == [f"office/{one.version}"]


def test_a_manifest_that_cannot_be_read_keeps_nothing(office: Office) -> None:
    """It is let go of as any other; what others need stays."""
    first, second, third = _three(office)
    manifest.manifest_file(office.kept, "office", first).write_text("?")
    forget(office.kept, ROOMY, 100 * DAY_S, None)
    assert [each.version for each in manifest.history(office.kept, "office")] == [third]
    assert second != third


@pytest.mark.parametrize(
    "history",
    [
        *("?", "[1]", '[{"version": "0123456789ab", "since": "noon"}]'),
        *('[{"version": "../../a", "since": 1}]', '[{"version": 7, "since": 1}]'),
        *('[{"version": "0123456789ab", "since": NaN}]',),
    ],
)
def test_a_site_whose_history_cannot_be_read_keeps_all_and_others_are_tidied(
    office: Office, history: str
) -> None:
    """Else one broken file would let the folder grow without a bound."""
    first, second, third = _three(office)
    policy = '[site]\nname = "bare"\ncountry = "GB"\ntimezone = "UTC"\n'
    broken = load(office.write("bare.toml", policy)).version
    keep(office.kept, load(office.write("bare.toml", policy)), 0.0)
    manifest.manifest_file(office.kept, "bare", broken).with_name("history.json").write_text(
        history
    )
    with capture_logs() as logs:
        gone = forget(office.kept, ROOMY, 100 * DAY_S, None)
    assert gone == [f"office/{first}", f"office/{second}"]
    assert [each.version for each in manifest.history(office.kept, "office")] == [third]
    (told,) = logs
    assert (told["event"], told["site"]) == ("policy-versions-not-tidied", "bare")
    (kept,) = manifest.read(office.kept, "bare", broken).files
    assert b"bare" in blobs.get(office.kept, kept.digest)
