"""Which forms are ours."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from fastagi.console import forms
from fastagi.second_factor.vault import Vault, new_key
from tests.unit.console.world import FRONT, URL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Message


def asked(body: bytes = b"", headers: Mapping[str, str] = MappingProxyType({})) -> Request:
    """Return a request with a form."""
    sent = {"content-type": "application/x-www-form-urlencoded", **headers}
    given = [(name.encode(), value.encode()) for name, value in sent.items()]

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({"type": "http", "method": "POST", "headers": given}, receive)


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, True),
        ({"origin": URL}, True),
        ({"origin": URL, "sec-fetch-site": "same-origin"}, True),
        ({"origin": "https://evil.example.org"}, False),
        ({"origin": "null"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "none"}, False),
    ],
)
def test_the_browser_says_where_a_form_is_from(headers: dict[str, str], ours: bool) -> None:
    """Those that are too old to say are believed: token and cookie are left."""
    assert forms.is_from_here(asked(headers=headers), FRONT) is ours


async def test_fields_are_no_longer_than_one_of_ours_can_be() -> None:
    """What is longer is no form."""
    assert await forms.fields(asked(b"a=1234&c="), 10) == {"a": "1234", "c": ""}
    with pytest.raises(MultiPartException):
        await forms.fields(asked(b"a=12345678901&c="), 10)


def test_a_token_is_of_one_seed_and_one_kind_of_page() -> None:
    """Under the key of today or of yesterday; never one of no seed."""
    old, new = new_key(), new_key()
    vault, seed = Vault([new, old]), forms.new_seed()
    for made in (Vault([new]), Vault([old])):
        token = forms.token("console", seed, made)
        assert forms.fits("console", seed, token, vault)
        assert not forms.fits("people", seed, token, vault)
        assert not forms.fits("console", forms.new_seed(), token, vault)
    assert not forms.fits("console", seed, forms.token("console", seed, Vault([new_key()])), vault)
    assert not forms.fits("console", "", forms.token("console", "", vault), vault)
    for nonsense in ("", "é", "\ud800"):
        assert not forms.fits("console", seed, nonsense, vault)
