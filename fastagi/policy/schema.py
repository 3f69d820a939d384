"""The JSON Schema of a policy and of its cases, for editors that check as one types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.policy.case_file import CaseDocument
from fastagi.policy.document import Document

if TYPE_CHECKING:
    from pydantic import BaseModel

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_NOISE: Final = frozenset({"title", "default"})
"""pydantic's titles repeat the keys, and its defaults are values (`900`), not texts (`15m`)."""


def json_schema() -> dict[str, object]:
    """Return the JSON Schema of a policy file."""
    return _schema(Document, "dialguard policy")


def cases_schema() -> dict[str, object]:
    """Return the JSON Schema of the file of cases beside a policy."""
    return _schema(CaseDocument, "dialguard cases")


def _schema(document: type[BaseModel], title: str) -> dict[str, object]:
    schema = document.model_json_schema()
    tables = {name: _plain(table) for name, table in schema.pop("$defs").items()}
    return {"$schema": DIALECT, "title": title, **_plain(schema), "$defs": tables}


def _plain(schema: dict[str, object]) -> dict[str, object]:
    """Return a schema, and those inside it, without what is noise in an editor."""
    plain: dict[str, object] = {}
    for key, value in schema.items():
        if key in _NOISE:
            continue
        if key == "properties" and isinstance(value, dict):  # its keys are the policy's
            plain[key] = {name: _plain(each) for name, each in value.items()}
        elif key == "anyOf" and isinstance(value, list):
            kinds = [_plain(each) for each in value if each != {"type": "null"}]  # TOML has none
            plain |= kinds[0] if len(kinds) == 1 else {key: kinds}
        elif isinstance(value, dict):
            plain[key] = _plain(value)
        else:
            plain[key] = value
    return plain
