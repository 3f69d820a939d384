"""What a browser is signed in as: a random key in its cookie, all else in the store.

The key is new with each sign-in, and the store knows its digest only. It is good for one sign-in
and no longer remembered than that, so that a page can say why it is over.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import TYPE_CHECKING, Final

from fastagi.call.ports import soon
from fastagi.stores.records import Record
from fastagi.stores.sign_ins import REMEMBERED_S

if TYPE_CHECKING:
    from fastagi.console.ports import Ports
    from fastagi.stores.sign_ins import SignIn

KIND: Final = "session"
KEY_BYTES: Final = 32


async def begin(sign_in: SignIn, ports: Ports, until: float | None = None) -> str:
    """Begin the session of a sign-in; returns its key.

    Args:
        sign_in: What the browser is signed in as.
        ports: The world.
        until: When that is over in any case, where its phone is waited for yet.

    Raises:
        StoreError: The store is away.
    """
    key = secrets.token_urlsafe(KEY_BYTES)
    text = json.dumps({"extension": sign_in.extension, "id": sign_in.id})
    record = Record(_digest(key), text, (until or sign_in.until) + REMEMBERED_S)
    await soon(ports.store.put_record(sign_in.site, KIND, record, None, ports.now()))
    return key


async def sign_in_of(site: str, key: str, ports: Ports) -> SignIn | None:
    """Return the sign-in of a session, also one that is over; None where there is none.

    Raises:
        StoreError: The store is away.
    """
    if not key:
        return None
    found = await soon(ports.store.record(site, KIND, _digest(key), ports.now()))
    if found is None:
        return None
    text = json.loads(found.text)
    return await soon(ports.store.sign_in(site, text["extension"], text["id"], ports.now()))


async def end(site: str, key: str, ports: Ports) -> None:
    """Forget a session: its cookie is good for nothing from now on.

    Raises:
        StoreError: The store is away.
    """
    await soon(ports.store.take_record(site, KIND, _digest(key), ports.now()))


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
