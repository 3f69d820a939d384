"""A whole policy that comes out of the shadow, in the place of the one in force; and back."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastagi.errors import PolicyError, Problem
from fastagi.policy.files import cases_path, shadow_path
from fastagi.policy.loading import load_text
from fastagi.shadows.promoting import tried
from fastagi.shadows.replacing import replace_text, sync, text_of, write_like, wrong
from fastagi.toml_lines import WHOLE_FILE

if TYPE_CHECKING:
    from fastagi.policy.model import Policy

KEPT: Final = ".before-promotion"
"""What the policy that was in force is called afterwards: no `.toml`, so it is none any more."""


@dataclass(frozen=True, slots=True)
class Successor:
    """A policy that is to be in force in another's place, tried and not yet so.

    Attributes:
        file: The policy in force.
        shadow: Where the one in shadow is, or is to be.
        kept: Where the one that was in force before is kept.
        before: The text of the policy in force.
        text: What it is to be.
        policy: What that says.
    """

    file: Path
    shadow: Path
    kept: Path
    before: str
    text: str
    policy: Policy

    @property
    def kept_cases(self) -> Path:
        """Where the cases of the one that was in force before are kept, if it had any."""
        return self.kept.with_name(cases_path(self.file).name + KEPT)


def successor(file: Path) -> Successor:
    """Try the policy that is in shadow beside one in force, as what is in force next.

    With its own cases, where it has some; else with those of the one in force.

    Raises:
        PolicyError: There is none, it is of another site, or the service would refuse it.
    """
    shadow = shadow_path(file)
    if not shadow.exists():
        raise wrong(file, f"there is no `{shadow.name}` beside it")
    before, text = text_of(file), text_of(shadow)
    own = cases_path(shadow)
    # The lines of what is wrong are the same in both; where they are to be put right is `shadow`.
    policy = tried(shadow, text, own if own.exists() else cases_path(file))
    _see_that_the_site_is_the_same(policy, shadow, before, file)
    return Successor(file, shadow, _kept(file), before, text, policy)


def succeed(given: Successor) -> None:
    """Put a policy in shadow in the place of the one in force.

    Step by step, each of which leaves what the service can load: the old policy is kept, cases
    that hold no more go out of the way before and come after. Broken off, it is done again.

    Raises:
        PolicyError: A step failed; says which file.
    """
    file, own = given.file, cases_path(given.shadow)
    try:
        if given.before != given.text or not given.kept.exists():  # else it was broken off
            _keep(given)
        if own.exists():
            cases_path(file).unlink(missing_ok=True)
        replace_text(file, given.before, given.text)
        if own.exists():
            own.replace(cases_path(file))
        given.shadow.unlink()
        sync(given.shadow.parent)
    except OSError as error:
        raise _broken_off(file, error) from None


def _keep(given: Successor) -> None:
    """Keep the policy in force and its cases; the policy last: once that is there, all is."""
    cases = cases_path(given.file)
    if cases.exists():
        write_like(given.kept_cases, text_of(cases), cases)
    elif not (given.kept.exists() and text_of(given.kept) == given.before):
        given.kept_cases.unlink(missing_ok=True)  # of an earlier promotion
    write_like(given.kept, given.before, given.file.resolve())


# ----------------------------------------------------------------------------- and back


def predecessor(file: Path) -> Successor:
    """Try the policy that was in force before the last promotion, as what is in force next.

    With its own cases. The one in force is to go back into shadow, and its cases with it.

    Raises:
        PolicyError: None is kept, or there is no room in shadow; the service would refuse it.
    """
    kept, shadow = _kept(file), shadow_path(file)
    if not kept.exists():
        raise wrong(file, f"there is no `{kept.name}` beside it: nothing was promoted over it")
    before, text = text_of(file), text_of(kept)
    given = Successor(file, shadow, kept, before, text, load_text(before, file))
    if before != text:
        _see_that_there_is_room(shadow, before)
    if _cases_go_back(given):
        _see_that_there_is_room(cases_path(shadow), text_of(cases_path(file)))
    # Its lists are found from where it will be, also where `file` is a link to another folder.
    policy = tried(file.with_name(kept.name), text, given.kept_cases)
    _see_that_the_site_is_the_same(policy, kept, before, file)
    return replace(given, policy=policy)


def recede(given: Successor) -> None:
    """Put the policy in force back into shadow, and the one before in its place.

    Step by step, as of `succeed`; nothing is overwritten that is not elsewhere, too.

    Raises:
        PolicyError: A step failed; says which file.
    """
    file, cases, own = given.file, cases_path(given.file), cases_path(given.shadow)
    try:
        goes_back = _cases_go_back(given)
        if goes_back:
            write_like(own, text_of(cases), cases)
        if given.before != given.text:
            write_like(given.shadow, given.before, file.resolve())
        if goes_back:
            cases.unlink()
        if given.before != given.text:
            replace_text(file, given.before, given.text)
        if given.kept_cases.exists() and not cases.exists():
            write_like(cases, text_of(given.kept_cases), given.kept_cases)
        given.kept.unlink()
        with contextlib.suppress(OSError):  # done is done; the next promotion takes it away
            given.kept_cases.unlink(missing_ok=True)
        sync(given.shadow.parent)
    except OSError as error:
        raise _broken_off(file, error) from None


def _cases_go_back(given: Successor) -> bool:
    """Whether the cases in force are the promoted policy's, and not those it found there."""
    cases = cases_path(given.file)
    if not cases.exists():
        return False
    return not given.kept_cases.exists() or text_of(cases) != text_of(given.kept_cases)


def _see_that_there_is_room(place: Path, text: str) -> None:
    if place.exists() and text_of(place) != text:
        raise wrong(place, "this would be overwritten; move it away first")


# ----------------------------------------------------------------------------- both ways


def _kept(file: Path) -> Path:
    target = file.resolve()
    return target.with_name(target.name + KEPT)


def _see_that_the_site_is_the_same(policy: Policy, place: Path, before: str, file: Path) -> None:
    in_force = load_text(before, file)
    if policy.site.name == in_force.site.name:
        return
    line = policy.lines.get(("site", "name"), WHOLE_FILE)
    what = f"site `{policy.site.name}` is not `{in_force.site.name}`, whose place it would take"
    raise PolicyError([Problem(place, line, what)])


def _broken_off(file: Path, error: OSError) -> PolicyError:
    place = Path(str(error.filename or file))
    return wrong(place, f"{error.strerror}; put that right, and do it again")
