"""The parts of an enrolment, ready for the store: hashed, sealed, digested; for whoever enrols."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastagi.second_factor import one_time_code, pin, recovery

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastagi.second_factor.vault import Vault
    from fastagi.stores.store import Enrolment


def with_pin(vault: Vault, site: str, present: Enrolment, chosen: str) -> Enrolment:
    """Give it a PIN; takes a core for some 20 ms, so call it in a thread where others wait."""
    return replace(present, pin=pin.hash_pin(vault, site, present.extension, chosen))


def with_totp(vault: Vault, site: str, present: Enrolment, secret: str) -> Enrolment:
    """Give it one-time codes."""
    return replace(present, totp=one_time_code.seal(vault, site, present.extension, secret))


def with_recovery(vault: Vault, site: str, present: Enrolment, codes: Iterable[str]) -> Enrolment:
    """Give it recovery codes; older ones are void."""
    digests = (recovery.digest(vault, site, present.extension, code) for code in codes)
    return replace(present, recovery=frozenset(digests))
