"""Files that commands write what they found to: never over what they read, and never a half."""

from __future__ import annotations

import contextlib
from typing import IO, TYPE_CHECKING, Final

from fastagi import atomic_file
from fastagi.cli.output import fail

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

WRITTEN_BY_HAND: Final = {".toml": "a policy, cases or settings", ".conf": "Asterisk's settings"}
"""What a file of such a name holds; no report takes its place, whatever is typed."""


def refuse_overwriting(
    output: Path | None, inputs: Iterable[Path | None], *, is_toml: bool = False
) -> None:
    """End the command where an output would take the place of something that somebody needs.

    Args:
        output: What is to be written; None where nothing is.
        inputs: What is read, and what else is written.
        is_toml: Whether TOML is what is written.
    """
    if output is None:
        return
    holds = WRITTEN_BY_HAND.get(output.suffix.lower())
    if holds is not None and not is_toml:
        fail(f"`{output}` would hold {holds} by its name; name another file to write to")
    for each in inputs:
        if each is not None and _is_same(output, each):
            fail(f"`{output}` is read or written already; name another file to write to")


def write_file(file: Path, content: bytes) -> None:
    """Write an output as a whole; ends the command where that cannot be."""
    with opened_file(file) as opened:
        opened.write(content)


@contextlib.contextmanager
def opened_file(file: Path) -> Iterator[IO[bytes]]:
    """Give what to write an output to: it is in its place when all is written, and not before.

    Ends the command where that cannot be.
    """
    try:
        # `/dev/stdout` and pipes are nothing to be replaced
        with file.open("wb") if _is_device(file) else atomic_file.replacing(file) as opened:
            yield opened
    except OSError as error:
        fail(f"`{file}` cannot be written: {(error.strerror or str(error)).lower()}")


def _is_same(one: Path, other: Path) -> bool:
    with contextlib.suppress(OSError):
        return one.samefile(other)
    return one.resolve() == other.resolve()  # one of them is not there, or not to be seen


def _is_device(file: Path) -> bool:
    return file.exists() and not file.is_file()
