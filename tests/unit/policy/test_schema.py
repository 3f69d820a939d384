"""`schema`: what editors are told of a policy."""

from __future__ import annotations

import copy
import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fastagi.policy.case_file import CaseDocument
from fastagi.policy.document import Document
from fastagi.policy.schema import cases_schema, json_schema
from fastagi.toml_schema import DIALECT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[3]
SHIPPED = sorted(
    each for each in (ROOT / "policies").glob("*.toml") if not each.name.endswith(".cases.toml")
)


def _tables() -> dict[str, dict[str, object]]:
    tables = json_schema()["$defs"]
    assert isinstance(tables, dict)
    return tables


def test_the_schema_is_json_and_says_what_it_is() -> None:
    """An editor can load it."""
    schema = json_schema()
    assert schema["$schema"] == DIALECT
    assert json.loads(json.dumps(schema)) == schema


def test_every_table_of_a_policy_is_in_it() -> None:
    """What can be written can be completed."""
    properties = json_schema()["properties"]
    assert isinstance(properties, dict)
    fields = Document.model_fields.items()
    assert set(properties) == {field.alias or name for name, field in fields}


def test_keys_are_named_as_they_are_written() -> None:
    """`from` and `for` are words of Python, but not of policies."""
    assert "from" in str(_tables()["RuleTable"]["properties"])
    assert "from_" not in str(_tables()["RuleTable"]["properties"])


def test_the_words_of_a_sign_in_are_named() -> None:
    """An editor offers them, and none that a policy would refuse."""
    keys = _tables()["SignInTable"]["properties"]
    assert isinstance(keys, dict)
    assert sorted(keys) == sorted(
        ["factors", "for", "idle", "until", "at_once", "bound_to", "calls", "network", "anywhere"]
    )
    assert keys["factors"]["enum"] == ["pin", "totp", "pin+totp"]
    assert keys["bound_to"]["items"]["enum"] == ["address", "transport", "agent", "contact"]
    assert keys["calls"]["enum"] == ["keep", "end"]
    assert keys["until"]["type"] == "string"


def test_unknown_keys_are_wrong_in_the_editor_too() -> None:
    """Every table is closed."""
    assert all(table["additionalProperties"] is False for table in _tables().values())


def test_no_default_is_of_another_type_than_its_key() -> None:
    """A duration is written as text, so the 900 seconds it stands for are not shown."""
    assert "default" not in json.dumps(json_schema())


def test_what_a_limit_can_be_on_is_named() -> None:
    """Money as text, so that no editor makes a float of it."""
    keys = _tables()["LimitTable"]["properties"]
    assert isinstance(keys, dict)
    assert keys.keys() >= {"spend", "minutes", "attempts", "numbers", "countries", "within"}
    for money in ("spend", "price"):
        assert (keys[money]["type"], keys[money]["description"] != "") == ("string", True)
    assert (keys["attempts"]["type"], keys["attempts"]["minimum"]) == ("integer", 1)


def _of_cases() -> dict[str, dict[str, object]]:
    tables = cases_schema()["$defs"]
    assert isinstance(tables, dict)
    return tables


def test_cases_have_a_schema_of_their_own() -> None:
    """An editor can load it, and tells what is no key."""
    schema = cases_schema()
    assert schema["$schema"] == DIALECT
    assert json.loads(json.dumps(schema)) == schema
    properties = schema["properties"]
    assert isinstance(properties, dict)
    assert set(properties) == set(CaseDocument.model_fields)
    assert all(table["additionalProperties"] is False for table in _of_cases().values())
    assert "default" not in json.dumps(schema)


def test_what_a_case_and_a_step_can_say_is_named() -> None:
    """Keys as they are written, words where there are few, moments as text."""
    call, step = (_of_cases()[name]["properties"] for name in ("CallTable", "StepTable"))
    assert isinstance(call, dict)
    assert isinstance(step, dict)
    assert {"from", "at", "used", "watched"} <= call.keys()
    assert {"sign-in", "sign-off", "hang-up", "after", "times"} <= step.keys()
    assert (call["at"]["type"], step["at"]["type"]) == ("string", "string")
    keys = _of_cases()["DialTable"]["properties"]
    assert isinstance(keys, dict)
    assert keys["keys"]["enum"] == ["right", "wrong", "nothing", "pin", "totp"]
    assert _of_cases()["CallTable"]["required"] == ["from", "dial", "at"]


def _silent(schema: dict[str, Any]) -> list[str]:
    """Return the paths of keys of which nothing is said."""
    silent = []
    tables = {"": schema, **schema["$defs"]}
    for name, table in tables.items():
        for key, what in table["properties"].items():
            if "description" not in what and "$ref" not in what:
                silent.append(f"{name}.{key}")
    return silent


def test_every_key_says_what_it_means() -> None:
    """An editor shows it to whoever types."""
    assert _silent(json_schema()) == []


def test_what_ships_is_what_the_code_says() -> None:
    """`dialguard schema --write policies` writes it."""
    assert json.loads((ROOT / "policies" / "policy.schema.json").read_text()) == json_schema()


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_the_samples_name_the_schema_and_are_right_by_it(file: Path) -> None:
    """An editor that opens one shows nothing in red."""
    directive = file.read_text().partition("\n")[0]
    assert directive == "#:schema ./policy.schema.json"
    assert _is_right(tomllib.loads(file.read_text()))


