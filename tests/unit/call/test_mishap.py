"""What went wrong, as the reason that is told, and as what the log says of it."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from fastagi.call.ending import Story
from fastagi.call.mishap import mishap
from fastagi.errors import (
    BusyError,
    ChannelError,
    ChannelGone,
    ChannelSilent,
    StoreError,
    VaultError,
)
from fastagi.policy.model import Reason

STORY = Story("1.1", "101", "9", "4071", 0.0)


@pytest.mark.parametrize(
    ("error", "reason", "event"),
    [
        (ChannelGone("gone"), Reason.HUNG_UP, None),
        (BusyError("full"), Reason.BUSY, None),
        (StoreError("away"), Reason.STORE_DOWN, "store-down"),
        (ChannelSilent("silent"), Reason.FAILED, "channel-failed"),
        (ChannelError("no sound"), Reason.FAILED, "channel-failed"),
        (VaultError("no key"), Reason.FAILED, "secret-unreadable"),
        (ZeroDivisionError(), Reason.FAILED, "call-failed"),
    ],
)
def test_each_error_has_its_reason(error: Exception, reason: Reason, event: str | None) -> None:
    """What is nobody's fault is not in the log; what is ours to mend is, once, with the call."""
    with capture_logs() as logs:
        assert mishap(error, STORY) is reason
    assert [(each["event"], each["call"]) for each in logs] == ([(event, "1.1")] if event else [])


def test_a_fault_of_ours_is_told_with_its_place() -> None:
    """Else nobody could mend it."""
    error = ZeroDivisionError()
    with capture_logs() as logs:
        mishap(error, STORY)
    assert (logs[0]["exc_info"], logs[0]["reference"]) == (error, "4071")
