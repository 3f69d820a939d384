"""What editors are told of `dialguard.toml`."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from fastagi.settings.model import Settings
from fastagi.settings.schema import ONE_OR_SEVERAL, settings_schema

ROOT = Path(__file__).parents[3]


def _is_right(text: str) -> bool:
    return jsonschema_rs.validator_for(settings_schema()).is_valid(tomllib.loads(text))


def test_what_ships_is_what_the_code_says() -> None:
    """`dialguard schema --write policies` writes it."""
    shipped = json.loads((ROOT / "policies" / "dialguard.schema.json").read_text())
    assert shipped == settings_schema()


def test_every_key_has_a_type_and_says_what_it_means() -> None:
    """An editor shows it to whoever types."""
    schema: dict[str, Any] = settings_schema()
    assert set(schema["properties"]) == set(Settings.model_fields)
    assert [
        f"{name}.{key}"
        for name, table in schema["$defs"].items()
        for key, what in table["properties"].items()
        if "$ref" not in what and not {"description", "type"} <= what.keys()
    ] == []


def test_the_settings_to_try_it_out_with_are_right_by_it() -> None:
    """And say where the schema is."""
    text = (ROOT / "deploy" / "try" / "dialguard.toml").read_text()
    assert text.startswith("#:schema ../../policies/dialguard.schema.json\n")
    assert _is_right(text)


@pytest.mark.parametrize("name", ONE_OR_SEVERAL)
def test_a_table_may_be_one_or_several(name: str) -> None:
    """As the loader takes it."""
    keys = 'secret_file = "s"\nurls_file = "u"\nname = "n"\nurl = "https://x"\n'
    wanted = settings_schema()["$defs"]
    assert isinstance(wanted, dict)
    (table,) = (each for each in wanted if each.lower() == f"{name}settings")
    known = "".join(
        f"{line}\n"
        for line in keys.splitlines()
        if line.partition(" ")[0] in wanted[table]["properties"]
    )
    policy = '[policy]\nfile = "p"\n'
    assert _is_right(f"{policy}[{name}]\n{known}")
    assert _is_right(f"{policy}[[{name}]]\n{known}[[{name}]]\n{known}")


@pytest.mark.parametrize(
    "wrong",
    ['[policy]\nfil = "p"\n', "[agi]\n", '[policy]\nfile = "p"\n[agi]\nlisten = 4573\n'],
)
def test_what_is_wrong_is_shown(wrong: str) -> None:
    """A key that is none, a table that is missing, a number for a text."""
    assert not _is_right(wrong)
