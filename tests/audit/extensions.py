"""Which step of a dialplan a channel comes to: patterns, their order, includes (main/pbx.c).

Written from what Asterisk does, and in another way than the audit: a pattern becomes the list of
sets of characters that it stands for, and everything is asked of that list.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cmp_to_key, lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastagi.audit.dialplan import Context, Dialplan, Step

DIGITS: Final = "0123456789"
CLASSES: Final = {"X": DIGITS, "Z": DIGITS[1:], "N": DIGITS[2:]}
MANY: Final = ".!"


@lru_cache(maxsize=4096)
def sets(pattern: str) -> tuple[frozenset[str] | str, ...]:
    """Return the sets a pattern is made of, without its underscore; `.` and `!` stay themselves.

    Dashes are ignored, and so are empty sets (`ext_cmp_pattern_pos`).
    """
    found: list[frozenset[str] | str] = []
    rest = pattern.removeprefix("_")
    while rest:
        char, rest = rest[0], rest[1:]
        if char == "-":
            continue
        if char in MANY:
            return (*found, char)
        if char == "[":
            inside, closed, rest = rest.partition("]")
            if not closed:
                return (*found, frozenset())
            if inside:
                found.append(frozenset(_members(inside)))
            continue
        found.append(frozenset(CLASSES.get(char.upper(), char)))
    return tuple(found)


def _members(inside: str) -> Iterator[str]:
    while inside:
        if len(inside) > 2 and inside[1] == "-":
            yield from map(chr, range(ord(inside[0]), ord(inside[2]) + 1))
            inside = inside[3:]
        else:
            yield inside[0]
            inside = inside[1:]


def fits(extension: str, dialled: str) -> bool:
    """Tell whether an extension, or a pattern, is what was dialled."""
    digits = dialled.replace("-", "")
    if not extension.startswith("_"):
        return extension.replace("-", "") == digits
    wanted = sets(extension)
    for place, each in enumerate(wanted):
        if each == "!":
            return True
        if place == len(digits):
            return False
        if each == ".":
            return True
        if digits[place] not in each:
            return False
    return len(digits) == len(wanted)


def goes_on(extension: str, dialled: str) -> bool | None:
    """Tell whether more digits could fit; None says that no more are waited for at all."""
    digits = dialled.replace("-", "")
    if not extension.startswith("_"):
        whole = extension.replace("-", "")
        return whole != digits and whole.startswith(digits)
    wanted = sets(extension)
    for place, each in enumerate(wanted):
        if each == "!":
            return None
        if place == len(digits) or each == ".":
            return True
        if digits[place] not in each:
            return False
    return False


def _compared(left: str, right: str) -> int:
    """Say which of two comes first, as `ext_cmp` does: names, then the narrower pattern."""
    if not (left.startswith("_") and right.startswith("_")):
        a, b = (
            (each.startswith("_"), "" if each.startswith("_") else each.replace("-", ""))
            for each in (left, right)
        )
        return (a > b) - (a < b)
    keys_left, keys_right = map(_weights, (left, right))
    return (keys_left > keys_right) - (keys_left < keys_right)


def _weights(pattern: str) -> list[tuple[int, int, list[int]]]:
    """Return what patterns are sorted by: how many characters, the first, and then all of them.

    Of two sets alike in size and first character, that with the lower characters is first; the
    end of a pattern comes after everything, `!` included.
    """
    keys: list[tuple[int, int, list[int]]] = []
    for each in sets(pattern):
        if isinstance(each, str):
            keys.append((0x180 if each == "." else 0x280, 0, []))
        else:
            members = sorted(map(ord, each))
            keys.append((len(members), members[0] if members else 0, members))
    return [*keys, (0x300, 0, [])]


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension of a context, with all of its steps."""

    name: str
    caller_id: str
    steps: tuple[Step, ...]

    def at(self, priority: int | str) -> Step | None:
        """Return its step of a priority, or with a label."""
        for step in self.steps:
            if priority in (step.priority, step.label):
                return step
        return None


class Lookup:
    """Finds steps in one dialplan."""

    def __init__(self, plan: Dialplan, hours: frozenset[str] = frozenset()) -> None:
        """Look into a dialplan, at an hour when these hours of includes are true."""
        self._plan = plan
        self._hours = hours
        self._sorted: dict[str, list[Extension]] = {}

    def step(
        self, context: str, dialled: str, priority: int | str, caller: str = ""
    ) -> Step | None:
        """Return the step that a channel comes to, if there is one.

        An extension that fits but has no such priority is passed over, and the next that fits is
        asked: so a wider pattern carries on where a narrower one ends (`pbx_find_extension`).
        """
        for each in self._all(context, []):
            if fits(each.name, dialled) and (not each.caller_id or fits(each.caller_id, caller)):
                step = each.at(priority)
                if step is not None:
                    return step
        return None

    def exists(self, context: str, dialled: str, caller: str = "") -> bool:
        """Tell whether somebody can come in there."""
        return self.step(context, dialled, 1, caller) is not None

    def keyed(self, context: str, keys: str, caller: str = "") -> str:
        """Return as many of some keys as are waited for before it is decided what they mean."""
        for end in range(1, len(keys)):
            if not self._waits(context, keys[:end], caller):
                return keys[:end]
        return keys

    def _waits(self, context: str, keys: str, caller: str) -> bool:
        for each in self._all(context, []):
            more = goes_on(each.name, keys)
            if more is not False and (not each.caller_id or fits(each.caller_id, caller)):
                return more is True
        return False

    def _all(self, name: str, been: list[str]) -> Iterator[Extension]:
        """Go through the extensions of a context and of what it includes, in Asterisk's order."""
        context = self._plan.contexts.get(name)
        if context is None or name in been:
            return
        been.append(name)
        if name not in self._sorted:
            self._sorted[name] = _extensions(context)
        yield from self._sorted[name]
        for include in context.includes:
            if not include.hours or include.hours in self._hours:
                yield from self._all(include.context, been)


def _extensions(context: Context) -> list[Extension]:
    """Put together what is one extension, and in order. Of two steps alike the first is kept."""
    found: list[Extension] = []
    for step in context.steps:
        place = next((n for n, each in enumerate(found) if _same(each, step)), None)
        if place is None:
            found.append(Extension(step.extension, step.caller_id, (step,)))
        elif all(step.priority != each.priority for each in found[place].steps):
            old = found[place]
            found[place] = Extension(old.name, old.caller_id, (*old.steps, step))

    def order(left: Extension, right: Extension) -> int:
        by_name = _compared(left.name, right.name)
        return by_name or (left.caller_id == "") - (right.caller_id == "")

    return sorted(found, key=cmp_to_key(order))


def _same(extension: Extension, step: Step) -> bool:
    return _compared(extension.name, step.extension) == 0 and extension.caller_id == step.caller_id


def split(text: str, at: str = ",") -> Sequence[str]:
    """Split arguments as applications do: not within parentheses, brackets and quotes.

    Source: `__ast_app_separate_args` in main/app.c. Quotes and backslashes are taken away.
    """
    parts, depth, square, quoted = [""], 0, 0, False
    chars = iter(text)
    for char in chars:
        if char == "\\":
            parts[-1] += next(chars, "")
            continue
        if char == '"':
            quoted = not quoted
            continue
        if not quoted:
            depth = max(0, depth + (char == "(") - (char == ")"))
            square = max(0, square + (char == "[") - (char == "]"))
        if char == at and not (depth or square or quoted):
            parts.append("")
        else:
            parts[-1] += char
    return parts
