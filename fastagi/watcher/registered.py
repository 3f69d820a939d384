"""What is registered for a phone, by Asterisk's own answers.

Contacts are the phones' own text. Asterisk names each by a digest of its URI, so the names alone
tell whether anything changed; they stay the same as a phone refreshes what it registered.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.call.identify import ENDPOINT

if TYPE_CHECKING:
    from fastagi.watcher.link import Link

VALUE_MAX: Final = 1000
"""Characters of an answer of AMI, which cuts it at 1,023 (action_getvar, manager.c): one that is
longer may be a part only."""

CONTACTS_MAX: Final = 4000
"""Characters that the dialplan makes a digest of: it cuts them at 4,095 (VAR_BUF_SIZE, pbx.c)."""


@dataclass(frozen=True, slots=True)
class Registered:
    """What is registered for an endpoint.

    Attributes:
        contacts: The names of all contacts of all its AORs, as Asterisk writes them, with commas.
    """

    contacts: str

    @property
    def count(self) -> int:
        """How many contacts there are."""
        return len(self.contacts.split(",")) if self.contacts else 0

    @property
    def digest(self) -> str:
        """What the dialplan sends as `contact`: SHA-1, in hexadecimal digits."""
        return digest_of(self.contacts)


def digest_of(text: str) -> str:
    """Return the digest that the dialplan's `SHA1` makes of a text."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


async def registered(link: Link, endpoint: str) -> Registered | None:
    """Return what is registered for an endpoint; None where Asterisk does not tell.

    Its AORs are taken in the order in which they stand, as the dialplan takes them.

    Args:
        link: To the Asterisk that it registers at.
        endpoint: Its name; one that is none is never asked about.

    Raises:
        LinkError: As `Link.ask`.
    """
    if not ENDPOINT.fullmatch(endpoint):
        return None
    answer = await told(link, f"PJSIP_ENDPOINT({endpoint},aors)")
    aors = [each.strip() for each in (answer or "").split(",")]
    if not all(ENDPOINT.fullmatch(each) for each in aors):
        return None
    found = [await _contacts(link, each) for each in aors]
    if any(each is None for each in found):
        return None
    contacts = ",".join(each for each in found if each)
    return Registered(contacts) if len(contacts) <= CONTACTS_MAX else None


async def told(link: Link, function: str) -> str | None:
    """Return what a function gives; None where it may be a part only, or is no text.

    Raises:
        LinkError: As `Link.ask`.
    """
    value = await link.function(function)
    return None if len(value) > VALUE_MAX or "\ufffd" in value else value


async def _contacts(link: Link, aor: str) -> str | None:
    """Return the names of an AOR's contacts; empty where nothing is registered."""
    contacts = await told(link, f"PJSIP_AOR({aor},contact)")
    if contacts:
        return contacts
    # An AOR that is not there, and an Asterisk without the function, have no contacts either; but
    # of an AOR that is there Asterisk tells how many it may have.
    return contacts if await told(link, f"PJSIP_AOR({aor},max_contacts)") else None
