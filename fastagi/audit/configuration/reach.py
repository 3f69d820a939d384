"""Whom queues and follow-me ring: what stands behind `Queue(NAME)` and `FollowMe(NAME)`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastagi.audit.configuration.values import every, value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.audit.conf import Section
    from fastagi.audit.configuration.files import Files
    from fastagi.audit.place import Place

GENERAL: Final = "general"
FOLLOWED_IN: Final = "default"  # apps/app_followme.c alloc_profile(), context


@dataclass(frozen=True, slots=True)
class Rung:
    """One that is rung.

    Attributes:
        dialled: As Dial would have it: `PJSIP/101`, `Local/0039…@outside`.
        place: Where it is written.
    """

    dialled: str
    place: Place


@dataclass(frozen=True, slots=True)
class Reach:
    """Where applications lead that name a list of another file.

    Attributes:
        queues: By what `Queue(NAME)` says. Members that join as it goes (AddQueueMember, AMI) are
            none of them.
        follow_me: By what `FollowMe(NAME)` says, each as a Local channel; Asterisk finds a name
            that is written in another case, too.
    """

    queues: Mapping[str, tuple[Rung, ...]] = field(default_factory=dict)
    follow_me: Mapping[str, tuple[Rung, ...]] = field(default_factory=dict)


def read_reach(files: Files) -> Reach:
    """Return the members of queues.conf and the numbers of followme.conf.

    `member => INTERFACE[,penalty[,name[,state interface…]]]`, and
    `number => NUMBER[&NUMBER…][,timeout[,order]]`, which is dialled as `Local/NUMBER@CONTEXT`.
    """
    queues: dict[str, tuple[Rung, ...]] = {}
    follow_me: dict[str, tuple[Rung, ...]] = {}
    for section in files.sections("queues.conf"):
        if section.name.lower() != GENERAL:
            queues[section.name] = (*queues.get(section.name, ()), *_members(section))
    for section in files.sections("followme.conf"):
        if section.name.lower() != GENERAL:
            known = follow_me.get(section.name, ())
            follow_me[section.name] = (*known, *_numbers(section))
    return Reach(queues, follow_me)


def _members(section: Section) -> list[Rung]:
    rung = (
        (each.value.partition(",")[0].strip(), each.place) for each in every(section, "member")
    )
    return [Rung(dialled, place) for dialled, place in rung if dialled]


def _numbers(section: Section) -> list[Rung]:
    context = value(section, "context", FOLLOWED_IN)
    return [
        Rung(f"Local/{number.strip()}@{context}", each.place)
        for each in every(section, "number")
        for number in each.value.partition(",")[0].split("&")
        if number.strip()
    ]
