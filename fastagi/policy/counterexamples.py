"""A call that tells two policies apart: the case that would have noticed a slip.

Tried are the calls of the cases first, as whoever wrote those knows them, then one number of every
kind that the policy tells apart, from one extension of each class, at one moment of each of its
hours. What is found is a call; where none is, there may be one all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice, product
from typing import TYPE_CHECKING, Final

from fastagi.numbering.pattern import Pattern
from fastagi.numbering.prefixes import PrefixTable
from fastagi.policy.case_differences import shadows_of, verdict_word
from fastagi.policy.cases import judge, request_of
from fastagi.policy.decision import ALL_NEW, circumstances
from fastagi.policy.explain import misfit
from fastagi.policy.exposure.destinations import destinations
from fastagi.policy.exposure.spans import stretches
from fastagi.policy.exposure.ways import addresses, callers, transports
from fastagi.policy.extensions import extensions
from fastagi.policy.known import what_may_be_known
from fastagi.policy.model import Request
from fastagi.policy.used import used_up
from fastagi.policy.wording import duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastagi.policy.case_file import Case
    from fastagi.policy.known import Known
    from fastagi.policy.model import Policy
    from fastagi.policy.mutants import Mutant
    from fastagi.policy.scope import Circumstances

TRIES_MAX: Final = 4_000
"""Calls that are judged for one slip: half a second at most."""

LISTED_MAX: Final = 100
"""Prefixes of a list of which numbers are tried."""

PRICED_MAX: Final = 1_000
"""Prefixes of a rate sheet of which numbers are tried: reading one takes some 0.1 ms."""

_SINCE: Final = datetime(2026, 1, 5, 10, tzinfo=UTC)
"""A Monday: from when on moments are looked for where there is no case to begin with."""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A call that comes to something else.

    Attributes:
        case: A case that holds on the policy as it is, and fails on the other: TOML.
        instead: What the other policy makes of the call, in words.
    """

    case: str
    instead: str


@dataclass(frozen=True, slots=True)
class _Comes:
    """What a case can say of what comes of a call."""

    verdict: str
    rule: str
    seconds: int
    limits: tuple[str, ...]
    shadows: tuple[str, ...]

    def __str__(self) -> str:
        return f"`{self.verdict}` by `{self.rule}`"

    def ends_as(self, other: _Comes) -> bool:
        """Whether verdict and rule are the same."""
        return (self.verdict, self.rule) == (other.verdict, other.rule)


