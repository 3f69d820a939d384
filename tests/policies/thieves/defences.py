"""Who stands between a thief and the trunk: the gate as it is, and what others put there.

The gate is the real one, over a store in memory: only its clock and its callers are ours. Of
Asterisk's own means there is only what they count.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Final, Protocol
from unittest import mock

import pyotp

from fastagi.call import ports
from fastagi.call.channel import Argument, Question, Script, Variable
from fastagi.call.flow import Gate
from fastagi.call.ports import Ports
from fastagi.policy.model import Reason, Verdict
from fastagi.second_factor import one_time_code, pin
from fastagi.second_factor.vault import Vault, new_key
from fastagi.stores.opening import open_store
from fastagi.stores.store import Enrolment
from tests.doubles.scripted_channel import Act, Does, ScriptedChannel
from tests.unit.call.conftest import Clock, Log, NoPool, OnePolicy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from fastagi.policy.model import Policy
    from tests.policies.thieves.attacks import Call

PIN: Final = "4711"
GUESSES: Final = ("2846#", "000000#")
"""What whoever has neither PIN nor code generator keys."""

PATIENCE_S: Final = 60.0
"""With the store, of real time: a busy machine is no part of an attack."""

LONGEST_S: Final = 4 * 3600
AT_ONCE: Final = 2
"""Calls that `GROUP_COUNT` allows each phone at a time, as the sample policy does."""


def dialled(policy: Policy, number: str) -> str:
    """Return what a caller dials: the international way, or a short code as it is."""
    outside = policy.site.outside_prefix
    return f"{outside}00{number[1:]}" if number.startswith("+") else f"{outside}{number}"


class Thief(Enum):
    """What was stolen: what can be shown, and where its calls come from."""

    PASSWORD = "the SIP password"
    PIN = "and the PIN"
    ALL = "and the phone itself"
    """At its own place, signed in there, with the code generator at hand."""

    @property
    def has_pin(self) -> bool:
        """Whether the PIN is known."""
        return self is not Thief.PASSWORD

    @property
    def place(self) -> dict[str, str]:
        """Where the phone is, as Asterisk tells it."""
        address = "10.0.0.5:5060" if self is Thief.ALL else "203.0.113.66:5060"
        told: dict[str, str] = {Argument.ADDRESS: address, Argument.TRANSPORT: "udp"}
        return told | {Argument.AGENT: "a1" * 20, Argument.CONTACT: "c1" * 20}


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a call.

    Attributes:
        seconds: How long it may last; 0 where it is refused.
        why: What refused it; empty where nothing did.
    """

    seconds: int
    why: str = ""


class Defence(Protocol):
    """What a call has to pass on its way to the trunk."""

    async def begin(self, name: str, call: Call, at: float) -> Answer:
        """Let a call through, or not."""
        ...

    async def end(self, name: str, call: Call, at: float, talked_s: int) -> None:
        """Hear that one is over which was let through."""
        ...


# ----------------------------------------------------------------------------- without a gate


class OpenDialplan:
    """Whoever has the password may call."""

    async def begin(self, name: str, call: Call, at: float) -> Answer:
        """Let it through."""
        return Answer(LONGEST_S)

    async def end(self, name: str, call: Call, at: float, talked_s: int) -> None:
        """Take no notice."""


@dataclass
class GroupCount:
    """Asterisk's `GROUP_COUNT`: so many calls at a time of each phone."""

    live: Counter[str] = field(default_factory=Counter)

    async def begin(self, name: str, call: Call, at: float) -> Answer:
        """Let it through while there is room."""
        if self.live[call.extension] >= AT_ONCE:
            return Answer(0, "GROUP_COUNT")
        self.live[call.extension] += 1
        return Answer(LONGEST_S)

    async def end(self, name: str, call: Call, at: float, talked_s: int) -> None:
        """Make room."""
        self.live[call.extension] -= 1


@dataclass(frozen=True)
class PinSet:
    """Asterisk's `Authenticate`, with one PIN for all: FreePBX calls it a PIN set."""

    thief: Thief

    async def begin(self, name: str, call: Call, at: float) -> Answer:
        """Let whoever knows it through; of a forwarded call, that is the thief who rings it."""
        return Answer(LONGEST_S) if self.thief.has_pin else Answer(0, "Authenticate")

    async def end(self, name: str, call: Call, at: float, talked_s: int) -> None:
        """Take no notice."""


# ----------------------------------------------------------------------------- the gate


