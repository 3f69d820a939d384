"""`case_document`: what a case may say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from ipaddress import ip_address

import pytest
from pydantic import ValidationError

from fastagi.numbering.number import Category
from fastagi.policy.case_document import CallTable, CaseTable, ExpectTable, SiteOverride, UsedTable
from fastagi.policy.model import Factor, Novelty, Reason, Then
from fastagi.policy.scope import Transport

CALL = {"from": "101", "dial": "999", "at": "2026-01-05T10:10:00"}


def _call(**more: object) -> CallTable:
    return CallTable.model_validate({**CALL, **more})


def _message(error: ValidationError) -> str:
    (detail,) = error.errors()
    return str(detail["ctx"]["error"])


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-01-05T10:10:00", datetime(2026, 1, 5, 10, 10)),  # noqa: DTZ001 - the site's time
        ("2026-01-05 10:10", datetime(2026, 1, 5, 10, 10)),  # noqa: DTZ001 - the site's time
        ("2026-01-05T10:10:00Z", datetime(2026, 1, 5, 10, 10, tzinfo=UTC)),
        (
            "2026-01-05T10:10+01:00",
            datetime(2026, 1, 5, 10, 10, tzinfo=timezone(timedelta(hours=1))),
        ),
        (datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 5, tzinfo=UTC)),
    ],
)
def test_a_moment_is_written_with_quotes_or_without(written: object, moment: datetime) -> None:
    """TOML has moments of its own."""
    assert _call(at=written).at == moment


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("2026-02-30T10:10:00", "there is no moment `2026-02-30T10:10:00`"),
        ("2026-01-05", "`2026-01-05` is no moment; write `2026-01-05T10:10:00`"),
        ("tomorrow", "`tomorrow` is no moment"),
        ("0001-01-01T00:00:00", "is no moment"),
        ("9999-12-31T23:59:59", "is no moment"),
        (date(2026, 1, 5), "`2026-01-05` is no moment"),
        (3, "`3` is no moment"),
    ],
)
def test_what_is_no_moment_is_refused(written: object, message: str) -> None:
    """Nor are moments so far off that no time zone can hold them."""
    with pytest.raises(ValidationError) as refused:
        _call(at=written)
    assert message in _message(refused.value)


def test_a_call_can_say_everything_about_itself() -> None:
    """Where from, how, and what is known of the caller."""
    call = _call(
        address="::1",
        transport="wss",
        trunk="carrier",
        transferred=True,
        locked_out=True,
        signed_in=True,
        overridden=True,
        first_time_country=True,
        novel=["first-time-number-of-site"],
        over=["day"],
        shown=["pin"],
        proven={"totp": "10m"},
        used={"day": {"spend": "19.50", "attempts": 0}},
    )
    assert call.used == {"day": UsedTable.model_validate({"spend": "19.50", "attempts": 0})}
    assert (call.from_, call.address, call.transport) == ("101", ip_address("::1"), Transport.WSS)
    assert call.overridden
    assert (call.novel, call.over) == ([Novelty.SITE_NUMBER], ["day"])
    assert (call.shown, call.proven) == ([Factor.PIN], {Factor.TOTP: 600})


def test_an_expectation_can_say_everything_about_a_decision() -> None:
    """In the words of policies."""
    expect = ExpectTable.model_validate(
        {
            "verdict": "pin+totp",
            "rule": "abroad",
            "category": "international",
            "reason": "challenge",
            "limits": [],
            "duration": "30m",
        }
    )
    assert (expect.verdict, expect.category) == (Then.PIN_TOTP, Category.INTERNATIONAL)
    assert (expect.reason, expect.limits, expect.duration) == (Reason.CHALLENGE, [], 1800)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"address": "10.0.0.5:5060"}, "`10.0.0.5:5060` is no address; write `10.0.0.5`"),
        ({"transport": "sctp"}, "`sctp` is no transport"),
        ({"shown": ["pim"]}, "`pim` is no factor; did you mean `pin`?"),
        ({"novel": ["first-time"]}, "`first-time` is no novelty"),
        ({"dial": "9" * 10_001}, "this is longer than 10000 characters"),
    ],
)
def test_what_no_call_can_be_is_refused(more: dict[str, object], message: str) -> None:
    """With what to write instead."""
    with pytest.raises(ValidationError) as refused:
        _call(**more)
    assert message in _message(refused.value)


def test_a_site_may_be_otherwise_in_any_of_its_keys() -> None:
    """What is left out is as in the policy."""
    override = SiteOverride.model_validate({"country": "US"})
    assert (override.country, override.timezone) == ("US", None)


def test_a_case_says_nothing_else() -> None:
    """A key that is not known is a slip, and the case would pass for nothing."""
    case = {"name": "a", "call": CALL, "expect": {"verdict": "deny", "rule": "none"}}
    assert CaseTable.model_validate(case).site is None
    with pytest.raises(ValidationError):
        CaseTable.model_validate({**case, "expects": {}})
