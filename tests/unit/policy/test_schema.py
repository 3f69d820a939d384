"""`schema`: what editors are told of a policy."""

from __future__ import annotations

import json

from fastagi.policy.case_file import CaseDocument
from fastagi.policy.document import Document
from fastagi.policy.schema import DIALECT, cases_schema, json_schema


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
