"""The running gate as a rehearsal takes it to be: real, store and all, with a clock that is led.

Its clock stands while codes are keyed, and jumps from call to call. A call is released when it is
over, as its dialplan would; with slices it is extended, straight in the store, half a slice before
it would have to end. A call that asks again while it is up is on its next trunk from then on.

Everybody is enrolled. What is right is right here without hashing, and a code is never used up:
Argon2 and a code each half minute would take hours, and are not what is looked at.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from unittest import mock

from fastagi.call import ports
from fastagi.call.channel import Argument, Question, Script
from fastagi.call.flow import Gate
from fastagi.policy.model import Factor, Prompt, Reason, Verdict
from fastagi.prompts.catalogue import sounds_of
from fastagi.rehearsal.wanted import EVERY_FACTOR
from fastagi.second_factor import one_time_code, pin
from fastagi.second_factor.vault import Vault, new_key
from fastagi.stores.opening import open_store
from fastagi.stores.store import Enrolment
from tests.doubles.scripted_channel import Does, ScriptedChannel
from tests.doubles.virtual_gate import PATIENCE_S, TIDY_S, Sliced
from tests.unit.call.conftest import Clock, Log, NoPool, OnePolicy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

    from fastagi.call.channel import Keyed
    from fastagi.decision_log.record import Record
    from fastagi.policy.model import Policy
    from fastagi.rehearsal.wanted import Wanted
    from fastagi.stores.store import Store

RIGHT: Final = "4711"
WRONG: Final = "1174"
PHONE: Final = "a" * 40
"""A digest of what a phone says it is: all say the same."""

Name = tuple[str, str, str]
"""Of a call: its own, its number and its node."""


class Keypad(ScriptedChannel):
    """A channel whose caller keys right what they can show, wrong what they cannot, or nothing."""

    def __init__(self, policy: Policy, can_show: frozenset[Factor], *, silent: bool) -> None:
        super().__init__()
        self._prompts = {
            sounds_of(Prompt.PIN, policy.prompts): Factor.PIN,
            sounds_of(Prompt.CODE, policy.prompts): Factor.TOTP,
        }
        self._can_show = can_show
        self._silent = silent

    async def ask(self, sounds: Sequence[str], *, wait_s: int, most: int) -> Keyed:
        """Key it, whatever is said before the prompt."""
        factor = next(
            (
                each
                for heard, each in self._prompts.items()
                if tuple(sounds)[-len(heard) :] == heard
            ),
            None,
        )
        if self._silent or factor is None:  # at whose phone it is, nobody keys their extension
            self._acts.append(Does.NOTHING)
        else:
            self._acts.append(f"{RIGHT if factor in self._can_show else WRONG}#")
        return await super().ask(sounds, wait_s=wait_s, most=most)


@dataclass
class Leg:
    """A call that is up, on the trunk that it asked for last.

    Attributes:
        bound_s: For how long it may live; 0 where it holds nothing, as an inside call.
        longest_s: For how long, if its budgets last.
        seconds: What its lease has.
        turn: Which of the moments that are due for it counts.
    """

    wanted: Wanted
    name: Name
    begun: float
    bound_s: int
    longest_s: int
    seconds: int
    turn: int = 0

    @property
    def wants_s(self) -> float:
        """For how long it would ring and be talked, if nothing ended it."""
        return self.wanted.rings_s + self.wanted.talks_s

    @property
    def is_cut(self) -> bool:
        """Whether it will be cut off before it was to end."""
        return 0 < self.bound_s < self.wants_s

    @property
    def ends(self) -> float:
        """When it is over."""
        return self.begun + (self.bound_s if self.is_cut else self.wants_s)


@dataclass
class DrivenGate:
    """See above.

    Attributes:
        log: All that went on record, settlements too.
        cut_off: How many calls were cut off before they were to end.
    """

    policy: Policy
    store: Store
    clock: Clock
    log: Log
    slice_s: int = 0
    cut_off: int = 0
    _turns: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        slices = Sliced(self.slice_s)
        vault = Vault([new_key()])
        self._gate = Gate(
            ports.Ports(
                OnePolicy(self.policy),
                self.store,
                vault,
                NoPool(),
                self.log,
                self.clock,
                slices=slices,
            )
        )
        self._legs: dict[Name, Leg] = {}
        self._due: list[tuple[float, int, Leg]] = []
        self._tidied = self.clock.now
        self._enrolled: set[str] = set()

    # ------------------------------------------------------------------ what is done

    async def call(self, wanted: Wanted) -> Record:
        """Make a call, and return what went on record of it."""
        await self.wait_until(wanted.at)
        await self._enrol(wanted.extension)
        call = wanted.call or f"unnamed-{next(self._turns)}"
        asked = _question(
            Script.OUTBOUND,
            wanted.extension,
            call,
            {
                Argument.DIALLED: wanted.dialled,
                Argument.ADDRESS: wanted.address,
                Argument.TRANSPORT: wanted.transport,
                Argument.TRUNK: wanted.trunk,
                Argument.NODE: wanted.node,
            },
        )
        channel = Keypad(self.policy, wanted.can_show, silent=wanted.silent)
        await self._gate.answer(asked, channel)
        record = self.log.records[-1]
        if record.reason is Reason.SIGN_IN_REQUIRED and wanted.signs_in:
            place = wanted.address, wanted.transport
            signed_in = await self.sign_in(wanted.extension, wanted.at, *place, wanted.can_show)
            again = wanted._replace(call=call, signs_in=False)
            return await self.call(again) if signed_in is Reason.SIGNED_IN else record
        if record.verdict is Verdict.ALLOW:
            await self._let(wanted, record, call)
        return record

    async def sign_in(
        self,
        extension: str,
        at: float,
        address: str,
        transport: str,
        can_show: frozenset[Factor] = EVERY_FACTOR,
    ) -> Reason:
        """Sign in at the keypad."""
        await self.wait_until(at)
        await self._enrol(extension)
        call = f"sign-in-{next(self._turns)}"
        place = {Argument.ADDRESS: address, Argument.TRANSPORT: transport}
        asked = _question(Script.SIGN_IN, extension, call, place)
        await self._gate.answer(asked, Keypad(self.policy, can_show, silent=False))
        return self.log.records[-1].reason

    async def sign_off(self, extension: str, at: float) -> Reason:
        """Sign off at the keypad."""
        await self.wait_until(at)
        call = f"sign-off-{next(self._turns)}"
        asked = _question(Script.SIGN_OFF, extension, call, {})
        await self._gate.answer(asked, ScriptedChannel())
        return self.log.records[-1].reason

    async def hang_up(self, call: str, at: float) -> None:
        """End a call, on all numbers."""
        await self.wait_until(at)
        for leg in [each for name, each in self._legs.items() if name[0] == call]:
            talked_s = self.clock.now - leg.begun - leg.wanted.rings_s
            await self._release(leg, min(talked_s, leg.wanted.talks_s))

    async def wait_until(self, moment: float) -> None:
        """Let time go by, and calls be over."""
        while self._due and self._due[0][0] <= moment:
            due, turn, leg = heapq.heappop(self._due)
            if turn == leg.turn:
                self.clock.now = max(self.clock.now, due)
                await self._look_after(leg)
        self.clock.now = max(self.clock.now, moment)
        if self.clock.now >= self._tidied + TIDY_S:
            await self.store.tidy(self.clock.now)
            self._tidied = self.clock.now

    async def finish(self) -> None:
        """Let every call that is up end."""
        while self._due:
            await self.wait_until(self._due[0][0])

    # ------------------------------------------------------------------ while it is up

    async def _let(self, wanted: Wanted, record: Record, call: str) -> None:
        name = (call, record.number, record.node)
        known = await self.store.known(
            record.site, "", "", "", call, record.number, record.node, self.clock.now
        )
        lease, bound_s = known.lease, record.seconds
        longest_s = seconds = bound_s
        if lease is not None:
            seconds = lease.seconds
            longest_s = bound_s + max(0, lease.longest_s - lease.seconds)
        before = self._legs.get(name)
        if before is not None:
            before.turn = 0
        leg = Leg(wanted, name, self.clock.now, bound_s, longest_s, seconds)
        self._legs[name] = leg
        self._watch(leg)

    def _watch(self, leg: Leg) -> None:
        is_to_go_on = self.slice_s and leg.is_cut and leg.bound_s < leg.longest_s
        moment = leg.ends - self.slice_s / 2 if is_to_go_on else leg.ends
        leg.turn = next(self._turns)
        heapq.heappush(self._due, (moment, leg.turn, leg))

    async def _look_after(self, leg: Leg) -> None:
        if self.clock.now >= leg.ends or not leg.bound_s:
            wanted = leg.wanted
            if leg.is_cut:
                self.cut_off += 1
            await self._release(
                leg, leg.bound_s - wanted.rings_s if leg.is_cut else wanted.talks_s
            )
            return
        call, number, node = leg.name
        longer = await self.store.extend(
            self.policy.site.name, call, number, node, leg.seconds + self.slice_s, self.clock.now
        )
        assert longer is not None  # nobody but us releases it
        if longer.lease.seconds > leg.seconds:
            leg.bound_s += longer.lease.seconds - leg.seconds
            leg.seconds = longer.lease.seconds
        else:  # nothing is left to go on with
            leg.longest_s = leg.bound_s
        self._watch(leg)

    async def _release(self, leg: Leg, talked_s: float) -> None:
        leg.turn = 0
        del self._legs[leg.name]
        if not leg.bound_s:
            return
        call, number, node = leg.name
        said = {
            Argument.NUMBER: number,
            Argument.NODE: node,
            Argument.TALKED: str(max(0, math.ceil(talked_s))),
        }
        asked = _question(Script.RELEASE, leg.wanted.extension, call, said)
        await self._gate.answer(asked, ScriptedChannel())

    async def _enrol(self, extension: str) -> None:
        if extension not in self._enrolled:
            self._enrolled.add(extension)
            enrolment = Enrolment(extension, pin=f"pin of {extension}", totp=extension.encode())
            await self.store.enrol(self.policy.site.name, enrolment)


def _question(
    script: Script, extension: str, call: str, arguments: Mapping[Argument, str]
) -> Question:
    given = {
        Argument.CALL: call,
        Argument.ENDPOINT: extension,
        Argument.AGENT: PHONE,
        Argument.CONTACT: PHONE,
        **arguments,
    }
    return Question(
        script=script,
        arguments={name: value for name, value in given.items() if value},
        channel=f"PJSIP/{extension}-0000002a",
        uniqueid=call,
        language="en",
        peer="",
    )


@contextlib.asynccontextmanager
async def driven_gate(
    policy: Policy, began: float, *, slice_s: int = 0
) -> AsyncIterator[DrivenGate]:
    """Open a gate with an empty store in memory, at a moment.

    Args:
        policy: Whose calls it judges.
        began: The moment, in seconds since the epoch.
        slice_s: For how long budgets are reserved at a time; 0 for all at once.
    """
    store = open_store("sqlite://:memory:")
    steps = itertools.count(1)
    with (
        mock.patch.object(ports, "STORE_PATIENCE_S", PATIENCE_S),
        mock.patch.object(pin, "verify_pin", lambda *given: given[3] == RIGHT),
        mock.patch.object(pin, "needs_rehash", return_value=False),
        mock.patch.object(one_time_code, "unseal", return_value=""),
        mock.patch.object(
            one_time_code,
            "matching_step",
            lambda _, code, __: next(steps) if code == RIGHT else None,
        ),
    ):
        try:
            yield DrivenGate(policy, store, Clock(began), Log(), slice_s)
        finally:
            await store.close()
