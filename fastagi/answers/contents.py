"""What lists hold otherwise in two policies, and prices that are announced otherwise.

What asks for a list may be on no single call, such as the brake; and calls are compared at the
prices of one day.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Final

from fastagi.answers.written import Setting
from fastagi.rating.tariff import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.numbering.prefixes import PrefixTable
    from fastagi.policy.model import Policy
    from fastagi.rating.tariff import Tariff

_SHOWN_MAX: Final = 3


def contents(before: Policy, after: Policy, at: float) -> Iterator[Setting]:
    """Find what lists hold otherwise, and prices that are announced otherwise.

    Args:
        before: The one policy.
        after: The other.
        at: After when prices come into force; seconds since the epoch.
    """
    for name in dict.fromkeys((*before.lists, *after.lists)):
        yield from _in_list(name, before.lists.get(name), after.lists.get(name))
    yield from _announced(before, after, at)


# ----------------------------------------------------------------------------- lists


def _in_list(
    name: str, before: PrefixTable | None, after: PrefixTable | None
) -> Iterator[Setting]:
    if before is None or after is None:
        yield Setting(f"lists.{name}", _size(before), _size(after))
        return
    changes = ((_only(after, before), "more"), (_only(before, after), "fewer"))
    told = [f"{_few(some)} {what}" for some, what in changes if some]
    if told:
        yield Setting(f"lists.{name}", _size(before), f"{_size(after)}: {'; '.join(told)}")


def _size(table: PrefixTable | None) -> str:
    return "(none)" if table is None else f"{len(table)} prefixes"


def _only(one: PrefixTable, other: PrefixTable) -> list[str]:
    """Return the prefixes that the one has and the other has not."""
    return [f"+{each}…" for each in one if other.longest(each) != each]


def _few(some: list[str]) -> str:
    """Write down the first of them, and say how many others there are."""
    rest = len(some) - _SHOWN_MAX
    others = f" and {rest} others" if rest > 0 else ""
    return ", ".join(islice(some, _SHOWN_MAX)) + others


# ----------------------------------------------------------------------------- prices


def _announced(before: Policy, after: Policy, at: float) -> Iterator[Setting]:
    """Compare the prices that are yet to come into force."""
    old, new = (dict.fromkeys(_prices_after(each, at)) for each in (before, after))
    gone = [each for each in old if each not in new]
    come = [each for each in new if each not in old]
    if gone or come:
        yield Setting("rates.file", _few(gone) or "(none)", _few(come) or "(none)")


def _prices_after(policy: Policy, at: float) -> Iterator[str]:
    if policy.rates is None:
        return
    for entry, is_last in policy.rates.sheet.announced(at):
        price = "no longer listed" if is_last else _price(entry.tariff)
        since = datetime.fromtimestamp(entry.since, UTC)
        yield f"+{entry.prefix}… {price} from {since:%Y-%m-%d %H:%M} UTC"


def _price(tariff: Tariff | None) -> str:
    """Say what a call costs: two tariffs are never said alike."""
    if tariff is None:
        return "not served"
    first, each = amount(tariff.first_cost), amount(tariff.next_cost)
    return f"{first} for {tariff.first_s}s, then {each} for each {tariff.next_s}s,"
