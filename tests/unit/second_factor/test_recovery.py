"""`second_factor.recovery`: ten codes, and what the store knows of them."""

from __future__ import annotations

import pytest

from fastagi.second_factor import recovery
from fastagi.second_factor.vault import Vault, new_key

OLD, NEW = new_key(), new_key()
CODE = "8301947265"


def test_there_are_ten_codes_of_ten_digits_all_different() -> None:
    """And no two sets are the same."""
    first, second = recovery.new_codes(), recovery.new_codes()

    assert len(set(first)) == 10
    assert all(map(recovery.looks_like, first))
    assert set(first).isdisjoint(second)


def test_a_code_drawn_twice_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten means ten."""
    drawn = iter([7, 7, *range(10)])
    monkeypatch.setattr("secrets.randbelow", lambda below: next(drawn))

    assert recovery.new_codes() == tuple(f"{each:010}" for each in range(10))


@pytest.mark.parametrize(
    "digits", ["", "123456", CODE[:-1], CODE + "0", "٨٣٠١٩٤٧٢٦٥", CODE + "\n"]
)
def test_anything_else_does_not_look_like_one(digits: str) -> None:
    """A one-time code least of all."""
    assert not recovery.looks_like(digits)


def test_the_digest_depends_on_everything() -> None:
    """Another key, site, extension or code is another digest."""
    vault = Vault([NEW])
    digests = {
        recovery.digest(vault, "office", "101", CODE),
        recovery.digest(vault, "office", "101", CODE[::-1]),
        recovery.digest(vault, "office", "102", CODE),
        recovery.digest(vault, "hotel", "101", CODE),
        recovery.digest(Vault([OLD]), "office", "101", CODE),
        recovery.digest(vault, 'office", "1', "01", CODE),
    }

    assert len(digests) == 6
    assert all(len(each) == 76 and int(each, 16) and CODE not in each for each in digests)


def test_a_code_outlives_a_rotation() -> None:
    """The digests under every key are to be looked for, that of the first key first."""
    made = recovery.digest(Vault([OLD]), "office", "101", CODE)
    both = Vault([NEW, OLD])

    assert recovery.digests(both, "office", "101", CODE) == (
        recovery.digest(both, "office", "101", CODE),
        made,
    )


def test_a_digest_tells_whether_its_key_is_the_older_one() -> None:
    """So that an operator knows when the older key may go."""
    both = Vault([NEW, OLD])

    assert recovery.is_of_older_key(both, recovery.digest(Vault([OLD]), "office", "101", CODE))
    assert not recovery.is_of_older_key(both, recovery.digest(both, "office", "101", CODE))
