"""Why a connection was closed without an answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Refusal(StrEnum):
    """The kinds there are; counted one by one."""

    STRANGER = "peer-not-allowed"
    SHUT_OUT = "peer-shut-out"
    """Its address began again and again as no Asterisk does: see `probing`."""
    FULL = "too-many-sessions"
    PEER_FULL = "too-many-sessions-of-peer"
    PEER_FAST = "too-many-connections-of-peer"
    SITE_FULL = "too-many-sessions-of-site"
    SITE_FAST = "too-many-connections-of-site"
    SILENT = "silent"
    """The environment, or the proof that it is Asterisk's own, did not come in time."""
    ODD = "odd"
    """Bytes that no Asterisk sends."""
    BAD_QUESTION = "bad-question"
    """An environment, but not of a dialplan that uses ours."""
    BAD_TOKEN = "bad-token"  # noqa: S105 - the name of a refusal
    FOREIGN_SITE = "foreign-site"
    """A site that whoever asks from there may not name."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One connection that was closed without an answer.

    Attributes:
        peer: The address it came from.
        why: In words, for the operator; whatever it quotes is escaped.
    """

    kind: Refusal
    peer: str
    why: str
