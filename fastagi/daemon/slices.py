"""Whether an Asterisk's calls can be paid for slice by slice: as long as its watcher sees to it.

The watcher runs in one worker, and calls are let through by all: so it leaves a mark in the folder
of the gate, again and again. A mark that grows old is none, whatever became of the watcher; from
then on calls are let through with all that they may use reserved.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fastagi.settings import Settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SlicesByMark:
    """A `fastagi.call.ports.Slices`, and a `fastagi.watcher.ports.Slices`.

    Attributes:
        folder: The service's own; None where there is none, and so no slices.
        lengths_s: How long a slice is, by node; 0, or left out, for none.
    """

    folder: Path | None
    lengths_s: Mapping[str, int]

    def length_s(self, node: str) -> int:
        """Return how long a slice is to be for calls of an Asterisk."""
        return self.lengths_s.get(node, 0)

    def seconds(self, node: str) -> int:
        """Return how long a slice is; 0 where nobody has seen to that node's calls of late."""
        length_s = self.length_s(node)
        if not length_s or self.folder is None:
            return 0
        try:
            seen_at = self._mark(self.folder, node).stat().st_mtime
        except OSError:
            return 0
        return length_s if abs(time.time() - seen_at) < length_s / 2 else 0

    def seen_to(self, node: str) -> None:
        """Leave a mark: the calls of an Asterisk have just been looked at."""
        if self.folder is None:
            return
        try:
            self._mark(self.folder, node).touch()
        except OSError as error:
            log.warning("no-slices", node=node, error=str(error))

    def _mark(self, folder: Path, node: str) -> Path:
        return folder / f"watched-{hashlib.sha256(node.encode()).hexdigest()[:16]}"


def slices_of(settings: Settings, folder: Path | None) -> SlicesByMark:
    """Return those that the settings want."""
    return SlicesByMark(folder, {each.node: each.slice_s for each in settings.ami})
