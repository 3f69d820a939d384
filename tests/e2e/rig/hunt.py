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
    wanted = [(each, _pattern(each)) for each in secrets if len(each) >= SHORTEST]
    return [
        f"{file}: {secret}"
        for file in files
        for content in [MEDIA.sub(b"", file.read_bytes())]
        for secret, pattern in wanted
        if secret.encode() in content and pattern.search(content)
    ]


def written(folders: Iterable[Path], *, but: frozenset[str] = frozenset()) -> Iterator[Path]:
    """Find every file below the folders, save those of a name that may hold secrets."""
    for folder in folders:
        yield from (each for each in folder.rglob("*") if each.is_file() and each.name not in but)


def _pattern(secret: str) -> re.Pattern[bytes]:
    plain = re.escape(secret.encode())
    if len(secret) >= TELLTALE:
        return re.compile(plain)
    return re.compile(rb"(?<![0-9A-Za-z.])" + plain + rb"(?![0-9A-Za-z])")
