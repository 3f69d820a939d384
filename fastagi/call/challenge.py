"""Asking the caller for a PIN, a one-time code, or both.

Both are asked before either is looked at, and a wrong one costs and sounds the same as the other:
a guesser never learns which was wrong. A guess is counted before it is looked at, so that many
calls at once cannot outrun the lockout. It is held against what the extension has when the digits
are in: a PIN that was changed, or a phone that was taken away, while the caller was at the prompt
lets nobody through.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from ipaddress import IPv6Network
from typing import TYPE_CHECKING, Final

from fastagi.call.ports import soon
from fastagi.errors import BusyError, StoreError, VaultError
from fastagi.policy.model import Factor, Prompt, Reason
from fastagi.prompts.catalogue import sounds_of
from fastagi.second_factor import one_time_code, pin, recovery
from fastagi.stores.store import Enrolment, FailureKind, Lockout, Penalty, Subject, SubjectKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastagi.call.channel import Channel
    from fastagi.call.identify import Caller
    from fastagi.call.ports import Ports
    from fastagi.policy.model import Policy

IPV6: Final = 6
SITE_BITS: Final = 64  # of an IPv6 address, those that name a network

MOST_DIGITS: Final = 24
"""Room to key a code, think better of it, press `*` and key it anew."""

LONGEST_PROMPT_S: Final = 15
"""No sound file of a prompt is longer; the time to hear it is on top of the time to key."""

KEYING_S: Final = 40
"""Longer nobody keys; the policy's `wait` is on top of it."""

WORK_S: Final = 5
"""What Asterisk allows us for everything that is not waiting for the caller."""

SILENCES: Final = 2
"""How often a caller may let a prompt pass in silence before the challenge is given up."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the caller has shown, and the enrolment it was held against."""

    factors: frozenset[Factor]
    verified: Enrolment


async def challenge(
    channel: Channel, policy: Policy, caller: Caller, asks: Sequence[Factor], ports: Ports
) -> Shown | Reason:
    """Ask for the factors; return them once they are shown, or why they were not.

    Raises:
        ChannelError: The caller hung up, or Asterisk fell silent.
        StoreError: The store is down.
        BusyError: More PINs are being keyed than can be checked.
        VaultError: What is stored of the extension cannot be read with the keys at hand.
    """
    enrolment = await soon(ports.store.enrolment(policy.site.name, caller.extension))
    if enrolment is None or not _has_all(enrolment, asks):
        return Reason.NOT_ENROLLED
    if policy.challenge.answer:
        await channel.answer()
    else:
        await channel.progress()
    for attempt in range(policy.challenge.tries):
        keyed = await _ask(channel, policy, asks, again=attempt > 0)
        if keyed is None:
            return Reason.NO_DIGITS
        outcome = await _attempt(policy, caller, keyed, ports)
        if outcome is not Reason.WRONG_CODE:
            return outcome
    return Reason.WRONG_CODE


def subjects_of(policy: Policy, caller: Caller) -> tuple[Subject, ...]:
    """Return whom a wrong code is held against: the extension, and the address it came from.

    Of IPv6 it is the /64, in which whoever has one address has them all (RFC 6177).
    """
    extension = Subject(SubjectKind.EXTENSION, caller.extension, policy.lockout.wrong)
    if caller.address is None:
        return (extension,)
    source = str(caller.address)
    if caller.address.version == IPV6:
        source = str(IPv6Network((caller.address, SITE_BITS), strict=False))
    return (extension, Subject(SubjectKind.ADDRESS, source, policy.lockout.wrong_from_address))


def penalty_of(policy: Policy) -> Penalty:
    """Return how long this policy locks out."""
    return Penalty(policy.lockout.for_s, policy.lockout.at_most_s)


def _has_all(enrolment: Enrolment, asks: Sequence[Factor]) -> bool:
    """Whether the extension has every factor that it would be asked for."""
    stored = {Factor.PIN: enrolment.pin, Factor.TOTP: enrolment.totp}
    return all(stored[factor] is not None for factor in asks)