@dataclass
class Guarded:
    """Phones behind dialguard, in the hands of a thief.

    Attributes:
        settled: The money that the gate says calls came to, in millionths.
    """

    thief: Thief
    policy: Policy
    clock: Clock
    log: Log
    gate: Gate
    shown: dict[str, int] = field(default_factory=dict)
    """The last step of each code generator that was keyed: it is good but once."""

    @property
    def settled(self) -> int:
        """What the calls that are over came to, by the gate's own records, in millionths."""
        over = [each for each in self.log.records if each.reason is Reason.SETTLED]
        return sum(each.cost or 0 for each in over)

    async def sign_in(self, extension: str, at: float) -> bool:
        """Sign in on a phone by its keypad; return whether that is on record."""
        self.clock.now = at
        asked = self._question(f"{at:.0f}.{extension}", extension, Script.SIGN_IN)
        asked = replace(asked, script=Script.SIGN_IN)
        await self.gate.answer(asked, ScriptedChannel(self._keys(extension)))
        self.shown[extension] = int(at) // one_time_code.STEP_S
        return self.log.records[-1].reason is Reason.SIGNED_IN

    async def begin(self, name: str, call: Call, at: float) -> Answer:
        """Put the dialplan's question to the gate, and key what it asks for."""
        self.clock.now = at
        digits = dialled(self.policy, call.number)
        asked = self._question(name, call.extension, digits, forwarded=call.forwarded)
        channel = ScriptedChannel(self._keys(call.extension))
        await self.gate.answer(asked, channel)
        if len(channel.heard) > 1:
            self.shown[call.extension] = int(at) // one_time_code.STEP_S
        record = self.log.records[-1]
        assert record.call == name
        if record.verdict is Verdict.ALLOW:
            return Answer(int(channel.told[Variable.SECONDS]))
        return Answer(0, record.reason)

    async def end(self, name: str, call: Call, at: float, talked_s: int) -> None:
        """Let the trunk leg's hangup handler ask for the release."""
        self.clock.now = at
        arguments: dict[str, str] = {
            Argument.CALL: name,
            Argument.NUMBER: self.policy.plan.read(dialled(self.policy, call.number)).number,
            Argument.TALKED: str(talked_s),
        }
        channel = ScriptedChannel()
        asked = Question(Script.RELEASE, arguments, "", name, "en", "127.0.0.1")
        await self.gate.answer(asked, channel)
        assert channel.told == {Variable.RELEASED: "yes"}

    def _question(
        self, name: str, extension: str, digits: str, *, forwarded: bool = False
    ) -> Question:
        channel = f"PJSIP/{extension}-0000002a"
        caused = {Argument.FORWARDER: channel} if forwarded else {Argument.ENDPOINT: extension}
        return Question(
            script=Script.OUTBOUND,
            arguments={Argument.CALL: name, Argument.DIALLED: digits} | self.thief.place | caused,
            channel=f"Local/{digits}@outbound-0000002a;2" if forwarded else channel,
            uniqueid=name,
            language="en",
            peer="127.0.0.1",
        )

    def _keys(self, extension: str) -> list[Act]:
        """Return what is keyed at prompts: a PIN, then a code, which is not spent on a repeat."""
        guessed_pin, guessed_code = GUESSES
        if self.thief is Thief.PASSWORD:
            return [guessed_pin, guessed_code] * 3
        if self.thief is Thief.PIN:
            return [f"{PIN}#", guessed_code] * 3
        now = int(self.clock.now)
        if self.shown.get(extension) == now // one_time_code.STEP_S:
            return [f"{PIN}#", Does.HANG_UP]
        return [f"{PIN}#", f"{pyotp.TOTP(_secret(extension)).at(now)}#"]


@asynccontextmanager
async def guard(
    policy: Policy, thief: Thief, extensions: Collection[str]
) -> AsyncIterator[Guarded]:
    """Open a gate on a store in memory, in which phones have PINs and code generators."""
    store, vault = open_store("sqlite://:memory:"), Vault([new_key()])
    site, clock, log = policy.site.name, Clock(), Log()
    for each in sorted(extensions):
        hashed = pin.hash_pin(vault, site, each, PIN)
        sealed = one_time_code.seal(vault, site, each, _secret(each))
        await store.enrol(site, Enrolment(each, pin=hashed, totp=sealed))
    gate = Gate(Ports(OnePolicy(policy), store, vault, NoPool(), log, clock))
    with mock.patch.object(ports, "STORE_PATIENCE_S", PATIENCE_S):
        yield Guarded(thief, policy, clock, log, gate)
    await store.close()


def _secret(extension: str) -> str:
    """Make a secret for a phone, the same each time, so that no guess is right by chance."""
    return base64.b32encode(hashlib.sha256(extension.encode()).digest()[:20]).decode()
