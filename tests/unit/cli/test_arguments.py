"""What describes a call to a command."""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address
from zoneinfo import ZoneInfo

import pytest
import typer

from fastagi.cli.arguments import address_of, moment_of, trunk_of


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.0.0.5", "10.0.0.5"),
        ("10.0.0.5:5060", "10.0.0.5"),
        ("2001:db8::5", "2001:db8::5"),
        ("[2001:db8::5]:5060", "2001:db8::5"),
    ],
)
def test_an_address_is_read_with_its_port_or_without(text: str, address: str) -> None:
    """As Asterisk tells it, or as a person does."""
    assert address_of(text) == ip_address(address)


def test_no_address_is_none() -> None:
    """From where a call comes, is then unknown."""
    assert address_of("") is None


@pytest.mark.parametrize(
    "text", ["phone", "10.0.0", "10.0.0.5:sip", "10.0.0.5:", "10.0.0.5/24", "[:"]
)
def test_what_is_no_address_is_said(capsys: pytest.CaptureFixture[str], text: str) -> None:
    """Rather than taken for an unknown one, which means something else."""
    with pytest.raises(typer.Exit) as ended:
        address_of(text)
    assert ended.value.exit_code == 1
    assert f"`{text}` is no IP address" in capsys.readouterr().err


def test_a_trunk_is_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    """Of a PJSIP section; or none."""
    assert [trunk_of(each) for each in ("my-trunk", "")] == ["my-trunk", ""]
    with pytest.raises(typer.Exit):
        trunk_of("my trunk")
    assert "cannot be a trunk's name" in capsys.readouterr().err


def test_a_weekday_is_the_next_one() -> None:
    """By the site's clock; of today, if it is still to come."""
    monday = datetime(2026, 3, 2, 10, 0, tzinfo=ZoneInfo("Europe/London"))
    assert moment_of("Sat 03:00", monday).isoformat() == "2026-03-07T03:00:00+00:00"
    assert moment_of("Mon 10:01", monday).isoformat() == "2026-03-02T10:01:00+00:00"
    assert moment_of("Mon 09:59", monday).isoformat() == "2026-03-09T09:59:00+00:00"
    assert moment_of("2026-07-01T09:00", monday).isoformat() == "2026-07-01T09:00:00+01:00"
    assert moment_of("", monday) == monday
