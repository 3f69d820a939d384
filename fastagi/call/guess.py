"""A guess at an extension's factors, by whatever way it came: counted, then looked at.

It is counted as wrong before it is looked at, so that many at once cannot outrun the lockout, and
the count is taken back when it was right. Every factor is looked at, whatever the others say: a
guess that is wrong in one costs, and takes as long, as one that is wrong in all.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from ipaddress import IPv6Network
from typing import TYPE_CHECKING, Final

from fastagi.call.ports import soon
from fastagi.errors import BusyError, StoreError, VaultError
from fastagi.policy.decision import class_of, is_known
from fastagi.policy.model import Factor, Reason, Then
from fastagi.policy.traps import is_trap
from fastagi.second_factor import one_time_code, pin, recovery
from fastagi.signs.sighting import Seen, Sighting
from fastagi.stores.store import (
    Enrolment,
    FailureKind,
    Lockout,
    Penalty,
    Subject,
    SubjectKind,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from ipaddress import IPv4Address, IPv6Address

    from fastagi.call.ports import Ports
    from fastagi.policy.model import Policy
    from fastagi.second_factor.vault import Vault
    from fastagi.stores.store import Attempt

STRANGERS: Final = "stranger"
"""What a digest is for, by which a name that no phone has is counted."""

STRANGER_DIGITS: Final = 3
"""Hexadecimal digits of it: 4,096 names, too many for two to be locked out as one by chance."""

NO_STEP: Final = 0
"""A TOTP step that is over since 1970: to burn it burns nothing."""

IPV6: Final = 6
SITE_BITS: Final = 64  # of an IPv6 address, those that name a network


@dataclass(frozen=True, slots=True)
class Shown:
    """What was shown, and the enrolment it was held against."""

    factors: frozenset[Factor]
    verified: Enrolment


@dataclass(frozen=True, slots=True)
class Guesser:
    """Whose factors are guessed at, and from where: whom a wrong guess is held against.

    Attributes:
        phone: The endpoint on which they are keyed, where that is another extension's.
        proven: Whether it is known that the address is whoever guesses; else it is what somebody
            says, or may have written into a packet.
    """

    extension: str
    address: IPv4Address | IPv6Address | None
    phone: str = ""
    proven: bool = False


async def guess(
    policy: Policy, guesser: Guesser, keyed: Mapping[Factor, str], ports: Ports
) -> Shown | Reason:
    """Count a guess, look at it, and take the count back when it is right.

    Or when it could not be looked at: whoever is refused for our trouble has not guessed wrong,
    and learnt nothing.
    """
    store, site = ports.store, policy.site.name
    counted: list[Attempt] = []
    try:
        for subjects in _counts(policy, guesser, ports.vault):
            begun = await soon(
                store.begin_attempt(
                    site, subjects, FailureKind.CODE, penalty_of(policy), ports.now()
                )
            )
            if isinstance(begun, Lockout):
                await _take_back(counted, ports)
                return Reason.LOCKED_OUT
            counted.append(begun)
        present = await soon(store.enrolment(site, guesser.extension))
        enrolment = present or Enrolment(guesser.extension)
        right = await _is_right(site, enrolment, keyed, ports)
    except (BusyError, VaultError, StoreError):
        with contextlib.suppress(StoreError):  # the first trouble is the one to tell of
            await _take_back(counted, ports)
        raise
    if not right:
        _tell(policy, guesser, ports)
        return Reason.WRONG_CODE
    *of_phone, of_person = counted
    await _take_back(of_phone, ports)
    anew = keyed.keys() >= _most_asked(policy, enrolment)
    await soon(store.succeed(of_person, ports.now(), anew=anew))
    return Shown(frozenset(keyed), await _hashed_anew(site, enrolment, keyed, ports))


def _counts(policy: Policy, guesser: Guesser, vault: Vault) -> tuple[tuple[Subject, ...], ...]:
    """Return whom a guess is counted against, step by step.

    First the phone of others that it is keyed on, as a place as an address is one, but one that a
    thief who has its SIP password cannot change: so that nobody can lock out a whole site by it.
    It is a count of its own, as it never starts anew: whoever has factors of their own could
    else guess at those of the phone for ever.
    """
    person = subjects_of(policy, guesser, vault)
    if not guesser.phone:
        return (person,)
    allowed = policy.lockout.wrong_from_address
    return (Subject(SubjectKind.EXTENSION, guesser.phone, allowed),), person


def _tell(policy: Policy, guesser: Guesser, ports: Ports) -> None:
    """Tell whoever is on the lookout of a wrong guess.

    Each extension and each address has its own lockout; whoever tries one code at each of many,
    from many, runs into none of them, and shows only to whoever sees all. Nobody has the codes of
    an extension that is a trap: whoever guesses at them touches it.
    """
    wrong = Sighting(
        at=ports.now(),
        seen=Seen.WRONG_CODE,
        account=guesser.extension,
        address=guesser.address,
        proven=guesser.proven,
        site=policy.site.name,
    )
    ports.sightings.see(wrong)
    if is_trap(policy, guesser.extension):
        ports.sightings.see(replace(wrong, seen=Seen.TRAP))


async def _take_back(counted: Sequence[Attempt], ports: Ports) -> None:
    for each in counted:
        await soon(ports.store.succeed(each, ports.now(), anew=False))


def subjects_of(policy: Policy, guesser: Guesser, vault: Vault) -> tuple[Subject, ...]:
    """Return whom a wrong code is held against: the extension, and the address it came from.

    Names that are no phone's of the site are counted as phones' are, so that nobody learns which
    there are; but all under a few names of ours: anybody can think of as many as a disk holds.
    """
    name = guesser.extension
    if not is_known(policy, name, class_of(policy, name)):
        name = f"?{vault.digest(STRANGERS, name).hex()[:STRANGER_DIGITS]}"
    extension = Subject(SubjectKind.EXTENSION, name, policy.lockout.wrong)
    if guesser.address is None:
        return (extension,)
    source = source_of(guesser.address)
    return (extension, Subject(SubjectKind.ADDRESS, source, policy.lockout.wrong_from_address))


def source_of(address: IPv4Address | IPv6Address) -> str:
    """Name whom an address is of.

    Of IPv6 it is the /64, in which whoever has one address has them all (RFC 6177).
    """
    if address.version == IPV6:
        return str(IPv6Network((address, SITE_BITS), strict=False))
    return str(address)


def penalty_of(policy: Policy) -> Penalty:
    """Return how long this policy locks out."""
    return Penalty(policy.lockout.for_s, policy.lockout.at_most_s)


def has_all(enrolment: Enrolment, asks: Sequence[Factor]) -> bool:
    """Whether the extension has every factor that it would be asked for."""
    stored = {Factor.PIN: enrolment.pin, Factor.TOTP: enrolment.totp}
    return all(stored[factor] is not None for factor in asks)


async def _hashed_anew(
    site: str, enrolment: Enrolment, keyed: Mapping[Factor, str], ports: Ports
) -> Enrolment:
    """Hash a PIN that was right under the newest key; return the enrolment that is in force then.

    Only now that everything is right: the time it takes would tell a guesser that the PIN was. The
    call does not hang on it; it is tried again the next time.
    """
    vault, stored, right = ports.vault, enrolment.pin, keyed.get(Factor.PIN)
    if right is None or stored is None or not pin.needs_rehash(vault, stored):
        return enrolment
    with contextlib.suppress(BusyError, StoreError):
        fresh = await ports.hash_pool.run(
            lambda: pin.hash_pin(vault, site, enrolment.extension, right), site
        )
        renewed = replace(enrolment, pin=fresh)
        if await soon(ports.store.rekey(site, enrolment, renewed)):
            return renewed
    return enrolment


def asked_anywhere(policy: Policy) -> frozenset[Factor]:
    """Return every factor that rules ask for, at a call or to sign in."""
    asked = {factor for rule in policy.rules for factor in rule.then.factors}
    if any(rule.then is Then.SIGN_IN for rule in policy.rules):
        asked.update(policy.sign_in.factors)
    return frozenset(asked)


def _most_asked(policy: Policy, enrolment: Enrolment) -> frozenset[Factor]:
    """Return every factor that the extension could be asked for, of those that it has."""
    asked = asked_anywhere(policy)
    return frozenset(factor for factor in asked if has_all(enrolment, (factor,)))


async def _is_right(
    site: str, enrolment: Enrolment, keyed: Mapping[Factor, str], ports: Ports
) -> bool:
    """Check every factor, whatever the others say; then burn the code, if all are right.

    A factor that the extension has no more is a wrong one.
    """
    extension, vault = enrolment.extension, ports.vault
    pin_is_right = Factor.PIN not in keyed or await ports.hash_pool.run(
        lambda: pin.verify_pin(vault, site, extension, keyed[Factor.PIN], enrolment.pin), site
    )
    if Factor.TOTP not in keyed:
        return pin_is_right
    code = keyed[Factor.TOTP]
    step = None
    if enrolment.totp is not None:
        secret = one_time_code.unseal(vault, site, extension, enrolment.totp)
        step = one_time_code.matching_step(secret, code, ports.now())
    digests = recovery.digests(vault, site, extension, code)
    spare = next((digest for digest in digests if digest in enrolment.recovery), None)
    if not pin_is_right or enrolment.totp is None or (step is None and spare is None):
        # What is burnt already takes a step of the store, too: without this one a code that was
        # overheard would tell by the time whether the PIN beside it is right.
        await soon(ports.store.claim_step(site, enrolment, NO_STEP))
        return False
    if step is not None:
        return await soon(ports.store.claim_step(site, enrolment, step))
    return await soon(ports.store.claim_recovery(site, enrolment, spare or ""))
