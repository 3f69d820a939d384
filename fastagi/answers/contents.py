"""What lists hold otherwise in two policies: what asks for one may be on no single call."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from fastagi.answers.written import Setting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.numbering.prefixes import PrefixTable
    from fastagi.policy.model import Policy

_SHOWN_MAX: Final = 3


def contents(before: Policy, after: Policy) -> Iterator[Setting]:
    """Find what lists hold otherwise.

    Args:
        before: The one policy.
        after: The other.
    """
    for name in dict.fromkeys((*before.lists, *after.lists)):
        yield from _in_list(name, before.lists.get(name), after.lists.get(name))


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
