"""PINs: which are too weak, how one is stored, how one is checked.

Stored is the Argon2id hash of a keyed digest of site, extension and PIN, with the key's name in
it. So a hash copied to another extension fits nobody there, and a database without the key cannot
be searched at all.
"""

from __future__ import annotations

import json
import re
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY

from fastagi.errors import VaultError, WeakPinError

if TYPE_CHECKING:
    from fastagi.second_factor.vault import Vault

LEAST_DIGITS: Final = 4
MOST_DIGITS: Final = 12

# ----------------------------------------------------------------------------- weak PINs

_DAY: Final = r"(0[1-9]|[12]\d|3[01])"
_MONTH: Final = r"(0[1-9]|1[0-2])"
_YEAR: Final = r"(19[3-9]|20[0-4])\d"  # in which somebody was born, married or hired

_YEARS: Final = re.compile(_YEAR)
_DATES: Final = re.compile(
    rf"{_DAY}{_MONTH}|{_MONTH}{_DAY}"
    rf"|{_DAY}{_MONTH}\d\d|{_MONTH}{_DAY}\d\d|\d\d{_MONTH}{_DAY}"
    rf"|{_DAY}{_MONTH}{_YEAR}|{_MONTH}{_DAY}{_YEAR}|{_YEAR}{_MONTH}{_DAY}"
    rf"|{_MONTH}{_YEAR}|{_YEAR}{_MONTH}"
)

KEYPAD: Final = ("123", "456", "789")

RECTANGLES: Final = frozenset(
    frozenset((above[left], above[right], below[left], below[right]))
    for above, below in combinations(KEYPAD, 2)
    for left, right in combinations(range(3), 2)
)
"""Four keys at the corners of a rectangle."""

LINES_ON_THE_KEYPAD: Final = ("2580", "3690", "1590", "3570", "2684")
"""Columns and diagonals to the 0, and the cross; refused forwards and backwards.

Of three keys, rows, columns and diagonals are equal steps: 123, 147, 159.
"""

COMMON: Final = frozenset({
    # What people are known to choose (after DataGenetics, 2012, and Markert et al., «This PIN Can
    # Be Easily Guessed», IEEE S&P 2020): shapes on the keypad, pi, words on the letters; less what
    # another rule refuses.
    "1342", "1355", "1478", "3141", "4055", "5150", "5683", "7410", "8520", "246810", "314159",
})  # fmt: skip


def check_strength(pin: str, extension: str) -> None:
    """Refuse a PIN that a thief tries first; the message says which kind, never the PIN.

    Args:
        pin: The PIN somebody wants.
        extension: Whose it is to be.

    Raises:
        WeakPinError: It is too weak, or no PIN at all.
    """
    if not re.fullmatch(rf"[0-9]{{{LEAST_DIGITS},{MOST_DIGITS}}}", pin):
        raise WeakPinError(f"a PIN has {LEAST_DIGITS} to {MOST_DIGITS} digits, and nothing else")
    if kind := _weakness(pin, extension):
        raise WeakPinError(f"this PIN is {kind}; choose digits that follow no pattern")


def _weakness(pin: str, extension: str) -> str:
    """Name the kind of weak PIN it is; empty if it is none."""
    if pin in pin[1:] + pin[:-1]:  # found within itself, shifted: 0000, 1212, 123123
        return "a digit, or a few, over and over"
    if _is_of(extension, pin):
        return "the extension, or made of it"
    if _YEARS.fullmatch(pin):
        return "a year"
    if _DATES.fullmatch(pin):
        return "a date"
    if len(set(pin)) <= 2:
        return "of no more than two digits"
    if pin == pin[::-1]:
        return "the same backwards"
    if pin[::2] == pin[1::2]:
        return "of digits that each come twice"
    if _is_made_of_runs(pin):
        return "counting in equal steps"
    if _is_almost_run(pin):
        return "counting, but for one digit"
    if any(line in (pin, pin[::-1]) for line in LINES_ON_THE_KEYPAD):
        return "a line on the keypad"
    if _is_rectangle(pin):
        return "four corners on the keypad"
    if pin in COMMON:
        return "among those chosen most"
    return ""


def _is_made_of_runs(pin: str) -> bool:
    """Whether it is runs of three digits or more, one after another: 1234, 7890, 147258, 111987.

    In a run every digit is as far from the one before. The keypad's rows and columns are runs.
    """
    return not pin or any(
        _is_run(pin[:length]) and _is_made_of_runs(pin[length:])
        for length in range(3, len(pin) + 1)
    )


def _is_run(digits: str) -> bool:
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
    return len(steps) == 1


