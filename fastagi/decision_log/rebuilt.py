"""A line of the record read back into the question and the facts that were judged then.

Of a number whose last digits are not shown others are put in their place, that the policy of then
matches and prices just as it did those that were dialled. They are never shown.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from fastagi.decision_log.judged import matches
from fastagi.errors import NotOnRecord
from fastagi.numbering.number import Category, Number
from fastagi.policy.limits import tariff_of
from fastagi.policy.model import Factor, Facts, Novelty, Reason, Request, Stage, Transport, Unit
from fastagi.policy.traps import NAME, is_touched
from fastagi.policy.used import Used

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.policy.model import Policy

MASKED: Final = re.compile(r"x+\Z")

PREFIX: Final = "prefix:+"

TRIED_DIGITS: Final = 4
"""So many digits are tried through: ten thousand numbers take a tenth of a second."""

TRIED_MOST: Final = 20_000
"""Numbers that are tried where more digits are not shown."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was judged then.

    Attributes:
        shown: The number as it may be written; None where all of it may.
        others: Questions that read alike on the line, but which other prefixes of the policy take:
            of one that goes into the digits that are not shown, the line has no more than those.
        used: What was used of limits, as far as that is on record.
        full: What was used up, as in `judged.Judged`.
        again: Likewise.
    """

    request: Request
    facts: Facts
    shown: Number | None
    used: Mapping[str, Used]
    full: str
    again: bool
    others: tuple[Request, ...] = ()


def rebuild(entry: Mapping[str, object], policy: Policy) -> Rebuilt:
    """Read the question and the facts of a line.

    Args:
        entry: The line.
        policy: The version that was in force then.

    Raises:
        NotOnRecord: The line does not tell them; the message says why.
    """
    facts = entry.get("facts")
    if not isinstance(facts, Mapping):
        if entry.get("reason") != Reason.EMERGENCY:
            raise NotOnRecord("what the call was judged by is not on this line")
        facts = {"at": _moment(entry)}
    try:
        return _rebuilt(entry, facts, policy)
    except (KeyError, ValueError, TypeError, OverflowError, AttributeError) as error:
        raise NotOnRecord("what this line tells of the call cannot be read") from error


def _rebuilt(entry: Mapping[str, object], facts: Mapping[str, object], policy: Policy) -> Rebuilt:
    address, transport = str(entry.get("address", "")), facts.get("transport")
    request = Request(
        extension=str(entry["extension"]),
        number=_number(entry, facts),
        at=datetime.fromtimestamp(_float(facts["at"]), policy.site.timezone),
        address=ip_address(address) if address else None,
        transport=Transport(str(transport)) if transport else None,
        trunk=str(entry.get("trunk", "")),
        transferred=bool(facts.get("transferred")),
        off_net=bool(facts.get("off_net")),
        number_reported=bool(facts.get("number_reported")),
        address_reported=bool(facts.get("address_reported")),
    )
    shown, others = None, []
    if MASKED.search(str(entry["number"])):
        shown = request.number
        trap = entry.get("rule") == NAME
        request, *others = _with_other_digits(request, facts, policy, trap=trap)
    braked = facts.get("braked")
    return Rebuilt(
        request,
        Facts(
            locked_out=bool(facts.get("locked_out")),
            shown=frozenset(map(Factor, _names(facts.get("shown")))),
            proven_s={Factor(str(each)): _float(ago) for each, ago in _table(facts, "proven")},
            signed_in=bool(facts.get("signed_in")),
            known_country=not facts.get("new_country"),
            overridden=bool(facts.get("overridden")),
            novel=frozenset(map(Novelty, _names(facts.get("novel")))),
            over=frozenset(_names(facts.get("over"))),
            braked=Stage(str(braked)) if braked else None,
            watched=frozenset(_names(facts.get("watched"))),
        ),
        shown,
        {
            str(limit): Used(units={Unit(str(unit)): int(_float(n)) for unit, n in units.items()})
            for limit, units in _table(facts, "used")
            if isinstance(units, dict)
        },
        str(facts.get("full", "")),
        bool(facts.get("again")),
        tuple(others),
    )


def _number(entry: Mapping[str, object], facts: Mapping[str, object]) -> Number:
    """Return the number as the line shows it."""
    number, category = str(entry["number"]), Category(str(entry["category"]))
    others = [each for each in _names(facts.get("to")) if ":" not in each]
    return Number(
        dialled=str(facts.get("dialled") or number),
        number="" if category is Category.INVALID else number,
        country=str(entry["country"]),
        category=category,
        categories=frozenset((category, *map(Category, others))),
        why=str(facts.get("why", "")),
    )


def _moment(entry: Mapping[str, object]) -> float:
    try:
        return datetime.fromisoformat(str(entry.get("time"))).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def _names(value: object) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list):
        return [str(each) for each in value]
    raise ValueError("no list")


def _table(facts: Mapping[str, object], name: str) -> list[tuple[object, object]]:
    value = facts.get(name, {})
    if isinstance(value, dict):
        return list(value.items())
    raise ValueError("no table")


def _float(value: object) -> float:
    if isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    raise ValueError("no number")


# ----------------------------------------------------------------------------- digits not shown


def _with_other_digits(
    request: Request, facts: Mapping[str, object], policy: Policy, *, trap: bool
) -> list[Request]:
    """Put digits in the place of those that are not shown, that come to the same.

    Returns:
        One question for each choice of prefixes that would read as it does on the line.

    Raises:
        NotOnRecord: None of those that were tried do.
    """
    wanted = [each for each in _names(facts.get("to")) if ":" in each]
    costs = facts.get("tariff")
    masked = request.number.number or request.number.dialled
    hidden = _hidden(masked)

    def comes_to_the_same(asked: Request) -> bool:
        number = asked.number
        return (
            matches(policy, number, hidden) == wanted
            and is_touched(policy, request.extension, number) is (trap or bool(facts.get("trap")))
            and (not number.is_e164 or _costs(policy, asked) == costs)
        )

    found: list[Request] = []
    left = itertools.count(TRIED_MOST, -1)
    for begin in _beginnings(masked, wanted, policy):
        tried = (_dialled(request, each) for each in _candidates(begin, policy) if next(left) > 0)
        found += itertools.islice(filter(comes_to_the_same, tried), 1)
    if found:
        return found
    raise NotOnRecord(
        "the last digits of the number are not on record, and no others come to the same"
    )


def _dialled(request: Request, digits: str) -> Request:
    number = replace(request.number, dialled=digits)
    if number.number:
        number = replace(number, number=digits)
    return replace(request, number=number)


def _hidden(masked: str) -> int:
    return len(masked) - len(MASKED.sub("", masked))


def _beginnings(masked: str, wanted: list[str], policy: Policy) -> list[str]:
    """Return as much of the number as the longest prefix tells that takes it; `x` for the rest.

    Args:
        masked: The number as the line shows it.
        wanted: What takes it, likewise.
        policy: The version of then: several of its prefixes may read as that one does.
    """
    longest = [each.removeprefix(PREFIX) for each in wanted if each.startswith(PREFIX)][-1:]
    if not any(map(MASKED.search, longest)):
        return [masked]
    begin = MASKED.sub("", masked)
    length = len(*longest)
    alike = (f"+{each}" for each in sorted(policy.prefixes) if len(each) == length)
    return [each.ljust(len(masked), "x") for each in alike if each.startswith(begin)]


def _costs(policy: Policy, request: Request) -> list[int] | None:
    tariff = tariff_of(policy, request)
    if tariff is None:
        return None
    return [tariff.first_s, tariff.first_cost, tariff.next_s, tariff.next_cost]


def _candidates(masked: str, policy: Policy) -> Iterator[str]:
    """Yield numbers that begin as a masked one does: those that prefixes speak of come early."""
    count = _hidden(masked)
    begin = masked[: len(masked) - count]
    if not count:
        yield begin
        return
    yield from (begin + each * count for each in "059")
    named = itertools.chain(sorted(policy.prefixes), *policy.lists.values())
    for prefix in itertools.islice(named, TRIED_MOST):
        whole = f"+{prefix}"
        if whole.startswith(begin) and len(whole) <= len(masked):
            yield whole.ljust(len(masked), "0")
    most = min(10**count, TRIED_MOST if count > TRIED_DIGITS else 10**TRIED_DIGITS)
    yield from (f"{begin}{each:0{count}}" for each in range(most))
