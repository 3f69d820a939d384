"""JSON Schemas of our TOML files, made of the models that read them, as editors want them.

What pydantic writes is for programs: its titles repeat the keys, `null` is no TOML, and what a key
means is in the docstring of its table. Here that becomes what somebody reads who types.
"""

from __future__ import annotations

import inspect
import json
import re
from typing import TYPE_CHECKING, Final

from pydantic.json_schema import GenerateJsonSchema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import BaseModel
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core.core_schema import WithDefaultSchema


class _Shapes(GenerateJsonSchema):
    """Leaves defaults out: they are values (`900`), not what is written (`15m`)."""

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        """Return the schema of what may be left out."""
        return self.generate_inner(schema["schema"])


DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_ATTRIBUTE: Final = re.compile(r"    (?P<key>\w+): (?P<what>.*)")


def schema_of(model: type[BaseModel], title: str) -> dict[str, object]:
    """Return the JSON Schema of a file: JSON through and through, every key with what it means.

    Args:
        model: The whole file.
        title: What editors call the schema.
    """
    schema = model.model_json_schema(schema_generator=_Shapes)
    tables = {name: _table(table) for name, table in schema.pop("$defs", {}).items()}
    head = {"$schema": DIALECT, "title": title}
    whole = {**head, **_table(schema), "$defs": tables}
    made: dict[str, object] = json.loads(json.dumps(whole))
    return made


def _table(schema: Mapping[str, object]) -> dict[str, object]:
    """Return the schema of a table; its docstring is given to its keys."""
    table = _plain(schema)
    told, keys = _told(str(table.get("description", "")))
    if told:
        table["description"] = told
    properties = table.get("properties")
    if isinstance(properties, dict):
        for key, what in keys.items():
            if isinstance(each := properties.get(key), dict) and "description" not in each:
                each["description"] = what
    return table


def _plain(schema: Mapping[str, object]) -> dict[str, object]:
    """Return a schema, and those inside it, without what is noise in an editor."""
    plain: dict[str, object] = {}
    for key, value in schema.items():
        if key == "title" or (key, value) == ("format", "path"):  # a format of pydantic's own
            continue
        if key == "properties" and isinstance(value, dict):  # its keys are the file's
            plain[key] = {name: _plain(each) for name, each in value.items()}
        elif key == "anyOf" and isinstance(value, list):
            kinds = [_plain(each) for each in value if each != {"type": "null"}]  # TOML has none
            plain |= kinds[0] if len(kinds) == 1 else {key: kinds}
        elif isinstance(value, dict):
            plain[key] = _plain(value)
        else:
            plain[key] = value
    if "patternProperties" in plain:
        plain["additionalProperties"] = False
    return plain


def _told(docstring: str) -> tuple[str, dict[str, str]]:
    """Take a docstring apart: what the table is, and what each of its attributes is."""
    lines = inspect.cleandoc(docstring).split("\n")
    if "Attributes:" not in lines:
        return "\n".join(lines), {}
    place = lines.index("Attributes:")
    return "\n".join(lines[:place]).strip(), dict(_attributes(lines[place + 1 :]))


def _attributes(lines: list[str]) -> Iterator[tuple[str, str]]:
    key, what = "", ""
    for line in lines:
        if (found := _ATTRIBUTE.fullmatch(line)) is not None:
            if key:
                yield key, what
            key, what = found["key"], found["what"]
        else:
            what = f"{what} {line.strip()}".strip()
    if key:
        yield key, what
