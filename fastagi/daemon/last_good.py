"""The policies in force, kept in memory that outlives a worker.

A policy that was broken on disk must not come into force, also when a worker happens to die while
it is broken: the worker's successor takes the policies its predecessors had. They lie in a memfd
of the supervisor, which no other process can open.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.policy.model import Policy

DIGEST: Final = hashlib.sha256
HEAD: Final = DIGEST().digest_size
"""Bytes before the policies: their digest, by which a half-written memory is known."""


def reserve() -> int:
    """Return the descriptor of an empty memory, to be passed to every worker."""
    return os.memfd_create("dialguard policies in force")


def keep(memory: int, policies: Mapping[str, Policy]) -> None:
    """Put the policies in the place of what was kept; only one worker may do so."""
    content = pickle.dumps(dict(policies))
    whole = DIGEST(content).digest() + content
    os.ftruncate(memory, len(whole))
    written = 0
    while written < len(whole):
        written += os.pwrite(memory, whole[written:], written)


def recall(memory: int) -> Mapping[str, Policy] | None:
    """Return the policies that were kept last; None if there are none, or not whole."""
    whole = b""
    while chunk := os.pread(memory, 1 << 20, len(whole)):
        whole += chunk
    content = whole[HEAD:]
    if not content or DIGEST(content).digest() != whole[:HEAD]:
        return None
    policies: Mapping[str, Policy] = pickle.loads(content)  # noqa: S301 - written by our own kin
    return policies
