"""How browsers reach the web: by which names, whether encrypted, and in which languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Front:
    """What the web shows of itself to the outside.

    Attributes:
        url: How browsers reach it, without a slash at the end.
        hosts: Other names it is reached by, and the site whose page each shows.
        languages: Those offered, by their codes; the first is the default.
        pace_s: Answers to guesses come at multiples of it after the question, so that the time
            they take tells nothing.
    """

    url: str
    hosts: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ("en",)
    pace_s: float = 0.25

    @property
    def is_encrypted(self) -> bool:
        """Whether nobody on the way can read what browsers send."""
        return self.url.startswith("https:")

    def names(self) -> Mapping[str, str]:
        """Return, by what a Host header may say, the site that it names; empty for none."""
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]
        names = {f"[{host}]" if ":" in host else host: "", **self.hosts}
        known = {f"{name}:{port}": site for name, site in names.items()}
        if port == DEFAULT_PORTS[parts.scheme]:
            known.update(names)
        return known

    def origins(self) -> frozenset[str]:
        """Return what an Origin header says of our own pages."""
        scheme = urlsplit(self.url).scheme
        standard = f":{DEFAULT_PORTS[scheme]}"
        return frozenset(f"{scheme}://{name.removesuffix(standard)}" for name in self.names())
