"""What is read of a request's body: strictly, and no more than a little.

How long it may take to come is the whole web's to bound.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, TypeVar

from pydantic import BaseModel, ValidationError

from fastagi.console.api.problems import Code, Refused, Wrong

if TYPE_CHECKING:
    from starlette.requests import Request

BODY_MAX: Final = 4096
"""Bytes; the largest that makes sense has a few dozen."""

Shape = TypeVar("Shape", bound=BaseModel)


async def read(request: Request, shape: type[Shape]) -> Shape:
    """Read a body; none at all is an empty one.

    Raises:
        Refused: It is too big, no JSON, or not of that shape.
    """
    raw = await _bytes(request)
    if not raw:
        return _shaped({}, shape)
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refused(Code.NOT_JSON)
    try:
        read = json.loads(raw, object_pairs_hook=_each_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused(Code.BAD_JSON) from None
    return _shaped(read, shape)


def _shaped(read: object, shape: type[Shape]) -> Shape:
    try:
        return shape.model_validate(read, strict=True)
    except ValidationError as error:
        raise Refused(Code.BAD_FIELDS, wrong=_wrong(error, shape)) from None


async def _bytes(request: Request) -> bytes:
    told = request.headers.get("content-length", "0")
    if not told.isdecimal():
        raise Refused(Code.BAD_REQUEST)
    if int(told[:20]) > BODY_MAX:
        raise Refused(Code.BIG_BODY)
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > BODY_MAX:
            raise Refused(Code.BIG_BODY)
    return bytes(raw)


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse a name that comes twice: others that read the same bytes may take the other."""
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("a field comes twice")
    return read


def _no_number(word: str) -> object:
    raise ValueError(f"{word} is no JSON")


def _wrong(error: ValidationError, shape: type[BaseModel]) -> list[Wrong]:
    """Say what is wrong with each field; names that are not ours are not said back."""
    found = []
    for each in error.errors(include_url=False, include_input=False, include_context=False):
        name = str(each["loc"][0]) if each["loc"] else ""
        if name in shape.model_fields:
            found.append(Wrong(where=f"/{name}", what=each["msg"]))
        elif name:
            known = ", ".join(f"`{field}`" for field in shape.model_fields)
            found.append(Wrong(where="", what=f"there is a field that is none; there is {known}"))
        else:
            found.append(Wrong(where="", what="the body must be an object"))
    return found
