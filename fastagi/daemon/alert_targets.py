"""Who is woken, as the settings have it: URLs in files of their own, which are secrets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fastagi.alerts.kind import Kind
from fastagi.alerts.target import Target
from fastagi.daemon.keys import EVERYBODY
from fastagi.errors import Problem, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastagi.settings import Settings
    from fastagi.settings.model import AlertSettings

URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,39})://[!-~]{1,2000}")
"""What a line looks like; which of them are services is apprise's to know."""

MOST: Final = 20
"""URLs of one file: each is a target of its own."""


def targets_of(settings: Settings) -> list[Target]:
    """Return who is told.

    Raises:
        SettingsError: A file cannot be read, everybody can read it, or a line is no URL. It says
            the line, and not what stands there.
    """
    problems: list[Problem] = []
    targets: dict[str, Target] = {}
    for alert in settings.alert:
        try:
            for number, target in _of(alert, alert.urls_file):
                if target.name in targets:
                    what = f"this is the URL of {targets[target.name].label}, too; once is enough"
                    raise SettingsError([Problem(alert.urls_file, number, what)])
                targets[target.name] = target
        except SettingsError as error:
            problems += error.problems
    if problems:
        raise SettingsError(problems)
    return list(targets.values())


def _of(alert: AlertSettings, file: Path) -> Iterator[tuple[int, Target]]:
    lines = _lines(file)
    found = 0
    for number, line in enumerate(lines, 1):
        url = line.strip()
        if not url or url.startswith("#"):
            continue
        shape = URL.fullmatch(url)
        if shape is None:
            what = "this is no URL; one stands on a line by itself: `mailtos://…`, `tgram://…`"
            raise SettingsError([Problem(file, number, what)])
        found += 1
        yield (
            number,
            Target(
                url=url,
                label=f"{alert.name}/{found} {shape[1].lower()}",
                alert=alert.name,
                kinds=frozenset(map(Kind, alert.kinds)),
                again_s=float(alert.again_s),
                per_hour=float(alert.per_hour),
                sites=frozenset(alert.sites),
            ),
        )
    if not 0 < found <= MOST:
        what = f"a file of URLs has one or more of them, one a line, and {MOST} at most"
        raise SettingsError([Problem(file, 0, what)])


def _lines(file: Path) -> list[str]:
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        what = f"the URLs of an alert cannot be read: {why}"
        raise SettingsError([Problem(file, 0, what)]) from error
    if mode & EVERYBODY:
        what = f"everybody can read the URLs, which are secrets; run `chmod o= {file}`"
        raise SettingsError([Problem(file, 0, what)])
    return text.splitlines()
