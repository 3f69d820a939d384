"""Taking what a phone registered off Asterisk, so that nobody is called there any more.

Asterisk has no action for that. It keeps what phones register in its own database, and looks there
each time; a function of the dialplan removes an entry, and the login that watches may use it. Who
is cut off so may register anew where the password still lets them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.call.identify import ENDPOINT
from fastagi.watcher.registered import registered, told
from fastagi.watcher.whereabouts import CONTACT

if TYPE_CHECKING:
    from fastagi.watcher.link import Link


async def drop(link: Link, site: str, endpoint: str) -> int | None:
    """Remove all that is registered for an endpoint whose password a site hands out.

    What stands in Asterisk's configuration stays: no phone said so.

    Returns:
        How much it was; None where no such endpoint is here. One that has a password of its own,
        or another site's, is none.

    Raises:
        LinkError: As `Link.ask`.
    """
    if not await borrows(link, site, endpoint):
        return None
    found = await registered(link, endpoint)
    contacts = "" if found is None else found.contacts
    names = [each for each in contacts.split(",") if CONTACT.fullmatch(each)]
    for each in names:
        await link.ask("Setvar", Variable=f"DB_DELETE(registrar/contact/{each})", Value="1")
    return len(names)


async def borrows(link: Link, site: str, endpoint: str) -> bool:
    """Tell whether there is such an endpoint here, and a site hands its password out.

    Raises:
        LinkError: As `Link.ask`.
    """
    if not ENDPOINT.fullmatch(endpoint):
        return False
    return await told(link, f"PJSIP_ENDPOINT({endpoint},auth)") == f"{site}/{endpoint}"
