"""The vault: what encrypts, and what digests, with keys that are kept apart from the database.

The database alone is worth nothing: a PIN has 10,000 values, and any hash of it is undone in
minutes by whoever can compute it. So everything stored is bound to a key that lies in a file of
its own (`fastagi.daemon.keys` reads it). The first key encrypts, every key decrypts: keys rotate
by putting a new one first, and go when nothing stored needs them any more.

Whoever rotates them is another process than the service. So a vault can be told how to read its
keys again, and does so before it says that a key is not there.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from fastagi.errors import VaultError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DIGEST_SIZE: Final = 32  # bytes; HMAC-SHA-256
KEY_ID_SIZE: Final = 6  # bytes; the PHC string format allows a `keyid` of up to 8

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{43}=")  # 32 bytes in URL-safe base 64


class Vault:
    """Encrypts and digests; shows no key in its repr, nor in any error.

    Args:
        keys: Fernet keys, as `new_key` makes them; the first encrypts, all decrypt.
        reread: Returns the keys as they are by now, or raises `VaultError`; None where they are
            these for good.

    Raises:
        VaultError: There is no key, or one is malformed.
    """

    __slots__ = ("_reread", "_ring")

    def __init__(
        self, keys: Sequence[bytes], reread: Callable[[], Sequence[bytes]] | None = None
    ) -> None:
        self._ring = _ring(keys)  # replaced as a whole: threads look at it while it is renewed
        self._reread = reread

    def __repr__(self) -> str:
        return f"Vault({len(self._ring)} keys)"

    @property
    def key_ids(self) -> tuple[str, ...]:
        """What names each key without telling it, in base 64, in the order of the keys."""
        return tuple(key.id for key in self._ring)

    def renew(self) -> bool:
        """Take the keys as they are by now; whether they are others than before.

        Raises:
            VaultError: They cannot be read; those at hand stay.
        """
        if self._reread is None:
            return False
        before, self._ring = self._ring, _ring(self._reread())
        return [key.id for key in before] != [key.id for key in self._ring]

    def seal(self, secret: str, owner: str = "") -> bytes:
        """Encrypt a secret under the first key.

        Args:
            secret: What is to be kept.
            owner: Whose it is. It opens for nobody else, so that whoever can write to the
                database cannot give one extension's secret to another.
        """
        return self._ring[0].lock.encrypt(json.dumps([owner, secret]).encode())

    def open(self, sealed: bytes, owner: str = "") -> str:
        """Decrypt a secret.

        Raises:
            VaultError: None of the keys fits, it was changed, or it belongs to somebody else.
        """
        opened = self._opened(sealed)
        if opened is None and self.renew():
            opened = self._opened(sealed)
        if opened is None:
            raise VaultError("a stored secret opens with none of the keys; put its key back")
        its_owner, secret = json.loads(opened)
        if its_owner != owner:
            raise VaultError("a stored secret belongs to another extension")
        return str(secret)

    def needs_reseal(self, sealed: bytes) -> bool:
        """Whether it was sealed under an older key, so that it should be sealed anew.

        A secret that none of the keys opens counts as such; `open` tells.
        """
        try:
            self._ring[0].lock.decrypt(sealed)
        except InvalidToken:
            return True
        return False

    def digest(self, purpose: str, text: str) -> bytes:
        """Return a keyed digest under the first key, of `DIGEST_SIZE` bytes.

        Args:
            purpose: What it is for; digests for different purposes have nothing in common.
            text: What is digested.
        """
        return _digest(self._ring[0].secret, purpose, text)

    def digests(self, purpose: str, text: str) -> tuple[bytes, ...]:
        """Return the digests under every key, that of the first key first."""
        return tuple(_digest(key.secret, purpose, text) for key in self._ring)

    def digest_under(self, key_id: str, purpose: str, text: str) -> bytes | None:
        """Return the digest under the key of that name; None if it is not among ours."""
        if key_id not in self.key_ids:
            self.renew()
        for key in self._ring:
            if key.id == key_id:
                return _digest(key.secret, purpose, text)
        return None

    def _opened(self, sealed: bytes) -> bytes | None:
        """Decrypt with whichever key fits; None if none does."""
        for key in self._ring:
            with contextlib.suppress(InvalidToken):
                return key.lock.decrypt(sealed)
        return None


def new_key() -> bytes:
    """Make a key at random."""
    return Fernet.generate_key()


def parse_keys(text: str) -> tuple[bytes, ...]:
    """Read a file of keys: one a line, the first encrypts; blank lines and `#` comments between.

    Raises:
        VaultError: A line is no key or stands twice, or there is none; no key is shown.
    """
    keys: list[bytes] = []
    for number, line in enumerate(text.splitlines(), start=1):
        word = line.partition("#")[0].strip()
        if not word:
            continue
        _check_key(word, f"line {number}")
        if word.encode() in keys:
            raise VaultError(f"line {number}: this key stands here twice; remove one")
        keys.append(word.encode())
    if not keys:
        raise VaultError(
            "there is no key in it; restore it from backup: a new one voids every PIN and code"
        )
    return tuple(keys)


def _check_key(word: str, place: str) -> None:
    if not _KEY.fullmatch(word):
        raise VaultError(
            f"{place}: this is no key, which has 44 characters of URL-safe base 64; "
            "put the file back as it was"
        )


@dataclass(frozen=True, slots=True)
class _Key:
    secret: bytes = field(repr=False)
    lock: Fernet = field(repr=False)
    id: str


def _ring(keys: Sequence[bytes]) -> tuple[_Key, ...]:
    """Make keys ready for use."""
    if not keys:
        raise VaultError("there is no key; `new_key` makes one")
    for number, key in enumerate(keys, start=1):
        _check_key(key.decode("ascii", "replace"), f"key {number}")
    secrets = (base64.urlsafe_b64decode(key) for key in keys)
    return tuple(
        _Key(secret, Fernet(key), _key_id(secret))
        for key, secret in zip(keys, secrets, strict=True)
    )


def _key_id(key: bytes) -> str:
    """Name a key, as PHC strings do: six bytes, whose base 64 needs no padding."""
    return base64.b64encode(_derived(key, "key id", KEY_ID_SIZE)).decode()


def _derived(key: bytes, use: str, length: int) -> bytes:
    """Derive a key for one use, so that none is used for two (HKDF-Expand, RFC 5869)."""
    return HKDFExpand(SHA256(), length, f"dialguard {use}".encode()).derive(key)


def _digest(key: bytes, purpose: str, text: str) -> bytes:
    derived = _derived(key, f"digest {purpose}", DIGEST_SIZE)
    return hmac.digest(derived, text.encode(errors="surrogatepass"), hashlib.sha256)
