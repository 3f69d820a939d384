"""One-time codes: TOTP (RFC 6238) with what every authenticator app takes for granted.

SHA-1, six digits, steps of 30 s. That a step is good only once is the store's to see to
(`Enrolments.claim_step`); here only the step is found that a code is of.
"""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING, Final

import pyotp

from fastagi.errors import VaultError

if TYPE_CHECKING:
    from fastagi.second_factor.vault import Vault

DIGITS: Final = 6
STEP_S: Final = 30  # RFC 6238, section 5.2
DRIFT: Final = 1  # steps a clock may be off, either way: RFC 6238, section 5.2, allows one
SECRET_CHARACTERS: Final = 32  # of base 32, so 160 bits: RFC 4226, section 4, R6


def new_secret() -> str:
    """Make a secret at random, in base 32."""
    return pyotp.random_base32(SECRET_CHARACTERS)


def uri(secret: str, extension: str, site: str) -> str:
    """Return the `otpauth://` URI that enrols the secret in an app; it is as secret as that."""
    return _totp(secret).provisioning_uri(name=extension, issuer_name=f"dialguard {site}")


def matching_step(secret: str, code: str, now: float) -> int | None:
    """Return the step that the code is of, now or within the drift; None if of none.

    Every candidate is compared, each in constant time, whichever fits. Of two that fit the later
    one counts: claiming it burns both.

    Args:
        secret: In base 32.
        code: What the caller keyed; anything.
        now: Seconds since the epoch.

    Raises:
        VaultError: The secret is no secret.
    """
    totp = _totp(secret)
    keyed = code.encode(errors="replace")
    present = int(now) // STEP_S
    found = None
    for step in range(max(0, present - DRIFT), present + DRIFT + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), keyed):
            found = step
    return found


def seal(vault: Vault, site: str, extension: str, secret: str) -> bytes:
    """Encrypt the secret for the store, for this extension and no other."""
    return vault.seal(secret, _owner(site, extension))


def unseal(vault: Vault, site: str, extension: str, sealed: bytes) -> str:
    """Decrypt the extension's secret.

    Raises:
        VaultError: None of the keys fits, or it was sealed for another extension.
    """
    return vault.open(sealed, _owner(site, extension))


def resealed(vault: Vault, site: str, extension: str, sealed: bytes) -> bytes | None:
    """Encrypt a stored secret under the first key; None where it is already.

    Raises:
        VaultError: None of the keys fits, or it was sealed for another extension.
    """
    if not vault.needs_reseal(sealed):
        return None
    return seal(vault, site, extension, unseal(vault, site, extension, sealed))


def _owner(site: str, extension: str) -> str:
    return json.dumps(["totp", site, extension])


def _totp(secret: str) -> pyotp.TOTP:
    try:
        return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S)
    except ValueError:  # pyotp's message is not passed on: nobody promises what it quotes
        raise VaultError("a one-time-code secret is damaged; enrol the phone anew") from None
