"""Whatever the service warns of stands in the page for three in the morning, and nothing else."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "three-in-the-morning.md").read_text()
LOUD = {"warning", "error", "exception"}


def warned_of() -> set[str]:
    """Return every event that any module logs loudly."""
    events: set[str] = set()
    for module in (ROOT / "fastagi").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            match node:
                case ast.Call(
                    func=ast.Attribute(
                        value=ast.Name(id="log" | "_log") | ast.Attribute(attr="log" | "_log"),
                        attr=loud,
                    ),
                    args=[ast.Constant(value=str(event)), *_],
                ) if loud in LOUD:
                    events.add(event)
    return events


def test_every_warning_is_in_the_table() -> None:
    """Whoever is woken by one finds what to do."""
    table = PAGE.partition("## What the log says")[2]
    rows = re.findall(r"^\| (`[^|]*`) \|", table, re.MULTILINE)
    assert sorted(re.findall(r"`([^`]+)`", " ".join(rows))) == sorted(warned_of())


def test_events_are_words_that_can_be_searched_for() -> None:
    """No blanks: `journalctl | grep` takes them as they are."""
    assert {
        event for event in warned_of() if not re.fullmatch(r"[a-z]+(-[a-z]+)*", event)
    } == set()
