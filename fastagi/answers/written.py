"""What is written otherwise in two policies, but on no single call: lockouts, brake, watches."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Final

from fastagi.policy.wording import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from fastagi.policy.model import Policy


@dataclass(frozen=True, slots=True)
class Setting:
    """Something written otherwise that is on no single call.

    Attributes:
        name: As in the policy: `lockout.wrong`.
    """

    name: str
    before: str
    after: str


_COMPARED: Final = ("lockout", "challenge", "bypass", "sign_in", "brake", "prompts")
_OF_THE_SITE: Final = (
    "name",
    "country",
    "timezone",
    "outside_prefix",
    "internal",
    "emergency",
    "languages",
    "longest_s",
    "short_codes",
    "replicas",
    "region",
)


def settings(before: Policy, after: Policy, told: AbstractSet[str]) -> Iterator[Setting]:
    """Find what is written otherwise that no single call depends on.

    Args:
        before: The one policy.
        after: The other.
        told: Names of limits that calls show to be others.
    """
    for name in _OF_THE_SITE:
        yield from _written(f"site.{name}", getattr(before.site, name), getattr(after.site, name))
    for name in _COMPARED:
        yield from _written(name, getattr(before, name), getattr(after, name))
    yield from _by_name("watch", before.watches, after.watches)
    for each in _by_name("limit", before.limits, after.limits):
        if each.name.split(".")[1] not in told:  # what no call shows that passes by itself
            yield each


def _by_name(kind: str, before: Sequence[object], after: Sequence[object]) -> Iterator[Setting]:
    """Compare what has a name with what has the same."""
    old = {getattr(each, "name", ""): each for each in before}
    new = {getattr(each, "name", ""): each for each in after}
    for name in dict.fromkeys((*old, *new)):
        yield from _written(f"{kind}.{name}", old.get(name), new.get(name))


def _written(name: str, before: object, after: object) -> Iterator[Setting]:
    """Compare two values, field by field where both have fields."""
    if is_dataclass(before) and is_dataclass(after) and type(before) is type(after):
        for field in fields(before):
            if field.compare and field.name not in ("line", "name"):
                yield from _written(
                    f"{name}.{field.name}",
                    getattr(before, field.name),
                    getattr(after, field.name),
                )
    elif before != after:
        yield Setting(name, _shown(before), _shown(after))


def _shown(value: object) -> str:
    """Show a value as text that nothing in a terminal acts on."""
    if value is None:
        return "(none)"
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(_shown, value))) or "(none)"
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value)) or "(none)"
    if is_dataclass(value):
        text = getattr(value, "text", None)
        if text:
            return _shown(text)
        if hasattr(value, "name"):
            return "there"
        return ", ".join(
            f"{each.name} {_shown(getattr(value, each.name))}"
            for each in fields(value)
            if each.repr
        )
    return printable(str(value))
