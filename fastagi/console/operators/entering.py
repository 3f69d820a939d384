"""How operators come in: name, password and code, and the session that follows.

(The other way in, by an OpenID provider, is `oidc`; its sessions are these.)

A guess is counted as wrong before it is looked at, against the name and the address it comes from,
and every part of it is looked at, whatever the others say. There is no telling, by answer or by
time, whether there is an operator of that name: those that nobody has are locked out, too.

A session is a random key in a cookie, new with each entering; the store knows its digest. It is
over at the first of: its operator leaves, or does nothing for `IDLE_S`, or has been in for
`WHOLE_S`; or is removed, or has another password, secret or role.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.call.guess import source_of
from fastagi.call.ports import soon
from fastagi.console.operators import accounts
from fastagi.errors import BusyError, StoreError, VaultError
from fastagi.second_factor import one_time_code, password
from fastagi.signs.sighting import Seen, Sighting
from fastagi.stores.records import EVERYWHERE, Record
from fastagi.stores.store import FailureKind, Lockout, Penalty, Subject, SubjectKind

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from fastagi.console.operators.accounts import Operator
    from fastagi.console.ports import Ports

KIND: Final = "operator-session"

KEY_BYTES: Final = 32

IDLE_S: Final = 3600.0
"""How long a session lives while nobody does anything; to watch is to do nothing."""

WHOLE_S: Final = 12 * 3600.0
"""How long it lives in any case: a shift."""

DATED_S: Final = 60.0
"""How often its last use is written down: not with each page."""

WRONG: Final = 5
WRONG_FROM_ADDRESS: Final = 20
"""Wrong guesses before a lockout; the policies' own numbers by default."""

PENALTY: Final = Penalty(900, 86_400)

UNKNOWN_DIGITS: Final = 3
"""Of the digest in place of a name that nobody has: 4,096 of them, as anybody can think of as many
names as a disk holds."""

NOBODY: Final = one_time_code.new_secret()
"""The secret of operators that there are none of; as dear to hold a code against."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody who wants to come in has typed, and from where."""

    name: str
    password: str = field(repr=False)
    code: str = field(repr=False)
    address: IPv4Address | IPv6Address | None


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is in.

    Attributes:
        key: What is in the cookie.
        begun: When they came in.
        used: When they last did something, give or take `DATED_S`.
        text: What is in the store.
    """

    operator: Operator
    key: str = field(repr=False)
    begun: float
    used: float
    text: str = field(default="", repr=False)


# ----------------------------------------------------------------------------- coming in


async def enter(typed: Typed, ports: Ports) -> Session | None:
    """Let somebody in; None where what they typed is wrong, or a lockout is in force.

    Raises:
        BusyError: Too many passwords are being checked.
        StoreError: The store is away.
        VaultError: What is stored cannot be read.
    """
    store = ports.store
    name = typed.name if accounts.NAME.fullmatch(typed.name) else "-"  # nobody's name
    operator = await accounts.find(store, ports.vault, name, ports.now())
    known = _known_as(typed, operator, ports)
    counted = await soon(
        store.begin_attempt(
            EVERYWHERE, _subjects(known, typed), FailureKind.CODE, PENALTY, ports.now()
        )
    )
    if isinstance(counted, Lockout):
        # Not looked at: a flood of these must not keep others from having theirs looked at. What
        # it takes less is within the pace of the answers.
        log.warning("operator-locked-out", operator=known, address=str(typed.address))
        _tell(typed, ports)
        return None
    try:
        right = await _is_right(operator, typed, ports)
    except (BusyError, VaultError, StoreError):
        with contextlib.suppress(StoreError):  # the first trouble is the one to tell of
            await soon(store.succeed(counted, ports.now(), anew=False))
        raise
    if operator is None or not right or not await _burnt(operator, typed.code, ports):
        log.warning("operator-refused", operator=known, address=str(typed.address))
        _tell(typed, ports)
        return None
    await soon(store.succeed(counted, ports.now()))
    return await begin(operator, ports)


def _tell(typed: Typed, ports: Ports) -> None:
    """Tell whoever is on the lookout that somebody tries this door; never as whom."""
    ports.sightings.see(
        Sighting(at=ports.now(), seen=Seen.PROBE, address=typed.address, proven=True)
    )


def _known_as(typed: Typed, operator: Operator | None, ports: Ports) -> str:
    """Name who wants to come in, for the lockout and the log.

    A name that nobody has is not written down: it may be a password, in the wrong field.
    """
    if operator is not None:
        return operator.name
    return f"?{ports.vault.digest(KIND, typed.name).hex()[:UNKNOWN_DIGITS]}"


def _subjects(known: str, typed: Typed) -> tuple[Subject, ...]:
    subjects = [Subject(SubjectKind.OPERATOR, known, WRONG)]
    if typed.address is not None:
        address = source_of(typed.address)
        subjects.append(Subject(SubjectKind.ADDRESS, address, WRONG_FROM_ADDRESS))
    return tuple(subjects)


async def _is_right(operator: Operator | None, typed: Typed, ports: Ports) -> bool:
    """Hold all of it against the account, or against nobody's, which takes as long."""
    hashed = None if operator is None else operator.password
    fits = await ports.hash_pool.run(
        lambda: password.verify_password(typed.password, hashed), EVERYWHERE
    )
    # Who enters by a provider has neither, and is nobody here; so is, in the end, who is disabled.
    secret = NOBODY if operator is None or not operator.secret else operator.secret
    step = one_time_code.matching_step(secret, typed.code, ports.now())
    shut_out = operator is None or operator.disabled or not operator.password
    return fits and step is not None and not shut_out


