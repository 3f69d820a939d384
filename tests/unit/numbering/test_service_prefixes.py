"""Prefixes for caller ID and carriers are known, so that a refusal can name them."""

from __future__ import annotations

import pytest

from fastagi.numbering.service_prefixes import prefix_of


@pytest.mark.parametrize(
    ("country", "dialled", "prefix"),
    [
        ("GB", "14102079460000", "141"),
        ("GB", "147002079460000", "1470"),
        ("JE", "14102079460000", "141"),
        ("US", "*672015550123", "*67"),
        ("CA", "*8215062345678", "*82"),
        ("US", "101028812015550123", "1010288"),
        ("DE", "*31#030123456", "*31#"),
        ("DE", "01033030123456", "01033"),
        ("DE", "010012030123456", "010012"),
        ("JP", "1840312345678", "184"),
        ("AU", "18310212345678", "1831"),
        ("GB", "141", None),
        ("GB", "02079460000", None),
        ("FR", "14102079460000", None),
    ],
)
def test_a_prefix_is_told_from_what_follows(
    country: str, dialled: str, prefix: str | None
) -> None:
    """Each in its country, and only before something."""
    assert prefix_of(dialled, country) == prefix
