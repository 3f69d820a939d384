"""Out of the shadow, and into it: the policy's text is edited, tried, and only then written.

Nothing but `shadow` of the entries that are meant changes; that is read back and compared before
anything is written. The file is replaced in one step: whoever reads it, reads the old one or the
new one, whole.
"""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError

from fastagi.errors import PolicyError, Problem
from fastagi.policy import cases
from fastagi.policy.files import cases_path, read_file, shadow_path
from fastagi.policy.loading import load_text
from fastagi.policy.reading import BYTES_MAX
from fastagi.toml_lines import WHOLE_FILE, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastagi.policy.model import Limit, Policy, Rule, Watch

NAME: Final = re.compile(r"""([ \t]*)(name[ \t]*)=[^\r\n]*?(\r?\n)""")
"""The line of an entry's name."""

KEPT: Final = ".before-promotion"
"""What the policy that was in force is called afterwards: no `.toml`, so it is none any more."""


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
    before = _text(file)
    policy = load_text(before, file)
    chosen = in_shadow(policy) if wanted is None else tuple(dict.fromkeys(wanted))
    if not chosen:
        raise _wrong(file, "nothing in it is under `shadow`")
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


def replace_text(file: Path, before: str, text: str) -> None:
    """Replace a file's text in one step; mode and owner stay, a link goes on pointing there.

    Raises:
        PolicyError: As `write`.
    """
    target = file.resolve()
    if _text(file) != before:
        raise _wrong(file, "somebody else has changed it meanwhile; do it again")
    temporary = None
    try:
        status = target.stat()
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as written:
            written.write(text.encode())
            written.flush()
            if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(descriptor, status.st_uid, status.st_gid)
            os.fchmod(descriptor, status.st_mode & 0o7777)
            os.fsync(descriptor)
        temporary.replace(target)
        temporary = None
        _sync(target.parent)
    except OSError as error:
        raise _wrong(file, f"it cannot be written: {error.strerror}; nothing is changed") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


# ----------------------------------------------------------------------------- a whole policy


@dataclass(frozen=True, slots=True)
class Successor:
    """A policy in shadow that is to be in force, tried and not yet so.

    Attributes:
        file: The policy in force.
        shadow: The one in shadow.
        kept: Where the one in force is kept.
        policy: What will be in force.
    """

    file: Path
    shadow: Path
    kept: Path
    before: str
    text: str
    policy: Policy


def successor(file: Path) -> Successor:
    """Try the policy that is in shadow beside one in force, as what is in force next.

    With its own cases, where it has some; else with those of the one in force.

    Raises:
        PolicyError: There is none, it is of another site, or the service would refuse it.
    """
    shadow = shadow_path(file)
    if not shadow.exists():
        raise _wrong(file, f"there is no `{shadow.name}` beside it")
    before, text = _text(file), _text(shadow)
    own = cases_path(shadow)
    # The lines of what is wrong are the same in both; where they are to be put right is `shadow`.
    policy = tried(shadow, text, own if own.exists() else cases_path(file))
    in_force = load_text(before, file)
    if policy.site.name != in_force.site.name:
        line = policy.lines.get(("site", "name"), WHOLE_FILE)
        what = (
            f"site `{policy.site.name}` is not `{in_force.site.name}`, whose place it would take"
        )
        raise PolicyError([Problem(shadow, line, what)])
    target = file.resolve()
    return Successor(file, shadow, target.with_name(target.name + KEPT), before, text, policy)


def succeed(given: Successor) -> None:
    """Put a policy in shadow in the place of the one in force.

    Step by step, each of which leaves what the service can load: the old policy is kept, cases
    that hold no more go out of the way before and come after. Broken off, it is done again.

    Raises:
        PolicyError: A step failed; says which file.
    """
    file, own = given.file, cases_path(given.shadow)
    try:
        _write_new(given.kept, given.before, file.resolve())
        if own.exists() and (old := cases_path(file)).exists():
            old.replace(given.kept.with_name(old.name + KEPT))
        replace_text(file, given.before, given.text)
        if own.exists():
            own.replace(cases_path(file))
        given.shadow.unlink()
        _sync(given.shadow.parent)
    except OSError as error:
        place = Path(str(error.filename or file))
        raise _wrong(place, f"{error.strerror}; put that right, and do it again") from None


def _write_new(file: Path, text: str, like: Path) -> None:
    """Write a file that only those can read who may read another."""
    status = like.stat()
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as written:
        written.write(text.encode())
        written.flush()
        if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(descriptor, status.st_uid, status.st_gid)
        os.fchmod(descriptor, status.st_mode & 0o7777)
        os.fsync(descriptor)


# ----------------------------------------------------------------------------- the text


def _text(file: Path) -> str:
    try:
        return read_file(file, BYTES_MAX).decode()
    except UnicodeDecodeError:
        raise _wrong(file, "this is no UTF-8; save it as that") from None


def _edited(file: Path, text: str, chosen: Sequence[Named], *, shadow: bool) -> str:
    expected = _expected(text, chosen, shadow=shadow)
    if shadow and tomllib.loads(lined := _with_lines(text, chosen)) == expected:
        return lined
    # Line ends stay as they are; tomlkit would write its own into what it adds.
    ending = "\r\n" if "\r\n" in text else "\n"
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:  # tomllib has read it: this one reads less
        raise _wrong(file, f"this cannot be edited: {error}; change `shadow` by hand") from None
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
        raise _wrong(file, "this cannot be edited without changing more; change `shadow` by hand")
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
        raise _wrong(policy.source, f"there is no {named}; there is {known}")
    if found.shadow is shadow:
        what = "is in shadow already" if shadow else "is in force, and not in shadow"
        raise PolicyError([Problem(policy.source, found.line, f"{named} {what}")])


def _parts(policy: Policy) -> Iterator[tuple[Part, tuple[Rule | Limit | Watch, ...]]]:
    yield Part.RULE, policy.rules
    yield Part.LIMIT, policy.limits
    yield Part.WATCH, policy.watches


def _sync(folder: Path) -> None:
    """Have the folder remember what its files are called now, should the power fail."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _wrong(file: Path, what: str) -> PolicyError:
    return PolicyError([Problem(file, WHOLE_FILE, what)])
