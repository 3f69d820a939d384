"""The policies in force, kept in memory that outlives a worker.

A policy that was broken on disk must not come into force, also when a worker happens to die while
it is broken: the worker's successor takes the policies its predecessors had. They lie in a memfd
of the supervisor, which no other process can open.

    digest of the rest | length of the content | content | what an older, longer content left
"""

from __future__ import annotations

import hashlib
import os
import pickle
import struct
from typing import TYPE_CHECKING, Final

from fastagi import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.policy.model import Policy

DIGEST: Final = hashlib.sha256
LENGTH: Final = struct.Struct("!Q")
HEAD: Final = DIGEST().digest_size + LENGTH.size
"""Bytes before the policies. By their digest a half-written memory is known."""


def reserve() -> int:
    """Return the descriptor of an empty memory, to be passed to every worker."""
    return os.memfd_create("dialguard policies in force")


def keep(memory: int, policies: Mapping[str, Policy]) -> None:
    """Put the policies in the place of what was kept.

    While a first worker is replaced there are two for a moment. The whole is one write, which the
    kernel does not mix with another's (inode lock of shmem), and nothing is cut: so what is kept
    is always all of the one's or all of the other's.
    """
    content = pickle.dumps(dict(policies))
    os.pwrite(memory, _digest(content) + LENGTH.pack(len(content)) + content, 0)


def recall(memory: int) -> Mapping[str, Policy] | None:
    """Return the policies that were kept last; None if there are none, or not whole.

    Those of another version of this package count as none: their classes may be others.
    """
    whole = b""
    while chunk := os.pread(memory, 1 << 20, len(whole)):
        whole += chunk
    if len(whole) < HEAD:
        return None
    (length,) = LENGTH.unpack_from(whole, DIGEST().digest_size)
    content = whole[HEAD : HEAD + length]
    if _digest(content) != whole[: DIGEST().digest_size]:
        return None
    try:
        policies: Mapping[str, Policy] = pickle.loads(content)  # noqa: S301 - by our own kin
    except (OSError, ValueError):  # the rate sheet that they share is gone
        return None
    return policies


def _digest(content: bytes) -> bytes:
    return DIGEST(__version__.encode() + content).digest()