async def _burnt(operator: Operator, code: str, ports: Ports) -> bool:
    """Burn the code: True once, and never again for it or an earlier one."""
    now = ports.now()
    step = one_time_code.matching_step(operator.secret, code, now)
    if step is None or step <= operator.step:
        return False
    # Of two who use one code at a moment one finds another account than it has read.
    return await accounts.put(ports.store, ports.vault, replace(operator, step=step), now)


# ----------------------------------------------------------------------------- being in


async def session_of(key: str, ports: Ports, *, watching: bool = False) -> Session | None:
    """Return the session of a cookie; None where there is none, or it is over.

    Args:
        key: What is in the cookie.
        ports: The world.
        watching: Whether nobody did anything: it does not last longer by that.

    Raises:
        StoreError: The store is away.
    """
    if not key:
        return None
    now, digest = ports.now(), _digest(key)
    found = await soon(ports.store.record(EVERYWHERE, KIND, digest, now))
    if found is None:
        return None
    try:
        written = json.loads(ports.vault.open(found.text.encode(), _owner(digest)))
        operator = await accounts.find(ports.store, ports.vault, written["operator"], now)
    except VaultError as error:
        log.warning("operator-session-unreadable", error=str(error))
        return None
    if operator is None or operator.disabled or operator.stamp != written["stamp"]:
        return None
    session = Session(operator, key, written["begun"], written["used"], found.text)
    if not watching and now - session.used >= DATED_S:
        # If another page has just done so, that is as well.
        await _put(replace(session, used=now), ports)
    return session


async def leave(session: Session, ports: Ports) -> None:
    """End a session: its cookie is good for nothing from now on.

    Raises:
        StoreError: The store is away; whether it is over is unknown.
    """
    digest = _digest(session.key)
    await soon(ports.store.take_record(EVERYWHERE, KIND, digest, ports.now()))
    log.info("operator-left", operator=session.operator.name)


async def begin(operator: Operator, ports: Ports) -> Session:
    """Begin a session, with a key of its own, for somebody who has shown who they are.

    Raises:
        StoreError: The store is away.
    """
    now = ports.now()
    session = Session(operator, secrets.token_urlsafe(KEY_BYTES), now, now)
    session = replace(session, text=await _put(session, ports))
    log.info("operator-entered", operator=operator.name, role=operator.role)
    return session


async def _put(session: Session, ports: Ports) -> str:
    """Put it in the place of what was read, or of nothing; the text that it is kept as."""
    digest, operator = _digest(session.key), session.operator
    text = ports.vault.seal(
        json.dumps(
            {
                "operator": operator.name,
                "stamp": operator.stamp,
                "begun": session.begun,
                "used": session.used,
            }
        ),
        _owner(digest),
    ).decode()
    until = min(session.begun + WHOLE_S, session.used + IDLE_S)
    before = session.text or None
    record = Record(digest, text, until)
    await soon(ports.store.put_record(EVERYWHERE, KIND, record, before, ports.now()))
    return text


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def _owner(digest: str) -> str:
    return json.dumps([KIND, digest])
