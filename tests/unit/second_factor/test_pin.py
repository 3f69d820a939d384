"""`second_factor.pin`: weak PINs are refused, true ones verified, stolen hashes worth nothing."""

from __future__ import annotations

import re
from typing import Literal

import argon2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.errors import VaultError, WeakPinError
from fastagi.second_factor import pin
from fastagi.second_factor.vault import Vault, new_key

OLD, NEW = new_key(), new_key()
VAULT = Vault([NEW])
PIN = "73916"
STORED = pin.hash_pin(VAULT, "office", "101", PIN)


# ----------------------------------------------------------------------------- weak PINs


@pytest.mark.parametrize(
    ("weak", "kind"),
    [
        ("0000", "over and over"),
        ("111111", "over and over"),
        ("1212", "over and over"),
        ("123123", "over and over"),
        ("1234", "counting"),
        ("4321", "counting"),
        ("7890", "counting"),
        ("2468", "counting"),
        ("987654321", "counting"),
        ("2580", "keypad"),
        ("0852", "keypad"),
        ("147258369", "equal steps"),
        ("1987", "year"),
        ("2031", "year"),
        ("3112", "date"),
        ("0704", "date"),
        ("310785", "date"),
        ("073185", "date"),
        ("850731", "date"),
        ("24121987", "date"),
        ("12241987", "date"),
        ("19871224", "date"),
        ("061987", "date"),
        ("198706", "date"),
        ("5683", "chosen most"),
        ("246810", "chosen most"),
    ],
)
def test_a_weak_pin_is_refused_by_its_kind(weak: str, kind: str) -> None:
    """The message says what kind it is, and does not repeat the PIN."""
    with pytest.raises(WeakPinError, match=kind) as caught:
        pin.check_strength(weak, "77")
    assert weak not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "weak"),
    [
        ("two digits", "2233 1199 2277 6655 0011 1100 7700 3443 7557 9889 0001 9998"),
        ("two digits", "000007 000001 11112222 11111112"),
        ("backwards", "12344321 582285 74147"),
        ("each come twice", "445566 778899 998877 11223344 55667788 2277559944"),
        ("equal steps", "147258 258369 147369 963258 852741 123789 00001234 159753"),
        ("but for one", "1233 1236 7894 7896 123457 12345679 129456"),
        ("corners", "1346 4679 1245 1397 2893 1436"),
        ("date", "0112 110385"),
    ],
)
def test_weak_pins_of_a_kind_are_refused(kind: str, weak: str) -> None:
    """What a finger or the memory finds without a thought."""
    assert [each for each in weak.split() if kind not in _refusal(each, "105")] == []


@pytest.mark.parametrize(
    ("extension", "weak"),
    [
        ("4816", "4816"),
        ("481", "4816"),
        ("481", "748193"),
        ("desk-481", "9481"),
        ("94816", "4816"),
        ("4816", "6184"),
        ("4816", "261840"),
        ("57", "0057"),
        ("57", "5700"),
        ("57", "7500"),
        ("desk-57", "000057"),
    ],
)
def test_a_pin_made_of_the_extension_is_refused(extension: str, weak: str) -> None:
    """The extension stands on the telephone's display."""
    with pytest.raises(WeakPinError, match="extension"):
        pin.check_strength(weak, extension)


@pytest.mark.parametrize("no_pin", ["", "739", "7391673916739", "73a6", "7391\n", "٧٣٩١", "73 91"])
def test_what_is_no_pin_is_refused(no_pin: str) -> None:
    """Four to twelve of the digits on a telephone, and nothing else."""
    with pytest.raises(WeakPinError, match="4 to 12 digits"):
        pin.check_strength(no_pin, "101")


@pytest.mark.parametrize("strong", ["7391", "4829", "739164", "904718", "739164820573"])
def test_a_pin_without_a_pattern_is_taken(strong: str) -> None:
    """Most PINs are none of those."""
    pin.check_strength(strong, "101")
    pin.check_strength(strong, "alice")
    pin.check_strength(strong, "7")


@pytest.mark.parametrize("extension", ["101", "148", "alice"])
def test_few_pins_are_refused(extension: str) -> None:
    """Of all PINs of four digits eight in ten stay: rules must not leave too few."""
    refused = sum(bool(_refusal(f"{each:04}", extension)) for each in range(10_000))
    assert refused < 2_000


def _refusal(candidate: str, extension: str = "101") -> str:
    """Return why the PIN is refused; empty if it is taken."""
    try:
        pin.check_strength(candidate, extension)
    except WeakPinError as error:
        return str(error)
    return ""


def _is_weak(candidate: str) -> bool:
    return bool(_refusal(candidate))


@given(st.text(), st.text())
def test_any_text_is_taken_or_refused(candidate: str, extension: str) -> None:
    """Nothing but WeakPinError comes of it, and it never quotes what was keyed."""
    keyed = set(re.findall(r"\d{4,}", candidate))
    assert not keyed & set(re.findall(r"\d{4,}", _refusal(candidate, extension)))


