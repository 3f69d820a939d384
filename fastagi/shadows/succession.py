"""A whole policy that comes out of the shadow: it takes the place of the one in force."""

from __future__ import annotations

from dataclasses import dataclass
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
        raise wrong(file, f"there is no `{shadow.name}` beside it")
    before, text = text_of(file), text_of(shadow)
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
        write_like(given.kept, given.before, file.resolve())
        if own.exists() and (old := cases_path(file)).exists():
            old.replace(given.kept.with_name(old.name + KEPT))
        replace_text(file, given.before, given.text)
        if own.exists():
            own.replace(cases_path(file))
        given.shadow.unlink()
        sync(given.shadow.parent)
    except OSError as error:
        place = Path(str(error.filename or file))
        raise wrong(place, f"{error.strerror}; put that right, and do it again") from None