async def _ask(
    channel: Channel, policy: Policy, asks: Sequence[Factor], *, again: bool
) -> Mapping[Factor, str] | None:
    """Ask for every factor in turn; None when the caller stays silent."""
    keyed: dict[Factor, str] = {}
    for factor in asks:
        prompt = Prompt.PIN if factor is Factor.PIN else Prompt.CODE
        wrong = sounds_of(Prompt.WRONG, policy.prompts) if again and not keyed else ()
        sounds = sounds_of(prompt, policy.prompts)
        digits = await _keyed(channel, wrong, sounds, policy.challenge.wait_s)
        if not digits:
            return None
        keyed[factor] = digits
    return keyed


async def _keyed(
    channel: Channel, first: tuple[str, ...], sounds: tuple[str, ...], wait_s: int
) -> str:
    """Return what the caller keys after the last `*`, which starts over; empty for silence.

    What is said first is not said again after a silence: nothing was keyed that could be wrong.
    """
    for silence in range(SILENCES):
        await channel.bound(LONGEST_PROMPT_S + KEYING_S + wait_s + WORK_S)
        heard = sounds if silence else (*first, *sounds)
        answer = await channel.ask(heard, wait_s=wait_s, most=MOST_DIGITS)
        await channel.bound(WORK_S)
        digits = answer.digits.rpartition("*")[2]
        if digits:
            return digits
    return ""


async def _attempt(
    policy: Policy, caller: Caller, keyed: Mapping[Factor, str], ports: Ports
) -> Shown | Reason:
    """Count a guess, look at it, and take the count back when it is right.

    Or when it could not be looked at: whoever is refused for our trouble has not guessed wrong,
    and learnt nothing.
    """
    store, site = ports.store, policy.site.name
    counted = await soon(
        store.begin_attempt(
            site,
            subjects_of(policy, caller),
            FailureKind.CODE,
            penalty_of(policy),
            ports.now(),
        )
    )
    if isinstance(counted, Lockout):
        return Reason.LOCKED_OUT
    try:
        present = await soon(store.enrolment(site, caller.extension))
        enrolment = present or Enrolment(caller.extension)
        right = await _is_right(site, enrolment, keyed, ports)
    except (BusyError, VaultError, StoreError):
        with contextlib.suppress(StoreError):  # the first trouble is the one to tell of
            await soon(store.succeed(counted, ports.now(), anew=False))
        raise
    if not right:
        return Reason.WRONG_CODE
    anew = keyed.keys() >= _most_asked(policy, enrolment)
    await soon(store.succeed(counted, ports.now(), anew=anew))
    return Shown(frozenset(keyed), await _hashed_anew(site, enrolment, keyed, ports))


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
            lambda: pin.hash_pin(vault, site, enrolment.extension, right)
        )
        renewed = replace(enrolment, pin=fresh)
        if await soon(ports.store.rekey(site, enrolment, renewed)):
            return renewed
    return enrolment


def _most_asked(policy: Policy, enrolment: Enrolment) -> frozenset[Factor]:
    """Return every factor that any call of the extension could be asked for."""
    asked = {factor for rule in policy.rules for factor in rule.then.factors}
    return frozenset(factor for factor in asked if _has_all(enrolment, (factor,)))


async def _is_right(
    site: str, enrolment: Enrolment, keyed: Mapping[Factor, str], ports: Ports
) -> bool:
    """Check every factor, whatever the others say; then burn the code, if all are right.

    A factor that the extension has no more is a wrong one.
    """
    extension, vault = enrolment.extension, ports.vault
    pin_is_right = Factor.PIN not in keyed or await ports.hash_pool.run(
        lambda: pin.verify_pin(vault, site, extension, keyed[Factor.PIN], enrolment.pin)
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
    if not pin_is_right or enrolment.totp is None:
        return False
    if step is not None:
        return await soon(ports.store.claim_step(site, enrolment, step))
    if spare is not None:
        return await soon(ports.store.claim_recovery(site, enrolment, spare))
    return False
