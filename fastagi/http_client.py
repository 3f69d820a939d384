"""The HTTP client of whoever asks or tells a service outside: bounded, and not to be led astray.

No redirect is followed: it would lead a secret, a code or a signature that is meant for one to
another. No proxy and no password is taken from the environment (`trust_env`), and what is trusted
is what the machine trusts, not what httpx brings along. Nothing comes packed.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import httpx

from fastagi import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping


def bounded_client(
    within_s: float,
    at_once: int,
    headers: Mapping[str, str],
    *,
    kept: int = 1,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """Return a client, to be closed.

    Each step of a request is bounded by it; a whole request, and what is read of an answer, by
    whoever asks.

    Args:
        within_s: How long a step may take.
        at_once: Connections at a time.
        headers: Those of every request, besides what all have.
        kept: Connections that are kept for the next request.
        transport: What carries requests; None for the network.
    """
    return httpx.AsyncClient(
        verify=ssl.create_default_context(),
        follow_redirects=False,
        trust_env=False,
        timeout=within_s,
        limits=httpx.Limits(max_connections=at_once, max_keepalive_connections=kept),
        headers={
            "User-Agent": f"dialguard/{__version__}",
            "Accept-Encoding": "identity",
            **headers,
        },
        transport=transport,
    )
