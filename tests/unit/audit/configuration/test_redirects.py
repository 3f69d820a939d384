"""`configuration.redirects`: forwards that no dialplan sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.audit.configuration.redirects import check_redirects
from fastagi.audit.finding import Kind, Severity

if TYPE_CHECKING:
    from tests.unit.audit.configuration.conftest import Read


@pytest.mark.parametrize("method", ["uri_core", "uri_pjsip", "URI_CORE"])
def test_a_302_past_the_dialplan_is_found(read: Read, method: str) -> None:
    """Of all phones of a template, once, where the template says so."""
    text = (
        f"[p](!)\ntype=endpoint\nredirect_method={method}\n[101](p)\n[102](p)\n"
        f"[103]\ntype=endpoint\nredirect_method={method}\n"
    )
    first, second = check_redirects(read({"pjsip.conf": text}))
    assert (first.kind, first.severity) == (Kind.REDIRECT, Severity.HIGH)
    assert "`101` and `102`" in first.message
    assert (first.place.line, second.place.line) == (3, 8)


@pytest.mark.parametrize("line", ["", "redirect_method=user"])
def test_a_302_through_the_dialplan_is_sound(read: Read, line: str) -> None:
    """As it is by default."""
    assert list(check_redirects(read({"pjsip.conf": f"[1]\ntype=endpoint\n{line}\n"}))) == []
