"""The JSON Schema of `dialguard.toml`, for editors that complete and check as one types."""

from __future__ import annotations

from fastagi.settings.model import Settings
from fastagi.toml_schema import schema_of

ONE_OR_SEVERAL = ("ami", "webhook", "alert")
"""Tables that may be written as `[ami]`, or as `[[ami]]` each."""


def settings_schema() -> dict[str, object]:
    """Return the JSON Schema of a settings file.

    It asks for the plain way to write each value. The loader is more lenient, as variables are all
    text: it takes `"5038"` for a number, and `"a,b"` for a list.
    """
    schema = schema_of(Settings, "dialguard settings")
    properties = schema["properties"]
    assert isinstance(properties, dict)  # noqa: S101 - pydantic's models have properties
    for name in ONE_OR_SEVERAL:
        several = properties[name]
        properties[name] = {"anyOf": [several["items"], several]}
    return schema
