"""The gate as the calls of a month find it: real, all of it, but for the clock and the channel.

The clock jumps from call to call. Each call that was let through is released when it is over, as
its dialplan would; with slices, it is extended as its watcher would: straight in the store, and
as far as that grants it. Whoever calls knows their PIN and code, unless it is said what they key.

    async with virtual_gate(load(OFFICE), began) as gate:
        await gate.enrol("101")
        decision = await gate.call("101", "900390612345678", talk_s=60)
        await gate.wait_until(began + 3600)
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final
from unittest import mock

import pyotp

from fastagi.call import ports
from fastagi.call.channel import Script
from fastagi.call.flow import Gate
from fastagi.policy.model import Prompt, Reason, Verdict
from fastagi.prompts.catalogue import sounds_of
from fastagi.second_factor import one_time_code, pin
from fastagi.second_factor.vault import Vault, new_key
from fastagi.stores.opening import open_store
from fastagi.stores.store import Enrolment
from tests.doubles.scripted_channel import ScriptedChannel
from tests.unit.call.conftest import PIN, Clock, Log, NoPool, OnePolicy, question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from fastagi.call.channel import Keyed
    from fastagi.decision_log.record import Record
    from fastagi.policy.model import Policy
    from fastagi.stores.store import Store

KEYING_S: Final = 8.0
"""From the begin of a prompt to the last digit."""

TIDY_S: Final = 3600.0

NODE: Final = "127.0.0.1"

PATIENCE_S: Final = 60.0
"""Of a caller, for the store: how fast this machine is, is not what is looked at."""


@dataclass
class Up:
    """A call that is up.

    Attributes:
        wants_s: For how long it would ring and be talked, if nothing ended it.
        bound_s: For how long its leg may live; 0 where it holds nothing, as an inside call.
        longest_s: For how long, if its budgets last.
    """

    call: str
    extension: str
    number: str
    begun: float
    ring_s: float
    wants_s: float
    bound_s: int
    longest_s: int

    @property
    def is_cut(self) -> bool:
        """Whether it will be cut off before it was to end."""
        return 0 < self.bound_s < self.wants_s

    @property
    def ends(self) -> float:
        """When it is over."""
        return self.begun + (self.bound_s if self.is_cut else self.wants_s)


class Keys(ScriptedChannel):
    """A channel whose caller keys what is asked of them.

    `keys` returns it for the PIN or the code, each time either is asked for.
    """

    def __init__(self, policy: Policy, keys: Callable[[Prompt], str]) -> None:
        super().__init__()
        self._code = sounds_of(Prompt.CODE, policy.prompts)
        self._keys = keys

    async def ask(self, sounds: Sequence[str], *, wait_s: int, most: int) -> Keyed:
        """Key it, whatever is said before the prompt."""
        is_code = tuple(sounds)[-len(self._code) :] == self._code
        self._acts.append(f"{self._keys(Prompt.CODE if is_code else Prompt.PIN)}#")
        return await super().ask(sounds, wait_s=wait_s, most=most)


@dataclass
class Sliced:
    """Somebody who sees to it that calls go on, slice by slice."""

    slice_s: int

    def seconds(self, node: str) -> int:
        """Return how long a slice is."""
        return self.slice_s


@dataclass
class VirtualGate:
    """See above.

    Attributes:
        log: All that went on record, settlements too.
        cut_off: Calls that were cut off before they were to end.
    """

    policy: Policy
    store: Store
    clock: Clock
    log: Log
    slice_s: int = 0
    cut_off: list[Up] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._vault = Vault([new_key()])
        policies = OnePolicy(self.policy)
        slices = Sliced(self.slice_s)
        self._gate = Gate(
            ports.Ports(
                policies, self.store, self._vault, NoPool(), self.log, self.clock, slices=slices
            )
        )
        self._count = itertools.count()
        self._secrets: dict[str, str] = {}
        self._steps: dict[str, int] = {}  # the last code that each has keyed
        self._up: dict[str, Up] = {}
        self._due: list[tuple[float, int, str]] = []  # when to look after which call
        self._tidied = self.clock.now

    async def enrol(self, extension: str) -> None:
        """Give an extension a PIN and one-time codes."""
        site, secret = self.policy.site.name, one_time_code.new_secret()
        self._secrets[extension] = secret
        hashed = pin.hash_pin(self._vault, site, extension, PIN)
        sealed = one_time_code.seal(self._vault, site, extension, secret)
        await self.store.enrol(site, Enrolment(extension, pin=hashed, totp=sealed))

    def up(self, extension: str) -> list[Up]:
        """Return the calls of an extension that are up, the first to end first."""
        own = (each for each in self._up.values() if each.extension == extension)
        return sorted(own, key=lambda each: each.ends)

    def cost(self) -> int:
        """Return what all calls that are over have cost, in millionths."""
        return sum(each.cost or 0 for each in self.log.records if each.reason is Reason.SETTLED)

    async def wait_until(self, moment: float) -> None:
        """Let time go by, and calls be over."""
        while self._due and self._due[0][0] <= moment:
            due, _, call = heapq.heappop(self._due)
            self.clock.now = max(self.clock.now, due)
            await self._look_after(call)
        self.clock.now = max(self.clock.now, moment)
        if self.clock.now >= self._tidied + TIDY_S:
            await self.store.tidy(self.clock.now)
            self._tidied = self.clock.now

    async def call(
        self,
        extension: str,
        dialled: str,
        *,
        talk_s: float,
        ring_s: float = 0.0,
        address: str = "10.0.0.5",
        keys: Callable[[Prompt], str] | None = None,
    ) -> Record:
        """Call now, and return the decision; the call ends by itself, as time goes by.

        Args:
            extension: Who.
            dialled: Whom, as it is dialled.
            talk_s: For how long it is talked; 0 if nobody answers.
            ring_s: For how long it rings before.
            address: From where.
            keys: What is keyed at a prompt; by default, what is right.
        """
        name = f"{int(self.clock.now)}.{next(self._count)}"
        asked = question(dialled, call=name, endpoint=extension, address=f"{address}:5060")
        asked = replace(asked, channel=f"PJSIP/{extension}-0000002a")
        channel = Keys(self.policy, keys or (lambda prompt: self.right(extension, prompt)))
        await self._gate.answer(asked, channel)
        record = self.log.records[-1]
        if record.verdict is Verdict.ALLOW:
            await self._let(record, ring_s, ring_s + talk_s)
        return record

    def right(self, extension: str, prompt: Prompt) -> str:
        """Key the PIN, or the code: the next one, if the owner has keyed that of the moment."""
        self.clock.now += KEYING_S
        if prompt is Prompt.PIN:
            return PIN
        last, step_s = self._steps.get(extension, 0), one_time_code.STEP_S
        self.clock.now = max(self.clock.now, float((last + 1) * step_s))
        self._steps[extension] = int(self.clock.now) // step_s
        return pyotp.TOTP(self._secrets[extension]).at(int(self.clock.now))

    # --------------------------------------------------------------------- while it is up

    async def _let(self, record: Record, ring_s: float, wants_s: float) -> None:
        begun, bound_s = self.clock.now, record.seconds
        up = Up(
            record.call, record.extension, record.number, begun, ring_s, wants_s, bound_s, bound_s
        )
        if self.slice_s and up.is_cut:
            known = await self.store.known(
                record.site, "", "", "", up.call, up.number, NODE, self.clock.now
            )
            assert known.lease is not None
            up.longest_s = max(bound_s, known.lease.longest_s)
        self._up[up.call] = up
        self._watch(up)

    def _watch(self, up: Up) -> None:
        """Look after a call again when it ends, or half a slice before it would have to."""
        is_to_go_on = up.is_cut and up.bound_s < up.longest_s
        moment = up.ends - self.slice_s / 2 if is_to_go_on else up.ends
        heapq.heappush(self._due, (moment, next(self._count), up.call))

    async def _look_after(self, call: str) -> None:
        up = self._up[call]
        if self.clock.now >= up.ends:
            await self._release(self._up.pop(call))
            return
        seconds = min(up.bound_s + self.slice_s, up.longest_s)
        site = self.policy.site.name
        longer = await self.store.extend(site, call, up.number, NODE, seconds, self.clock.now)
        assert longer is not None  # nobody but us releases it
        if longer.lease.seconds > up.bound_s:
            up.bound_s = longer.lease.seconds
        else:  # nothing is left to go on with
            up.longest_s = up.bound_s
        self._watch(up)

    async def _release(self, up: Up) -> None:
        if up.is_cut:
            self.cut_off.append(up)
        if not up.bound_s:
            return
        talked_s = max(0, math.ceil(up.ends - up.begun - up.ring_s))
        asked = question(
            "", call=up.call, endpoint=up.extension, number=up.number, talked=str(talked_s)
        )
        await self._gate.answer(replace(asked, script=Script.RELEASE), ScriptedChannel())


@contextlib.asynccontextmanager
async def virtual_gate(
    policy: Policy, began: float, *, slice_s: int = 0
) -> AsyncIterator[VirtualGate]:
    """Open a gate with an empty store in memory, at a moment.

    Args:
        policy: Whose calls it judges.
        began: The moment, in seconds since the epoch.
        slice_s: For how long budgets are reserved at a time; 0 for all at once.
    """
    store = open_store("sqlite://:memory:")
    with mock.patch.object(ports, "STORE_PATIENCE_S", PATIENCE_S):
        try:
            yield VirtualGate(policy, store, Clock(began), Log(), slice_s)
        finally:
            await store.close()
