"""Sections while they are read: templates, `(+)`, `+=` (main/config.c process_text_line())."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from fastagi.audit.conf_lines import BLANKS
from fastagi.audit.conf_words import Section, Setting

if TYPE_CHECKING:
    from fastagi.audit.place import Place

INHERITED_MAX: Final = 2_000_000  # settings in all; nobody has as many, and Asterisk no limit
NAME_MAX: Final = 79  # bytes of a section's name; config.c struct ast_category
PLAIN: Final = re.compile(r"\^?[\w./@: -]*\$?")
"""Conditions that mean in Python what they mean to regcomp(3), and are quick."""


class StumbleError(Exception):
    """Asterisk takes no more of a file than what stands above a line.

    Attributes:
        what: Why, said of the line.
        advice: What to do about it.
    """

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice


@dataclass(slots=True)
class Draft:
    """A section that may still grow."""

    name: str
    place: Place
    is_template: bool = False
    settings: list[Setting] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def take(self, settings: list[Setting]) -> None:
        """Take settings behind its own."""
        self.settings += settings
        self.names.update(each.name for each in settings)


class Drafts:
    """All sections so far.

    Attributes:
        current: The one that was begun or gone on with last: included files go on in it.
        unknown: Where a section was chosen by a condition that is not known here.
    """

    def __init__(self) -> None:
        self.current: Draft | None = None
        self.unknown: list[Place] = []
        self._all: list[Draft] = []
        self._by_name: dict[str, list[Draft]] = {}
        self._inherited = 0

    def sections(self) -> tuple[Section, ...]:
        """Return them as they are."""
        return tuple(
            Section(each.name, tuple(each.settings), each.place, each.is_template)
            for each in self._all
        )

    def begin(self, text: str, place: Place) -> bool:
        """Begin one: `[name]`, `[name](!)`, `[name](+)`, `[name](template,template)`.

        Returns:
            Whether Asterisk leaves out what stands behind the bracket.

        Raises:
            StumbleError: Asterisk reads no further.
        """
        name, closed, rest = text[1:].partition("]")
        if not closed:
            raise StumbleError("has no `]`", "close the bracket")
        fresh = draft = Draft(name.encode()[:NAME_MAX].decode(errors="ignore"), place)
        if rest.startswith("("):
            options, closed, rest = rest[1:].partition(")")
            if not closed:
                raise StumbleError("has no `)`", "close the parenthesis")
            for option in options.split(","):
                if option == "!":
                    draft.is_template = True
                elif option.startswith("+"):
                    old = self._named(name, option[1:], place)
                    if draft is fresh:
                        old.is_template |= fresh.is_template
                        old.take(fresh.settings)
                    draft = old
                else:
                    self._inherit(draft, self._template(option))
        self.current = draft
        if draft is fresh:
            self._all.append(draft)
            self._by_name.setdefault(draft.name.lower(), []).append(draft)
        return bool(rest.strip(BLANKS))

    def _named(self, name: str, condition: str, place: Place) -> Draft:
        """Return the section that `(+condition)` goes on with."""
        for each in self._by_name.get(name.lower(), ()) if name else self._all:
            if self._fits(each, condition, place):
                return each
        raise StumbleError(
            f"goes on with `[{name}]`, which does not stand above it",
            "put it behind that, or take the `(+)` away",
        )

    def _template(self, name: str) -> Draft:
        """Return the section that another takes its settings from."""
        for each in self._by_name.get(name.lower(), ()) if name else self._all:
            return each  # the first of its name; without a name, the first of all
        raise StumbleError(
            f"takes its settings from `[{name}]`, which does not stand above it",
            "put that first, and no blanks between the parentheses",
        )

    def _inherit(self, draft: Draft, template: Draft) -> None:
        """Give a section all settings of another."""
        self._inherited += len(template.settings)
        if template is draft or self._inherited > INHERITED_MAX:
            raise StumbleError(
                "takes more settings from others than can be: Asterisk may never end reading it",
                "take sections apart that take settings from themselves, or from each other",
            )
        draft.take(template.settings)

    def _fits(self, draft: Draft, condition: str, place: Place) -> bool:
        """Whether a section is the one that is meant (config.c does_category_match())."""
        with_templates = False
        for each in condition.split("&") if condition else ():
            name, is_pair, value = (part.strip(BLANKS) for part in each.partition("="))
            if not is_pair:
                return False
            if name == "TEMPLATES":
                with_templates |= draft.is_template
                if value.lower() == "restrict" and not draft.is_template:
                    return False
            elif not (PLAIN.fullmatch(name) and PLAIN.fullmatch(value)):
                self.unknown.append(place)
                return False
            elif not any(
                re.search(name, own.name) and re.search(value, own.value) for own in draft.settings
            ):
                return False
        return with_templates or not draft.is_template


def put(draft: Draft, text: str, place: Place) -> str:
    """Set `name = value` in a section, or add to one of its settings by `name += value`.

    Returns:
        What is wrong with a line that Asterisk leaves out, said of the line; else nothing.

    Raises:
        StumbleError: Asterisk reads no further.
    """
    escaped = text.startswith("\\")
    if escaped and text[1:2] in BLANKS:
        raise StumbleError("escapes nothing", "take the backslash away")
    text = text[escaped:]
    at = text.find("=", escaped)
    if at < 0:
        return "has no `=`"
    adds = at > escaped and text[at - 1] == "+"
    name, value = text[: at - adds].strip(BLANKS), text[at + 1 :]
    if adds and name in draft.names:
        _add(draft.settings, name, value)
        return ""
    if not name:
        return "has no name before its `=`"
    arrow = value.startswith(">") and not adds
    draft.take([Setting(name, value[arrow:].strip(BLANKS), place, arrow)])
    return ""


def _add(settings: list[Setting], name: str, more: str) -> None:
    """Put text behind a setting (config.c ast_variable_update()).

    Asterisk takes the last of its name, and changes the first that is like that one.
    """
    last = next(each for each in reversed(settings) if each.name == name)
    at = next(
        at
        for at, each in enumerate(settings)  # `last` at the latest
        if each.name.lower() == name.lower()
        and (not last.value or each.value.lower() == last.value.lower())
    )
    settings[at] = replace(settings[at], name=name, value=(last.value + more).strip(BLANKS))
