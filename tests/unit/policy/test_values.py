"""`values`: each text is what it means, or the message says what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from ipaddress import ip_network
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.policy import values
from fastagi.policy.destinations import read_destination
from fastagi.policy.hours import read_hours
from fastagi.policy.model import Prompt, Reason, Then
from fastagi.policy.scope import Condition
from fastagi.rating.tariff import amount

Read = Callable[[str], object]


def _then(text: str) -> Then:
    return values.read_word(Then, text, "demand")


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (values.read_name, "two-at-a-time", "two-at-a-time"),
        (values.read_trunk, "my-trunk.2@carrier", "my-trunk.2@carrier"),
        (values.read_name, "Büro"[:1] + "2.x_y", "B2.x_y"),
        (values.read_condition_name, "office", "office"),
        (values.read_site_name, "office-2", "office-2"),
        (_then, "pin+totp", Then.PIN_TOTP),
        (values.read_prompt, "pin", Prompt.PIN),
        (values.read_prompt, "locked-out", Reason.LOCKED_OUT),
        (values.read_duration, "45s", 45),
        (values.read_duration, "30m", 1800),
        (values.read_duration, "2h30m", 9000),
        (values.read_duration, "1d1h1m1s", 90061),
        (values.read_duration, "366d", 366 * 86400),
        (values.read_money, "20.00", Decimal("20.00")),
        (values.read_money, "3", Decimal(3)),
        (values.read_price, "1000000", Decimal(1_000_000)),
        (values.read_currency, "GBP", "GBP"),
        (values.read_country, "GB", "GB"),
        (values.read_timezone, "Europe/London", ZoneInfo("Europe/London")),
        (values.read_network, "10.0.0.0/8", ip_network("10.0.0.0/8")),
        (values.read_network, "10.0.0.5", ip_network("10.0.0.5/32")),
        (values.read_network, "2001:db8::/32", ip_network("2001:db8::/32")),
        (values.read_language, "en", "en"),
        (values.read_language, "pt_BR", "pt_BR"),
        (values.read_sound, "custom/enter-your-pin", "custom/enter-your-pin"),
        (values.read_path, "lists/irsf.csv", "lists/irsf.csv"),
        (values.read_outside_prefix, "", ""),
        (values.read_outside_prefix, "9", "9"),
        (values.read_emergency, "2222", "2222"),
        (values.read_short_code, "105", "105"),
        (values.read_prefix, "+39", "39"),
        (values.read_prefix, "881", "881"),
        (values.read_condition, "not  office", Condition("office", negated=True)),
        (values.read_when, "office", (Condition("office"),)),
        (
            values.read_when,
            " office and not closed ",
            (Condition("office"), Condition("closed", negated=True)),
        ),
        (
            values.read_when,
            "night and not over:burst",
            (Condition("night"), Condition("over:burst", negated=True)),
        ),
        (values.read_region, "ENG", "ENG"),
        (values.read_when, "lunch-and-learn", (Condition("lunch-and-learn"),)),
    ],
)
def test_a_text_is_what_it_means(read: Read, text: str, value: object) -> None:
    """What administrators write becomes a value."""
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (values.read_trunk, "PJSIP/my-trunk", "`PJSIP/my-trunk` is no trunk; write its section's"),
        (values.read_name, "", "`` is no name; write letters"),
        (values.read_name, "a b", "`a b` is no name; write letters"),
        (values.read_name, "x" * 65, "at most 64 of them"),
        (values.read_name, "оffice", "(cyrillic small letter o)"),
        (values.read_name, "a\u202eb", "`a\\u202eb` holds a character (right-to-left override)"),
        (values.read_name, "a\ue000", "(u+e000)"),
        (values.read_condition_name, "not", "`not` has a meaning of its own"),
        (values.read_site_name, "Office", "write `a-z`, `0-9` and `-`"),
        (values.read_site_name, "x" * 65, "at most 64 of them"),
        (_then, "alow", "`alow` is no demand; did you mean `allow`?"),
        (values.read_prompt, "pinn", "`pinn` is no prompt; did you mean `pin`?"),
        (values.read_duration, "", "`` is no duration"),
        (values.read_duration, "30", "write `45s`, `30m`, `2h30m` or `14d`"),
        (values.read_duration, "1m2h", "is no duration"),
        (values.read_duration, "-5m", "is no duration"),
        (values.read_duration, "٣m", "is no duration"),
        (values.read_duration, "0s", "`0s` is out of reason"),
        (values.read_duration, "367d", "write `1s` to `366d`"),
        (values.read_money, "20,00", '`20,00` is no amount of money; write `"20.00"`'),
        (values.read_money, "NaN", "is no amount"),
        (values.read_price, "1000000.01", "a minute costs at most 1000000"),
        (values.read_price, "3,00", "is no amount"),
        (values.read_currency, "pounds", "write its three letters"),
        (values.read_country, "gb", "`gb` is no country; did you mean `GB`?"),
        (values.read_country, "UK", "did you mean `GB`?"),
        (values.read_country, "Britain", "write its two letters of ISO 3166"),
        (values.read_timezone, "Europe/Lundon", "did you mean `Europe/London`?"),
        (values.read_timezone, "../../etc/passwd", "write one such as `Europe/London`"),
        (values.read_timezone, "", "write one such as `Europe/London`"),
        (values.read_timezone, "Europe", "`Europe` is no time zone"),
        (values.read_network, "10.1.2.3/8", "write `10.0.0.0/8`, or the one address"),
        (values.read_network, "home", "write `10.0.0.0/8`, `2001:db8::/32` or one address"),
        (values.read_language, "English, please", "write it as Asterisk does"),
        (values.read_sound, "../../etc/shadow", "is no sound file"),
        (values.read_sound, "beep&beep", "is no sound file"),
        (values.read_path, "", "`` is no path"),
        (values.read_path, "a\0b", "`a\\x00b` is no path"),
        (values.read_outside_prefix, "*9", "write 1 to 6 digits"),
        (values.read_emergency, "0039061234567", "write 2 to 6 digits"),
        (values.read_short_code, "1", "`1` is no short code; write 2 to 6 digits"),
        (values.read_short_code, "1234567", "write 2 to 6 digits"),
        (values.read_short_code, "*43", "write 2 to 6 digits"),
        (values.read_prefix, "0039", "write the country code first"),
        (values.read_prefix, "1234567890123456", "at most 15 digits"),
        (values.read_condition, "and", "`and` is no condition"),
        (values.read_condition, "not not office", "write `office`, or `not office`"),
        (values.read_when, "office or night", "there is no `or`; write a rule for each"),
        (values.read_when, "office and not office", "can never hold"),
        (values.read_when, "not", "is no condition"),
        (values.read_when, "over:", "write `office`, `over:LIMIT`, or `not` one of them"),
        (values.read_when, "over:a and not over:a", "can never hold"),
        (values.read_condition, "over:burst", "is no condition"),
        (values.read_region, "", "is no region"),
    ],
)
def test_a_text_that_means_nothing_is_refused(read: Read, text: str, message: str) -> None:
    """The message says what to write instead."""
    with pytest.raises(ValueError, match=r".") as refused:
        read(text)
    assert message in str(refused.value)


READERS: list[Read] = [
    read_hours,
    read_destination,
    *(
        value
        for name, value in vars(values).items()
        if name.startswith("read_") and name != "read_word"
    ),
]


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@given(text=st.text())
def test_any_text_is_read_or_refused(read: Read, text: str) -> None:
    """Nothing but `ValueError` comes of a text, and its message is one printable line."""
    assert _refusal(read, text).isprintable()


def _refusal(read: Read, text: str) -> str:
    try:
        read(text)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("text", "amount"), [("0", 0), ("0.000001", 1), ("999999999.999999", 999_999_999_999_999)]
)
def test_money_is_counted_in_millionths(text: str, amount: int) -> None:
    """Exactly, and always below 2^53, which Redis' numbers reach."""
    assert values.millionths(values.read_money(text)) == amount < 2**53


@given(st.integers(0, 10**15 - 1))
def test_money_that_is_shown_is_read_as_what_it_is(money: int) -> None:
    """Nothing is lost on the way."""
    assert values.millionths(values.read_money(amount(money))) == money
