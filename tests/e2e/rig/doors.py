"""What came of a call that no phone dialled by itself: at the gate, and at the trunk."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from tests.e2e.rig.service import POLICY
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.phone import Call
    from tests.e2e.rig.service import Service
    from tests.e2e.rig.trunk import FarEnd

FREE, FREE_E164 = "9116123", "116123"
"""Passes, for somebody outside, too; for two seconds."""

LONDON = "902079460123"
"""Passes, but not for somebody outside."""

ROME = "900390612345678"
"""Asks for PIN and code."""

LONGEST_S: Final = 2
"""Of a call to `FREE`."""

DOORS_POLICY: Final = POLICY.replace(
    '[[rule]]\nname = "at-home"',
    '[[rule]]\nname = "free"\nto = ["toll-free"]\nthen = "allow"\noff_net = true\n\n'
    '[[rule]]\nname = "at-home"',
).replace('duration = "4s"', f'duration = "{LONGEST_S}s"')


class Doors:
    """A gate, and the trunk behind it, from some moment on."""

    def __init__(self, service: Service, asterisk: Asterisk, trunk: FarEnd) -> None:
        self.service = service
        self.asterisk = asterisk
        self.trunk = trunk
        self._before = len(service.decisions)

    @property
    def decisions(self) -> list[dict[str, object]]:
        """What was decided since then."""
        return [
            each for each in self.service.decisions[self._before :] if each["reason"] != "settled"
        ]

    def refused(self, extension: str, reason: str, *calls: Call) -> None:
        """See that the next call is refused, whose it was, and that nothing reaches the trunk.

        Args:
            extension: Who was judged.
            reason: Why it is refused.
            calls: What of it is up at phones, and ends with it.

        Raises:
            AssertionError: It is not so.
        """
        self._decided("deny", reason, extension)
        self.end(*calls)
        assert self.trunk.calls == []
        self.count_anew()

    def charged(self, extension: str, *calls: Call) -> None:
        """See that the next call is let through to `FREE`, for whom, and that it is cut in time.

        Raises:
            AssertionError: It is not so.
        """
        decision = self._decided("allow", "allowed", extension)
        assert decision["seconds"] == LONGEST_S
        until(lambda: bool(self.trunk.ended_at), 10)
        assert self.trunk.calls == [FREE_E164]
        assert self.trunk.ended_at[0] - self.trunk.answered_at[0] < LONGEST_S + 1
        self.end(*calls)
        assert self.trunk.calls == [FREE_E164]
        self.count_anew()

    def nobody_asks(self, *calls: Call, for_s: float = 1.5) -> None:
        """See that for some seconds nobody asks, and nothing reaches the trunk.

        Raises:
            AssertionError: Somebody does.
        """
        time.sleep(for_s)  # nothing but time can show what does not come
        self.end(*calls)
        assert (self.decisions, self.trunk.calls) == ([], [])

    def _decided(self, verdict: str, reason: str, extension: str) -> dict[str, object]:
        until(lambda: bool(self.decisions))
        decision = self.decisions[0]
        found = tuple(decision[each] for each in ("verdict", "reason", "extension", "asked"))
        assert found == (verdict, reason, extension, []), decision
        return decision

    def end(self, *calls: Call) -> None:
        """Hang up on everybody, and wait until they have."""
        self.asterisk.cli("channel request hangup all", check=False)
        for call in calls:
            call.outcome()
        self.asterisk.wait_idle()

    def count_anew(self) -> None:
        """Count decisions, and what reaches the trunk, from here."""
        self._before = len(self.service.decisions)
        self.trunk.forget()
