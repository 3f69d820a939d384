"""Which account somebody has whom the provider vouches for, and whether they may enter by it.

An account enters by one way: those with a password by it alone, so that no provider can take one
over; those without, as the provider's person that entered by it first. Who comes later under the
same name, and is another there, is refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from fastagi.console.operators import accounts, audit
from fastagi.console.operators.accounts import Operator, of_sites
from fastagi.console.operators.audit import PROVIDER, Deed, Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.console.operators.accounts import Role
    from fastagi.console.ports import Ports

TRIES: Final = 5
"""How often an account is read again that somebody else has just changed."""

NO_ROLE: Final = "nothing there gives a role"
NO_SITE: Final = "nothing there gives a site"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider vouches for.

    Attributes:
        subject: Who it is there, whatever the name: issuer and `sub`, which are never another's.
        role: What is given there; None where nothing is, or where the account says it.
        says_role: Whether the provider says roles, and not the account.
        sites: The sites that are given there, all for none; None where nothing is.
        says_sites: Whether the provider says sites, and not the account.
        address: Where from.
    """

    name: str
    subject: str = field(repr=False)
    role: Role | None
    says_role: bool
    address: str
    sites: frozenset[str] | None = None
    says_sites: bool = False


class Refused(Exception):
    """They may not enter; says why, for the log."""


def subject_of(issuer: str, claims: Mapping[str, object]) -> str:
    """Name a person so that it is nobody else's (OpenID Connect Core, 5.7)."""
    return json.dumps([issuer, claims["sub"]])


async def admit(person: Person, ports: Ports, *, makes_accounts: bool) -> Operator:
    """Return the account that they enter by, with the role that they have now.

    Whose role is another now, or none, is out of every session that was begun before.

    Raises:
        Refused: They may not.
        StoreError: The store is away.
        VaultError: The account cannot be read.
    """
    for _ in range(TRIES):
        now = ports.now()
        found = await accounts.find(ports.store, ports.vault, person.name, now)
        if found is None:
            made = _new(person, now, makes_accounts=makes_accounts)
            what = f"{made.name}, {made.role}{of_sites(made.sites)}"
            if await _put(made, person, Deed.ADDED_OPERATOR, what, ports):
                return made
            continue
        _check(person, found)
        if person.says_role and person.role is None:
            what = f"{found.name}, no role any more"
            if await _put(found.changed(now), person, Deed.CHANGED_OPERATOR, what, ports):
                raise Refused(NO_ROLE)
            continue
        if person.says_sites and person.sites is None:
            what = f"{found.name}, no site any more"
            if await _put(found.changed(now), person, Deed.CHANGED_OPERATOR, what, ports):
                raise Refused(NO_SITE)
            continue
        wanted, what = replace(found, subject=person.subject), f"{found.name}, first entered"
        if person.role is not None and person.role is not found.role:
            wanted, what = wanted.changed(now, role=person.role), f"{found.name}, {person.role}"
        if person.sites is not None and person.sites != found.sites:
            wanted = wanted.changed(now, sites=person.sites)
            what = f"{found.name}, {wanted.role}{of_sites(wanted.sites) or ', of all sites'}"
        if wanted == found or await _put(wanted, person, Deed.CHANGED_OPERATOR, what, ports):
            return wanted
    raise Refused("somebody else changes the account all the time")


def _new(person: Person, now: float, *, makes_accounts: bool) -> Operator:
    """Make an account for somebody who has none, if so they get one."""
    if not makes_accounts:
        raise Refused("there is no account of that name")
    if person.role is None:
        raise Refused(NO_ROLE)
    if person.says_sites and person.sites is None:
        raise Refused(NO_SITE)
    sites = person.sites or frozenset()
    return Operator(person.name, person.role, "", "", now, subject=person.subject, sites=sites)


def _check(person: Person, found: Operator) -> None:
    """Refuse whose account it is not, or who is shut out here."""
    if found.password:
        raise Refused("the account of that name enters by password")
    if found.disabled:
        raise Refused("the account is disabled")
    if found.subject not in {"", person.subject}:
        raise Refused("the account of that name is another person's there")


async def _put(operator: Operator, person: Person, deed: Deed, what: str, ports: Ports) -> bool:
    """Write it down, and do it; False where somebody else was faster."""
    entry = Entry(ports.now(), PROVIDER, person.address, deed, what=what)
    noted = await audit.note(ports.store, entry)
    done = await accounts.put(ports.store, ports.vault, operator, ports.now())
    outcome = "done" if done else "somebody else was faster"
    await audit.close(ports.store, noted, outcome, ports.now())
    return done
