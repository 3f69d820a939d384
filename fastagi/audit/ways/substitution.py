"""What `${…}` and `$[…]` come to (main/pbx_variables.c), as far as it can be known.

A few lines longer than others: one function for each of Asterisk's that dialplans live by.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

from fastagi.audit.ways import expression
from fastagi.audit.ways.language import (
    DIGITS,
    Language,
    characters,
    of_any,
)
from fastagi.audit.ways.source import branches, end_of, parts, pieces
from fastagi.audit.ways.state import LOCAL, language_of_dialled
from fastagi.audit.ways.values import (
    Hole,
    Origin,
    Part,
    Value,
    as_hole,
    constant,
    either,
    holes,
    joined,
    language_of,
    made,
    origin_of,
    stripped,
    text_of,
    unknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastagi.audit.ways.fixed import Names
    from fastagi.audit.ways.lookup import Dialled, Lookup

NUMBER: Final = "GUARD_NUMBER"
BINDING: Final = "GUARD_DIAL"
JUDGED: Final = of_any(DIGITS | characters("+*#"))

NAME: Final = re.compile(r"\w+")
COUNTED: Final = frozenset({"LEN", "EPOCH", "PRIORITY", "ARGC", "FIELDQTY", "GROUP_COUNT", "RAND"})
SAME: Final = frozenset({"TOUPPER", "TOLOWER", "QUOTE", "URIDECODE", "EVAL", "CSV_QUOTE"})
"""Functions whose result may be anything that their argument is, or longer."""


class Scope:
    """What is known where a line is run.

    Args:
        variables: Those of the channel.
        fixed: The global variables that nobody sets.
        read: Which variables are read anywhere.
    """

    def __init__(
        self,
        context: str,
        dialled: Dialled,
        variables: Mapping[str, Value],
        fixed: Mapping[str, str],
        lookup: Lookup,
        read: Names,
    ) -> None:
        self.context, self.dialled, self.read = context, dialled, read
        self.variables, self._fixed, self._lookup = variables, fixed, lookup

    def value(self, text: str) -> Value:
        """Substitute all of a text."""
        if "$" not in text:
            return constant(text)
        found: list[Part] = []
        for bracket, inside in parts(text):
            match bracket:
                case "{":
                    found += self._variable(inside)
                case "[":
                    found += expression.evaluate(self.value(inside))
                case _:
                    found.append(inside)
        return joined(found)

    def text(self, text: str) -> str | None:
        """Substitute all of a text, and return it if all of it is known."""
        return text_of(self.value(text))

    def holds(self, condition: str) -> bool | None:
        """Whether a condition holds; None where it may or may not."""
        return expression.truth(stripped(self.value(condition)))

    def named(self, name: str) -> Value:
        """Return the value of a variable."""
        if (local := self.variables.get(LOCAL + name)) is not None:
            return local
        if (own := self.variables.get(name)) is not None:
            return own
        if name == "EXTEN":
            if isinstance(self.dialled, str):
                return constant(self.dialled)
            return (Hole(language_of_dialled(self.dialled), Origin.DIALLED, name),)
        if name == "CONTEXT":
            return constant(self.context)
        if name == NUMBER:
            return (Hole(JUDGED, Origin.NUMBER, name),)
        if name == BINDING:
            return (Hole(of_any((1 << 256) - 1), Origin.BINDING, name),)
        if name in self._fixed:
            return constant(self._fixed[name])
        if name in COUNTED:
            return made(DIGITS)
        return unknown(name)

    def is_unknown_unset(self, name: str) -> bool:
        """Whether nothing is known of a variable that nobody set; the gate's own always count."""
        is_ours = name.startswith("GUARD_") or name in self._fixed or name in COUNTED
        return not is_ours and name not in {"EXTEN", "CONTEXT"}

    def _variable(self, inside: str) -> Value:
        """Substitute what stands between `${` and `}`."""
        name, offset, length = _sliced(inside)
        opened = name.find("(")
        if opened > 0:
            value = self._function(name[:opened].strip(), name[opened + 1 : end_of(name, opened)])
        else:
            known = self.text(name)
            value = self.named(known.strip()) if known is not None else self._computed(name)
        return value if offset is None else self._slice(value, offset, length)

    def _computed(self, name: str) -> Value:
        """Return the value of a variable whose name is computed: of a global one, if any fits."""
        named = self.value(name)
        if not any(isinstance(part, str) for part in named):
            return unknown()
        may_be = language_of(named)
        values = [
            constant(value) for each, value in sorted(self._fixed.items()) if may_be.has(each)
        ]
        return functools.reduce(either, values) if values else unknown()

    def _slice(self, value: Value, offset: str, length: str | None) -> Value:
        skip, take = self.text(offset), self.text(length) if length is not None else ""
        if skip is None or take is None or not _is_whole(skip) or not _is_whole(take or "0"):
            return as_hole(value, of_any(language_of(value).alphabet()))
        begin, count = int(skip), int(take) if take else None
        if (text := text_of(value)) is not None:
            rest = text[begin:] if abs(begin) <= len(text) or begin > 0 else text
            return constant(rest if count is None else rest[:count])
        language = language_of(value)
        language = language.cut(begin) if begin >= 0 else language.last(-begin)
        if count is not None:
            language = language.first(count) if count >= 0 else of_any(language.alphabet())
        origin = origin_of(value)
        # A part of what was judged was not judged.
        return as_hole(value, language, Origin.DIALLED if origin is Origin.NUMBER else origin)

    def _function(self, name: str, inside: str) -> Value:
        function = FUNCTIONS.get(name.upper())
        if function is not None:
            return function(self, inside)
        upper = name.upper()
        if upper in COUNTED:
            return made(DIGITS)
        if upper in SAME:
            value = self.value(inside)
            return value if upper == "EVAL" else as_hole(value, of_any((1 << 256) - 1))
        return unknown()

    def _filter(self, inside: str) -> Value:
        allowed, *rest = pieces(inside, ",", 1)
        alphabet = _allowed(self.text(allowed) or "")
        value = self.value(rest[0] if rest else "")
        if (text := text_of(value)) is not None:
            return constant("".join(x for x in text if alphabet >> (ord(x) & 0xFF) & 1))
        language = language_of(value)
        if not language.alphabet() & ~alphabet:
            return value
        kept = DIGITS & ~alphabet
        origin = origin_of(value)
        if origin is Origin.NUMBER and kept:
            origin = Origin.DIALLED
        begin = [each for each in language.begin if each & alphabet]
        sure = all(not each & ~alphabet for each in begin)
        left = (
            Language(tuple(begin), language.tail & alphabet)
            if sure
            else of_any(language.alphabet() & alphabet)
        )
        return as_hole(value, left, origin)

    def _if(self, inside: str) -> Value:
        condition, one, other = branches(inside)
        holds = self.holds(condition)
        if holds is None:
            return either(self.value(one), self.value(other))
        return self.value(one if holds else other)

    def _cut(self, inside: str) -> Value:
        name, *rest = pieces(inside, ",")
        known = self.text(name)
        value = self.named(known.strip()) if known else unknown()
        text, delimiter = text_of(value), self.text(rest[0]) if rest else "-"
        field = self.text(rest[1]) if len(rest) > 1 else "1"
        if text is not None and delimiter and field and field.isdigit():
            parts = text.split(delimiter.replace("\\", "")[:1] or "-")
            return constant(parts[int(field) - 1] if 0 < int(field) <= len(parts) else "")
        origin = origin_of(value)
        return as_hole(
            value,
            of_any(language_of(value).alphabet()),
            Origin.DIALLED if origin is Origin.NUMBER else origin,
        )

    def _exists(self, inside: str) -> Value:
        context, *rest = (self.value(each) for each in pieces(inside, ","))
        where = text_of(context)
        if where is None:
            return expression.BOOLEAN
        if not rest:
            return expression.TRUE if where in self._lookup else expression.FALSE
        dialled = text_of(rest[0])
        priority = text_of(rest[1]) if len(rest) > 1 else "1"
        if priority is None:
            return expression.BOOLEAN
        wanted = int(priority) if priority.isdigit() else priority
        asked = dialled if dialled is not None else language_of(rest[0])
        if not self._lookup.find(where, asked, wanted):
            return expression.FALSE
        missed = self._lookup.may_miss(where, asked, wanted)
        return expression.BOOLEAN if missed else expression.TRUE

    def _length(self, inside: str) -> Value:
        value = self.value(inside)
        if (text := text_of(value)) is not None:
            return constant(str(len(text)))
        language = language_of(value)
        if not language.tail and all(not hole.language.tail for hole in holes(value)):
            return constant(str(len(language.begin)))
        return made(DIGITS)

    def _global(self, inside: str) -> Value:
        name = self.text(inside)
        value = self._fixed.get(name or "")
        return unknown(name or "") if value is None else constant(value)

    def _is_null(self, inside: str) -> Value:
        value = self.value(inside)
        if (text := text_of(value)) is not None:
            return expression.FALSE if text else expression.TRUE
        return expression.FALSE if language_of(value).shortest else expression.BOOLEAN

    def _exists_text(self, inside: str) -> Value:
        value = self.value(inside)
        if (text := text_of(value)) is not None:
            return expression.TRUE if text else expression.FALSE
        return expression.TRUE if language_of(value).shortest else expression.BOOLEAN

    def _contacts(self, inside: str) -> Value:
        """Return one contact, for all: they are of one endpoint."""
        return joined(["PJSIP/", *self.value(pieces(inside, ",")[0])])


