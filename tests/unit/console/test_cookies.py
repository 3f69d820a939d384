"""Cookies of all pages: no script reads them, no other place sends or plants them."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import Response

from fastagi.console.cookies import Cookies


@dataclass(slots=True)
class _Visit(Cookies):
    request: Any
    desk: Any
    cookies: dict[str, str | None] = field(default_factory=dict)


def _visit(*, encrypted: bool) -> _Visit:
    came = {"session": "plain", "__Host-session": "bound to this host"}
    front = SimpleNamespace(is_encrypted=encrypted)
    return _Visit(SimpleNamespace(cookies=came), SimpleNamespace(front=front))


@pytest.mark.parametrize(("encrypted", "found"), [(True, "bound to this host"), (False, "plain")])
def test_where_all_is_encrypted_a_plain_cookie_is_none_of_ours(
    encrypted: bool, found: str
) -> None:
    """A page of a name beside ours could have planted it."""
    visit = _visit(encrypted=encrypted)
    assert visit.cookie("session") == found
    assert visit.cookie("other") == ""


def test_what_is_kept_is_kept_from_scripts_and_from_the_way() -> None:
    """And what is removed is over at once."""
    visit = _visit(encrypted=True)
    visit.keep("session", "key")
    visit.keep("draft", None)
    set_, removed = visit._with_cookies(Response()).headers.getlist("set-cookie")
    assert set_.startswith("__Host-session=key;")
    for word in ("HttpOnly", "Path=/", "SameSite=strict", "Secure"):
        assert word in set_
    assert "Max-Age=0" in removed


def test_who_is_sent_elsewhere_to_come_back_brings_the_cookie_for_that() -> None:
    """And no other."""
    visit = _visit(encrypted=True)
    visit.keep("dialguard-oidc", "sealed")
    visit.keep("session", "key")
    lax, strict = visit._with_cookies(Response()).headers.getlist("set-cookie")
    assert "SameSite=lax" in lax
    assert "HttpOnly" in lax
    assert "SameSite=strict" in strict
