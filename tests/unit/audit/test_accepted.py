"""Findings that somebody accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.audit.accepted import Accepted, match, read_accepted
from fastagi.audit.finding import Kind
from fastagi.errors import AcceptedError
from tests.unit.audit.report.samples import LOADED, UNGATED, WEAK

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = """\
# what the office knows of
[[accepted]]
kind = "weak-password"
file = "pjsip.conf"
text = "the password of `102` is the extension itself"
why  = "a lift's phone, in a network of its own"

[[accepted]]
kind = "cannot-be-known"
file = ""
text = "`Dial(${WHERE})` may be anything"
why  = "WHERE is set in [globals] only"
"""


def _entry(finding: object, why: str = "why", line: int = 1) -> Accepted:
    assert isinstance(finding, type(UNGATED))
    return Accepted(finding.kind, finding.place.file, finding.message, why, line)


def test_the_file_is_read(tmp_path: Path) -> None:
    """Each entry with its line."""
    file = tmp_path / "accepted.toml"
    file.write_text(WHOLE)
    weak, loaded = read_accepted(file)
    assert (weak.kind, weak.file, weak.line) == (Kind.PASSWORD, "pjsip.conf", 2)
    assert weak.why == "a lift's phone, in a network of its own"
    assert weak.fits(WEAK)
    assert loaded.fits(LOADED)
    assert not loaded.fits(WEAK)


def test_an_empty_file_accepts_nothing(tmp_path: Path) -> None:
    """It may be begun so."""
    file = tmp_path / "accepted.toml"
    file.write_text("# nothing yet\n")
    assert read_accepted(file) == ()


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("[[accepted]\n", ["accepted.toml:1: "]),
        (
            "nonsense = 1\n",
            ["accepted.toml:1: `nonsense` means nothing here; write `[[accepted]]`"],
        ),
        ("accepted = 1\n", ["accepted.toml:1: write `[[accepted]]` with `kind`, `file`"]),
        ("accepted = [1]\n", ["accepted.toml:1: write `[[accepted]]` with"]),
        (WHOLE.replace("why ", "# "), ["2: `why` is missing", "8: `why` is missing"]),
        (
            WHOLE.replace("weak-password", "weak-pasword"),
            ["3: `weak-pasword` is no kind of finding; did you mean `weak-password`?"],
        ),
        (WHOLE.replace('"WHERE is set in [globals] only"', '" "'), ["12: `why` is empty"]),
        (WHOLE.replace('file = ""', "file = 7"), ["10: `file` is text; write it in quotes"]),
        (
            WHOLE.replace("[[accepted]]", "[[accepted]]\nwhen = 1", 1),
            ["3: `when` means nothing here; write `kind`, `file`, `text` or `why`"],
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    tmp_path: Path, text: str, problems: list[str]
) -> None:
    """All of it at once, and what to write."""
    file = tmp_path / "accepted.toml"
    file.write_text(text)
    with pytest.raises(AcceptedError) as caught:
        read_accepted(file)
    assert len(caught.value.problems) == len(problems)
    for problem, said in zip(caught.value.problems, problems, strict=True):
        assert said in str(problem)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """By its name."""
    with pytest.raises(AcceptedError, match=r"away\.toml: cannot be read: No such file"):
        read_accepted(tmp_path / "away.toml")


def test_reasons_are_matched_and_stale_entries_told() -> None:
    """Of two entries that fit, the first says why; neither is stale."""
    stale = Accepted(Kind.GUEST, "pjsip.conf", "gone.", "why", 9)
    entries = [_entry(WEAK, "first"), stale, _entry(WEAK, "second"), _entry(LOADED)]
    reasons, left = match([UNGATED, WEAK, LOADED], entries)
    assert reasons == {WEAK: "first", LOADED: "why"}
    assert left == [stale]


def test_all_that_say_the_same_are_accepted_together() -> None:
    """One entry for both of them; the line counts for nothing."""
    reasons, left = match([WEAK, WEAK], [_entry(WEAK)])
    assert (reasons, left) == ({WEAK: "why"}, [])
