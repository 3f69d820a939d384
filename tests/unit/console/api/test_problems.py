"""Every way in which the API says no."""

from __future__ import annotations

import re
from http import HTTPStatus

from fastagi.console.api.problems import (
    Code,
    ProblemDetails,
    Refused,
    Wrong,
    documented,
    request_id,
    response,
)


def test_every_code_has_a_word_of_its_own_and_a_refusing_status() -> None:
    """Programs go by the words."""
    words = [each.word for each in Code]
    assert len(set(words)) == len(words)
    for each in Code:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", each.word)
        assert HTTPStatus(each.status) >= HTTPStatus.BAD_REQUEST


def test_a_refusal_is_problem_details() -> None:
    """As RFC 9457 has them, and as the document says."""
    scope = {"state": {"request_id": "abc"}}
    refused = Refused(Code.BAD_FIELDS, "more", {"X": "y"}, (Wrong(where="/a", what="b"),))
    answer = response(scope, refused)
    read = ProblemDetails.model_validate_json(bytes(answer.body))
    assert (read.type, read.title) == ("about:blank", HTTPStatus(422).phrase)
    assert (read.detail, read.request_id, read.code) == ("more", "abc", "bad-fields")
    assert read.wrong == [Wrong(where="/a", what="b")]
    assert (answer.status_code, answer.headers["x"]) == (422, "y")
    plain = ProblemDetails.model_validate_json(bytes(response({}, Refused(Code.NOT_FOUND)).body))
    assert (plain.detail, plain.wrong) == (Code.NOT_FOUND.detail, None)
    assert len({plain.request_id, request_id({}), request_id({})}) == 3


def test_refusals_are_documented_by_status() -> None:
    """Several of one status stand together."""
    found = documented(Code.NOT_GRANTED, Code.NOT_SPOKEN_FOR, Code.TOO_MANY)
    assert list(found) == [403, 429]
    assert found[403]["description"].count("`") == 4
