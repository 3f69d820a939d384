"""Who may look at the console, and what each may do there: as the store keeps it.

An account is sealed whole, for its name. So whoever can write to the database can neither make
one, nor give one another's password, nor raise its role; and can read nothing of it.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from fastagi.call.ports import soon
from fastagi.errors import EnrolmentError, VaultError
from fastagi.stores.records import EVERYWHERE, Record

if TYPE_CHECKING:
    from collections.abc import Collection

    from fastagi.second_factor.vault import Vault
    from fastagi.stores.records import Records

KIND: Final = "operator"

NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")
"""An e-mail address can be one: many a provider has no other name of people."""

PAGE: Final = 500  # operators read in one step

STAMP_BYTES: Final = 16


class Role(StrEnum):
    """What an operator may do; each may what those before it may."""

    VIEWER = "viewer"
    """Look, and ask why a call is judged as it is."""
    OPERATOR = "operator"
    """End calls and sign-ins, and clear lockouts."""
    ADMIN = "admin"
    """See what operators did, and let a locked-out operator in again."""

    def may(self, needed: Role) -> bool:
        """Whether it is enough where another is needed."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Operator:
    """One of them.

    Attributes:
        password: Its Argon2id hash; empty where they enter by the OpenID provider, and only so.
        secret: Of the one-time codes, in base 32; empty likewise.
        step: The last step of these that was burnt.
        stamp: Another one with each password, secret and role: sessions begun before are over.
        since: When it was made or last changed.
        subject: Who it is at the provider; empty until they have entered by it.
        sites: Those that it sees and acts on, as if there were no others; all where none is named.
        disabled: Whether they may not enter at all.
        text: What is in the store; empty where nothing is.
    """

    name: str
    role: Role
    password: str = field(repr=False)
    secret: str = field(repr=False)
    since: float
    step: int = 0
    stamp: str = field(default_factory=lambda: secrets.token_urlsafe(STAMP_BYTES), repr=False)
    subject: str = field(default="", repr=False)
    disabled: bool = False
    sites: frozenset[str] = frozenset()
    text: str = field(default="", repr=False, compare=False)

    def sees(self, site: str) -> bool:
        """Whether it may know of a site; what is of no site, only who sees all of them."""
        return not self.sites or site in self.sites

    def changed(self, now: float, **parts: object) -> Operator:
        """Return it with other parts, and a stamp of its own."""
        stamp = secrets.token_urlsafe(STAMP_BYTES)
        return replace(self, since=now, stamp=stamp, **parts)  # type: ignore[arg-type]  # by name


def of_sites(sites: Collection[str]) -> str:
    """Say, behind something else, which sites an operator sees; nothing of all."""
    return f", of {', '.join(sorted(sites))}" if sites else ""


def check_name(name: str) -> None:
    """Refuse what cannot be an operator's name.

    Raises:
        EnrolmentError: It cannot.
    """
    if not NAME.fullmatch(name):
        raise EnrolmentError(
            f"`{name}` cannot be an operator's name: up to 64 of a-z, 0-9 and `. _ @ + -` can"
        )


async def find(records: Records, vault: Vault, name: str, now: float) -> Operator | None:
    """Return an operator; None where there is none of that name.

    Raises:
        StoreError: The store is away.
        VaultError: None of the keys opens it.
    """
    found = await soon(records.record(EVERYWHERE, KIND, name, now))
    return None if found is None else _read(vault, found)


async def list_all(records: Records, vault: Vault, now: float) -> list[Operator]:
    """Return every operator, by name.

    Raises:
        StoreError: The store is away.
        VaultError: None of the keys opens one of them.
    """
    found: list[Operator] = []
    while page := await soon(
        records.records(EVERYWHERE, KIND, found[-1].name if found else "", PAGE, now)
    ):
        found += [_read(vault, each) for each in page]
    return found


async def any_there(records: Records, now: float) -> bool:
    """Whether there is any operator.

    Raises:
        StoreError: The store is away.
    """
    return bool(await soon(records.records(EVERYWHERE, KIND, "", 1, now)))


async def put(records: Records, vault: Vault, operator: Operator, now: float) -> bool:
    """Put an operator in the place of what was read, or of nobody; False where that is another.

    Raises:
        StoreError: The store is away; whether it was done is unknown.
    """
    text = vault.seal(_written(operator), _owner(operator.name)).decode()
    record = Record(operator.name, text, None)
    return await soon(records.put_record(EVERYWHERE, KIND, record, operator.text or None, now))


async def remove(records: Records, name: str, now: float) -> bool:
    """Remove an operator, also one whom no key opens; whether there was one.

    Raises:
        StoreError: The store is away; whether it was done is unknown.
    """
    return await soon(records.take_record(EVERYWHERE, KIND, name, now)) is not None


async def reseal(records: Records, vault: Vault, now: float) -> int:
    """Seal every account under the first key; how many were not yet.

    Raises:
        StoreError: The store is away; some may be done.
        VaultError: None of the keys opens one of them.
    """
    count = 0
    for name in [each.name for each in await list_all(records, vault, now)]:
        while (present := await find(records, vault, name, now)) is not None:
            if not vault.needs_reseal(present.text.encode()):
                break
            if await put(records, vault, present, now):
                count += 1
                break
    return count


def _owner(name: str) -> str:
    return json.dumps([KIND, name])


def _written(operator: Operator) -> str:
    return json.dumps(
        {
            "role": operator.role,
            "password": operator.password,
            "secret": operator.secret,
            "since": operator.since,
            "step": operator.step,
            "stamp": operator.stamp,
            "subject": operator.subject,
            "disabled": operator.disabled,
            "sites": sorted(operator.sites),
        }
    )


def _read(vault: Vault, record: Record) -> Operator:
    opened = json.loads(vault.open(record.text.encode(), _owner(record.key)))
    try:
        return Operator(
            record.key,
            Role(opened["role"]),
            opened["password"],
            opened["secret"],
            opened["since"],
            opened["step"],
            opened["stamp"],
            opened.get("subject", ""),  # which earlier versions did not write
            opened.get("disabled", False),
            frozenset(opened.get("sites", ())),
            record.text,
        )
    except (KeyError, TypeError, ValueError):  # of a later version of this package
        raise VaultError(f"the account of operator `{record.key}` cannot be read") from None
