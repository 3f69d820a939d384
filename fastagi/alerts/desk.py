"""All of it, for ever: looking, hearing and telling, each in its own time.

One gate of those that share a store has the turn: it looks at the store, and tells what waits in
it. What cannot be put into the store, as that is away, is told by the gate that knows it.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.alerts import addresses
from fastagi.alerts.alert import Alert, own
from fastagi.alerts.found import LOOKED_FOR, of_entering, of_lockout, of_sign_in
from fastagi.alerts.heard import Entered, Phase, id_of, understood
from fastagi.alerts.kind import Kind
from fastagi.alerts.lasting import Lasting
from fastagi.alerts.notices import UNTOLD
from fastagi.alerts.telling import Telling
from fastagi.errors import StoreError
from fastagi.events.changes import Changes
from fastagi.events.event import Kind as EventKind
from fastagi.events.turn import Turn
from fastagi.stores.records import EVERYWHERE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from fastagi.alerts.ports import Meter, Send
    from fastagi.alerts.target import Target
    from fastagi.events.event import Event
    from fastagi.stores.records import Records
    from fastagi.stores.store import Store


LOOK_S: Final = 1.0

AT_ONCE: Final = 4
"""Messages that are sent at a time, to all targets: each is a process."""

NAME: Final = "alerts"

log = structlog.get_logger(__name__)


class Desk:
    """Of one gate.

    Args:
        store: Where everything is.
        here: What is kept here, while the store is away.
        targets: Who is told.
        send: How; returns why a message was not taken in, or nothing.
        gate: This machine's name.
        clock: The wall clock.
        meter: Who counts.

    Attributes:
        tellings: One for each target.
    """

    def __init__(
        self,
        store: Store,
        here: Records,
        targets: Sequence[Target],
        send: Send,
        gate: str,
        clock: Callable[[], float],
        meter: Meter,
    ) -> None:
        self._store = store
        self._gate = gate
        self._clock = clock
        self._meter = meter
        at_once = asyncio.Semaphore(AT_ONCE)
        self._turn = Turn(store, NAME)
        self.tellings = [Telling(each, store, here, send, at_once, meter) for each in targets]
        wanted = frozenset[Kind]().union(*(each.kinds for each in targets))
        self._looked_for = {LOOKED_FOR[each] for each in wanted if each in LOOKED_FOR}
        self._wants_addresses = Kind.NEW_ADDRESS in wanted
        self._changes: Changes | None = None
        self._lasting = Lasting()
        self._is_away = False
        self._serves = False

    async def run(self) -> None:
        """Look and tell until cancelled; then let another gate have the turn."""
        try:
            async with asyncio.TaskGroup() as all_of_it:
                all_of_it.create_task(self._every_second(self.look))
                for each in self.tellings:
                    telling = functools.partial(self.tell, each)
                    all_of_it.create_task(self._every_second(telling))
        finally:
            with contextlib.suppress(StoreError):
                await self._turn.leave(self._clock())

    # ------------------------------------------------------------------------- what happens

    async def hear(self, said: Mapping[str, object]) -> None:
        """Take in a word of the service's log; never raises."""
        try:
            await self._hear(said)
        except Exception:  # a fault of ours with one word must not cost the others
            log.exception("alerts-broke")

    async def _hear(self, said: Mapping[str, object]) -> None:
        untold = said.get(UNTOLD)
        if isinstance(untold, int):
            self._meter.dropped("unheard", untold)
        try:
            word = understood(said, self._gate)
        except ValueError as error:
            log.error("alert-not-understood", said=str(said.get("event")), error=str(error))
            return
        if isinstance(word, Entered):
            await self._look_at_entering(word)
        elif word is not None:
            alert = word.alert
            match word.phase:
                case Phase.HAPPENS:
                    alerts = [alert]
                case Phase.BEGINS:
                    alerts = self._lasting.begins(alert)
                case Phase.ENDS:
                    alerts = self._lasting.ends(alert)
            for each in alerts:
                await self._post(each)

    async def look(self) -> None:
        """Have told what changed in the store, if it is our turn, and which troubles last."""
        now = self._clock()
        try:
            await self._look_at_the_store(now)
        except StoreError as error:
            self._changes = None
            if not self._is_away:
                log.warning("alert-store-away", error=str(error))
                self._lasting.begins(self._store_is("away", now))
            self._is_away = True
            alerts = []
        else:
            alerts = self._lasting.ends(self._store_is("back", now)) if self._is_away else []
            self._is_away = False
            if not self._serves:
                self._serves = True
                log.info("alerts-served", targets=[each.target.label for each in self.tellings])
        for each in (*alerts, *self._lasting.due(now)):
            await self._post(each)

    async def put(self, event: Event, now: float) -> None:
        """Have told what a look at the store found.

        Raises:
            StoreError: It is found again.
        """
        if event.kind is EventKind.LOCKOUT:
            await self._put(of_lockout(event), now)
            return
        who, address = str(event.facts["person"]), str(event.facts["address"])
        if await addresses.is_new(self._store, event.site, who, address, now):
            await self._put(of_sign_in(event), now)
        await addresses.learn(self._store, event.site, who, address, now)

    async def _look_at_the_store(self, now: float) -> None:
        if not self._turn.is_mine(now):
            self._changes = None  # another may have looked since, and knows more
        if await self._turn.ask(now) and self._looked_for:
            self._changes = self._changes or Changes(self._store, NAME, self._looked_for, self)
            if not await self._changes.look(now):
                self._changes = None

    async def _look_at_entering(self, entered: Entered) -> None:
        if not self._wants_addresses:
            return
        now, who = self._clock(), f"operator {entered.operator}"
        try:
            if await addresses.is_new(self._store, EVERYWHERE, who, entered.address, now):
                await self._post(of_entering(entered))
            await addresses.learn(self._store, EVERYWHERE, who, entered.address, now)
        except StoreError as error:
            log.warning("alert-address-unknown", operator=entered.operator, error=str(error))

    def _store_is(self, what: str, now: float) -> Alert:
        return Alert(
            kind=Kind.STORE,
            subject=f"store @{self._gate}",
            id=id_of(Kind.STORE, self._gate, what, repr(now)),
            at=now,
            what=f"The store is {what}, as seen by {own(self._gate)}",
            do="is it up? `dialguard doctor`; until then no call that costs passes, unless its "
            "rule says `without_store`",
            facts=(("Gate", own(self._gate)),),
        )

    async def _post(self, alert: Alert) -> None:
        """Have something told by whoever has the turn, or, while the store is away, by us."""
        now = self._clock()
        for each in self.tellings:
            if each.target.hears_of(alert):
                await each.post(alert, now)

    async def _put(self, alert: Alert, now: float) -> None:
        for each in self.tellings:
            if each.target.hears_of(alert):
                await each.put(alert, now)

    # ------------------------------------------------------------------------- telling

    async def tell(self, telling: Telling) -> None:
        """Tell one target what is due, as far as its pace allows."""
        while await telling.tell(self._clock, is_ours=self._turn.is_mine(self._clock())):
            pass

    async def _every_second(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except Exception:  # a fault of ours must not end the rest
                log.exception("alerts-broke")
            await asyncio.sleep(LOOK_S)
