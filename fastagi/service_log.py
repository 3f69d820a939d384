"""The service's own log: what the machinery does, on stderr.

One JSON object a line where a journal or a pipe reads it; plain columns in a terminal. Decisions
about calls have a record of their own (`fastagi.decision_log`).

The journal gets the level of each line as a prefix, so that `journalctl -p warning` works.

Nothing secret gets through, should anybody ever pass it: values whose name says PIN, code, secret
and the like are withheld, and tracebacks never show local variables. What callers choose cannot
forge a line or move a terminal's cursor.

Nobody who logs can fail by it: while nobody reads the stream (the journal is stopped, the far end
of a pipe is gone, the disk is full) lines are lost, and the decision they speak of is not.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TextIO, cast

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from structlog.typing import EventDict, Processor

WITHHELD: Final = "(withheld)"

SECRET_WORDS: Final = frozenset(
    {"pin", "pins", "code", "codes", "secret", "secrets", "token", "tokens", "digits", "password"}
    | {"passphrase", "recovery", "otp", "uri", "key", "keys", "keyed", "sealed"}
)
"""A value is withheld when a word of its name is one of these: `user_pin`, `digits`, `code`."""


JOURNAL: Final = "JOURNAL_STREAM"
"""Names, where systemd started us, device and inode of the journal's stream; systemd.exec(5)."""

PRIORITIES: Final = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}
"""Syslog's numbers for the levels; sd-daemon(3)."""


def configure(
    *,
    stream: TextIO | None = None,
    overhear: Callable[[EventDict], None] = lambda _: None,
    **always: str | int,
) -> None:
    """Send every room's log, and that of the libraries, to one stream.

    Args:
        stream: Where to; stderr if left out.
        overhear: Is given each line's fields, without what is secret; must not raise or wait.
        always: What stands in every line: `worker=2`.
    """
    given = sys.stderr if stream is None else stream
    out = cast("TextIO", _Undaunted(given))  # of a stream, all that is used here
    first: list[Processor] = [
        _with(always),
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        refuse_secrets,
        _overheard_by(overhear),
    ]
    last = _for_terminals() if out.isatty() else _for_machines()
    if is_journal(given, os.environ):
        last = _for_the_journal()
    structlog.configure(
        processors=[*first, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        # In one write with its newline: workers share the stream, and `print` makes two.
        logger_factory=structlog.WriteLoggerFactory(out),
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=first,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def is_journal(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether the journal reads the stream itself, and not a file or pipe it was sent to."""
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environment.get(JOURNAL) == f"{found.st_dev}:{found.st_ino}"


def refuse_secrets(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Withhold every value whose name says that it is secret, at any depth."""
    return {name: _shown(name, value) for name, value in event.items()}


def escape_controls(_logger: object, _method: str, event: EventDict) -> EventDict:
    r"""Show what a terminal would obey (`\x1b`, `\n`) as text; tracebacks keep their lines."""
    return {
        name: _printable(value, besides="\n" if name == "exception" else "")
        if isinstance(value, str)
        else value
        for name, value in event.items()
    }


@dataclass(frozen=True, slots=True, weakref_slot=True)  # structlog's locks hang on streams
class _Undaunted:
    """A stream that loses what it cannot write; `ValueError` is what a closed one raises."""

    stream: TextIO

    def write(self, text: str) -> int:
        """Write what can be written."""
        with contextlib.suppress(OSError, ValueError):
            self.stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Have it arrive, if it can."""
        with contextlib.suppress(OSError, ValueError):
            self.stream.flush()

    def isatty(self) -> bool:
        """Say whether a person reads it."""
        return self.stream.isatty()


def _with(always: Mapping[str, str | int]) -> Processor:
    def add(_logger: object, _method: str, event: EventDict) -> EventDict:
        return {**always, **event}

    return add


def _overheard_by(overhear: Callable[[EventDict], None]) -> Processor:
    def pass_on(_logger: object, _method: str, event: EventDict) -> EventDict:
        overhear(event)
        return event

    return pass_on


def _for_terminals() -> list[Processor]:
    return [
        structlog.processors.format_exc_info,
        escape_controls,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]


def _for_machines() -> list[Processor]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _for_the_journal() -> list[Processor]:
    *first, render = _for_machines()

    def prefixed(logger: object, method: str, event: EventDict) -> str:
        priority = PRIORITIES.get(event["level"], PRIORITIES["info"])
        return f"<{priority}>{render(logger, method, event)!s}"

    return [*first, prefixed]


def _shown(name: str, value: object) -> object:
    if not SECRET_WORDS.isdisjoint(re.findall(r"[a-z]+", name.lower())):
        return WITHHELD
    if isinstance(value, dict):
        return {key: _shown(str(key), each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_shown("", each) for each in value]
    return value


def _printable(text: str, besides: str) -> str:
    return "".join(
        each if each.isprintable() or each in besides else each.encode("unicode_escape").decode()
        for each in text
    )
