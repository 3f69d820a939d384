"""A worker's bond to its supervisor: it does not outlive it.

A worker without a supervisor has no watchdog, and would hold the port against the next service.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import Final

PR_SET_PDEATHSIG: Final = 1
"""Have the kernel send a signal when the parent dies; linux/prctl.h."""


def die_with(parent: int) -> bool:
    """Have the kernel end this process with its parent; works on a hung process too.

    Elsewhere than on Linux the end of the heartbeat's pipe is all there is.

    Returns:
        False where the parent is dead already.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    return os.getppid() == parent