# ------------------------------------------------------------------- loader and schema agree

SCHEMA = jsonschema_rs.validator_for(json_schema())
WHOLE = {
    "format": 1,
    "site": {
        "name": "s",
        "country": "GB",
        "timezone": "UTC",
        "internal": ["1XX"],
        "longest": "4h",
    },
    "classes": {"staff": ["1XX", "anna"]},
    "hours": {"office": ["Mon-Fri 08:00-18:30", "2026-12-25"]},
    "networks": {"vpn": ["10.8.0.0/24", "fd00::/64"]},
    "lists": {"irsf": "irsf.csv"},
    "rates": {"file": "rates.csv", "currency": "EUR", "unknown": "3.00"},
    "rule": [
        {
            "name": "r",
            "from": ["staff"],
            "to": ["international", "country:IT", "prefix:+39", "list:irsf"],
            "when": "office and not holiday",
            "network": ["not vpn"],
            "transport": ["udp"],
            "then": "pin+totp",
            "remember": "30m",
            "without_store": "deny",
        }
    ],
    "limit": [{"name": "l", "per": "extension", "calls": 2, "spend": "20.00", "within": "24h"}],
    "watch": [{"name": "w", "sign": "guessing", "then": ["step-up"], "for": "12h"}],
    "honeypot": {"extensions": ["299"]},
    "brake": {"for": "1h", "then": "deny"},
    "bypass": {"trunks": ["carrier"], "then": "alarm"},
    "sign-in": {"factors": "pin", "until": "22:00", "bound_to": ["address"]},
    "challenge": {"tries": 3, "wait": "20s"},
    "lockout": {"wrong": 5, "for": "15m"},
    "prompts": {"pin": "custom/pin"},
}
"""A policy with every table, and every kind of value."""

WRONG = ["", " ", "x\n", "nonsense!", "99x", "-1", 0, -1, 10**9, 1.5, True, [], [[]], {}, {"x": 1}]


def _is_right(document: object) -> bool:
    return SCHEMA.is_valid(document)


def _has_the_shape(document: object) -> bool:
    try:
        Document.model_validate(document)
    except ValidationError:
        return False
    return True


def _places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Return the place of every value in a document."""
    inner: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for key, each in inner:
        yield (*path, key)
        yield from _places(each, (*path, key))


def _with(document: object, path: tuple[str | int, ...], value: object) -> object:
    changed: Any = copy.deepcopy(document)
    place = changed
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return changed


def _with_a_key(document: object, path: tuple[str | int, ...]) -> object:
    changed: Any = copy.deepcopy(document)
    place = changed
    for key in path:
        place = place[key]
    if isinstance(place, dict):
        place["no-such-key"] = 1
    return changed


PLACES = [(), *_places(WHOLE)]
CHANGES = [
    *(_with(WHOLE, path, wrong) for path in PLACES[1:] for wrong in WRONG),
    *(_with(WHOLE, path, None) for path in PLACES[1:]),
    *(_with_a_key(WHOLE, path) for path in PLACES),
]


def test_the_whole_policy_is_right() -> None:
    """By the loader and by the schema."""
    assert _is_right(WHOLE)
    assert _has_the_shape(WHOLE)


def test_the_schema_refuses_nothing_that_loads() -> None:
    """A thousand policies with one thing changed; nobody is led to change what is right."""
    assert len(CHANGES) > 1000
    assert [each for each in CHANGES if _has_the_shape(each) and not _is_right(each)] == []


def test_the_schema_refuses_what_does_not_load() -> None:
    """Of those thousand; but for texts whose meaning takes more than a pattern."""
    missed = [
        path
        for path in PLACES[1:]
        for wrong in WRONG
        if _is_right(changed := _with(WHOLE, path, wrong)) and not _has_the_shape(changed)
    ]
    by_meaning = {"timezone", "internal", "classes", "hours", "networks", "when", "network"}
    by_meaning |= {"extensions", "file", "lists"}
    assert {path for path in missed if not by_meaning & set(map(str, path))} == set()
    without = [_with(WHOLE, path, None) for path in PLACES[1:]]
    unknown = [_with_a_key(WHOLE, path) for path in PLACES]
    assert [
        each for each in [*without, *unknown] if _is_right(each) and not _has_the_shape(each)
    ] == []


@given(st.sampled_from(PLACES[1:]), st.text(max_size=8) | st.integers() | st.floats(0, 9))
def test_no_text_and_no_number_loads_that_the_schema_refuses(
    path: tuple[str | int, ...], value: object
) -> None:
    """Whatever it is."""
    changed = _with(WHOLE, path, value)
    assert _is_right(changed) or not _has_the_shape(changed)


def test_the_schema_of_cases_that_ships_is_what_the_code_says() -> None:
    """And the cases that ship are right by it."""
    shipped = json.loads((ROOT / "policies" / "cases.schema.json").read_text())
    assert shipped == cases_schema()
    validator = jsonschema_rs.validator_for(shipped)
    for file in (ROOT / "policies").glob("*.cases.toml"):
        assert validator.is_valid(tomllib.loads(file.read_text())), file
