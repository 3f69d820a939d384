"""Which files an `#include` names: main/config.c config_text_file_load(), which asks glob(3)."""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path
from typing import Final

ETC: Final = "/etc/asterisk"
"""The folder of the configuration, where `asterisk.conf` names no other."""

ETC_NAMED: Final = re.compile(r"^\s*astetcdir\s*=>?\s*(?P<folder>[^;\s]+)", re.MULTILINE)
BRACES: Final = re.compile(r"\{(?P<choices>[^{}]*,[^{}]*)\}")
BRACES_MAX: Final = 6  # pairs in one name; each can double what is looked for
MAGIC: Final = re.compile(r"[*?\[]")


def etc_of(folder: Path) -> str:
    """Return what Asterisk knows a folder of configuration as, which may be a copy of it.

    Whatever is included by its absolute name from there is looked for in the folder.
    """
    try:
        text = (folder / "asterisk.conf").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ETC
    found = ETC_NAMED.search(text)
    return found["folder"].rstrip("/") if found else ETC


def named(folder: Path, etc: str, name: str) -> list[Path]:
    """Return the files that a name stands for, in Asterisk's order; a plain name is its file.

    Args:
        folder: What is read.
        etc: What Asterisk knows it as.
        name: As it is included: relative to the folder or absolute, a pattern or not.

    Raises:
        PermissionError: A folder that the pattern leads through is hidden from this user.
    """
    if name == etc or name.startswith(f"{etc}/"):
        name = name[len(etc) :].lstrip("/")
    files = []
    for each in _choices(name):
        if MAGIC.search(each):
            _look_into(folder, each)
            # Path.glob() takes hidden files with the rest, which glob(3) does not.
            found = glob.glob(each.replace("[^", "[!"), root_dir=folder)  # noqa: PTH207 - so
            files += sorted(found)
        else:
            files.append(each)
    return [folder / each for each in files]


def told(folder: Path, file: Path) -> str:
    """Return a file as it is told to people: relative to the folder where it lies beneath it."""
    shown = file.relative_to(folder) if file.is_relative_to(folder) else file
    return os.fsencode(shown).decode("utf-8", "backslashreplace")


def _choices(pattern: str) -> list[str]:
    """Return what `a.{b,c}` stands for: `a.b` and `a.c`."""
    found = BRACES.search(pattern)
    if found is None or pattern.count("{") > BRACES_MAX:
        return [pattern]
    before, behind = pattern[: found.start()], pattern[found.end() :]
    return [
        each
        for choice in found["choices"].split(",")
        for each in _choices(before + choice + behind)
    ]


def _look_into(folder: Path, pattern: str) -> None:
    """Raise where the last folder that a pattern names outright cannot be looked into."""
    plain = (folder / (MAGIC.split(pattern, maxsplit=1)[0] + "x")).parent
    if plain.is_dir() and not os.access(plain, os.R_OK | os.X_OK):
        raise PermissionError(f"`{plain}` is hidden from this user")
