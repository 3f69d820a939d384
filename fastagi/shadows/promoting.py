"""Out of the shadow, and into it: the policy's text is edited, tried, and only then written.

Nothing but `shadow` of the entries that are meant changes; that is read back and compared before
anything is written. The file is replaced in one step: whoever reads it, reads the old one or the
new one, whole.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError

from fastagi.errors import PolicyError, Problem
from fastagi.policy import cases
from fastagi.policy.files import cases_path
from fastagi.policy.loading import load_text
from fastagi.shadows.replacing import replace_text, text_of, wrong
from fastagi.toml_lines import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from fastagi.policy.model import Limit, Policy, Rule, Watch

NAME: Final = re.compile(r"""([ \t]*)(name[ \t]*)=[^\r\n]*?(\r?\n)""")
"""The line of an entry's name."""


class Part(StrEnum):
    """What of a policy may be in shadow, as its table is called."""

    RULE = "rule"
    LIMIT = "limit"
    WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Named:
    """One rule, limit or watch."""

    part: Part
    name: str

    def __str__(self) -> str:
        """Show it as messages do."""
        return f"{self.part} `{self.name}`"


@dataclass(frozen=True, slots=True)
class Edited:
    """A policy whose text is changed, tried, and not written yet.

    Attributes:
        file: The policy.
        before: Its text.
        text: What it is to be.
        policy: What that says.
        changed: What comes out of the shadow, or into it.
    """

    file: Path
    before: str
    text: str
    policy: Policy
    changed: tuple[Named, ...]


def in_shadow(policy: Policy) -> tuple[Named, ...]:
    """Return every rule, limit and watch of a policy that is under `shadow`."""
    return tuple(
        Named(part, each.name)
        for part, entries in _parts(policy)
        for each in entries
        if each.shadow
    )


def edit(file: Path, wanted: Sequence[Named] | None, *, shadow: bool) -> Edited:
    """Take entries out of the shadow, or put them into it, and try what comes of it.

    Args:
        file: The policy.
        wanted: Which; None for all that are in shadow.
        shadow: Whether they are to be in shadow.

    Raises:
        PolicyError: An entry is not there, or as it is wanted already; what comes of it is no
            valid policy, or a case beside it fails. Nothing is written.
    """
    before = text_of(file)
    policy = load_text(before, file)
    chosen = in_shadow(policy) if wanted is None else tuple(dict.fromkeys(wanted))
    if not chosen:
        raise wrong(file, "nothing in it is under `shadow`")
    for each in chosen:
        _see_that_it_changes(policy, each, shadow=shadow)
    text = _edited(file, before, chosen, shadow=shadow)
    return Edited(file, before, text, tried(file, text), chosen)


def tried(file: Path, text: str, beside: Path | None = None) -> Policy:
    """Load what is to be a policy, and try the cases beside it.

    Args:
        file: The policy's file.
        text: What it is to say.
        beside: The cases; those beside the file, where none are named.

    Raises:
        PolicyError: The service would refuse it.
    """
    policy = load_text(text, file)
    place = beside or cases_path(file)
    if place.exists():
        failed = cases.run(policy, cases.load_cases(place)).failed
        if failed:
            raise PolicyError(
                Problem(place, each.case.line, f"case `{each.case.name}` fails then: {each.why}")
                for each in failed
            )
    return policy


def write(edited: Edited) -> None:
    """Put the edited text in the place of the policy, in one step.

    Raises:
        PolicyError: Somebody else changed the file meanwhile, or it cannot be written; it is as it
            was then.
    """
    replace_text(edited.file, edited.before, edited.text)


# ----------------------------------------------------------------------------- the text


def _edited(file: Path, text: str, chosen: Sequence[Named], *, shadow: bool) -> str:
    expected = _expected(text, chosen, shadow=shadow)
    if shadow and tomllib.loads(lined := _with_lines(text, chosen)) == expected:
        return lined
    # Line ends stay as they are; tomlkit would write its own into what it adds.
    ending = "\r\n" if "\r\n" in text else "\n"
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:  # tomllib has read it: this one reads less
        raise wrong(file, f"this cannot be edited: {error}; change `shadow` by hand") from None
    for each in chosen:
        entry = _entry(document, each)
        if shadow:
            entry["shadow"] = True
        else:
            del entry["shadow"]
    edited = tomlkit.dumps(document)
    if ending == "\r\n":
        edited = edited.replace("\r\n", "\n").replace("\n", "\r\n")
    if tomllib.loads(edited) != expected:
        raise wrong(file, "this cannot be edited without changing more; change `shadow` by hand")
    return edited


def _with_lines(text: str, chosen: Sequence[Named]) -> str:
    """Write `shadow` below the names, where they have a line each; else it may be no TOML.

    tomlkit would put it at the end of the entry, below what is said of the next one.
    """
    read = parse(text)
    lines = text.splitlines(keepends=True)
    at = {each: read.line(_path(read.data, each)) for each in chosen}
    for each in sorted(chosen, key=lambda one: -at[one]):
        name = NAME.match(lines[at[each] - 1])
        if name is not None:
            indent, key, rest = name.groups()
            lines.insert(at[each], f"{indent}{'shadow':<{len(key) - 1}} = true{rest}")
    try:
        tomllib.loads(written := "".join(lines))
    except tomllib.TOMLDecodeError:
        return text
    return written


def _path(read: Any, named: Named) -> tuple[str | int, ...]:  # Any: TOML
    entries = enumerate(read[named.part])
    return next((named.part, at, "name") for at, each in entries if each["name"] == named.name)


def _expected(text: str, chosen: Sequence[Named], *, shadow: bool) -> dict[str, Any]:
    """Return what the text is to say: the same, but for `shadow` of what is chosen."""
    read = tomllib.loads(text)
    for each in chosen:
        entry = _entry(read, each)
        entry.pop("shadow", None)
        if shadow:
            entry["shadow"] = True
    return read


def _entry(document: Any, named: Named) -> Any:  # Any: TOML, as two libraries have it
    return next(each for each in document[named.part] if each["name"] == named.name)


def _see_that_it_changes(policy: Policy, named: Named, *, shadow: bool) -> None:
    entries = dict(_parts(policy))[named.part]
    found = next((each for each in entries if each.name == named.name), None)
    if found is None:
        known = ", ".join(f"`{each.name}`" for each in entries) or "none"
        raise wrong(policy.source, f"there is no {named}; there is {known}")
    if found.shadow is shadow:
        what = "is in shadow already" if shadow else "is in force, and not in shadow"
        raise PolicyError([Problem(policy.source, found.line, f"{named} {what}")])


def _parts(policy: Policy) -> Iterator[tuple[Part, tuple[Rule | Limit | Watch, ...]]]:
    yield Part.RULE, policy.rules
    yield Part.LIMIT, policy.limits
    yield Part.WATCH, policy.watches
