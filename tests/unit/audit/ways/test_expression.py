"""What `$[…]` comes to."""

from __future__ import annotations

import pytest

from fastagi.audit.ways.expression import BOOLEAN, COUNT, FALSE, TRUE, evaluate, truth
from fastagi.audit.ways.language import DIGITS, Language, of_text
from fastagi.audit.ways.values import Hole, Origin, Value, either, made, unknown


@pytest.mark.parametrize(
    ("text", "comes_to"),
    [
        ("1 = 1", "1"),
        ('"a" = "a"', "1"),
        ('"a" != "a"', "0"),
        ('"a" = "b"', "0"),
        ("1 = 1.0", "1"),
        ("2 > 1 & 1 >= 1", "1"),
        ("2 < 1 | 1 <= 0", "0"),
        ("0 | 5", "1"),
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("7 - 2", "5"),
        ("- 3", "-3"),
        ("!0", "1"),
        ("!(1)", "0"),
        ("1 ? 2 :: 3", "2"),
        ("0 ? 2 : 3", "3"),
        ("0 ? 2", ""),
        ("", ""),
        ("1 &", ""),
        ("!= ALLOW", ""),
    ],
)
def test_what_is_known_is_worked_out(text: str, comes_to: str) -> None:
    """By precedence."""
    assert "".join(map(str, evaluate((text,) if text else ()))) == comes_to


@pytest.mark.parametrize(
    ("value", "comes_to"),
    [
        (('"', *unknown("x"), '" = "a"'), BOOLEAN),
        (('"', Hole(Language((DIGITS,)), Origin.MADE), '" = "a"'), FALSE),
        ((*unknown("x"), " & 0"), FALSE),
        ((*unknown("x"), " & 1"), BOOLEAN),
        ((*unknown("x"), " | 1"), either(TRUE, ())),
        ((*unknown("x"), " | 0"), BOOLEAN),
        ((*unknown("x"), " > 0"), BOOLEAN),
        ((*unknown("x"), " + 1"), COUNT),
        (("7 / 2",), COUNT),
        (("- ", *unknown("x")), COUNT),
        (("!", *unknown("x")), BOOLEAN),
        (("1 =~ 1",), made((1 << 256) - 1)),
        (('"1" = 1',), BOOLEAN),
        (("1 2",), made((1 << 256) - 1)),
        ((*unknown("x"), " ? 1 :: 1"), either(TRUE, ())),
        (('"', *unknown("x"), '" ? 1 :: 1'), TRUE),
    ],
)
def test_what_is_not_known_stays_so(value: Value, comes_to: Value) -> None:
    """But where one side settles it."""
    assert evaluate(value) == comes_to


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        ((), False),
        (("0",), False),
        (("00",), False),
        (("a",), True),
        (("-1",), True),
        (unknown("x"), None),
        ((Hole(of_text("7"), Origin.MADE), Hole(Language((DIGITS,)), Origin.MADE)), True),
    ],
)
def test_conditions_hold_or_not(value: Value, holds: bool | None) -> None:
    """Nothing and nought do not."""
    assert truth(value) is holds