FUNCTIONS: Final[Mapping[str, Callable[[Scope, str], Value]]] = {
    "FILTER": Scope._filter,
    "IF": Scope._if,
    "CUT": Scope._cut,
    "DIALPLAN_EXISTS": Scope._exists,
    "VALID_EXTEN": Scope._exists,
    "LEN": Scope._length,
    "GLOBAL": Scope._global,
    "ISNULL": Scope._is_null,
    "EXISTS": Scope._exists_text,
    "PJSIP_DIAL_CONTACTS": Scope._contacts,
    "RAND": lambda _scope, _inside: made(DIGITS),
    "MATH": lambda _scope, _inside: expression.COUNT,
    "REGEX": lambda _scope, _inside: expression.BOOLEAN,
    "MD5": lambda _scope, _inside: made(characters("0123456789abcdef")),
    "SHA1": lambda _scope, _inside: made(characters("0123456789abcdef")),
    "IFTIME": lambda scope, inside: either(
        scope.value(branches(inside)[1]), scope.value(branches(inside)[2])
    ),
}


def _is_whole(text: str) -> bool:
    return bool(re.fullmatch(r"\s*-?\d+\s*", text))


def _sliced(inside: str) -> tuple[str, str | None, str | None]:
    """Split `name:offset:length`."""
    name, *rest = pieces(inside, ":", 2)
    return name, rest[0] if rest else None, rest[1] if len(rest) > 1 else None


def _allowed(text: str) -> int:
    r"""Return the set that FILTER lets through: letters, ranges, `\xNN` (funcs/func_strings.c)."""
    text = re.sub(r"\\x([0-9A-Fa-f]{2})", lambda found: chr(int(found[1], 16)), text)
    text = text.replace("\\", "")
    alphabet, place = 0, 0
    while place < len(text):
        if text[place + 1 : place + 2] == "-" and place + 2 < len(text):
            low, high = ord(text[place]) & 0xFF, ord(text[place + 2]) & 0xFF
            alphabet |= sum(1 << code for code in range(low, high + 1))
            place += 3
        else:
            alphabet |= 1 << (ord(text[place]) & 0xFF)
            place += 1
    return alphabet
