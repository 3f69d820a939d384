"""What is read of a request's body."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.console.api import body
from tests.unit.console.api.conftest import told

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.unit.console.api.conftest import Api

OF_101 = "/sites/office/extensions/101/sign-ins"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"{", (400, "bad-json")),
        (b"\xff", (400, "bad-json")),
        (b'{"seconds": NaN}', (400, "bad-json")),
        (b'{"seconds": Infinity}', (400, "bad-json")),
        (b'{"seconds": 1, "seconds": 2}', (400, "bad-json")),
        (b"[" * body.BODY_MAX, (400, "bad-json")),
        (b'{"seconds": ' + b"9" * 4000 + b"}", (422, "bad-fields")),
        (b"null", (422, "bad-fields")),
        (b"[]", (422, "bad-fields")),
        (b'{"seconds": "60"}', (422, "bad-fields")),
        (b'{"seconds": true}', (422, "bad-fields")),
        (b'{"seconds": 60.5}', (422, "bad-fields")),
        (b'{"seconds": 0}', (422, "bad-fields")),
        (b'{"seconds": -1}', (422, "bad-fields")),
        (b'{"seconds": 60, "until": 1}', (422, "bad-fields")),
        (b'{"\\ud800": 1}', (422, "bad-fields")),
        (b'{"person": "102"}', (422, "bad-fields")),
        (b" " * (body.BODY_MAX + 1), (413, "big-body")),
    ],
)
async def test_what_cannot_be_is_refused(api: Api, sent: bytes, code: tuple[int, str]) -> None:
    """And Asterisk is not asked, nor anything opened."""
    headers = await api.token() | JSON
    assert told(await api.client.post(OF_101, headers=headers, content=sent)) == code
    assert api.registrar.asked == []


async def test_what_is_wrong_is_said_without_what_was_sent(api: Api) -> None:
    """The names of our fields, and no words of theirs."""
    headers = await api.token() | JSON
    sent = b'{"seconds": "<script>", "evil\\u0000": 1}'
    refused = await api.client.post(OF_101, headers=headers, content=sent)
    assert [each["where"] for each in refused.json()["wrong"]] == ["/seconds", ""]
    assert "evil" not in refused.text
    assert "script" not in refused.text
    whole = await api.client.post(OF_101, headers=headers, content=b"[]")
    assert whole.json()["wrong"] == [{"where": "", "what": "the body must be an object"}]


@pytest.mark.parametrize("media", ["", "text/plain", "application/x-www-form-urlencoded"])
async def test_a_body_that_a_form_could_send_is_refused(api: Api, media: str) -> None:
    """So no page that is open somewhere sends one."""
    headers = await api.token() | {"Content-Type": media}
    refused = await api.client.post(OF_101, headers=headers, content=b"{}")
    assert told(refused) == (415, "not-json")


async def test_a_charset_may_be_said(api: Api) -> None:
    """As many clients do."""
    headers = await api.token() | {"Content-Type": "application/json; charset=utf-8"}
    opened = await api.client.post(OF_101, headers=headers, content=b'{"seconds": 60}')
    assert opened.status_code == 201


async def test_a_body_without_a_length_is_not_read_for_ever(api: Api) -> None:
    """It is refused as soon as it is too big."""
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 1
            yield b" " * 1000

    headers = await api.token() | JSON
    refused = await api.client.post(OF_101, headers=headers, content=endless())
    assert told(refused) == (413, "big-body")
    assert given <= 6


@pytest.mark.parametrize(
    ("told_length", "code"),
    [("-1", (400, "bad-request")), ("1e3", (400, "bad-request")), ("9" * 5000, (413, "big-body"))],
)
async def test_a_length_that_cannot_be_is_refused(
    api: Api, told_length: str, code: tuple[int, str]
) -> None:
    """Before anything is read."""
    headers = await api.token() | JSON | {"Content-Length": told_length}
    assert told(await api.client.post(OF_101, headers=headers, content=b"{}")) == code
