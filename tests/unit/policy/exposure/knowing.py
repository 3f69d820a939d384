"""A thief who knows the policy, and tries plans until one is good.

His books are those of `thief.Ledger`, kept so that a question costs no walk over all calls, and he
may make calls in a row: `Train`s, each call begun when the last has ended. What he makes can be
played again on the ledger, one call after another: `replayed`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Final

from fastagi.policy.model import BudgetClaim, Per, Unit
from tests.unit.policy.exposure.thief import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastagi.policy.model import Claim, Decision
    from fastagi.rating.tariff import Tariff


@dataclass(frozen=True, eq=False)
class Option:
    """A call that may be made while certain hours hold.

    Attributes:
        open: From when until when it may begin, again and again; seconds of the span.
    """

    decision: Decision
    tariff: Tariff
    open: tuple[tuple[int, int], ...]
    slots: tuple[tuple[Claim, int], ...] = ()
    budgets: tuple[BudgetClaim, ...] = ()

    def closes(self, now: int) -> int:
        """Return the first second in which it may not begin any more; 0 where it may not now."""
        return next((until for since, until in self.open if since <= now < until), 0)


def option(decision: Decision, hours: tuple[tuple[int, int], ...]) -> Option:
    """Return a call that a decision lets through; what only counts is no matter."""
    assert decision.tariff is not None
    slots = tuple((each, each.calls) for each in decision.claims if not each.shadow)
    budgets = tuple(each for each in decision.budgets if not each.shadow)
    return Option(decision, decision.tariff, hours, slots, budgets)


@dataclass(frozen=True)
class Train:
    """Calls in a row; all at once, where nothing is said of calls at a time.

    Attributes:
        seconds: How long each lasts.
        item: The number, if it is a new one that is called.
    """

    option: Option
    begun: int
    seconds: int
    calls: int
    item: str

    @property
    def last(self) -> int:
        """When the last of them begins."""
        return self.begun + (self.calls - 1) * self.seconds * bool(self.option.slots)


@dataclass
class Books:
    """What counts by now, of each limit and key."""

    span_s: int
    used: Counter[object] = field(default_factory=Counter)
    items: dict[object, Counter[str]] = field(default_factory=dict)
    made: list[Train] = field(default_factory=list)
    cost: int = 0
    _due: list[tuple[int, int, object, int, str]] = field(default_factory=list)
    _turn: Iterator[int] = field(default_factory=count)

    def advance(self, now: int) -> None:
        """Give back what counts no more."""
        while self._due and self._due[0][0] <= now:
            _, _, key, amount, item = heappop(self._due)
            if item:
                self.items[key][item] -= 1
                self.items[key] += Counter()
            else:
                self.used[key] -= amount

    @property
    def next_due(self) -> int | None:
        """When anything is given back; None where there is nothing."""
        return self._due[0][0] if self._due else None

    def make(
        self, option: Option, seconds: int, calls: int, now: int, *, fresh: bool = False
    ) -> int:
        """Make calls, as many as may be and as long; return how many.

        Args:
            option: Of this kind.
            seconds: How long each, at most.
            calls: How many, at most.
            now: When the first begins.
            fresh: Whether a number is called that never was before: there are always more.
        """
        closes = option.closes(now)
        item = f"new {next(self._turn)}" if fresh else ""
        if not closes or any(
            self.used[_key(slot, item)] >= at_most for slot, at_most in option.slots
        ):
            return 0
        tariff = option.tariff
        seconds = min(seconds, option.decision.seconds, self.span_s - now)
        for each in option.budgets:
            key = _key(each, item)
            if each.unit in (Unit.NUMBERS, Unit.COUNTRIES):
                items = self.items.get(key, Counter())
                if _item(each, item) not in items and len(items) >= each.most:
                    return 0
                continue
            left = each.most - self.used[key]
            if each.unit is Unit.ATTEMPTS:
                calls = min(calls, left)
            elif each.unit is Unit.SECONDS:
                seconds = min(seconds, left)
            else:
                seconds = tariff.lasts(left, seconds)
        if seconds < 1 or calls < 1:
            return 0
        cost = tariff.cost(seconds)
        if option.slots:
            calls = min(calls, (min(closes - 1, self.span_s - seconds) - now) // seconds + 1)
        for each in option.budgets:
            left = each.most - self.used[_key(each, item)]
            if each.unit is Unit.SECONDS:
                calls = min(calls, left // seconds)
            elif each.unit is Unit.SPEND and cost:
                calls = min(calls, left // cost)
        self._put(Train(option, now, seconds, calls, item), cost)
        return calls

    def _put(self, train: Train, cost: int) -> None:
        last, ends = train.last, train.last + train.seconds
        for slot, _ in train.option.slots:
            self._use(_key(slot, train.item), 1, ends)
        for each in train.option.budgets:
            key = _key(each, train.item)
            match each.unit:
                case Unit.SPEND:
                    self._use(key, cost * train.calls, ends + each.within_s)
                case Unit.SECONDS:
                    self._use(key, train.seconds * train.calls, ends + each.within_s)
                case Unit.ATTEMPTS:
                    self._use(key, train.calls, last + each.within_s)
                case _:
                    item = _item(each, train.item)
                    self.items.setdefault(key, Counter())[item] += 1
                    until = last + each.within_s
                    heappush(self._due, (until, next(self._turn), key, 0, item))
        self.made.append(train)
        self.cost += cost * train.calls

    def _use(self, key: object, amount: int, until: int) -> None:
        self.used[key] += amount
        heappush(self._due, (until, next(self._turn), key, amount, ""))


def _key(claim: Claim | BudgetClaim, item: str) -> object:
    """Name what is counted together; of each number, where it is a new one, that one."""
    key = item if item and claim.per is Per.NUMBER else claim.key
    return (claim.limit, key, claim.unit if isinstance(claim, BudgetClaim) else None)


def _item(claim: BudgetClaim, item: str) -> str:
    return item if item and claim.unit is Unit.NUMBERS else claim.item


@dataclass(frozen=True)
class Wish:
    """What a thief would do: calls of one kind, in some part of the span.

    Attributes:
        options: Any of these, alike but for the extension and the number.
        seconds: How long each.
        since: From when on.
        row_s: For how long in a row, at most.
        at_most: How many.
        fresh: Whether each is to a number never called before.
    """

    options: Sequence[Option]
    seconds: int
    since: int = 0
    row_s: int = 1
    at_most: int = 10**9
    fresh: bool = False


TIRED: Final = 3000


def carried_out(wishes: Sequence[Wish], span_s: int, enough: float) -> Books:
    """Make calls: at each moment the first wish that is let through, over and over."""
    books, now = Books(span_s), 0
    left = [wish.at_most for wish in wishes]
    starts = sorted(
        {
            moment
            for wish in wishes
            for each in wish.options
            for moment in (wish.since, *(since for since, _ in each.open))
        }
    )
    while now < span_s and books.cost < enough and len(books.made) < TIRED:
        books.advance(now)
        for place, wish in enumerate(wishes):
            if wish.since > now:
                continue
            row = max(1, wish.row_s // wish.seconds)
            for each in wish.options:
                while left[place] and len(books.made) < TIRED:
                    many = row if each.slots else TIRED
                    many = min(left[place], many)
                    calls = books.make(each, wish.seconds, many, now, fresh=wish.fresh)
                    left[place] -= calls
                    if not calls:
                        break
        later = [each for each in starts if each > now][:1]
        if books.next_due is not None:
            later.append(books.next_due)
        if not later:
            break
        now = min(later)
    return books


def replayed(books: Books) -> int:
    """Make the same calls on the ledger, one after another; return what they cost there."""
    ledger = Ledger()
    calls = [
        (train.begun + at * (train.last - train.begun) // max(1, train.calls - 1), train)
        for train in books.made
        for at in range(train.calls)
    ]
    for now, train in sorted(calls, key=lambda each: each[0]):
        call = ledger.make(_to(train), train.seconds, now)
        assert call is not None, (now, train)
        assert call.seconds == train.seconds, (now, train)
    return ledger.cost(books.span_s)


def _to(train: Train) -> Decision:
    """Return the decision on its calls: of a new number, if it is to one."""
    decision, item = train.option.decision, train.item
    if not item:
        return decision
    claims = tuple(
        replace(each, key=item) if each.per is Per.NUMBER else each for each in decision.claims
    )
    budgets = tuple(
        replace(each, key=item if each.per is Per.NUMBER else each.key, item=_item(each, item))
        for each in decision.budgets
    )
    return replace(decision, claims=claims, budgets=budgets)
