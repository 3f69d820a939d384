"""SARIF 2.1.0 as far as we write it, after the schema of OASIS (sarif-spec, Schemata).

The schema itself is no Python package. Of each object that we write this holds the properties
that we may, with the bounds the schema gives them; as there, no object has any other.
"""

from __future__ import annotations

from typing import Final

Schema = dict[str, object]

TEXT: Final[Schema] = {"type": "string"}
TEXTS: Final[Schema] = {"type": "array", "uniqueItems": True, "items": TEXT}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _all(name: str, least: int = 0) -> Schema:
    return {"type": "array", "minItems": least, "items": _ref(name)}


def _object(properties: Schema, *required: str, **more: object) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": list(required),
        **more,
    }


def _one_of(*words: str) -> Schema:
    return {"type": "string", "enum": list(words)}


SARIF: Final[Schema] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    **_object(
        {
            "$schema": {"type": "string", "format": "uri"},
            "version": {"enum": ["2.1.0"]},
            "runs": {"type": "array", "minItems": 0, "items": _ref("run")},
        },
        "version",
        "runs",
    ),
    "definitions": {
        "run": _object(
            {
                "tool": _ref("tool"),
                "invocations": _all("invocation"),
                "results": _all("result"),
            },
            "tool",
        ),
        "tool": _object({"driver": _ref("toolComponent")}, "driver"),
        "toolComponent": _object(
            {
                "name": TEXT,
                "version": TEXT,
                # Semantic Versioning 2.0, which the schema only speaks of
                "semanticVersion": {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+){2}$"},
                "rules": {**_all("reportingDescriptor"), "uniqueItems": True},
            },
            "name",
        ),
        "reportingDescriptor": _object(
            {
                "id": TEXT,
                "name": TEXT,
                "shortDescription": _ref("multiformatMessageString"),
                "fullDescription": _ref("multiformatMessageString"),
                "help": _ref("multiformatMessageString"),
                "properties": {"type": "object", "properties": {"tags": TEXTS}},
            },
            "id",
        ),
        "multiformatMessageString": _object({"text": TEXT, "markdown": TEXT}, "text"),
        "invocation": _object({"executionSuccessful": {"type": "boolean"}}, "executionSuccessful"),
        "result": _object(
            {
                "ruleId": TEXT,
                "ruleIndex": {"type": "integer", "minimum": -1},
                "level": _one_of("none", "note", "warning", "error"),
                "message": _ref("message"),
                "locations": _all("location"),
                "partialFingerprints": {"type": "object", "additionalProperties": TEXT},
                "codeFlows": _all("codeFlow"),
                "suppressions": {**_all("suppression"), "uniqueItems": True},
            },
            "message",
        ),
        "message": _object({"text": TEXT}, "text"),
        "location": _object(
            {
                "physicalLocation": _ref("physicalLocation"),
                "logicalLocations": {**_all("logicalLocation"), "uniqueItems": True},
                "message": _ref("message"),
            }
        ),
        "physicalLocation": _object(
            {"artifactLocation": _ref("artifactLocation"), "region": _ref("region")},
            "artifactLocation",
        ),
        "artifactLocation": _object({"uri": {"type": "string", "format": "uri-reference"}}),
        "region": _object({"startLine": {"type": "integer", "minimum": 1}}, "startLine"),
        "logicalLocation": _object({"fullyQualifiedName": TEXT, "kind": TEXT}),
        "codeFlow": _object({"threadFlows": _all("threadFlow", 1)}, "threadFlows"),
        "threadFlow": _object({"locations": _all("threadFlowLocation", 1)}, "locations"),
        "threadFlowLocation": _object({"location": _ref("location")}),
        "suppression": _object(
            {
                "kind": _one_of("inSource", "external"),
                "status": _one_of("accepted", "underReview", "rejected"),
                "justification": TEXT,
            },
            "kind",
        ),
    },
}
