"""Files that operators name: read whole, or told why not; no device is ever waited for."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from fastagi.errors import PolicyError, Problem
from fastagi.toml_lines import WHOLE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SHADOW_SUFFIX: Final = ".shadow.toml"


def read_file(file: Path, bytes_max: int) -> bytes:
    """Read a file.

    Args:
        file: What the operator named.
        bytes_max: More than this is a mistake; it is not even read.

    Raises:
        PolicyError: It cannot be read, is no file, or is too large.
    """
    try:
        status = file.stat()
        if not file.is_file():
            raise _refusal(file, "this is no file; name one that can be read")
        if status.st_size > bytes_max:
            raise _refusal(file, f"this is larger than {bytes_max >> 20} MiB, beyond all reason")
        return file.read_bytes()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise _refusal(file, f"this file cannot be read: {why}") from None


def _refusal(file: Path, what: str) -> PolicyError:
    return PolicyError([Problem(file, WHOLE_FILE, what)])


def cases_path(policy: Path) -> Path:
    """Return where the cases of a policy are: `office.cases.toml` beside `office.toml`."""
    return policy.with_suffix(".cases.toml")


def version_of(policy: bytes, lists: Iterable[bytes], rates: bytes | None) -> str:
    """Return the version of a policy (`Policy.version`): it changes when any of its files does.

    Args:
        policy: The SHA-256 of its file.
        lists: That of each list, in their order.
        rates: That of its rate sheet; None where it has none.
    """
    version = sha256(policy)
    for each in lists:
        version.update(each)
    text = version.hexdigest()[:12]
    return text if rates is None else sha256(text.encode() + rates).hexdigest()[:12]


def shadow_path(policy: Path) -> Path:
    """Return where the policy in shadow is: `office.shadow.toml` beside `office.toml`."""
    return policy.with_suffix(SHADOW_SUFFIX)
