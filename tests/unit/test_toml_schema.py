"""JSON Schemas as editors want them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field

from fastagi.toml_schema import DIALECT, schema_of


class Inner(BaseModel):
    """What it is.

    Attributes:
        one: The first, of which
            much is said.
        two: Said elsewhere.
        three: No key.
    """

    one: int = 900
    two: Annotated[str | None, Field(description="said here")] = None
    four: Path = Path("x")


class Silent(BaseModel):  # noqa: D101 - what has no docstring is tried, too
    size: int | str


class Whole(BaseModel):
    """A file."""

    inner: Inner | None = None
    several: list[Silent] = []
    named: dict[Annotated[str, Field(pattern="^[a-z]+$")], int] = {}


def test_a_schema_says_what_keys_mean_and_nothing_of_python() -> None:
    """No titles, no null, no defaults; docstrings are taken apart."""
    assert schema_of(Whole, "a file") == {
        "$schema": DIALECT,
        "title": "a file",
        "description": "A file.",
        "type": "object",
        "properties": {
            "inner": {"$ref": "#/$defs/Inner"},
            "several": {"type": "array", "items": {"$ref": "#/$defs/Silent"}},
            "named": {
                "type": "object",
                "patternProperties": {"^[a-z]+$": {"type": "integer"}},
                "additionalProperties": False,
            },
        },
        "$defs": {
            "Inner": {
                "description": "What it is.",
                "type": "object",
                "properties": {
                    "one": {"type": "integer", "description": "The first, of which much is said."},
                    "two": {"type": "string", "description": "said here"},
                    "four": {"type": "string"},
                },
            },
            "Silent": {
                "type": "object",
                "required": ["size"],
                "properties": {"size": {"anyOf": [{"type": "integer"}, {"type": "string"}]}},
            },
        },
    }


def test_a_file_without_tables_has_a_schema_too() -> None:
    """Nothing refers to anything."""
    assert schema_of(Silent, "silent")["$defs"] == {}
