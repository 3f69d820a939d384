"""What is told of forgeries."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from fastagi.watcher.forgeries import Forgeries

if TYPE_CHECKING:
    import pytest
    from structlog.typing import EventDict


def test_a_flood_of_them_is_told_of_once_a_second(
    service_said: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With how many were not told of since."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    found = Forgeries("pbx")
    for at in (0.0, 0.1, 0.2, 1.0):
        now[0] = at
        found.found("odd")
    said = [(each["event"], each["node"], each["what"], each["untold"]) for each in service_said]
    assert said == [("ami-forged", "pbx", "odd", 0), ("ami-forged", "pbx", "odd", 2)]
    assert [each["log_level"] for each in service_said] == ["error", "error"]
    assert found.count == 4
