"""How many requests a token has: a bucket each, that fills at a steady pace.

In this process's memory: where several machines have a console, each gives a token as many.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

MOST: Final = 10_000
"""Buckets at a time; those of tokens that rest are full, and are dropped first."""


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

    def wait_s(self, name: str, now: float) -> int:
        """Take one request; 0 where it may be done, else in how many whole seconds to come again.

        Args:
            name: Whose; a token's digest.
            now: Seconds of a clock that is never set back.
        """
        bucket = self._buckets.get(name)
        if bucket is None:
            if len(self._buckets) >= MOST:
                self._drop_rested(now)
            bucket = self._buckets[name] = _Bucket(self._burst, now)
        bucket.left = self._filled(bucket, now)
        bucket.at = now
        if bucket.left >= 1:
            bucket.left -= 1
            return 0
        return max(1, math.ceil((1 - bucket.left) / self._per_s))

    def _filled(self, bucket: _Bucket, now: float) -> float:
        return min(self._burst, bucket.left + (now - bucket.at) * self._per_s)

    def _drop_rested(self, now: float) -> None:
        self._buckets = {
            name: bucket
            for name, bucket in self._buckets.items()
            if self._filled(bucket, now) < self._burst
        }
