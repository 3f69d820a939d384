"""What is written otherwise in two policies, but on no single call: lockouts, brake, watches.

Told besides, whether calls show it or not, is what rules and terms are made of: hours, networks,
prices; `contents` tells of lists.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Final

from fastagi.policy.hours import DAYS
from fastagi.policy.limits_in_words import so_much
from fastagi.policy.model import ClassOfService, Destinations, Limit, Period, Unit
from fastagi.policy.wording import duration, printable
from fastagi.rating.tariff import Tariff, amount

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
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


_COMPARED: Final = ("lockout", "challenge", "bypass", "sign_in", "brake", "honeypot", "prompts")
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
_KEYS: Final = {
    "sign_in": "sign-in",
    "classes": "from",
    "networks": "network",
    "transports": "transport",
}
"""Of fields that are not called as their key is; `_s` at the end is of seconds."""

_NOT_WRITTEN: Final = frozenset({"line", "name", "also_unallocated"})


def settings(before: Policy, after: Policy, told: AbstractSet[str]) -> Iterator[Setting]:
    """Find what is written otherwise that no single call depends on.

    Args:
        before: The one policy.
        after: The other.
        told: What calls show to be others: `rule.NAME` and `limit.NAME`.
    """
    for name in _OF_THE_SITE:
        key = f"site.{name.removesuffix('_s')}"
        yield from _written(key, getattr(before.site, name), getattr(after.site, name))
    yield from _by_name("classes", before.classes, after.classes)
    yield from _in_mapping("hours", before.hours, after.hours)
    yield from _in_mapping("networks", before.networks, after.networks)
    yield from _rates(before, after)
    for name in _COMPARED:
        key = _KEYS.get(name, name)
        yield from _written(key, getattr(before, name), getattr(after, name))
    yield from _by_name("watch", before.watches, after.watches)
    yield from _by_name("rule", before.rules, after.rules, told)
    yield from _by_name("limit", before.limits, after.limits, told)


def _by_name(
    kind: str,
    before: Sequence[object],
    after: Sequence[object],
    told: AbstractSet[str] = frozenset(),
) -> Iterator[Setting]:
    """Compare what has a name with what has the same."""
    old = {getattr(each, "name", ""): each for each in before}
    new = {getattr(each, "name", ""): each for each in after}
    for name in dict.fromkeys((*old, *new)):
        key = f"{kind}.{name}"
        one, other = old.get(name), new.get(name)
        if key not in told:
            yield from _written(key, one, other)
        elif isinstance(one, Limit) and isinstance(other, Limit):  # no call shows what comes of it
            yield from _written(f"{key}.then", one.then, other.then)


def _in_mapping(
    kind: str, before: Mapping[str, object], after: Mapping[str, object]
) -> Iterator[Setting]:
    for name in dict.fromkeys((*before, *after)):
        yield from _written(f"{kind}.{name}", before.get(name), after.get(name))


def _rates(before: Policy, after: Policy) -> Iterator[Setting]:
    """Compare prices, those of the past and of the future among them."""
    old, new = before.rates, after.rates
    if old is None or new is None:
        yield from _written("rates", old and f"in {old.currency}", new and f"in {new.currency}")
        return
    yield from _written("rates.currency", old.currency, new.currency)
    yield from _written("rates.unknown", old.unknown, new.unknown)
    if old.sheet.buffer != new.sheet.buffer:
        sizes = [f"{len(each.sheet)} prices" for each in (old, new)]
        others = ", some of them others" if sizes[0] == sizes[1] else ""
        yield Setting("rates.file", sizes[0], sizes[1] + others)


def _written(name: str, before: object, after: object) -> Iterator[Setting]:
    """Compare two values, field by field where both have fields."""
    if before == after:
        return
    if isinstance(before, Destinations) and isinstance(after, Destinations):
        if set(before.text) != set(after.text):
            yield Setting(name, _shown(before), _shown(after))
    elif isinstance(before, ClassOfService) and isinstance(after, ClassOfService):
        yield Setting(name, _shown(before.patterns), _shown(after.patterns))
    elif is_dataclass(before) and type(before) is type(after) and not isinstance(before, Tariff):
        for field in fields(before):
            if field.compare and field.name not in _NOT_WRITTEN:
                yield from _field(name, field.name, before, after)
    else:
        yield Setting(name, _shown(before), _shown(after))


def _field(name: str, field: str, before: object, after: object) -> Iterator[Setting]:
    """Compare a field under the name of its key."""
    old, new = getattr(before, field), getattr(after, field)
    if field == "scope":
        yield from _written(name, old, new)
    elif field.endswith("_s"):
        if old != new:
            times = ("(none)" if not each else duration(each) for each in (old, new))
            yield Setting(f"{name}.{field.removesuffix('_s')}", *times)
    elif field in ("periods", "dates"):
        yield from _written(name, old, new)
    elif field == "budgets":
        for unit in Unit:
            some = (dict(each).get(unit) for each in (old, new))
            shown = (
                "(none)" if most is None else so_much(unit, most, "").rstrip() for most in some
            )
            key = "minutes" if unit is Unit.SECONDS else unit
            yield from _written(f"{name}.{key}", *shown)
    elif field == "price" and old != new:
        dear = ("(none)" if each is None else amount(each) for each in (old, new))
        yield Setting(f"{name}.price", *dear)
    else:
        yield from _written(f"{name}.{_KEYS.get(field, field)}", old, new)


def _shown(value: object) -> str:
    """Show a value as text that nothing in a terminal acts on."""
    match value:
        case None:
            return "(none)"
        case frozenset():
            return ", ".join(sorted(map(_shown, value))) or "(none)"
        case tuple():
            return ", ".join(map(_shown, value)) or "(none)"
        case Tariff():
            return f"{amount(value.per_minute)} a minute"
        case Period():
            days = ",".join(DAYS[each - 1] for each in sorted(value.days))
            return f"{days} {value.start:%H:%M}-{value.end:%H:%M}"
        case Destinations():
            return _shown(value.text)
    if not is_dataclass(value) or type(value).__str__ is not object.__str__:
        return printable(str(value))
    if hasattr(value, "name"):
        return "there, under `shadow`" if getattr(value, "shadow", False) else "there"
    return ", ".join(
        f"{each.name} {_shown(getattr(value, each.name))}" for each in fields(value) if each.repr
    )
