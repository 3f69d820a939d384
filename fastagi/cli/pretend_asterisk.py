"""Asterisk's side of a FastAGI conversation, without Asterisk: what `dialguard call` is made of.

Pure: lines in, lines out. The environment is what Asterisk 22 sends, the quoting that of
`parse_args()` in res/res_agi.c; commands that only move audio answer as if it had been heard.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

UNKNOWN: Final = "510 Invalid or unknown command"
ASSIGNMENT: Final = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_()]*)=(?P<value>(?:\\.|[^,\\])*)")
"""One assignment of `MSet`'s list: a backslash takes the next character literally."""

KEYING_S: Final = 6.0
"""Where a command names no time, Asterisk waits so long (main/app.c, ast_app_getdata())."""

END_OF_KEYS: Final = "#"


@dataclass(frozen=True, slots=True)
class Leg:
    """The channel of the pretended call.

    Attributes:
        host: Host and port of the service, as in the AGI URL.
    """

    endpoint: str
    dialled: str
    uniqueid: str
    host: str
    language: str = "en"

    @property
    def channel(self) -> str:
        """Name the channel as PJSIP does."""
        return f"PJSIP/{self.endpoint}-00000001"


def environment(leg: Leg, script: str, arguments: Mapping[str, str]) -> bytes:
    """Return what Asterisk says before the first command: run_agi() and setup_env()."""
    values = {
        "network": "yes",
        "network_script": script,
        "request": f"agi://{leg.host}/{script}",
        "channel": leg.channel,
        "language": leg.language,
        "type": "PJSIP",
        "uniqueid": leg.uniqueid,
        "version": "22.10.1",
        "callerid": leg.endpoint,
        "calleridname": "unknown",
        "callingpres": "0",
        "callingani2": "0",
        "callington": "0",
        "callingtns": "0",
        "dnid": leg.dialled,
        "rdnis": "unknown",
        "context": "from-inside",
        "extension": leg.dialled,
        "priority": "1",
        "enhanced": "0.0",
        "accountcode": "",
        "threadid": "139872361027328",
    }
    lines = [f"agi_{name}: {value}" for name, value in values.items()]
    lines += [
        f"agi_arg_{place}: {name}={value}"
        for place, (name, value) in enumerate(arguments.items(), 1)
    ]
    return "".join(f"{line}\n" for line in [*lines, ""]).encode()


def words_of(line: str) -> list[str]:
    r"""Split a command line as `parse_args()` does: `"` groups, `\` takes the next literally."""
    words: list[str] = []
    word: str | None = None
    quoted = escaped = False
    for character in line:
        if escaped:
            word, escaped = (word or "") + character, False
        elif character == "\\":
            escaped = True
        elif character == '"':
            quoted, word = not quoted, word or ""
        elif character in " \t" and not quoted:
            if word is not None:
                words.append(word)
            word = None
        else:
            word = (word or "") + character
    return words if word is None else [*words, word]


def _seconds(words: Sequence[str]) -> float:
    """Return how long a command waits for a key, told in milliseconds."""
    wait_ms = int(words[0]) if words else 0
    return wait_ms / 1000 if wait_ms > 0 else KEYING_S


@dataclass(slots=True)
class Call:
    """A pretended call: its variables, and the caller who hears prompts and keys digits.

    Attributes:
        hear: Called with every sound file that is played.
        key: Called when digits are wanted, with the seconds that Asterisk would wait for each:
            all that the caller keys in one go, `#` included, or nothing for silence.
    """

    hear: Callable[[str], None]
    key: Callable[[float], str]
    variables: dict[str, str] = field(default_factory=dict)
    answered: bool = False
    _keys: str = field(default="", repr=False)  # digits are secrets

    def obey(self, line: str) -> str:
        """Carry out one command and return Asterisk's reply."""
        words = words_of(line)
        match [word.upper() for word in words[:3]]:
            case ["ANSWER"]:
                self.answered = True
                return "200 result=0"
            case ["GET", "DATA", _]:
                return self._get_data(words[2:])
            case ["STREAM", "FILE", _]:
                self._play(words[2])
                return "200 result=0 endpos=8000"
            case ["WAIT", "FOR", "DIGIT"]:
                digits, _ = self._take(1, _seconds(words[3:]))
                return f"200 result={ord(digits) if digits else 0}"
            case ["SET", "VARIABLE", _]:
                self.variables[words[2]] = "".join(words[3:4])
                return "200 result=1"
            case ["GET", "VARIABLE", _]:
                value = self.variables.get(words[2], "")
                return f"200 result=1 ({value})" if value else "200 result=0"
            case ["EXEC", *_] if len(words) > 1:
                return self._execute(words[1:])
            case ["SET", *_] | ["NOOP", *_] | ["VERBOSE", *_]:
                return "200 result=0"
            case _:
                return UNKNOWN

    def _get_data(self, words: Sequence[str]) -> str:
        sound, most = words[0], int(words[2]) if len(words) > 2 else 1024
        self._play(sound)
        digits, ended = self._take(most, _seconds(words[1:]))
        return f"200 result={digits}" + ("" if ended else " (timeout)")

    def _take(self, most: int, wait_s: float) -> tuple[str, bool]:
        """Return up to `most` keyed digits, and whether `#` or the last digit ended them."""
        if not self._keys:
            self._keys = self.key(wait_s)
        digits, hash_key, rest = self._keys.partition(END_OF_KEYS)
        if len(digits) >= most:
            self._keys = digits[most:] + hash_key + rest
            return digits[:most], True
        self._keys = rest
        return digits, bool(hash_key)

    def _play(self, sounds: str) -> None:
        for sound in filter(None, sounds.split("&")):
            self.hear(sound)

    def _execute(self, words: Sequence[str]) -> str:
        application, arguments = words[0].lower(), ",".join(words[1:])
        if application in {"mset", "set"}:
            for each in ASSIGNMENT.finditer(arguments):
                self.variables[each["name"]] = re.sub(r"\\(.)", r"\1", each["value"])
        elif application in {"playback", "background"}:
            self._play(arguments.partition(",")[0])
        return "200 result=0"
