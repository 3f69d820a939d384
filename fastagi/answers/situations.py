"""Everything about a call but who calls what, and which situations come to the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from fastagi.policy.model import Facts, Request
from fastagi.policy.scope import Novelty

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from fastagi.answers.axes import Axis
    from fastagi.answers.moments import Cell
    from fastagi.answers.networks import Network
    from fastagi.numbering.number import Number
    from fastagi.policy.model import Policy
    from fastagi.policy.scope import Transport

PASSED_ON: Final = ("", "transferred", "off-net")
"""Of a call: it is the caller's own; it was passed on; and somebody outside talks."""


class Situation(NamedTuple):
    """Everything about a call but who calls what; in the order in which it is spoken of."""

    passed_on: str
    cell: Cell
    signed_in: bool
    network: Network | None
    transport: Transport | None
    new: frozenset[Novelty]
    reported: bool
    over: frozenset[str]


AXES: Final = Situation._fields


class Path(NamedTuple):
    """Situations that come to the same.

    Attributes:
        told: The fields that matter, each with those of its values that are meant.
        result: What they come to.
        situation: One of them.
    """

    told: tuple[tuple[str, tuple[object, ...]], ...]
    result: Hashable
    situation: Situation


def request_of(policy: Policy, extension: str, number: Number, situation: Situation) -> Request:
    """Return a call in a situation, as a request."""
    network = situation.network
    return Request(
        extension=extension,
        number=number,
        at=situation.cell.moment(policy),
        address=None if network is None else network.address,
        transport=situation.transport,
        transferred=bool(situation.passed_on),
        off_net=situation.passed_on == "off-net",
        number_reported=situation.reported,
        address_reported=network is not None and network.reported,
    )


def facts_of(situation: Situation) -> Facts:
    """Return what the stores would know in a situation."""
    return Facts(
        signed_in=situation.signed_in,
        known_country=Novelty.COUNTRY not in situation.new,
        novel=situation.new,
        over=situation.over,
    )


def paths(axes: Sequence[Axis], results: Sequence[Hashable]) -> list[Path]:
    """Put situations together that come to the same, field by field.

    Args:
        axes: Those of each field of `Situation`.
        results: What one situation of every set comes to; the last field changes first.
    """
    return list(_paths(axes, 0, list(results), ()))


def _paths(
    axes: Sequence[Axis], at: int, results: list[Hashable], chosen: tuple[object, ...]
) -> Iterator[Path]:
    if at == len(axes):
        yield Path((), results[0], Situation(*chosen))  # type: ignore[arg-type]  # a value of each
        return
    size = len(results) // len(axes[at])
    alike: dict[tuple[Hashable, ...], list[object]] = {}
    for place, values in enumerate(axes[at]):
        part = tuple(results[place * size : (place + 1) * size])
        alike.setdefault(part, []).extend(values)
    for some, meant in alike.items():
        told = ((AXES[at], tuple(meant)),) if len(alike) > 1 else ()
        for path in _paths(axes, at + 1, list(some), (*chosen, meant[0])):
            yield path._replace(told=(*told, *path.told))
