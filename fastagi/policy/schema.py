"""The JSON Schemas of a policy and of its cases, for editors that check as one types."""

from __future__ import annotations

from fastagi.policy.case_file import CaseDocument
from fastagi.policy.document import Document
from fastagi.toml_schema import schema_of


def json_schema() -> dict[str, object]:
    """Return the JSON Schema of a policy file.

    It refuses the shapes that the loader refuses. What takes more than a shape is the loader's
    alone: whether a class exists, whether a time zone does.
    """
    return schema_of(Document, "dialguard policy")


def cases_schema() -> dict[str, object]:
    """Return the JSON Schema of the file of cases beside a policy."""
    return schema_of(CaseDocument, "dialguard cases")
