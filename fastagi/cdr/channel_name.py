"""Who a channel belongs to, by the name that Asterisk gave it: `PJSIP/101-0000002a`."""

from __future__ import annotations

import re
from typing import Final

PHONES: Final = frozenset({"PJSIP", "SIP", "IAX2", "SCCP", "Skinny", "MGCP", "Motif", "WebSocket"})
"""Technologies whose channels are named after the endpoint or peer that they belong to."""

MASQUERADED: Final = ("AsyncGoto/", "Bridge/", "Surrogate/", "Transfered/", "Parked/")
"""Put before the name of a channel that was taken out of its call, or that stands in for one
(`ast_async_goto`, `ast_channel_yank`); what follows is its own name."""

NUMBER: Final = re.compile(r"[0-9a-fA-F]{1,8}(?:<ZOMBIE>|<MASQ>)*(?:;[12])?")
"""What comes after the last `-`: eight hexadecimal digits, of IAX2 some decimal ones."""

HEXADECIMAL: Final = re.compile(r"[0-9a-f]{8}")

ENDPOINT: Final = re.compile(r"[A-Za-z0-9_.@+-]{1,80}")
"""What a policy can name."""

ADDRESS: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|\[?[0-9a-fA-F]*:[0-9a-fA-F:]*\]?")

NOBODY: Final = frozenset({"anonymous", "guest", "unknown", "default"})
"""Endpoints and peers that take calls from anybody."""

LOCAL: Final = "Local"


def owner(channel: str) -> tuple[str, str]:
    """Return a channel's technology, and the endpoint it belongs to.

    The endpoint is empty where no phone or trunk can be told from the name: of `Local/…`, which
    the dialplan makes, of analogue lines, of guests, and of what is no channel's name.
    """
    for prefix in MASQUERADED:
        channel = channel.removeprefix(prefix)
    technology, _, rest = channel.partition("/")
    if technology not in PHONES:
        return technology, ""
    head, dash, number = rest.rpartition("-")
    endpoint = head if dash and NUMBER.fullmatch(number) else rest
    if endpoint in NOBODY or not ENDPOINT.fullmatch(endpoint) or ADDRESS.fullmatch(endpoint):
        return technology, ""
    return technology, endpoint


def stem(channel: str) -> str:
    """Return what the names of all channels of an endpoint have in common, and no other's has."""
    if channel[-9:-8] == "-" and HEXADECIMAL.fullmatch(channel, len(channel) - 8):
        return f"{channel[:-8]}#"
    return channel
