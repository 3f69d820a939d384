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
        sites: Of which sites; of all, and of what is of none, where none is named.
    """

    url: str = field(repr=False)
    secret: str = field(repr=False)
    kinds: frozenset[Kind]
    sites: frozenset[str] = frozenset()

    def hears_of(self, site: str) -> bool:
        """Whether it is told of a site."""
        return not self.sites or site in self.sites

    @property
    def name(self) -> str:
        """Names it in the store: the same on every machine that has it."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:16]

    @property
    def host(self) -> str:
        """Names it in the log."""
        return urlsplit(self.url).netloc
