"""What a brake is: on whom, what keeps it on, and what follows from it. Pure.

`brakes` writes it down and reads it; whoever tries a policy out (`rehearsal`) has no records.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from fastagi.policy.decision import class_of
from fastagi.policy.model import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastagi.policy.model import Policy

WIDEST_FIRST: Final = (Stage.SITE, Stage.CLASS, Stage.EXTENSION)


@dataclass(frozen=True, slots=True)
class Brake:
    """One that is on.

    Attributes:
        name: The extension or the class that it is on; empty where it is on the site, or on the
            extensions that are in no class.
        class_name: The class of the extension that was hit last.
        since: When it was put on; later hits change nothing of that.
        until: When it is over, if no hit comes.
        cause: The rule or the limit of the last hit; empty where that was an operator.
        call: Asterisk's `uniqueid` of the call that hit it last; empty as `cause`.
        reference: The four digits of that call's decision.
        by: The operator; empty where none did.
        why: In the operator's words; may be empty.
        alone: Whether none but transferred or forwarded calls hit it.
    """

    site: str
    stage: Stage
    name: str
    class_name: str
    since: float
    until: float
    cause: str = ""
    call: str = ""
    reference: str = ""
    by: str = ""
    why: str = ""
    alone: bool = False

    @property
    def key(self) -> str:
        """Names it among those of its site."""
        return key_of(self.stage, self.name)

    @property
    def words(self) -> str:
        """Say what it is on."""
        return in_words(self.stage, self.name)


@dataclass(frozen=True, slots=True)
class Hit:
    """What puts the brake on: a call of an extension, and the rule or the limit that it hit.

    Attributes:
        alone: Whether it came of a transfer or a forward.
    """

    extension: str
    cause: str
    call: str
    reference: str
    alone: bool = False


def key_of(stage: Stage, name: str) -> str:
    """Return the key of a brake's record."""
    return f"{stage}/{name}"


def in_words(stage: Stage, name: str) -> str:
    """Say what is braked: `extension 101`, `class staff`, `the site`."""
    if stage is Stage.SITE:
        return "the site"
    return f"{stage} {name}" if name else "the extensions in no class"


def names_of(policy: Policy, extension: str) -> tuple[tuple[Stage, str], ...]:
    """Name everything whose brake an extension falls under, the widest first."""
    of = {
        Stage.SITE: "",
        Stage.CLASS: class_of(policy, extension) or "",
        Stage.EXTENSION: extension,
    }
    return tuple((stage, of[stage]) for stage in WIDEST_FIRST)


def put_on_by(policy: Policy, what: Hit, now: float) -> Brake:
    """Return the brake that a hit puts on its extension."""
    for_s = 0 if policy.brake is None else policy.brake.for_s
    own = class_of(policy, what.extension) or ""
    return Brake(
        policy.site.name,
        Stage.EXTENSION,
        what.extension,
        own,
        since=now,
        until=now + for_s,
        cause=what.cause,
        call=what.call,
        reference=what.reference,
        alone=what.alone,
    )


def following(given: Brake, there: Sequence[Brake]) -> Iterator[Brake]:
    """Find what is to be braked besides, as others are."""
    if given.alone:
        return
    hits = [each for each in there if each.cause and not each.alone]
    extensions = [each for each in hits if each.stage is Stage.EXTENSION]
    classes = {each.name for each in hits if each.stage is Stage.CLASS}
    own = given.class_name
    if any(each.class_name == own and each.name != given.name for each in extensions):
        yield replace(given, stage=Stage.CLASS, name=own)
    beside = own in classes and any(each.class_name != own for each in extensions)
    if beside or classes - {own}:
        yield replace(given, stage=Stage.SITE, name="")


def kept_on(there: Brake, brake: Brake) -> Brake:
    """Return what becomes of a brake that is on, as it is hit or put on once more."""
    hit = brake if brake.cause else there
    return replace(
        brake,
        since=there.since,
        until=max(there.until, brake.until),
        cause=hit.cause,
        call=hit.call,
        reference=hit.reference,
        by=brake.by or there.by,
        why=brake.why or there.why,
        alone=hit.alone and (there.alone or not there.cause),
    )
