"""How many requests a token has, and who shows none: a bucket each, that fills at a steady pace.

In this process's memory: where several machines have a console, each gives as many.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

MOST: Final = 10_000
"""Buckets at a time; then those that are full, as nobody takes from them, are dropped. Whoever
comes while there are as many finds one that all such share."""

TIDIED_EACH_S: Final = 1.0
"""How often it is looked which are full: each look is at all of them."""

SHARED: Final = ""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Pace:
    """Gives each name `burst` requests at once, and `per_s` a second in the long run."""

    def __init__(self, per_s: float, burst: int) -> None:
        self._per_s = per_s
        self._burst = float(burst)
        self._buckets: dict[str, _Bucket] = {}
        self._tidied_at = -math.inf

    def knows(self, name: str) -> bool:
        """Tell whether it has taken requests lately, and gave no reason to forget it."""
        return name in self._buckets

    def forget(self, name: str) -> None:
        """Know it no more."""
        self._buckets.pop(name, None)

    def wait_s(self, name: str, now: float) -> int:
        """Take one request; 0 where it may be done, else in how many whole seconds to come again.

        Args:
            name: Whose; a token's digest, or an address. Not empty.
            now: Seconds of a clock that is never set back.
        """
        bucket = self._buckets.get(name) or self._make(name, now)
        bucket.left = self._filled(bucket, now)
        bucket.at = now
        if bucket.left >= 1:
            bucket.left -= 1
            return 0
        return max(1, math.ceil((1 - bucket.left) / self._per_s))

    def give_back(self, name: str) -> None:
        """Put back what was taken for a request that was none of these."""
        bucket = self._buckets.get(name) or self._buckets.get(SHARED)
        if bucket is not None:
            bucket.left = min(self._burst, bucket.left + 1)

    def _make(self, name: str, now: float) -> _Bucket:
        if len(self._buckets) >= MOST and now - self._tidied_at >= TIDIED_EACH_S:
            self._tidied_at = now
            self._drop_rested(now)
        if len(self._buckets) >= MOST:
            name = SHARED
        return self._buckets.setdefault(name, _Bucket(self._burst, now))

    def _filled(self, bucket: _Bucket, now: float) -> float:
        return min(self._burst, bucket.left + (now - bucket.at) * self._per_s)

    def _drop_rested(self, now: float) -> None:
        self._buckets = {
            name: bucket
            for name, bucket in self._buckets.items()
            if self._filled(bucket, now) < self._burst
        }