def test_the_lists_name_only_what_no_rule_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing stands in a list for show."""
    named = (*pin.COMMON, *pin.LINES_ON_THE_KEYPAD)
    assert all(map(_is_weak, named))
    monkeypatch.setattr(pin, "COMMON", frozenset())
    monkeypatch.setattr(pin, "LINES_ON_THE_KEYPAD", ())
    assert [each for each in named if _is_weak(each)] == []


# ----------------------------------------------------------------------------- hashes


def test_the_right_pin_is_verified_and_no_other() -> None:
    """As much as a PIN is for."""
    assert pin.verify_pin(VAULT, "office", "101", PIN, STORED)
    assert not pin.verify_pin(VAULT, "office", "101", "73917", STORED)
    assert not pin.verify_pin(VAULT, "office", "101", "", STORED)
    assert not pin.verify_pin(VAULT, "office", "101", PIN + "0", STORED)


def test_a_hash_is_of_one_extension_of_one_site() -> None:
    """Copied to another extension, or another tenant, it fits nobody."""
    assert not pin.verify_pin(VAULT, "office", "102", PIN, STORED)
    assert not pin.verify_pin(VAULT, "hotel", "101", PIN, STORED)


def test_a_stolen_database_alone_is_useless() -> None:
    """Without the key not even the right PIN can be told from the others, whatever is tried."""
    phc = re.sub(r",keyid=[^$]+", "", STORED)
    for guess in (PIN, f"office101{PIN}", f'["office", "101", "{PIN}"]'):
        with pytest.raises(argon2.exceptions.VerifyMismatchError):
            argon2.PasswordHasher().verify(phc, guess)
    thief = Vault([new_key()])
    forged = STORED.replace(VAULT.key_ids[0], thief.key_ids[0])
    assert not pin.verify_pin(thief, "office", "101", PIN, forged)


def test_the_hash_is_argon2id_with_what_the_comment_says() -> None:
    """PHC format; 19 MiB, two passes, one lane; the key's name; no digit of the PIN in clear."""
    head = f"$argon2id$v=19$m=19456,t=2,p=1,keyid={VAULT.key_ids[0]}$"

    assert STORED.startswith(head)
    assert pin.hash_pin(VAULT, "office", "101", PIN) != STORED


def test_an_older_key_still_verifies_and_asks_for_a_new_hash() -> None:
    """After a rotation a PIN stays good; once keyed right it can be hashed under the new key."""
    stored = pin.hash_pin(Vault([OLD]), "office", "101", PIN)
    both = Vault([NEW, OLD])

    assert pin.verify_pin(both, "office", "101", PIN, stored)
    assert not pin.verify_pin(both, "office", "101", "73917", stored)
    assert pin.needs_rehash(both, stored)
    assert pin.is_of_older_key(both, stored)
    assert not pin.is_of_older_key(Vault([OLD]), stored)
    assert not pin.needs_rehash(both, pin.hash_pin(both, "office", "101", PIN))


def test_older_parameters_ask_for_a_new_hash() -> None:
    """A cheaper hash of earlier days is found out."""
    assert not pin.needs_rehash(VAULT, STORED)
    assert pin.needs_rehash(VAULT, STORED.replace("t=2", "t=1"))
    assert not pin.is_of_older_key(VAULT, STORED.replace("t=2", "t=1"))


def test_a_key_that_is_gone_is_an_error_not_a_wrong_pin() -> None:
    """A caller must not be locked out for what the operator lost."""
    with pytest.raises(VaultError, match="not at hand"):
        pin.verify_pin(Vault([OLD]), "office", "101", PIN, STORED)


@pytest.mark.parametrize(
    "damaged",
    ["", "7391", STORED[:-1] + "!", STORED.replace("argon2id", "argon2i"), STORED[:60]],
    ids=["empty", "a-pin", "last-byte", "other-kind", "cut"],
)
def test_a_damaged_hash_is_an_error_not_a_wrong_pin(damaged: str) -> None:
    """Nor for what a disk lost."""
    with pytest.raises(VaultError, match="set the PIN anew"):
        pin.verify_pin(VAULT, "office", "101", PIN, damaged)


def test_needs_rehash_wants_a_hash() -> None:
    """A damaged hash is not silently kept."""
    with pytest.raises(VaultError, match="set the PIN anew"):
        pin.needs_rehash(VAULT, "7391")


class CountingHasher(argon2.PasswordHasher):
    """Notes what each verification costs."""

    def __init__(self) -> None:
        super().__init__()
        self.costs: list[argon2.Parameters] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        """Note the parameters of the hash, then verify."""
        self.costs.append(argon2.extract_parameters(str(hash)))
        return super().verify(hash, password)


def test_right_wrong_and_not_enrolled_cost_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """One Argon2 of the same size each time: who listens to the clock learns nothing."""
    hasher = CountingHasher()
    monkeypatch.setattr(pin, "_HASHER", hasher)

    assert pin.verify_pin(VAULT, "office", "101", PIN, STORED)
    assert not pin.verify_pin(VAULT, "office", "101", "0", STORED)
    assert not pin.verify_pin(VAULT, "office", "101", PIN, None)

    assert len(hasher.costs) == 3
    assert len(set(map(repr, hasher.costs))) == 1