def _is_almost_run(pin: str) -> bool:
    """Whether it counts up or down but for one digit that is off, or left out: 1236, 123457.

    Of four digits only the first or last may be off: else too few PINs were left.
    """
    for step in (1, -1):
        begins = [(int(digit) - step * place) % 10 for place, digit in enumerate(pin)]
        one_is_off = max(map(begins.count, begins)) >= len(pin) - 1
        one_jump = sum(before != after for before, after in pairwise(begins)) <= 1
        if one_is_off and one_jump:
            return True
        if len(pin) > LEAST_DIGITS and (one_is_off or one_jump):
            return True
    return False


def _is_rectangle(pin: str) -> bool:
    """Whether it goes around four keys, or along two sides: 1397, 1346; not across: 1937."""
    if len(pin) != 4 or frozenset(pin) not in RECTANGLES:
        return False
    (row, column), (next_row, next_column) = (divmod(int(key) - 1, 3) for key in pin[:2])
    return row == next_row or column == next_column


def _is_of(extension: str, pin: str) -> bool:
    """Whether one holds the other, backwards too, or it is filled up with zeros: 57, 0057, 5700.

    Digits of a name count if there are three or more, as few hold by chance.
    """
    for number in re.findall(r"[0-9]+", extension):
        for each in (number, number[::-1]):
            if pin in (each.zfill(len(pin)), each.ljust(len(pin), "0")):
                return True
            if len(each) >= 3 and (each in pin or pin in each):
                return True
    return False


# ----------------------------------------------------------------------------- hashes

_HASHER: Final = PasswordHasher(
    # RFC 9106's own low-memory choice (3 passes over 64 MiB in 4 lanes) takes 158 ms here, on four
    # threads, and 64 MiB a guess. A phone system has one or two cores and perhaps 1 GiB, and they
    # carry voice: guessing must not be heard. And what guards a PIN is the vault's key, since no
    # cost makes 10,000 values many. So: OWASP's choice of equal kind for less memory, in one
    # lane, that a guess may take one core and no more; about 20 ms. The parameters are part of
    # each hash: `needs_rehash` finds the older ones if this is ever raised.
    time_cost=2,  # passes
    memory_cost=19 * 1024,  # KiB, so 19 MiB
    parallelism=1,  # lanes, each a thread
    hash_len=RFC_9106_LOW_MEMORY.hash_len,  # bytes
    salt_len=RFC_9106_LOW_MEMORY.salt_len,  # bytes
)

_PHC: Final = re.compile(r"(\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+),keyid=([A-Za-z0-9+/]+)(\$.+)")
"""Argon2's PHC string with the optional `keyid` of the PHC string format."""

_NO_HASH: Final = (
    f"$argon2id$v=19$m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    f"${'A' * 22}${'A' * 43}"
)
"""The hash of nothing at all (16 bytes of salt, 32 of hash), as dear to check as a true one."""


def hash_pin(vault: Vault, site: str, extension: str, pin: str) -> str:
    """Hash a PIN for the store; takes a core for some 20 ms, so call it in a thread."""
    phc = _HASHER.hash(vault.digest(_PURPOSE, _bound(site, extension, pin)))
    head, salt, digest = phc.rsplit("$", 2)
    return f"{head},keyid={vault.key_ids[0]}${salt}${digest}"


def verify_pin(vault: Vault, site: str, extension: str, pin: str, stored: str | None) -> bool:
    """Whether it is the stored PIN; as dear for an extension that has none, which gives False.

    Takes a core for some 20 ms, so call it in a thread.

    Raises:
        VaultError: What is stored is no hash, or of a key that is not at hand.
    """
    key_id, phc = _parted(stored) if stored is not None else (vault.key_ids[0], _NO_HASH)
    digest = vault.digest_under(key_id, _PURPOSE, _bound(site, extension, pin))
    if digest is None:
        raise VaultError("a stored PIN is hashed with a key that is not at hand; put it back")
    try:
        return _HASHER.verify(phc, digest)
    except VerifyMismatchError:
        return False
    except (InvalidHashError, VerificationError):
        raise VaultError("a stored PIN hash is damaged; set the PIN anew") from None


def needs_rehash(vault: Vault, stored: str) -> bool:
    """Whether a PIN just verified should be hashed anew: an older key, or older parameters.

    Raises:
        VaultError: What is stored is no hash.
    """
    return is_of_older_key(vault, stored) or _HASHER.check_needs_rehash(_parted(stored)[1])


def is_of_older_key(vault: Vault, stored: str) -> bool:
    """Whether a stored PIN needs another key than the first.

    Raises:
        VaultError: What is stored is no hash.
    """
    return _parted(stored)[0] != vault.key_ids[0]


_PURPOSE: Final = "pin"


def _bound(site: str, extension: str, pin: str) -> str:
    """Join the three so that no other three give the same text."""
    return json.dumps([site, extension, pin])


def _parted(stored: str) -> tuple[str, str]:
    """Split what is stored into the key's name and the hash as Argon2 knows it."""
    parts = _PHC.fullmatch(stored)
    if parts is None:
        raise VaultError("a stored PIN hash is damaged; set the PIN anew")
    return parts[2], parts[1] + parts[3]
