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


@dataclass(frozen=True, slots=True)
class Registered:
    """What is registered for an endpoint.

    Attributes:
        contacts: The names of all contacts of its first AOR, as Asterisk writes them.
        others: The same of each of its other AORs.
    """

    contacts: str
    others: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """What the dialplan sends as `contact`: SHA-1, in hexadecimal digits."""
        return digest_of(self.contacts)


def digest_of(text: str) -> str:
    """Return the digest that the dialplan's `SHA1` makes of a text."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


async def registered(link: Link, endpoint: str, *, whole: bool = False) -> Registered | None:
    """Return what is registered for an endpoint; None where Asterisk does not tell.

    Args:
        link: To the Asterisk that it registers at.
        endpoint: Its name; one that is none is never asked about.
        whole: Whether to ask about all its AORs, and not only about the first.

    Raises:
        LinkError: As `Link.ask`.
    """
    if not ENDPOINT.fullmatch(endpoint):
        return None
    answer = await told(link, f"PJSIP_ENDPOINT({endpoint},aors)")
    aors = [each.strip() for each in (answer or "").split(",")]
    if not all(ENDPOINT.fullmatch(each) for each in aors):
        return None
    found = [await _contacts(link, each) for each in (aors if whole else aors[:1])]
    known = [each for each in found if each is not None]
    return Registered(known[0], tuple(known[1:])) if len(known) == len(found) else None


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
