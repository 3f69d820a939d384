"""Recovery codes: ten on paper, each good once, for whoever lost the telephone.

They are keyed where the one-time code is asked for. Ten digits at random need no slow hash: the
store keeps keyed digests, and without the key there is nothing to search. Before each digest
stands the name of its key: nothing else tells when the key is needed no more.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fastagi.second_factor.vault import Vault

CODES: Final = 10
DIGITS: Final = 10  # 33 bits; an extension is locked out after a handful of guesses

_PURPOSE: Final = "recovery"


def new_codes() -> tuple[str, ...]:
    """Make a set of codes at random, all different."""
    codes: set[str] = set()
    while len(codes) < CODES:
        codes.add(f"{secrets.randbelow(10**DIGITS):0{DIGITS}}")
    return tuple(sorted(codes))


def looks_like(digits: str) -> bool:
    """Whether these could be a recovery code; a one-time code is shorter."""
    return re.fullmatch(rf"[0-9]{{{DIGITS}}}", digits) is not None


def digest(vault: Vault, site: str, extension: str, code: str) -> str:
    """Return the keyed digest, in hex, by which the store knows the code."""
    return digests(vault, site, extension, code)[0]


def digests(vault: Vault, site: str, extension: str, code: str) -> tuple[str, ...]:
    """Return the digests under every key: a code made before a rotation is still good."""
    bound = _bound(site, extension, code)
    return tuple(
        _name(key_id) + each.hex()
        for key_id, each in zip(vault.key_ids, vault.digests(_PURPOSE, bound), strict=True)
    )


def is_of_older_key(vault: Vault, stored: str) -> bool:
    """Whether a stored digest needs another key than the first."""
    return not stored.startswith(_name(vault.key_ids[0]))


def _name(key_id: str) -> str:
    """Name a key in hex, as the digest is."""
    return base64.b64decode(key_id).hex()


def _bound(site: str, extension: str, code: str) -> str:
    """Join the three so that no other three give the same text."""
    return json.dumps([site, extension, code])
