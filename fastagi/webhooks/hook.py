"""Who is told, of what, and the secret it is signed with."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from fastagi.events.event import Kind


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook.

    Attributes:
        url: Where to; what is in its path and query may be a secret.
        secret: What deliveries are signed with.
        kinds: What it is told of.
    """

    url: str = field(repr=False)
    secret: str = field(repr=False)
    kinds: frozenset[Kind]

    @property
    def name(self) -> str:
        """Names it in the store: the same on every machine that has it."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:16]

    @property
    def host(self) -> str:
        """Names it in the log."""
        return urlsplit(self.url).netloc
