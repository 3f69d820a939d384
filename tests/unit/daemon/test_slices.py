"""Marks by which all workers know whether calls are looked after: fresh, old, or none."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from fastagi.daemon.slices import SlicesByMark, slices_of
from fastagi.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

NODE = "pbx/1"


def test_calls_are_sliced_while_somebody_looks_after_them(tmp_path: Path) -> None:
    """By any worker, and of that Asterisk only."""
    slices = SlicesByMark(tmp_path, {NODE: 300, "other": 300})
    assert slices.seconds(NODE) == 0
    slices.seen_to(NODE)
    another = SlicesByMark(tmp_path, {NODE: 300, "other": 300})
    assert [another.seconds(each) for each in (NODE, "other", "stranger")] == [300, 0, 0]


def test_a_mark_that_is_old_is_none(tmp_path: Path) -> None:
    """Whoever made it may be dead: half a slice is the longest that it may take."""
    slices = SlicesByMark(tmp_path, {NODE: 300})
    slices.seen_to(NODE)
    (mark,) = tmp_path.iterdir()
    for age_s, seconds in ((100, 300), (200, 0), (-200, 0)):
        at = time.time() - age_s
        os.utime(mark, (at, at))
        assert slices.seconds(NODE) == seconds


def test_without_a_folder_there_are_none(tmp_path: Path) -> None:
    """Nor where it is gone, which is told."""
    with capture_logs() as said:
        for folder in (None, tmp_path / "gone"):
            slices = SlicesByMark(folder, {NODE: 300})
            slices.seen_to(NODE)
            assert slices.seconds(NODE) == 0
    assert [each["event"] for each in said] == ["no-slices"]


def test_the_settings_say_how_long_they_are(tmp_path: Path) -> None:
    """Five minutes where they say nothing; 0 does without."""
    ami = [
        {"node": "a", "secret_file": "a"},
        {"node": "b", "secret_file": "b", "slice_s": 60},
        {"node": "c", "secret_file": "c", "slice_s": 0},
    ]
    settings = Settings(policy={"file": "policy.toml"}, ami=ami)  # type: ignore[arg-type]  # pydantic reads it
    assert slices_of(settings, tmp_path).lengths_s == {"a": 300, "b": 60, "c": 0}
