"""Operators' passwords: which are too weak, how one is stored, how one is checked.

Unlike a PIN a password is long, so that its own hash guards it; the store holds it sealed besides,
with all else of the operator.
"""

from __future__ import annotations

from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from zxcvbn import zxcvbn

from fastagi.errors import VaultError, WeakPasswordError

LEAST: Final = 12
"""Characters; NIST SP 800-63B asks for 8, and for 15 where there is no second factor."""

MOST: Final = 128
"""Characters; more is no safer, and hashing it costs."""

LOOKED_AT: Final = 72
"""Characters of it that zxcvbn looks at, and no more, as its time grows with them."""

STRONG: Final = 3
"""Of zxcvbn's scores from 0: «safely unguessable», over 10^8 guesses."""

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""As that of PINs, for the same two cores; OWASP's choice. See `pin`."""

_NO_HASH: Final = (
    f"$argon2id$v=19$m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    f"${'A' * 22}${'A' * 43}"
)
"""The hash of nothing at all, as dear to check as a true one."""


def check_strength(password: str, name: str) -> None:
    """Refuse a password that is short, common, or made of what everybody knows.

    Args:
        password: The password somebody wants.
        name: Whose it is to be.

    Raises:
        WeakPasswordError: It is too weak; the message says how, never the password.
    """
    if not LEAST <= len(password) <= MOST:
        raise WeakPasswordError(f"a password has {LEAST} to {MOST} characters; four words do")
    if not password.isprintable():
        raise WeakPasswordError("a password has letters, digits, signs and blanks, nothing else")
    found = zxcvbn(password[:LOOKED_AT], [name, "dialguard", "asterisk", "operator", "console"])
    if found["score"] < STRONG:
        why = str(found["feedback"]["warning"]).rstrip(".") or "It is too easily guessed"
        raise WeakPasswordError(
            f"{why}; choose four words that have nothing to do with each other"
        )


def hash_password(password: str) -> str:
    """Hash a password for the store; takes a core for some 20 ms, so call it in a thread."""
    return _HASHER.hash(password.encode(errors="surrogatepass"))


def verify_password(password: str, stored: str | None) -> bool:
    """Whether it is the stored password; as dear where there is none, which gives False.

    Takes a core for some 20 ms, so call it in a thread.

    Raises:
        VaultError: What is stored is no hash.
    """
    try:
        return _HASHER.verify(stored or _NO_HASH, password.encode(errors="surrogatepass"))
    except VerifyMismatchError:
        return False
    except (InvalidHashError, VerificationError):
        raise VaultError("a stored password hash is damaged; set the password anew") from None
