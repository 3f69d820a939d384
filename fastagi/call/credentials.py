"""Short-lived SIP credentials: what a phone in a browser registers with, instead of a password.

Whoever shows two factors gets one, for one extension, and is told it once. It comes with a sign-in
and is gone with it, whatever ends that: what Asterisk is to be told of a credential it asks for
each time (see `console.passwords`), and is told nothing where the sign-in lives no more.

At that moment the phone has not registered, so the sign-in waits (`SignIn.is_waiting`): it opens
nothing, and is over soon. The first to register with the credential has to be where the browser
is, or in a place that the policy names; the watcher binds the sign-in to that phone, and from then
on it lasts as any other.

Of the password nothing is kept but what Asterisk holds it against, the digest HA1 of RFC 2617; and
as that is as good as the password, it is sealed. Of an extension one credential is good at a time:
the last.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from fastagi.call.identify import ENDPOINT
from fastagi.call.ports import LISTING_PATIENCE_S, soon
from fastagi.call.sign_in import ID_BYTES, over_at, sign_off, tell_end
from fastagi.errors import DialguardError, StoreError
from fastagi.policy.model import Factor, Reason, Transport
from fastagi.stores.records import Record
from fastagi.stores.sign_ins import Origin, SignedOff, SignIn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Address, IPv6Address

    from fastagi.call.ports import Policies, Ports
    from fastagi.policy.model import Policy
    from fastagi.second_factor.vault import Vault
    from fastagi.stores.records import Records
    from fastagi.stores.sign_ins import Way
    from fastagi.stores.store import Enrolment, Store

KIND: Final = "credential"
REALM: Final = "dialguard"
PASSWORD_BYTES: Final = 24  # 192 bits

KEPT_S: Final = 3600.0
"""How long after its end a credential is remembered, so that its phone is taken off Asterisk."""

PAGE: Final = 500  # credentials read in one step

MFA: Final = frozenset({Factor.PIN, Factor.TOTP})
"""What has to be shown: what somebody knows, and what they have."""

log = structlog.get_logger(__name__)


class TakeOff(Protocol):
    """How what an endpoint registered is taken off Asterisk."""

    async def __call__(self, site: str, extension: str) -> bool:
        """Take it off; whether there is an endpoint whose password the site hands out.

        Raises:
            LinkError: Asterisk cannot be asked, or does not do it.
        """
        ...


@dataclass(frozen=True, slots=True)
class Credential:
    """What is kept of one.

    Attributes:
        extension: The endpoint that it is of, and the name that is shown with it.
        sign_in: The id of the sign-in that it lives by.
        sealed: What `ha1_of` opens.
        until: When it is over in any case.
    """

    site: str
    extension: str
    sign_in: str
    sealed: str = field(repr=False)
    until: float


@dataclass(frozen=True, slots=True)
class HandedOut:
    """What somebody is told of one, once.

    Attributes:
        sign_in: Its sign-in, which waits: its `until` is when it is over where nobody registers.
        until: When it is over in any case.
    """

    sign_in: SignIn
    password: str = field(repr=False)
    until: float
    realm: str = REALM

    @property
    def username(self) -> str:
        """The name that is shown with it."""
        return self.sign_in.extension


def takes_two_factors(policy: Policy) -> bool:
    """Tell whether who signs in by a policy shows what a credential takes."""
    return frozenset(policy.sign_in.factors) >= MFA


async def hand_out(
    policy: Policy,
    verified: Enrolment,
    way: Way,
    browser: IPv4Address | IPv6Address,
    unused_s: int,
    take_off: TakeOff,
    ports: Ports,
    for_s: int | None = None,
) -> HandedOut | Reason:
    """Make a credential for the extension whose factors were shown, and open its sign-in.

    What registered before is taken off Asterisk: once before, which tells whether the extension
    has such a phone at all; and once after, when nobody can register any more who had the last.

    Args:
        policy: The site's; `takes_two_factors`.
        verified: The enrolment that all of its factors were held against.
        way: How it came.
        browser: Where the phone is to register from.
        unused_s: How long the first registration is waited for.
        take_off: How that is done.
        ports: The world.
        for_s: How long it lasts, where that is less than the policy has it.

    Returns:
        Why there is none: the extension has no such phone (UNPLACED), the factors are others by
        now, or it is locked out.

    Raises:
        LinkError: Asterisk cannot be asked.
        StoreError: The store is away. Nobody knows the password.
    """
    site, extension, now = policy.site.name, verified.extension, ports.now()
    if not await take_off(site, extension):
        return Reason.UNPLACED
    until = over_at(policy, now)
    if for_s is not None:
        until = min(until, now + for_s)
    waiting = SignIn(
        site=site,
        extension=extension,
        id=secrets.token_urlsafe(ID_BYTES),
        person=extension,
        way=way,
        origin=Origin(str(browser), Transport.WS),
        node="",
        since=now,
        until=min(until, now + unused_s),
        idle_s=policy.sign_in.idle_s,
        used=now,
    )
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    owner = _owner(site, extension, waiting.id)
    sealed = ports.vault.seal(ha1(extension, password), owner).decode()
    credential = Credential(site, extension, waiting.id, sealed, until)
    ended = await soon(ports.store.open_sign_in(waiting, verified, policy.sign_in.at_once, now))
    if ended is None:
        return Reason.WRONG_CODE
    for each in ended:
        tell_end(each)
    try:
        await _put(credential, ports.store, now)
        await take_off(site, extension)
    except DialguardError:
        with contextlib.suppress(StoreError):  # it is over soon by itself
            await sign_off(site, extension, waiting.id, SignedOff.REVOKED, ports)
        raise
    log.info("credential-handed-out", site=site, extension=extension, way=way, until=until)
    return HandedOut(waiting, password, until)


def ha1(name: str, password: str) -> str:
    """Return what Asterisk holds a password against (RFC 2617, 3.2.2.2): in hexadecimal digits."""
    text = f"{name}:{REALM}:{password}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def ha1_of(credential: Credential, vault: Vault) -> str:
    """Return what Asterisk holds the password of a credential against.

    Raises:
        VaultError: It cannot be read, or is another's.
    """
    owner = _owner(credential.site, credential.extension, credential.sign_in)
    return vault.open(credential.sealed.encode(), owner)


def _owner(site: str, extension: str, sign_in: str) -> str:
    return json.dumps([KIND, site, extension, sign_in])


async def asked_for(name: str, policies: Policies, store: Store, now: float) -> Credential | None:
    """Return the credential that Asterisk asks for by the name of an auth; None where none lives.

    Args:
        name: `SITE/EXTENSION`.
        policies: Those in force: of other sites there is nothing.
        store: Where credentials are, and sign-ins.
        now: The moment.

    Raises:
        StoreError: Nothing is known.
    """
    site, _, extension = name.partition("/")
    if not site or not ENDPOINT.fullmatch(extension) or policies.of(site) is None:
        return None
    found = await credential_of(store, site, extension, now)
    if found is None:
        return None
    sign_in = await soon(store.sign_in(site, extension, found.sign_in, now))
    return found if sign_in is not None and sign_in.ended is None else None


async def credential_of(
    records: Records, site: str, extension: str, now: float
) -> Credential | None:
    """Return the last credential of an extension, whether or not it lives.

    Raises:
        StoreError: Nothing is known.
    """
    found = await soon(records.record(site, KIND, extension, now))
    return None if found is None else _read(site, found)


async def every(records: Records, site: str, now: float) -> Sequence[Credential]:
    """Return the last credential of each extension of a site, also those that are over.

    Raises:
        StoreError: They cannot be read.
    """
    found: list[Credential] = []
    while True:
        after = found[-1].extension if found else ""
        page = await soon(records.records(site, KIND, after, PAGE, now), LISTING_PATIENCE_S)
        found += [_read(site, each) for each in page]
        if len(page) < PAGE:
            return found


async def _put(credential: Credential, records: Records, now: float) -> None:
    """Put a credential in the place of the extension's last.

    Raises:
        StoreError: It was not put, or that is unknown.
    """
    text = json.dumps(
        {
            "sign_in": credential.sign_in,
            "sealed": credential.sealed,
            "until": credential.until,
        }
    )
    record = Record(credential.extension, text, credential.until + KEPT_S)
    for _ in range(3):  # somebody else may be handed one at the same moment
        before = await soon(records.record(credential.site, KIND, record.key, now))
        last = None if before is None else before.text
        if await soon(records.put_record(credential.site, KIND, record, last, now)):
            return
    raise StoreError("others put credentials for the same extension, again and again")


def _read(site: str, record: Record) -> Credential:
    text = json.loads(record.text)
    return Credential(site, record.key, text["sign_in"], text["sealed"], text["until"])
