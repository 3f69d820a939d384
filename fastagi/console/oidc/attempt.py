"""One sign-in that has begun: what is sent to the provider, and must come back with its answer.

It is in no store: the browser has it, sealed, in a cookie that no other browser has. So who
begins ten thousand fills nothing. Only what comes back is written down, so that it does so once.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Final

from fastagi.call.ports import soon
from fastagi.errors import VaultError
from fastagi.stores.records import EVERYWHERE, Record

if TYPE_CHECKING:
    from fastagi.console.ports import Ports
    from fastagi.second_factor.vault import Vault

KIND: Final = "oidc-attempt"

BYTES: Final = 32
"""Of each of its secrets: a verifier of 43 characters, the least there may be (RFC 7636, 4.1)."""

LASTS_S: Final = 600.0
"""How long somebody may take at the provider: to find a phone and key in its code."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One of them.

    Attributes:
        state: Comes back in the address; binds the answer to this browser (RFC 6749, 10.12).
        nonce: Comes back in the ID token; binds that to this sign-in.
        verifier: Shows that who has the code is who asked for it (RFC 7636).
    """

    begun: float
    state: str = field(default_factory=lambda: secrets.token_urlsafe(BYTES), repr=False)
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(BYTES), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(BYTES), repr=False)


def sealed(attempt: Attempt, vault: Vault) -> str:
    """Return it as the browser keeps it."""
    return vault.seal(json.dumps(asdict(attempt)), KIND).decode()


def opened(text: str, vault: Vault, now: float) -> Attempt | None:
    """Return what a browser kept; None where it is nothing of ours, or took too long."""
    if not text:
        return None
    try:
        attempt = Attempt(**json.loads(vault.open(text.encode(errors="replace"), KIND)))
    except VaultError:
        return None
    return attempt if 0 <= now - attempt.begun < LASTS_S else None


async def use_up(attempt: Attempt, ports: Ports) -> bool:
    """Use it up: True once, and never again, whatever browser or process asks.

    Raises:
        StoreError: The store is away; whether it is used up is unknown.
    """
    digest = hashlib.sha256(attempt.state.encode()).hexdigest()
    record = Record(digest, "used", attempt.begun + LASTS_S)
    return await soon(ports.store.put_record(EVERYWHERE, KIND, record, None, ports.now()))
