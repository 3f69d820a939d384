"""Calls that a policy cannot tell from one another but by the extension's name.

A policy knows an extension by its class, by whether it is one of the site's, and by whether it is
a trap. Its name is only what limits count under. So a decision is worked out once for each kind
of extension and each number, and the name is filled in for each who calls there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from fastagi.call.identify import ENDPOINT
from fastagi.numbering.number import Category
from fastagi.policy.asking import question_of
from fastagi.policy.decision import TRAPPED, class_of, decide, is_known, may_be_braked
from fastagi.policy.model import Factor, Facts, Per, Reason, Unit, Verdict
from fastagi.policy.possible import may_be_new
from fastagi.policy.scope import Novelty
from fastagi.policy.traps import is_touched, is_trap
from fastagi.rehearsal.recent import Recent
from fastagi.rehearsal.wanted import Outcome

if TYPE_CHECKING:
    from fastagi.numbering.number import Number
    from fastagi.policy.model import BudgetClaim, Claim, Decision, Policy, Request, Stage

MOST: Final = 16_384
"""Decisions that are kept, at least."""

NOBODY: Final = ""
"""The extension of decisions in which none is filled in."""

NO_FACTOR: Final[frozenset[Factor]] = frozenset()
NOTHING_NEW: Final[frozenset[Novelty]] = frozenset()
NONE: Final[frozenset[str]] = frozenset()


class Known(NamedTuple):
    """`Facts`, as far as a rehearsal knows any, to be found by."""

    locked_out: bool = False
    shown: frozenset[Factor] = NO_FACTOR
    proven_s: tuple[tuple[Factor, float], ...] = ()
    signed_in: bool = False
    known_country: bool = True
    novel: frozenset[Novelty] = NOTHING_NEW
    over: frozenset[str] = NONE
    braked: Stage | None = None
    overridden: bool = False


ALL_IS_WELL: Final = Known()


class Kind(NamedTuple):
    """All that a policy knows of an extension but its name.

    Attributes:
        is_endpoint: Whether it can be one.
        is_known: Whether it is one of the site's phones.
    """

    class_name: str | None
    is_endpoint: bool
    is_known: bool
    is_trap: bool


def kind_of(policy: Policy, extension: str) -> Kind:
    """Return all that decisions on an extension's calls hang on, of the extension."""
    class_name = class_of(policy, extension)
    return Kind(
        class_name,
        is_endpoint=ENDPOINT.fullmatch(extension) is not None,
        is_known=is_known(policy, extension, class_name),
        is_trap=is_trap(policy, extension),
    )


class Ground:
    """What calls to many numbers come to alike.

    Attributes:
        decision: For nobody in particular.
        number: One of those that were called.
    """

    __slots__ = ("decision", "number")

    def __init__(self, decision: Decision, number: Number) -> None:
        self.decision = decision
        self.number = number


class Grounds:
    """One for each decision, and country and category of a number, as these stand in leases."""

    def __init__(self, most: int = MOST) -> None:
        self._kept: Recent[tuple[Decision, str, Category], Ground] = Recent(most)

    def of(self, decision: Decision, number: Number) -> Ground:
        """Return that of a decision on a call to a number."""
        key = decision, number.country, number.category
        found = self._kept.get(key)
        if found is None:
            found = Ground(decision, number)
            self._kept.put(key, found)
        return found


class Alike:
    """Calls by extensions of one kind to one number, as the policy sees them.

    Args:
        policy: The site's.
        request: The first of them.
        grounds: Those of the policy.

    Attributes:
        request: The same.
        place: What it says of where the phone is.
        settled: What is answered whatever is known; None where that has to be looked up.
        novel: What may be new, of that which the decision hangs on.
        leaves: What is new no more once such a call is let through; of countries, that is known.
        budgets: Those that the decision hangs on, of nobody.
        is_braked: Whether a brake would touch it.
    """

    __slots__ = (
        "_found",
        "_grounds",
        "_has_country",
        "_policy",
        "budgets",
        "is_braked",
        "leaves",
        "novel",
        "place",
        "request",
        "settled",
    )

    def __init__(self, policy: Policy, request: Request, grounds: Grounds) -> None:
        self._policy = policy
        self._grounds = grounds
        self._found: dict[Known, Ground] = {}
        self.request = request
        self.place = str(request.address)
        question = question_of(policy, request)
        new = may_be_new(policy, request.number)
        self._has_country = Novelty.COUNTRY in new
        self.novel = tuple(sorted(question.novel))
        self.leaves = tuple(sorted(new - {Novelty.COUNTRY}))
        self.budgets = tuple(charged_to(NOBODY, each) for each in question.budgets)
        self.is_braked = may_be_braked(policy, request)
        self.settled = self._settled()

    def ground(self, known: Known) -> Ground:
        """Decide by what is known."""
        if not (known.known_country or self._has_country):  # the policy does not speak of it
            known = known._replace(known_country=True)
        found = self._found.get(known)
        if found is None:
            decision = decision_for(NOBODY, self._decide(known))
            found = self._found[known] = self._grounds.of(decision, self.request.number)
        return found

    def _decide(self, known: Known) -> Decision:
        facts = Facts(
            locked_out=known.locked_out,
            shown=known.shown,
            proven_s=dict(known.proven_s),
            signed_in=known.signed_in,
            known_country=known.known_country,
            overridden=known.overridden,
            novel=known.novel,
            over=known.over,
            braked=known.braked,
        )
        return decide(self._policy, self.request, facts)

    def _settled(self) -> Outcome | None:
        """Return what is answered before anything is looked up, if that settles the call."""
        number, extension = self.request.number, self.request.extension
        if number.category is Category.EMERGENCY:
            return Outcome(number, Verdict.ALLOW, Category.EMERGENCY, Reason.EMERGENCY)
        if not ENDPOINT.fullmatch(extension):
            return Outcome(number, Verdict.DENY, "none", Reason.NO_IDENTITY)
        if is_touched(self._policy, extension, number):
            return Outcome(number, Verdict.DENY, TRAPPED.rule, TRAPPED.reason, TRAPPED)
        if number.category is Category.INTERNAL:
            inside = self._decide(ALL_IS_WELL)  # no limit counts it, under any name
            if inside.verdict is Verdict.ALLOW:
                return Outcome(number, Verdict.ALLOW, inside.rule, inside.reason, inside)
        return None


def decision_for(extension: str, decision: Decision) -> Decision:
    """Return a decision on a call of one extension as that on the same call of another."""
    claims = tuple(_claimed_by(extension, each) for each in decision.claims)
    budgets = tuple(charged_to(extension, each) for each in decision.budgets)
    if claims == decision.claims and budgets == decision.budgets:
        return decision
    return replace(decision, claims=claims, budgets=budgets)


def _claimed_by(extension: str, claim: Claim) -> Claim:
    return replace(claim, key=extension) if claim.per is Per.EXTENSION else claim


def charged_to(extension: str, claim: BudgetClaim) -> BudgetClaim:
    """Return what a call of one extension needs of a budget as that of another."""
    if claim.per is Per.EXTENSION:
        claim = replace(claim, key=extension)
    if claim.unit is Unit.EXTENSIONS:
        claim = replace(claim, item=extension)
    return claim
