"""Tokens: what a program shows to act for a site, as people show a PIN.

A token is 256 random bits behind a prefix that scanners of leaked secrets can look for. It is told
once; what is kept, in the store's records, is its SHA-256 digest and what it may do. With so many
random bits there is nothing to guess, and a slow hash would guard nothing more. It is looked up by
the digest: how long that takes tells of the digest only, which whoever asks cannot steer.

A token is of one site, and knows of no other. What it may do, and for whom, is asked of it here;
who asks, and what is answered, is the API's.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from fastagi.numbering.pattern import Pattern
from fastagi.stores.records import EVERYWHERE, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastagi.stores.records import Records

PREFIX: Final = "dgt_"
TOKEN: Final = re.compile(r"dgt_[A-Za-z0-9_-]{43}")
RANDOM_BYTES: Final = 32  # 256 bits

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

KIND: Final = "token"
PAGE: Final = 500  # tokens read in one step
USED_EACH_S: Final = 60.0
"""How exactly its last use is known: not each request is to be a write."""


class Scope(StrEnum):
    """What a token may do; closed and stable."""

    READ_SIGN_INS = "sign-ins:read"
    WRITE_SIGN_INS = "sign-ins:write"
    WRITE_CREDENTIALS = "credentials:write"
    READ_DECISIONS = "decisions:read"


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token.

    Attributes:
        site: The one that it is of.
        digest: SHA-256 of it, in hex; its name in the store.
        name: What the operator calls it.
        scopes: What it may do.
        extensions: For whom: patterns of endpoints; none is every extension of the site.
        since: When it was made.
        until: When it is void; None where it is not until it is removed.
        used: When it was last used, within `USED_EACH_S`; None where it never was.
    """

    site: str
    digest: str
    name: str
    scopes: frozenset[Scope]
    extensions: tuple[Pattern, ...]
    since: float
    until: float | None
    used: float | None = None

    def may(self, scope: Scope) -> bool:
        """Tell whether it may do that."""
        return scope in self.scopes

    def speaks_for(self, extension: str) -> bool:
        """Tell whether it may do that for an extension."""
        return not self.extensions or any(each.matches(extension) for each in self.extensions)


def digest_of(secret: str) -> str:
    """Return what a token is kept as."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def add(
    records: Records,
    site: str,
    name: str,
    scopes: Iterable[Scope],
    extensions: Sequence[Pattern],
    until: float | None,
    now: float,
) -> str:
    """Make a token, and return it: the only time that anybody sees it.

    Raises:
        ValueError: The name cannot be one, or is taken; or nothing is asked for.
        StoreError: It is unknown whether it was made; nobody knows it then.
    """
    if not NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} cannot be a token's name; write up to 64 letters, digits, `.`, `-` and `_`"
        )
    if not (granted := frozenset(scopes)):
        raise ValueError(
            f"a token without a scope can do nothing; give it `{Scope.READ_SIGN_INS}`"
        )
    if any(each.name == name for each in await every(records, site, now)):
        raise ValueError(f"there is a token `{name}`; remove it first, or give another name")
    secret = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    made = Token(site, digest_of(secret), name, granted, tuple(extensions), now, until)
    await records.put_record(site, KIND, _record(made), None, now)
    return secret


async def find(records: Records, site: str | None, secret: str, now: float) -> Token | None:
    """Return the token of a site that somebody showed; None where there is none, for any reason.

    Args:
        records: Where tokens are.
        site: The site; None where there is no such site. The store is asked all the same: how
            long it takes is not to tell which sites there are.
        secret: What was shown.
        now: The moment.

    Raises:
        StoreError: Nothing is known.
    """
    if not TOKEN.fullmatch(secret):
        return None
    digest = digest_of(secret)
    found = await records.record(EVERYWHERE if site is None else site, KIND, digest, now)
    if found is None or site is None or not hmac.compare_digest(found.key, digest):
        return None
    return _read(site, found)


async def note_use(records: Records, token: Token, now: float) -> None:
    """Keep that a token was used, unless that is known closely enough.

    What somebody else wrote meanwhile stays, and a token that was removed is not brought back.

    Raises:
        StoreError: It is unknown whether that was kept.
    """
    if token.used is not None and abs(now - token.used) < USED_EACH_S:
        return
    used = _record(replace(token, used=now))
    await records.put_record(token.site, KIND, used, _record(token).text, now)


async def every(records: Records, site: str, now: float) -> list[Token]:
    """Return a site's tokens that are not void, by name.

    Raises:
        StoreError: They cannot be read.
    """
    found: list[Token] = []
    after = ""
    while page := await records.records(site, KIND, after, PAGE, now):
        found.extend(_read(site, each) for each in page)
        after = page[-1].key
    return sorted(found, key=lambda each: (each.name, each.since))


async def remove(records: Records, site: str, name: str, now: float) -> bool:
    """Remove the token of a name, from this moment; whether there was one.

    Raises:
        StoreError: It is unknown whether it was removed.
    """
    named = [each for each in await every(records, site, now) if each.name == name]
    for each in named:
        await records.take_record(site, KIND, each.digest, now)
    return bool(named)


def _record(token: Token) -> Record:
    text = json.dumps(
        {
            "name": token.name,
            "scopes": sorted(token.scopes),
            "extensions": [each.text for each in token.extensions],
            "since": token.since,
            "used": token.used,
        }
    )
    return Record(token.digest, text, token.until)


def _read(site: str, record: Record) -> Token:
    read = json.loads(record.text)
    return Token(
        site=site,
        digest=record.key,
        name=read["name"],
        scopes=frozenset(map(Scope, read["scopes"])),
        extensions=tuple(Pattern(each) for each in read["extensions"]),
        since=read["since"],
        until=record.until,
        used=read["used"],
    )
