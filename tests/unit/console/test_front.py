"""How browsers reach the web."""

from __future__ import annotations

import pytest

from fastagi.console.front import Front


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("https://a.example", {"a.example": "", "a.example:443": "", "b": "x", "b:443": "x"}),
        ("http://127.0.0.1:8573", {"127.0.0.1:8573": "", "b:8573": "x"}),
        ("http://[::1]:8573", {"[::1]:8573": "", "b:8573": "x"}),
    ],
)
def test_a_host_is_known_by_its_name_and_port(url: str, names: dict[str, str]) -> None:
    """The scheme's own port may be left out; no other may."""
    assert Front(url, {"b": "x"}).names() == names


def test_origins_are_as_browsers_write_them() -> None:
    """Without the scheme's own port."""
    assert Front("https://a.example", {"b": "x"}).origins() == {"https://a.example", "https://b"}
    assert Front("http://[::1]:8573").origins() == {"http://[::1]:8573"}


def test_only_https_is_encrypted() -> None:
    """Cookies depend on it."""
    assert Front("https://a.example").is_encrypted
    assert not Front("http://localhost:8573").is_encrypted
