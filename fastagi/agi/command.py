r"""What we may say to Asterisk: one command a line, each knowing how its reply is read.

One quoting rule serves all: every word is put in quotes, `\` and `"` in it are escaped, and a word
with CR, LF or NUL is refused. Asterisk undoes just that (`res_agi.c`, `parse_args`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from fastagi.agi.reply import Reader, read_digits, read_key, read_result
from fastagi.errors import LocalProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping

LINE_MAX: Final = 2000  # bytes with the newline; AGI_BUF_LEN was 2048 until July 2025
WORDS_MAX: Final = 100  # of MAX_ARGS 128, which parse_args does not enforce for quoted words
PAIRS_MAX: Final = 24  # of MSet; pbx_variables.c, pbx_builtin_setvar_multiple
DIGITS_MAX: Final = 64  # of GET DATA; its own buffer has 1024
SECONDS_MAX: Final = 24 * 3600
KEYS: Final = "0123456789*#"  # all that a phone has

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.:+*#@/&-]*")
_SOUND: Final = re.compile(r"[A-Za-z0-9_.:+@/-]+")


@dataclass(frozen=True, slots=True)
class Command:
    """One line to send, newline included, and how to read what comes back."""

    line: bytes
    read: Reader = field(default=read_result, repr=False, compare=False)


def quote(word: str) -> bytes:
    r"""Return one word as Asterisk will read it back: in quotes, `\` and `"` escaped.

    Raises:
        LocalProtocolError: The word holds CR, LF or NUL, for which there is no escape.
    """
    if any(character in word for character in "\r\n\0"):
        raise LocalProtocolError("an AGI word may not hold CR, LF or NUL; leave it out")
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return b'"%b"' % escaped.encode("utf-8", "surrogateescape")


def command(verb: str, *words: str, read: Reader = read_result) -> Command:
    """Build a command: its verb as it is, every further word quoted.

    Raises:
        LocalProtocolError: A word cannot be quoted, or the line is longer than Asterisk reads.
    """
    if len(verb.split()) + len(words) > WORDS_MAX:
        raise LocalProtocolError(f"an AGI command may have {WORDS_MAX} words; send several")
    line = b" ".join([verb.encode("ascii"), *map(quote, words)]) + b"\n"
    if len(line) > LINE_MAX:
        raise LocalProtocolError(f"an AGI command may have {LINE_MAX} bytes; send several")
    return Command(line, read)


def noop() -> Command:
    """Ask for nothing but a reply."""
    return command("NOOP")


def answer() -> Command:
    """Answer the channel; nothing happens where it is answered already."""
    return command("ANSWER")


def stream_file(sound: str) -> Command:
    """Play a sound, which any key interrupts.

    Raises:
        LocalProtocolError: The sound is no file name.
    """
    _check_sound(sound)
    return command("STREAM FILE", sound, KEYS, read=read_key)


def get_data(sound: str, *, wait_s: int, most: int) -> Command:
    """Play one sound, or none, and collect digits.

    Several joined by `&` Asterisk does not play: GET DATA takes one file (res_agi.c,
    handle_getdata).

    Raises:
        LocalProtocolError: The sound is no file name, or a number is out of range.
    """
    if sound:
        _check_sound(sound)
    if not 1 <= most <= DIGITS_MAX:
        raise LocalProtocolError(f"GET DATA takes 1 to {DIGITS_MAX} digits, not {most}")
    _check_seconds(wait_s)
    reader = partial(read_digits, most=most)
    return command("GET DATA", sound, str(wait_s * 1000), str(most), read=reader)


def absolute_timeout(seconds: int) -> Command:
    """Have Asterisk end the channel's stay in the dialplan after so many seconds.

    Raises:
        LocalProtocolError: The number is out of range. 0 would mean for ever.
    """
    _check_seconds(seconds)
    return command("SET VARIABLE", "TIMEOUT(absolute)", str(seconds))


def set_variable(name: str, value: str) -> Command:
    """Set one channel variable. A name that ends in `)` would run a function, so it is refused.

    Raises:
        LocalProtocolError: The name is no variable's, or the value cannot be quoted.
    """
    _check_name(name)
    return command("SET VARIABLE", name, value)


def execute(application: str, *options: str) -> Command:
    """Run a dialplan application; its options are joined by commas on Asterisk's side.

    Raises:
        LocalProtocolError: The application is no name, or an option cannot be quoted.
    """
    _check_name(application)
    return command(f"EXEC {application}", *options)


def mset(variables: Mapping[str, str]) -> Command:
    """Set several channel variables in one step, in order.

    MSet has an escaping of its own below AGI's. It never arises: values are of letters, digits
    and `_.:+*#@/&-` only, or empty.

    Raises:
        LocalProtocolError: A name or a value is of anything else, or there are too many.
    """
    if not 1 <= len(variables) <= PAIRS_MAX:
        raise LocalProtocolError(f"MSet takes 1 to {PAIRS_MAX} variables; send several")
    for name, value in variables.items():
        _check_name(name)
        if not _PLAIN.fullmatch(value):
            raise LocalProtocolError(f"the value of {name} may hold only A-Z a-z 0-9 _.:+*#@/&-")
    return execute("MSet", ",".join(f"{name}={value}" for name, value in variables.items()))


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise LocalProtocolError("a name is of letters, digits and `_`, and begins with no digit")


def _check_sound(sound: str) -> None:
    if not _SOUND.fullmatch(sound):
        raise LocalProtocolError("a sound is a file name of A-Z a-z 0-9 _ . : + @ / -")


def _check_seconds(seconds: int) -> None:
    if not 1 <= seconds <= SECONDS_MAX:
        raise LocalProtocolError(f"a time is of 1 to {SECONDS_MAX} seconds, not {seconds}")
