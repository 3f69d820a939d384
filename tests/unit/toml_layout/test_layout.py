"""The layout: what it makes of a file, and that it never makes anything else of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings

from fastagi.errors import LayoutError, TomlError
from fastagi.policy.case_file import CaseDocument
from fastagi.policy.document import Document
from fastagi.settings.model import Settings
from fastagi.toml_layout import layout
from fastagi.toml_layout.layout import laid_out
from fastagi.toml_layout.order import order_of
from fastagi.toml_layout.sameness import says_the_same
from fastagi.toml_lines import parse
from tests.unit.toml_layout.written import documents

ROOT = Path(__file__).parents[3]
ORDER = order_of(Document)
SHIPPED = sorted((ROOT / "policies").glob("*.toml"))


def _laid_out(text: str) -> str:
    return laid_out(text.encode(), ORDER)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_what_ships_is_laid_out(file: Path) -> None:
    """Who copies a sample copies its layout."""
    order = order_of(CaseDocument) if ".cases." in file.name else ORDER
    assert laid_out(file.read_bytes(), order) == file.read_text()


def test_the_settings_to_try_it_out_with_are_laid_out() -> None:
    """They are the first that anybody sees."""
    file = ROOT / "deploy" / "try" / "dialguard.toml"
    assert laid_out(file.read_bytes(), order_of(Settings)) == file.read_text()


@settings(max_examples=400, suppress_health_check=list(HealthCheck), deadline=None)
@given(documents())
def test_nothing_is_lost_whatever_is_written(text: str) -> None:
    """Every value and comment is there, and a second time changes nothing."""
    try:
        parse(text)
    except TomlError:
        assume(False)
    after = _laid_out(text)
    assert says_the_same(text, after)
    assert _laid_out(after) == after


@settings(max_examples=50, suppress_health_check=list(HealthCheck), deadline=None)
@given(documents())
def test_the_ends_of_lines_and_a_mark_at_the_start_say_nothing(text: str) -> None:
    """An editor of Windows may have written it."""
    try:
        after = _laid_out(text)
    except TomlError:
        assume(False)
    assert _laid_out("\ufeff" + text.replace("\n", "\r\n")) == after


SHOWN = {
    "equals signs stand below each other": (
        '[site]\nname="a"\ncountry = "GB"\n',
        '[site]\nname    = "a"\ncountry = "GB"\n',
    ),
    "tables and keys are in order, rules in theirs": (
        '[lockout]\nwrong = 3\n[[rule]]\nthen = "deny"\nname = "b"\n[[rule]]\nname = "a"\n'
        '[site]\nname = "x"\n',
        '[site]\nname = "x"\n\n[[rule]]\nname = "b"\nthen = "deny"\n\n[[rule]]\nname = "a"\n\n'
        "[lockout]\nwrong = 3\n",
    ),
    "what stands above moves along, what is the file's does not": (
        "# the file\n\n# of lockouts\n[lockout]\nwrong = 3\n# of the name\n\n"
        "# alone\n\n# of the site\n[site]\n",
        "# the file\n\n# alone\n\n# of the site\n[site]\n\n# of lockouts\n[lockout]\nwrong = 3\n"
        "# of the name\n",
    ),
    "comments beside have a column, or the next that is free": (
        f'[site] # s\nname = "a" # n\nlanguages = [{", ".join(["1"] * 15)}] # l\n',
        f'[site]{" " * 32}# s\nname      = "a"{" " * 23}# n\n'
        f"languages = [{', '.join(['1'] * 15)}] # l\n",
    ),
    "a long list has an item a line": (
        f"a = [{'1234567890, ' * 9}1]\n",
        "a = [\n" + "  1234567890,\n" * 9 + "  1,\n]\n",
    ),
    "a list with comments has them beside its items": (
        "a = [ # of all\n'x', # of x\n\n# of y\n  'y']\n",
        'a = [\n  # of all\n  "x", # of x\n  # of y\n  "y",\n]\n',
    ),
    "quotes are plain where that is the same": (
        "'a' = 'b'\n\"c d\" = 'e\"f'\n'g h'.i = '\\'\n",
        'a       = "b"\n"c d"   = \'e"f\'\n"g h".i = \'\\\'\n',
    ),
    "groups of keys stay apart": (
        "[site]\ntimezone = 1\nname = 2\n\n\n# more\nlongest = 3\ncountry = 4\n",
        "[site]\nname     = 2\ntimezone = 1\n\ncountry  = 4\n# more\nlongest  = 3\n",
    ),
    "a schema for editors stays at the top": (
        "#:schema ./policy.schema.json\n# of the site\n[site]\n",
        "#:schema ./policy.schema.json\n\n# of the site\n[site]\n",
    ),
    "of a key in no table, too": ("#:schema x\na=1\n", "#:schema x\n\na = 1\n"),
    "comments alone are a file": ("\n\n# a\n\n\n# b", "# a\n\n# b\n"),
    "comments at the end stay there": ("[site]\n\n# end\n", "[site]\n\n# end\n"),
    "a comment between groups stands alone": (
        "a = 1\n\n# alone\n\nb = 2\n",
        "a = 1\n\n# alone\n\nb = 2\n",
    ),
    "a blank line above a header's comment is kept": (
        "[site]\n\n# ---- rules\n\n[[rule]]\n",
        "[site]\n\n# ---- rules\n\n[[rule]]\n",
    ),
    "a comment of keys in no table is the file's": ("# a\n\nb = 1\n", "# a\n\nb = 1\n"),
    "nothing is nothing": ("", "\n"),
}


@pytest.mark.parametrize(("before", "after"), SHOWN.values(), ids=SHOWN)
def test_the_layout(before: str, after: str) -> None:
    """As it is described in docs/editing.md."""
    assert _laid_out(before) == after
    assert _laid_out(after) == after


def test_wide_letters_are_as_wide_as_they_look() -> None:
    """Comments stand below each other on the screen."""
    after = _laid_out('[site]\nname = "日本"# a\ncountry = "GB" # b\n')
    assert after == f'[site]\nname    = "日本"{" " * 22}# a\ncountry = "GB"{" " * 24}# b\n'


def test_what_is_no_toml_is_told_with_its_line() -> None:
    """And nothing is made of it."""
    with pytest.raises(TomlError, match="line 2"):
        _laid_out("[site]\nname\n")
    with pytest.raises(TomlError, match="UTF-8"):
        laid_out(b"\xff", ORDER)


def test_a_layout_that_would_change_anything_is_not_given_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However it came to be."""
    monkeypatch.setattr(layout, "value", lambda *_: "2")
    with pytest.raises(LayoutError, match="would change"):
        _laid_out("a = 1\n")


def test_what_the_grammar_cannot_read_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """`tomllib` takes it, so the policy is in force; nobody's file is guessed at."""
    monkeypatch.setattr(layout, "parse", lambda _: None)
    with pytest.raises(LayoutError, match="no layout is known"):
        _laid_out("a = = 1\n")


def test_what_is_nested_beyond_reason_stays_as_it_is() -> None:
    """A list in a list in a list."""
    deep = "x = " + "[" * 60 + " " + "]" * 60 + "\n"
    assert _laid_out(deep) == deep
