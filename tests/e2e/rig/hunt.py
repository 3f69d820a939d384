"""The hunt for secrets in everything that was written during a run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

TELLTALE: Final = 8
"""Characters from which on a secret stands nowhere by chance, and is looked for anywhere at all: a
database packs its columns without a gap. Shorter ones, such as codes, are looked for as words."""

SHORTEST: Final = 6
"""Of four digits a log is full by chance: tests that look for PINs use eight."""

MEDIA: Final = re.compile(rb"Event: RTCP(?:Sent|Received)\r\n.*?\r\n\r\n", re.DOTALL)
"""Counters of RTP in the AMI stream: random numbers, six digits long."""


def found(secrets: Iterable[str], files: Iterable[Path]) -> list[str]:
    """Return where a secret stands, as `file: secret`."""
    words = [_pattern(each) for each in secrets if len(each) >= SHORTEST]
    if not words:
        return []
    wanted = re.compile(b"|".join(words))
    return [
        f"{file}: {match[0].decode()}"
        for file in files
        for match in wanted.finditer(MEDIA.sub(b"", file.read_bytes()))
    ]


def written(folders: Iterable[Path], *, but: frozenset[str] = frozenset()) -> Iterator[Path]:
    """Find every file below the folders, save those of a name that may hold secrets."""
    for folder in folders:
        yield from (each for each in folder.rglob("*") if each.is_file() and each.name not in but)


def _pattern(secret: str) -> bytes:
    plain = re.escape(secret.encode())
    return (
        plain if len(secret) >= TELLTALE else rb"(?<![0-9A-Za-z.])" + plain + rb"(?![0-9A-Za-z])"
    )
