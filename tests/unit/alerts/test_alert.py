"""What messages say, and what nobody can make them say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fastagi.alerts.alert import NAMED_MOST, Untold, foreign, message, own
from tests.unit.alerts.conftest import NOW, alert


def test_one_alert_says_what_where_who_when_and_what_to_do() -> None:
    """In plain lines, with a reference that is in the log."""
    said = message([Untold(alert(), 1, NOW)])
    assert said.title == "dialguard: lockout: Extension 101 is locked out"
    assert said.body.splitlines() == [
        "Extension 101 is locked out.",
        "",
        "Site: office",
        "When: 2027-01-15 08:00:00 UTC",
        "Who: 101",
        "Reference: aaaaaaaa",
        "To do: look",
    ]


def test_what_was_counted_is_said() -> None:
    """Since when, too."""
    said = message([Untold(alert(), 15, NOW - 60)])
    assert "Also: and 14 more since 2027-01-15 07:59:00 UTC" in said.body


def test_many_of_a_kind_are_one_message() -> None:
    """Some by name, the rest by number, and what to do once."""
    many = [
        Untold(alert(str(n), what=f"Extension {n} is locked out"), 1 + n % 2, NOW)
        for n in range(37)
    ]
    said = message(many)
    assert said.title == "dialguard: lockout: 37, the first: Extension 0 is locked out"
    lines = said.body.splitlines()
    assert (
        lines[1] == "- 2027-01-15 08:00:00 UTC: Extension 1 is locked out, and 1 more (aaaaaaaa)"
    )
    assert lines[NAMED_MOST:] == ["- and 27 more", "", "To do: look"]


def test_a_flood_at_one_site_leaves_others_a_line() -> None:
    """They take turns at what is spelt out."""
    flood = [Untold(alert(f"{n}", what=f"Extension {n} is locked out"), 1, NOW) for n in range(50)]
    other = replace(alert("branch", what="Extension 101 of branch is locked out"), site="branch")
    lines = message([*flood, Untold(other, 1, NOW)]).body.splitlines()
    assert sum("of branch" in each for each in lines) == 1
    assert "- and 41 more" in lines


def test_what_is_unknown_has_no_line() -> None:
    """An operator is of no site."""
    assert "Site" not in message([Untold(replace(alert(), site=""), 1, NOW)]).body


@pytest.mark.parametrize("text", ["192.0.2.7", "2001:db8::1", "PJSIP/101-00000001", "+39*12#"])
def test_what_is_plain_shows_as_it_is(text: str) -> None:
    """Extensions, addresses, channels."""
    assert foreign(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("101\r\nBcc: thief@evil.example", "101??Bcc? thief?evil?example"),
        ("<b>101</b>", "?b?101?/b?"),
        ("https://evil.example/x", "https?//evil?example/x"),
        ("@everyone", "?everyone"),
        ("<!channel>", "??channel?"),
        ("[click](evil)", "?click??evil?"),
        ("1\u202e01", "1?01"),
        ("", "unknown"),
        ("1" * 99, "1" * 39 + "…"),
    ],
)
def test_what_somebody_chose_is_no_header_markup_link_or_mention(text: str, shown: str) -> None:
    """However it is dialled or named."""
    assert foreign(text) == shown


@given(some.text())
def test_nothing_that_means_something_gets_through(text: str) -> None:
    """Whatever it is."""
    shown = foreign(text)
    assert len(shown) <= 40
    assert not set(shown) & set("\r\n\0<>@[]()`!|~\\&;$\"'")
    assert "://" not in own(text)
    assert own(text).isprintable()


def test_what_the_administrator_wrote_keeps_its_signs() -> None:
    """A path, a name."""
    assert own("/etc/dialguard/office.toml:12") == "/etc/dialguard/office.toml:12"
