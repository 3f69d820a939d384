"""From one format of policies to the next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fastagi.errors import TomlError
from fastagi.policy.format import FORMAT
from fastagi.policy.loading import load_text
from fastagi.policy.migrations import MIGRATIONS, Migration, migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tomlkit import TOMLDocument

SHIPPED = Path(__file__).parents[3] / "policies" / "office.toml"


def _renamed(document: TOMLDocument) -> Iterator[str]:
    document["old"] = "new"
    yield "`old` is `new`, as it was never old"


def _dropped(document: TOMLDocument) -> Iterator[str]:
    assert document["old"] == "new"
    del document["old"]
    yield "`old` is gone"


MADE_UP = (Migration(2, _renamed), Migration(3, _dropped))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[site]\n", "format = 1\n\n[site]\n"),
        ("# the file\n\n[site]\n", "# the file\n\nformat = 1\n\n[site]\n"),
        ("# the file\n[site]\n", "# the file\n\nformat = 1\n\n[site]\n"),
        ("a = 1\n", "format = 1\na = 1\n"),
        ("# only", "# only\n\nformat = 1\n"),
        ("", "format = 1\n"),
        ("# x\r\n[site]\r\n", "# x\r\n\r\nformat = 1\r\n\r\n[site]\r\n"),
    ],
)
def test_a_policy_without_a_number_is_given_the_first(before: str, after: str) -> None:
    """Below what is said of the file, and above everything else; once."""
    done = migrate(before, known=1)
    assert done.text == after
    assert len(done.notes) == 1
    assert migrate(after, known=1) == (after, [])


def test_what_ships_loads_after_it() -> None:
    """And says the same, with the same comments."""
    before = SHIPPED.read_text()
    after = migrate(before).text
    assert after.replace(f"format = {FORMAT}\n\n", "", 1) == before
    loaded, was = load_text(after, SHIPPED), load_text(before, SHIPPED)
    assert [each.name for each in loaded.rules] == [each.name for each in was.rules]
    assert loaded.limits[0].line == was.limits[0].line + 2


def test_migrations_are_applied_in_order_and_say_why() -> None:
    """Each from the format before it; comments stay."""
    done = migrate('old = "x" # kept\nrest = 1 # too\n', MADE_UP, known=3)
    assert done.text == "format = 3\nrest = 1 # too\n"
    assert [each.partition(" is ")[0] for each in done.notes] == ["`format = 1`", "`old`", "`old`"]


def test_only_what_is_newer_than_the_policy_is_applied() -> None:
    """What was done is not done again."""
    done = migrate('format = 2\nold = "new"\n', MADE_UP, known=3)
    assert (done.text, done.notes) == ("format = 3\n", ["`old` is gone"])


@pytest.mark.parametrize("text", ["format = 9\n", "format = true\n", 'format = "1"\n'])
def test_a_format_that_nobody_knows_is_left_alone(text: str) -> None:
    """Nobody guesses what is in it."""
    with pytest.raises(ValueError, match="format"):
        migrate(text)
    with pytest.raises(TomlError):
        migrate("format\n")


def test_there_is_a_migration_to_each_format() -> None:
    """But to the first, which had no number."""
    assert [each.to for each in MIGRATIONS] == list(range(2, FORMAT + 1))
