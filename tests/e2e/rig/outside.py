"""Somebody outside, whose calls come in by the trunk."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final

from tests.e2e.rig.phone import FINALS, Call
from tests.e2e.rig.ports import free, free_for_sip
from tests.e2e.rig.sipp import Sipp

if TYPE_CHECKING:
    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.phone import Step

LONGEST_S: Final = 60.0
"""After which it gives up, whatever it was to do."""


def calls_in(asterisk: Asterisk, dialled: str, *do: Step, talk_s: float = 1.0) -> Call:
    """Have somebody outside call, do what is to be done, and talk; return the call under way."""
    values = {
        "dialled": dialled,
        "finals": "".join(
            f'<recv response="{status}" optional="true" next="2"/>' for status in FINALS
        ),
        "talk": "\n".join(step.xml() for step in do),
        "patience_ms": "20000",
        "talk_ms": str(round(talk_s * 1000)),
    }
    arguments = [
        *("-i", "127.0.0.2", "-p", str(free_for_sip("127.0.0.2")), "-m", "1"),
        *("-mp", str(free(socket.SOCK_DGRAM)), "-timeout", f"{round(LONGEST_S)}s"),
    ]
    target = f"127.0.0.1:{asterisk.ports.sip}"
    return Call(Sipp("outside.xml", values, arguments, target), LONGEST_S + 5)
