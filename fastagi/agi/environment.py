"""What Asterisk says first: one `key: value` a line, up to a blank line.

Values are not escaped, and some are the caller's own text: a newline in a caller's name begins a
line of its own. So nothing is taken that Asterisk would not have sent in just this place. Lines
are taken one at a time and the first oddity is the last. Source: `res_agi.c`, `launch_netscript`
and `setup_env`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastagi.agi.excerpt import excerpt
from fastagi.errors import RemoteProtocolError

if TYPE_CHECKING:
    from fastagi.agi.limits import Limits

_TEXT: Final = re.compile(rb"[^\x00-\x1f\x7f]*")
_INTEGER: Final = re.compile(rb"-?[0-9]{1,20}")

FIELDS: Final[tuple[tuple[bytes, re.Pattern[bytes]], ...]] = (
    (b"agi_network", re.compile(rb"yes")),
    (b"agi_network_script", _TEXT),
    (b"agi_request", _TEXT),
    (b"agi_channel", _TEXT),
    (b"agi_language", _TEXT),
    (b"agi_type", _TEXT),
    (b"agi_uniqueid", _TEXT),
    (b"agi_version", _TEXT),
    (b"agi_callerid", _TEXT),
    (b"agi_calleridname", _TEXT),
    (b"agi_callingpres", _INTEGER),
    (b"agi_callingani2", _INTEGER),
    (b"agi_callington", _INTEGER),
    (b"agi_callingtns", _INTEGER),
    (b"agi_dnid", _TEXT),
    (b"agi_rdnis", _TEXT),
    (b"agi_context", _TEXT),
    (b"agi_extension", _TEXT),
    (b"agi_priority", _INTEGER),
    (b"agi_enhanced", re.compile(rb"[01]\.0")),
    (b"agi_accountcode", _TEXT),
    (b"agi_threadid", _INTEGER),
)
"""Every field in the order of Asterisk 16 to 22, and what its value may be."""

_FIRST_OF_OTHERS: Final = [name for name, _ in FIELDS].index(b"agi_channel")
"""The field before which all is Asterisk's and the dialplan's own: a channel may be named after
what was dialled, and further down stands what callers say of themselves."""

_OPTIONAL: Final = b"agi_network_script"  # not sent where the URL has no path


@dataclass(frozen=True, slots=True)
class Environment:
    """What Asterisk said about the call.

    Text is UTF-8; bytes that are not are kept as lone surrogates (PEP 383), so a value that is to
    be believed has to be looked at first.

    Attributes:
        script: The path of the AGI URL without its slash; empty where it has none.
        query: What follows the path's `?`; empty where there is none.
        uniqueid: Names the channel; Asterisk's own word, as are the fields before it.
        caller_number: What the caller claims; never an identity. So is `caller_name`.
        arguments: `agi_arg_1` and on.
    """

    script: str
    query: str
    request: str
    channel: str
    language: str
    technology: str
    uniqueid: str
    version: str
    caller_number: str
    caller_name: str
    dnid: str
    context: str
    extension: str
    priority: int
    account_code: str
    arguments: tuple[str, ...] = field(repr=False)


class EnvironmentReader:
    """Takes an environment a line at a time."""

    __slots__ = ("_arguments", "_at", "_limits", "_lines", "_size", "_values")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._values: dict[bytes, str] = {}
        self._arguments: list[str] = []
        self._at = 0
        self._lines = 0
        self._size = 0

    @property
    def is_all_their_own(self) -> bool:
        """Whether nothing has come yet that could be anybody's text but the peer's own."""
        return self._at < _FIRST_OF_OTHERS

    def take(self, line: bytes) -> None:
        """Take the next line, without its newline.

        Raises:
            RemoteProtocolError: The line is not what Asterisk sends in this place.
        """
        self._lines += 1
        self._size += len(line) + 1
        if self._size > self._limits.environment:
            raise self._odd(f"is over {self._limits.environment} bytes")
        name, separator, value = line.partition(b": ")
        if not separator:
            raise self._odd(f"is no `key: value` but {excerpt(line)}")
        if self._at == len(FIELDS):
            self._take_argument(name, value)
            return
        expected, shape = FIELDS[self._at]
        if expected == _OPTIONAL != name:
            self._at += 1
            expected, shape = FIELDS[self._at]
        if name != expected:
            raise self._odd(f"is {excerpt(name)} where {expected.decode()} belongs")
        if not shape.fullmatch(value):
            raise self._odd(f"says {expected.decode()} is {excerpt(value)}")
        self._values[name] = value.decode("utf-8", "surrogateescape")
        self._at += 1

    def _take_argument(self, name: bytes, value: bytes) -> None:
        number = len(self._arguments) + 1
        if name != b"agi_arg_%d" % number:
            raise self._odd(f"is {excerpt(name)} where agi_arg_{number} belongs")
        if number > self._limits.arguments:
            raise self._odd(
                f"is argument {number}, over the {self._limits.arguments} there may be"
            )
        if not _TEXT.fullmatch(value):
            raise self._odd(f"has a control character in agi_arg_{number}")
        self._arguments.append(value.decode("utf-8", "surrogateescape"))

    def finish(self) -> Environment:
        """Return the environment that the blank line ends.

        Raises:
            RemoteProtocolError: The blank line came too early.
        """
        self._lines += 1
        if self._at < len(FIELDS):
            raise self._odd(f"is blank where {FIELDS[self._at][0].decode()} belongs")
        values = self._values
        script, _, query = values.get(_OPTIONAL, "").partition("?")
        return Environment(
            script=script,
            query=query,
            request=values[b"agi_request"],
            channel=values[b"agi_channel"],
            language=values[b"agi_language"],
            technology=values[b"agi_type"],
            uniqueid=values[b"agi_uniqueid"],
            version=values[b"agi_version"],
            caller_number=values[b"agi_callerid"],
            caller_name=values[b"agi_calleridname"],
            dnid=values[b"agi_dnid"],
            context=values[b"agi_context"],
            extension=values[b"agi_extension"],
            priority=int(values[b"agi_priority"]),
            account_code=values[b"agi_accountcode"],
            arguments=tuple(self._arguments),
        )

    def _odd(self, what: str) -> RemoteProtocolError:
        return RemoteProtocolError(f"line {self._lines} of the environment {what}")
