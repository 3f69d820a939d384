"""The lines of ours in FreePBX's dialplan.

FreePBX calls `[macro-dialout-trunk-predial-hook]` before it dials a trunk, once for each that it
tries. There the gate is asked, and there the trunk is dialled: FreePBX's own `Dial` has a `b()`
behind its options, of two Asterisk runs the last only, and ours would be lost, with the bound on
the call's length. So the hook comes back to FreePBX in two cases only: for the next trunk
(`BYPASS`), and for an emergency number, which FreePBX dials as if we were not there.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from fastagi.emergency_dialplan import CONTEXT as EMERGENCY
from fastagi.emergency_dialplan import DIGITS
from fastagi.errors import DialguardError

if TYPE_CHECKING:
    from collections.abc import Sequence

HOOK: Final = "macro-dialout-trunk-predial-hook"
INSIDE: Final = "from-internal-custom"
"""What FreePBX looks through before its own, in calls of phones and in transfers alike."""

AFTER_TRANSFER: Final = "from-internal-xfer"
"""Where FreePBX sends who is transferred: all that phones reach, and every outbound route."""

SIGN_IN: Final = "dialguard-sign-in"


class Shape(Enum):
    """How FreePBX calls its routines, and how they come back: what, and what cleans up."""

    MACRO = ("MacroExit()", "Macro(hangupcall,)")
    """FreePBX 16 and before."""
    GOSUB = ("Return()", "Gosub(macro-hangupcall,s,1())")
    """FreePBX 17: Asterisk 21 and later have no macros."""


def extensions(shape: Shape, numbers: Sequence[str], *, own_emergency: bool) -> tuple[str, ...]:
    """Return the lines for `extensions_custom.conf`.

    Args:
        shape: Of this FreePBX.
        numbers: The emergency numbers, bare digits; they are dialled without asking.
        own_emergency: Whether emergency calls go by `dialguard-emergency`, before all routes.

    Raises:
        DialguardError: A number is nothing that a dialplan may hold.
    """
    come_back, clean_up = shape.value
    called = "${FILTER(0-9*#,${DIAL_NUMBER})}"
    trunk = "${OUT_${DIAL_TRUNK}}", "${OUT_${DIAL_TRUNK}_SUFFIX}"
    number = (
        '${IF($["${DIALGUARD_PLUS_${DIAL_TRUNK}}" = "no"]?'
        "${FILTER(0-9,${GUARD_NUMBER})}:${GUARD_NUMBER})}"
    )
    away = '$["${DIALSTATUS}" = "CHANUNAVAIL" | "${DIALSTATUS}" = "CONGESTION"]'
    lines = ['#include "dialguard/dialguard.conf"']
    if own_emergency:
        lines.append('#include "dialguard/emergency.conf"')
    lines += ["", f"[{INSIDE}]"]
    if own_emergency:
        lines.append(f"include => {EMERGENCY}")
    lines += [
        f"include => {SIGN_IN}",
        "",
        "; DIALGUARD_PLUS_1 = no, in globals_custom.conf, has trunk 1 dialled without the plus.",
        f"[{HOOK}]",
        "exten => s,1,Set(PREDIAL_HOOK_RET=)",
        f" same => n,GotoIf(${{DIALPLAN_EXISTS({HOOK},{called},1)}}?{called},1)",
        " same => n,Set(DIALGUARD_TRUNK=${DIAL_TRUNK})",
        " same => n,Gosub(dialguard,outbound,1(${DIAL_NUMBER}))",
        f" same => n,MSet(__TRANSFER_CONTEXT={AFTER_TRANSFER},__FORWARD_CONTEXT={AFTER_TRANSFER})",
        f" same => n,Dial({trunk[0]}/{number}{trunk[1]},${{TRUNK_RING_TIMER}},"
        "${DIAL_TRUNK_OPTIONS}${GUARD_DIAL})",
        f" same => n,GotoIf({away}?next)",
        " same => n,Hangup(${GUARD_CAUSE})",
        " same => n(next),Set(PREDIAL_HOOK_RET=BYPASS)",
        f" same => n,{come_back}",
        "; Emergency numbers: FreePBX dials them, by the trunks of its route.",
    ]
    for each in dict.fromkeys(numbers):
        if not DIGITS.fullmatch(each):
            what = f"`{each}` is no number for a dialplan: write 2 to 15 digits, `*` or `#`"
            raise DialguardError(what)
        lines += [
            f"exten => {each},1,Set(OUTNUM=${{OUTPREFIX_${{DIAL_TRUNK}}}}{each})",
            f" same => n,{come_back}",
        ]
    return (*lines, f"exten => h,1,{clean_up}")


def globals_(trunk: str) -> tuple[str, ...]:
    """Return the lines for `globals_custom.conf`: the trunk of emergency calls, a PJSIP one."""
    return (f"DIALGUARD_EMERGENCY_TRUNK = {trunk}",)
