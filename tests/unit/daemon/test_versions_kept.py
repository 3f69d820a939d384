"""Policies that come into force are kept in a thread; a failure is told, and that is all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from fastagi.daemon.versions_kept import VersionsKept
from fastagi.policy.loading import load
from fastagi.versions import Bounds, histories
from fastagi.versions.keeping import DAY_S

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.policy.model import Policy

POLICY = '[site]\nname = "office"\ncountry = "GB"\ntimezone = "UTC"\n'


def _policy(tmp_path: Path, remark: str = "") -> Policy:
    file = tmp_path / "office.toml"
    file.write_text(f"# {remark}\n{POLICY}")
    return load(file)


def _keeper(tmp_path: Path, days: int = 10) -> VersionsKept:
    bounds = Bounds(days, 1 << 30)
    return VersionsKept(tmp_path / "versions", bounds, tmp_path / "decisions.jsonl", lambda: 5.0)


def test_what_comes_into_force_is_kept(tmp_path: Path) -> None:
    """Once, however often it is told."""
    policy = _policy(tmp_path)
    keeper = _keeper(tmp_path)
    keeper({"office": policy})
    keeper._thread.submit(lambda: None).result()
    with capture_logs() as logs:
        keeper({"office": policy})
        keeper._thread.submit(lambda: None).result()
    keeper.close()
    (span,) = histories(tmp_path / "versions")["office"]
    assert (span.version, span.since) == (policy.version, 5.0)
    assert logs == []


def test_after_it_is_closed_nothing_is_begun(tmp_path: Path) -> None:
    """A reload that comes as the worker leaves fails for nothing of this."""
    keeper = _keeper(tmp_path)
    keeper.close()
    keeper({"office": _policy(tmp_path)})
    assert not (tmp_path / "versions").exists()


def test_what_cannot_be_kept_is_told(tmp_path: Path) -> None:
    """Calls go on as ever, and so does what can be."""
    (tmp_path / "versions").touch()
    keeper = _keeper(tmp_path)
    with capture_logs() as logs:
        keeper.keep_all((_policy(tmp_path),), 5.0)
    keeper.close()
    assert [each["event"] for each in logs] == ["policy-version-not-kept"]


def test_what_is_too_old_is_let_go_of(tmp_path: Path) -> None:
    """As another comes into force; not while a line of the record is as old."""
    keeper = _keeper(tmp_path)
    versions = []
    with capture_logs() as logs:
        for day, remark in ((0, "a"), (1, "b"), (30, "c")):
            policy = _policy(tmp_path, remark)
            versions.append(policy.version)
            keeper.keep_all((policy,), day * DAY_S)
    keeper.close()
    gone = [each["versions"] for each in logs if each["event"] == "policy-versions-let-go"]
    assert gone == [[f"office/{versions[0]}"]]


def test_a_folder_that_cannot_be_tidied_is_told(tmp_path: Path) -> None:
    """It fills up otherwise, unnoticed."""
    keeper = _keeper(tmp_path)
    (tmp_path / "decisions.jsonl").mkdir()
    with capture_logs() as logs:
        keeper.keep_all((_policy(tmp_path),), 5.0)
    keeper.close()
    assert [each["event"] for each in logs] == [
        "policy-version-kept",
        "policy-versions-not-tidied",
    ]


def test_a_line_that_is_as_old_holds_its_policy(tmp_path: Path) -> None:
    """What it was judged by can be told as long as it is there."""
    log = tmp_path / "decisions.jsonl"
    log.write_text('{"time":"1970-01-01T00:00:00.000Z","site":"office"}\n')
    keeper = _keeper(tmp_path)
    for day, remark in ((0, "a"), (1, "b"), (30, "c")):
        keeper.keep_all((_policy(tmp_path, remark),), day * DAY_S)
    keeper.close()
    assert len(histories(tmp_path / "versions")["office"]) == 3
