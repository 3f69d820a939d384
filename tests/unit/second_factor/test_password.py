"""Operators' passwords."""

from __future__ import annotations

import pytest

from fastagi.errors import VaultError, WeakPasswordError
from fastagi.second_factor import password

WORDS = "tram vivid oboe quarry"


@pytest.mark.parametrize(
    ("weak", "why"),
    [
        ("", "12 to 128"),
        ("kaizbewdfal", "12 to 128"),
        ("x1!" * 43, "12 to 128"),
        ("password1234", "common"),
        ("qwertyuiop12", "keyboard|commonly used|common"),
        ("annaannaanna", "Repeats"),
        ("annadialguard", "easily guessed"),
        ("tram vivid\toboe quarry", "letters, digits"),
        ("tram vivid oboe\x00quarry", "letters, digits"),
    ],
)
def test_what_is_easily_guessed_is_refused(weak: str, why: str) -> None:
    """Short, common, repeated, or made of what everybody knows; it is not repeated."""
    with pytest.raises(WeakPasswordError, match=why) as error:
        password.check_strength(weak, "anna")
    assert not weak or weak not in str(error.value)


@pytest.mark.parametrize(
    "strong", [WORDS, "kaizbewdfalk", "Grünkohl an 7 Zäunen", "k" + WORDS * 5]
)
def test_four_words_are_enough(strong: str) -> None:
    """In whatever letters, and also where zxcvbn looks at its beginning only."""
    password.check_strength(strong, "anna")


def test_its_hash_is_salted_and_is_of_it_alone() -> None:
    """Two of the same are not alike."""
    one, other = password.hash_password(WORDS), password.hash_password(WORDS)
    assert one != other
    assert WORDS not in one
    assert password.verify_password(WORDS, one)
    assert password.verify_password(WORDS, other)
    assert not password.verify_password(WORDS.title(), one)


def test_nobody_has_no_password() -> None:
    """Whatever is tried; surrogates too, which no form can hold, do not break it."""
    assert not password.verify_password(WORDS, None)
    assert not password.verify_password("", None)
    assert not password.verify_password("\udc80", password.hash_password(WORDS))


def test_a_damaged_hash_is_told() -> None:
    """And is not shown."""
    with pytest.raises(VaultError, match="damaged"):
        password.verify_password(WORDS, "not a hash")
