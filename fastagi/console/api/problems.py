"""Every way in which the API says no: problem details (RFC 9457), with a stable `code` each.

The type is `about:blank`, so that the title is that of the status (RFC 9457, 4.2.1); what a
program goes by is the `code`. Nothing of what was sent is said back.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.types import Scope

MEDIA: Final = "application/problem+json"
PREFIX: Final = "/api/v1"
"""Where the API is: what is refused there is refused in these words, by whoever does it."""

REQUEST_ID: Final = "X-Request-Id"
SCHEMA: Final = "Problem"  # its name in the OpenAPI document


class Code(Enum):
    """Why: its word, its status, and what is told where there is no more to tell."""

    BAD_REQUEST = "bad-request", 400, "this request cannot be understood"
    BAD_JSON = "bad-json", 400, "the body is no JSON, or names a field twice"
    NO_TOKEN = "no-token", 401, "send `Authorization: Bearer` and a token that is in force"
    NOT_GRANTED = "not-granted", 403, "the token does not have the scope for this"
    NOT_SPOKEN_FOR = "not-spoken-for", 403, "the token does not speak for this extension"
    WRONG_FACTORS = "wrong-factors", 403, "extension, PIN or code are not right"
    NOT_FOUND = "not-found", 404, "there is nothing here"
    UNKNOWN_EXTENSION = "unknown-extension", 404, "no extension of the policy has this name"
    UNKNOWN_SIGN_IN = "unknown-sign-in", 404, "there is no such sign-in, or it is long over"
    UNKNOWN_DECISION = "unknown-decision", 404, "no decision on record has this reference"
    NO_SUCH_METHOD = "no-such-method", 405, "this cannot be done here; see the header `Allow`"
    SLOW_BODY = "slow-body", 408, "this took too long to come"
    NOT_REGISTERED = "phone-not-registered", 409, "the phone is not registered at Asterisk"
    REGISTERED_TWICE = (
        "phone-registered-twice",
        409,
        "the extension is registered at several places, and a sign-in counts for one only",
    )
    NOT_PLACED = (
        "phone-not-placed",
        409,
        "the phone is in no `network` of `[sign-in]`, or not all is known that it is bound to",
    )
    LOCKED_OUT = "locked-out", 409, "the extension is locked out"
    NO_RULE = "no-sign-in-rule", 409, "no rule of the policy asks this extension to sign in"
    NOT_HANDED_OUT = (
        "not-handed-out",
        409,
        "the extension has no phone whose password is handed out, or none are: that takes "
        "`[credentials]` in the settings, and a policy that has people sign in by PIN and code",
    )
    IN_PROGRESS = (
        "in-progress",
        409,
        "the first request with this Idempotency-Key is being worked on; try again in a moment",
    )
    BIG_BODY = "big-body", 413, "this is longer than anything that can be asked for here"
    NOT_JSON = "not-json", 415, "send the body as `Content-Type: application/json`"
    MISDIRECTED = "misdirected", 421, "there is nothing here by this name"
    BAD_FIELDS = "bad-fields", 422, "a field of the body cannot be what it is"
    BAD_PARAMETERS = "bad-parameters", 422, "a parameter or a header cannot be what it is"
    OTHER_BODY = "other-body", 422, "this Idempotency-Key came before, with another body"
    TOO_MANY = "too-many-requests", 429, "there were too many requests; see `Retry-After`"
    BROKEN = "broken", 500, "something broke; the service's log says what, by the request's id"
    BUSY = "busy", 503, "too many PINs are being checked; see `Retry-After`"
    LOOKING_UP = (
        "looking-up",
        503,
        "the record of decisions cannot be read now, or others look something up",
    )
    STORE_AWAY = "store-away", 503, "the store is away; what was asked for may yet be done"
    ASTERISK_AWAY = "asterisk-away", 503, "Asterisk cannot be asked where the phone is"

    def __init__(self, word: str, status: int, detail: str) -> None:
        self.word = word
        self.status = status
        self.detail = detail


class Wrong(BaseModel):
    """One field, parameter or header that cannot be what it is."""

    model_config = ConfigDict(extra="forbid")

    where: str = Field(description="the field (`/seconds`), or the parameter's or header's name")
    what: str


class ProblemDetails(BaseModel):
    """Why a request was refused (RFC 9457)."""

    model_config = ConfigDict(extra="forbid", title=SCHEMA)

    type: str = Field(description="always `about:blank`: go by `code`")
    title: str
    status: int
    detail: str
    code: str = Field(description="why: closed and stable", examples=[Code.NO_TOKEN.word])
    request_id: str = Field(description="by which the service's log has the request")
    wrong: list[Wrong] | None = None


@dataclass(eq=False)
class Refused(Exception):
    """A request is refused.

    Attributes:
        detail: More than the code tells; none of it may have been sent by whoever asks.
        headers: To answer with.
        wrong: What is wrong with what was sent, piece by piece.
    """

    code: Code
    detail: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    wrong: Sequence[Wrong] = ()


def response(scope: Scope, refused: Refused) -> Response:
    """Return the answer to a request that is refused."""
    code, id = refused.code, request_id(scope)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(code.status).phrase,
        "status": code.status,
        "detail": refused.detail or code.detail,
        "code": code.word,
        "request_id": id,
    }
    if refused.wrong:
        body["wrong"] = [each.model_dump() for each in refused.wrong]
    headers = {**refused.headers, REQUEST_ID: id}
    return Response(json.dumps(body), code.status, headers, MEDIA)


def request_id(scope: Scope) -> str:
    """Return the id of a request: the envelope's, or one of its own where it got none."""
    return str(scope.get("state", {}).get("request_id") or new_request_id())


def new_request_id() -> str:
    """Return an id that no other request has."""
    return secrets.token_hex(8)


def documented(*codes: Code) -> dict[int | str, dict[str, Any]]:
    """Describe refusals for the OpenAPI document, by their status."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for status in sorted({code.status for code in codes}):
        words = "; ".join(
            f"`{each.word}`: {each.detail}" for each in codes if each.status == status
        )
        by_status[status] = {
            "description": words,
            "content": {MEDIA: {"schema": {"$ref": f"#/components/schemas/{SCHEMA}"}}},
        }
    return by_status
