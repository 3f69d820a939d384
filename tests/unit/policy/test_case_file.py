"""`case_file`: cases and sequences are read, or every mistake is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from fastagi.errors import PolicyError
from fastagi.policy.case_file import load_case_file, load_cases, read_cases
from fastagi.policy.reading import BYTES_MAX

CASE = """\
[[case]]
name = "a"
call = { from = "101", dial = "999", at = "2026-01-05T10:10:00" }
expect = { verdict = "allow", rule = "emergency" }
"""
SEQUENCE = """\
[[sequence]]
name = "a"
start = "2026-01-05T10:00:00"
step = [ { call = { from = "101", dial = "999" }, expect = { rule = "emergency" } } ]
"""
FILE = Path("p.cases.toml")


def test_cases_and_sequences_lie_in_one_file(tmp_path: Path) -> None:
    """Each knows its line; one of each may have the same name."""
    file = tmp_path / "p.cases.toml"
    file.write_text(f"# a remark\n{CASE}{SEQUENCE}")
    read = load_case_file(file)
    assert (read.source, len(read)) == (file, 2)
    assert [(each.name, each.line) for each in read.cases] == [("a", 2)]
    assert [(each.name, each.line) for each in read.sequences] == [("a", 6)]
    assert load_cases(file) == read.cases


def test_a_file_may_have_sequences_only() -> None:
    """And no case at all."""
    assert read_cases(SEQUENCE, FILE).cases == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "p.cases.toml: there is no case; write `[[case]]`"),
        (CASE * 2, "p.cases.toml:6: there is a case `a` already"),
        ("[[case]]\n[[sequences]]\n", "`sequences` is not known here; did you mean `sequence`?"),
        ("#" * (BYTES_MAX + 1), "this is larger than 1 MiB"),
    ],
)
def test_what_cannot_be_used_is_refused(text: str, problem: str) -> None:
    """With file and line."""
    with pytest.raises(PolicyError) as refused:
        read_cases(text, FILE)
    assert problem in str(refused.value)


def test_every_problem_is_told_at_once() -> None:
    """Of cases and of sequences."""
    text = CASE.replace("verdict", "verdct") + SEQUENCE.replace("start", "begin")
    with pytest.raises(PolicyError) as refused:
        read_cases(text, FILE)
    assert {each.line for each in refused.value.problems} == {4, 5, 7}
