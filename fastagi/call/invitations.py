"""Invitations: whoever has the link may enrol one extension, once, until it is over.

    invite -> accept -> (QR code, PIN) -> finish

The token is in the link, and its digest in the store. Accepting it uses it up, and begins a draft:
a secret that is in force only once a code of it was shown. The draft is its holder's, who has a
key to it of his own; it is over soon, and with it what the invitation was good for.

As long as an extension is not finished, what it had before is in force.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastagi.call import enrolling
from fastagi.call.ports import soon
from fastagi.errors import WeakPinError
from fastagi.second_factor import one_time_code, pin, recovery
from fastagi.stores.records import Record
from fastagi.stores.store import Enrolment

if TYPE_CHECKING:
    from fastagi.call.ports import Ports
    from fastagi.stores.records import Records

INVITATION: Final = "invitation"
DRAFT: Final = "enrolling"
"""Kinds of records."""

TOKEN_BYTES: Final = 32

DRAFT_S: Final = 1800.0
"""How long somebody has to scan, choose and confirm, once the invitation was accepted."""

PAGE: Final = 100
"""Records that are looked at in one step."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An enrolment that is not in force yet.

    Attributes:
        secret: Of its one-time codes, in base 32.
    """

    extension: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WrongCode:
    """The code is none of the draft's; nothing was changed."""


async def invite(store: Records, site: str, extension: str, until: float, now: float) -> str:
    """Make an invitation and return its token; any other of the extension is void.

    Raises:
        StoreError: The store is away.
    """
    await withdraw(store, site, extension, now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    text = json.dumps({"extension": extension})
    await soon(store.put_record(site, INVITATION, Record(_digest(token), text, until), None, now))
    return token


async def withdraw(store: Records, site: str, extension: str, now: float) -> int:
    """Void every invitation of an extension, and what was begun with one; how many there were.

    Raises:
        StoreError: The store is away.
    """
    count = 0
    for kind in (INVITATION, DRAFT):
        after = ""
        while found := await soon(store.records(site, kind, after, PAGE, now)):
            for each in found:
                if json.loads(each.text)["extension"] == extension:
                    taken = await soon(store.take_record(site, kind, each.key, now))
                    count += taken is not None
            after = found[-1].key
    return count


async def accept(site: str, token: str, ports: Ports) -> str | None:
    """Use an invitation up; returns the key to its draft, or None where it is good no more.

    Raises:
        StoreError: The store is away; whether it was used up is unknown.
    """
    store, now = ports.store, ports.now()
    taken = await soon(store.take_record(site, INVITATION, _digest(token), now))
    if taken is None:
        return None
    extension = str(json.loads(taken.text)["extension"])
    sealed = one_time_code.seal(ports.vault, site, extension, one_time_code.new_secret())
    text = {"extension": extension, "sealed": base64.b64encode(sealed).decode()}
    key = secrets.token_urlsafe(TOKEN_BYTES)
    record = Record(_digest(key), json.dumps(text), now + DRAFT_S)
    await soon(store.put_record(site, DRAFT, record, None, now))
    return key


async def draft_of(site: str, key: str, ports: Ports) -> Draft | None:
    """Return the draft; None where it is finished, or over, or was withdrawn.

    Raises:
        StoreError: The store is away.
        VaultError: Its secret cannot be opened.
    """
    found = await soon(ports.store.record(site, DRAFT, _digest(key), ports.now()))
    if found is None:
        return None
    text = json.loads(found.text)
    sealed = base64.b64decode(text["sealed"])
    secret = one_time_code.unseal(ports.vault, site, text["extension"], sealed)
    return Draft(text["extension"], secret)


async def finish(
    site: str, key: str, chosen: str, code: str, ports: Ports
) -> tuple[str, ...] | WrongCode | WeakPinError | None:
    """Put a draft in force, and return its recovery codes; or say why not, and it stays.

    The code that was shown for it is burnt: who looked over a shoulder cannot sign in with it.

    Args:
        site: Whose.
        key: To the draft.
        chosen: The PIN.
        code: Of the new secret.
        ports: The world.

    Returns:
        None where there is no such draft.

    Raises:
        BusyError: Too many PINs are being hashed.
        StoreError: The store is away; whether it is in force is unknown.
        VaultError: Its secret cannot be opened.
    """
    store, vault = ports.store, ports.vault
    draft = await draft_of(site, key, ports)
    if draft is None:
        return None
    now = ports.now()
    step = one_time_code.matching_step(draft.secret, code, now)
    if step is None:
        return WrongCode()
    try:
        pin.check_strength(chosen, draft.extension)
    except WeakPinError as error:
        return error
    codes = recovery.new_codes()
    begun = Enrolment(draft.extension, since=now)
    begun = enrolling.with_totp(vault, site, begun, draft.secret)
    begun = enrolling.with_recovery(vault, site, begun, codes)
    whole = await ports.hash_pool.run(lambda: enrolling.with_pin(vault, site, begun, chosen), site)
    if await soon(store.take_record(site, DRAFT, _digest(key), now)) is None:
        return None
    await soon(store.enrol(site, whole))
    await soon(store.claim_step(site, whole, step))
    return codes


def _digest(token: str) -> str:
    """Return what the store knows a token by; it is random, and long: no slow hash is needed."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
