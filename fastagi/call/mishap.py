"""What went wrong while a question was answered, as the reason that its caller is told.

Everything that breaks on the way comes by here: told in the log once, and refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from fastagi.errors import BusyError, ChannelError, ChannelGone, StoreError, VaultError
from fastagi.policy.model import Reason

if TYPE_CHECKING:
    from fastagi.call.ending import Story

log = structlog.get_logger(__name__)


def mishap(error: Exception, story: Story) -> Reason:
    """Tell of an error in the log, where it is one of ours to mend; return what it comes to."""
    match error:
        case ChannelGone():
            return Reason.HUNG_UP
        case BusyError():
            return Reason.BUSY
        case StoreError():
            cause = repr(error.__cause__)
            log.error("store-down", call=story.call, error=str(error), cause=cause)
            return Reason.STORE_DOWN
        case ChannelError():
            log.error("channel-failed", call=story.call, error=str(error))
        case VaultError():
            log.error(
                "secret-unreadable",
                call=story.call,
                site="" if story.policy is None else story.policy.site.name,
                extension=story.claimed_extension,
                error=str(error),
            )
        case _:
            log.error("call-failed", call=story.call, reference=story.reference, exc_info=error)
    return Reason.FAILED
