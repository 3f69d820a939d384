"""The order of tables and keys."""

from __future__ import annotations

from fastagi.policy.document import Document
from fastagi.settings.model import Settings
from fastagi.toml_layout.order import order_of


def test_tables_and_keys_are_in_the_order_of_the_models() -> None:
    """By the names that are written."""
    order = order_of(Document)
    assert list(order[()])[:8] == [
        "format", "site", "classes", "hours", "networks", "lists", "rates", "rule",
    ]  # fmt: skip
    assert list(order["rule",])[:6] == ["name", "from", "to", "when", "network", "transport"]
    assert list(order["lockout",])[-3:] == ["for", "at_most", "calls"]


def test_tables_in_tables_have_an_order_of_their_own() -> None:
    """`[console.oidc]`."""
    assert order_of(Settings)["console", "oidc"][0] == "issuer"