class Search:
    """Finds calls that tell one policy from others.

    Args:
        policy: The one.
        cases: Its cases.
    """

    def __init__(self, policy: Policy, cases: Sequence[Case]) -> None:
        self._policy = policy
        self._own = [request_of(policy, each.call) for each in cases if each.site is None]
        self._found: list[tuple[Request, Circumstances]] | None = None

    def find(self, mutant: Mutant) -> Counterexample | None:
        """Find a call that comes to something else on a mutant; None where none was found.

        Of one call, a case is best that says little, and that ends otherwise.
        """
        knowns = list(what_may_be_known(self._policy, mutant))
        for request in islice(self._fitting(mutant), TRIES_MAX // len(knowns)):
            found = [
                (known, own, other)
                for known in knowns
                if (own := _come(self._policy, request, known))
                != (other := _come(mutant.policy, request, known))
            ]
            if found:
                known, own, other = min(found, key=_how_much_it_says)
                case = _written(self._policy, request, known, own, other)
                return Counterexample(case, _instead(own, other))
        return None

    def _fitting(self, mutant: Mutant) -> Iterator[Request]:
        for request, call in self._requests():
            if may_fit(self._policy, mutant, call):
                yield request

    def _requests(self) -> Sequence[tuple[Request, Circumstances]]:
        if self._found is None:
            since = min((each.at for each in self._own), default=_SINCE)
            some = (*self._own, *_representatives(self._policy, since))
            self._found = [(x, whatever_is_new(self._policy, x)) for x in some]
        return self._found


def whatever_is_new(policy: Policy, request: Request) -> Circumstances:
    """Return the circumstances of a call as if all of it were new, for `may_fit`."""
    return circumstances(policy, request, ALL_NEW)


def may_fit(policy: Policy, mutant: Mutant, call: Circumstances) -> bool:
    """Tell whether a slip may be of any matter to a call, whatever limit the call is over."""
    for scope in mutant.scopes:
        when = tuple(each for each in scope.when if each.limit is None)
        if misfit(policy, replace(scope, when=when), call) is not None:
            return False
    return True


def _how_much_it_says(found: tuple[Known, _Comes, _Comes]) -> tuple[bool, int]:
    known, own, other = found
    return own.ends_as(other), len(known.texts)


def _come(policy: Policy, request: Request, known: Known) -> _Comes:
    facts = replace(known.facts, over=known.facts.over | used_up(policy, known.used))
    decision, limits = judge(policy, request, facts, known.used)
    return _Comes(
        verdict_word(decision),
        decision.rule,
        decision.seconds,
        limits,
        tuple(shadows_of(policy, decision)),
    )


# ----------------------------------------------------------------------------- calls


def _representatives(policy: Policy, since: datetime) -> Iterator[Request]:
    """Find calls of every kind that rules and limits tell apart."""
    scopes = [*(each.scope for each in policy.rules), *(each.scope for each in policy.limits)]
    own = [pattern.text for pattern in (*policy.site.internal, *policy.honeypot.extensions)]
    inside = [each for text in own for each in islice(extensions(Pattern(text)), 1)]
    numbers = [each.number for each in destinations(_thin(policy), since.timestamp())]
    numbers += [policy.plan.read(each) for each in inside]
    senders = dict.fromkeys((*(each.extension for each in callers(policy)), *inside))
    moments = [datetime.fromtimestamp(each, UTC) for each in _moments(policy, since)]
    for number, extension, at, address, transport in product(
        numbers, senders, moments, addresses(policy, scopes), transports(scopes)
    ):
        yield Request(extension, number, at, address, transport)


def _thin(policy: Policy) -> Policy:
    """Return a policy whose lists and prices are few enough to look at a number of each.

    A few of a list tell as much as all of it. A long rate sheet is left out: numbers of all kinds
    are tried all the same, but hardly one that is too dear for a limit.
    """
    lists = {name: PrefixTable(islice(table, LISTED_MAX)) for name, table in policy.lists.items()}
    rates = policy.rates
    return replace(
        policy, lists=lists, rates=None if rates and len(rates.sheet) > PRICED_MAX else rates
    )


def _moments(policy: Policy, since: datetime) -> Iterator[int]:
    """Find one moment for each set of hours that hold together: in the middle of the first."""
    seen: set[frozenset[str]] = set()
    for each in stretches(policy, since):
        if each.names not in seen:
            seen.add(each.names)
            yield (each.start + min(each.end, each.start + 7200)) // 2


# ----------------------------------------------------------------------------- in words


def _instead(own: _Comes, other: _Comes) -> str:
    """Say what comes of the call with the slip."""
    if not own.ends_as(other):
        return f"it is {other}"
    if own.seconds != other.seconds:
        return f"it may last {duration(other.seconds)}"
    return "it falls under other limits"


def _written(policy: Policy, request: Request, known: Known, own: _Comes, other: _Comes) -> str:
    """Write the case that fails with the slip."""
    call = [
        f"from = {_text(request.extension)}",
        f"dial = {_text(request.number.dialled)}",
        f"at = {_text(_local(policy, request.at))}",
    ]
    for key, value in (("address", request.address), ("transport", request.transport)):
        if value is not None:
            call.append(f"{key} = {_text(str(value))}")
    if request.transferred:
        call.append("off_net = true" if request.off_net else "transferred = true")
    expect = [f'verdict = "{own.verdict}"', f'rule = "{own.rule}"']
    if own.ends_as(other):
        expect.append(_what_is_otherwise(own, other))
    return (
        "[[case]]\n"
        f"name   = {_text(f'{request.extension} calls {request.number.dialled}')}\n"
        f"call   = {{ {', '.join((*call, *known.texts))} }}\n"
        f"expect = {{ {', '.join(expect)} }}"
    )


def _what_is_otherwise(own: _Comes, other: _Comes) -> str:
    """Write what is to be expected besides verdict and rule, as those are the same."""
    if own.seconds != other.seconds:
        return f'duration = "{duration(own.seconds)}"'
    if own.limits != other.limits:
        return f"limits = [{', '.join(map(_text, own.limits))}]"
    return f"shadows = [{', '.join(map(_text, own.shadows))}]"


def _local(policy: Policy, at: datetime) -> str:
    """Write a moment in the site's time; with its offset where the clock shows it twice."""
    local = at.astimezone(policy.site.timezone)
    return local.isoformat() if local.fold else local.replace(tzinfo=None).isoformat()


def _text(text: str) -> str:
    """Write a text as TOML does, with escapes in place of what a terminal would act on."""
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
