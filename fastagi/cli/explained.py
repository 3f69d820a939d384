"""How an explanation is shown: in a terminal, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.cli.output import say, show_table
from fastagi.policy.limits import currency_of, tariff_of
from fastagi.policy.model import Per, Unit, Verdict
from fastagi.policy.signing_in import in_words
from fastagi.policy.wording import printable
from fastagi.rating.tariff import amount

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastagi.policy.explain import Explanation, Step
    from fastagi.policy.model import BudgetClaim, Claim, Policy, Request, SignInTerms
    from fastagi.rating.tariff import Tariff

STYLES: Final = {
    Verdict.ALLOW: "bold green",
    Verdict.CHALLENGE: "bold yellow",
    Verdict.DENY: "bold red",
}


def show(
    explanation: Explanation, request: Request, besides: Mapping[str, str] | None = None
) -> None:
    """Print an explanation.

    Args:
        explanation: The explanation.
        request: The call.
        besides: More lines above the tables, each with its heading.
    """
    decision = explanation.decision
    say(decision.verdict.upper(), STYLES[decision.verdict])
    say(explanation.summary)
    say(f"  number   {explanation.number}")
    say(f"  from     {printable(request.extension)}, class {explanation.class_name or '(none)'}")
    say(f"  at       {request.at:%a %Y-%m-%d %H:%M %Z}")
    if explanation.lasts:
        say(f"  for      {explanation.lasts}")
    if explanation.price:
        say(f"  price    {explanation.price}")
    if explanation.sign_in is not None:
        say(f"  sign-in  {in_words(explanation.sign_in)}")
    for heading, text in (besides or {}).items():
        say(f"  {heading:<8} {text}")
    _show_steps("rules", explanation.rules)
    _show_steps("limits", explanation.limits)


def _show_steps(title: str, steps: Sequence[Step]) -> None:
    if steps:
        rows = [[_mark(step), step.name, step.why] for step in steps]
        show_table(["", title, "why"], rows, styles={"decides": "bold", "fits": "green"})


def _mark(step: Step) -> str:
    if step.decides:
        return "decides"
    return "fits" if step.fits else "no"


def as_json(
    policy: Policy, explanation: Explanation, request: Request, number: str | None = None
) -> dict[str, object]:
    """Return an explanation for programs.

    Args:
        policy: The site's.
        explanation: The explanation.
        request: The call.
        number: The number as it may be written, where not all of its digits are to be seen; then
            no claim tells more of it.
    """
    decision = explanation.decision
    tariff = tariff_of(policy, request)
    whole = request.number.number

    def named(claim: Claim | BudgetClaim) -> str:
        """Write a key that is the number, or the beginning of it, as the number is."""
        if number is None or claim.per not in (Per.NUMBER, Per.BLOCK):
            return claim.key
        return number[: len(claim.key)]

    return {
        "verdict": decision.verdict,
        "rule": decision.rule,
        "reason": decision.reason,
        "then": decision.then,
        "asks": list(decision.asks),
        "seconds": explanation.seconds,
        "summary": explanation.summary,
        "class": explanation.class_name,
        "number": whole if number is None else number,
        "category": request.number.category,
        "categories": sorted(request.number.categories),
        "country": request.number.country,
        "at": request.at.isoformat(),
        "price": explanation.price or None,
        "claims": [
            {"limit": claim.limit, "per": claim.per, "key": named(claim), "calls": claim.calls}
            for claim in decision.claims
        ],
        "budgets": [_budget(each, named(each)) for each in decision.budgets],
        "tariff": {"currency": currency_of(policy) or None, **tariff_as_json(tariff)},
        "sign_in": None if explanation.sign_in is None else _terms(explanation.sign_in),
        "rules": [_step(each) for each in explanation.rules],
        "limits": [_step(each) for each in explanation.limits],
    }


def _budget(claim: BudgetClaim, key: str) -> dict[str, object]:
    return {
        "limit": claim.limit,
        "per": claim.per,
        "key": key,
        "unit": claim.unit,
        "most": amount(claim.most) if claim.unit is Unit.SPEND else claim.most,
        "within_seconds": claim.within_s,
        "shadow": claim.shadow,
    }


def tariff_as_json(tariff: Tariff | None) -> dict[str, object]:
    """Return a tariff with its amounts as text: no reader makes floats of them."""
    if tariff is None:
        return {"price_per_minute": None}
    return {
        "price_per_minute": amount(tariff.per_minute),
        "first_seconds": tariff.first_s,
        "first_cost": amount(tariff.first_cost),
        "next_seconds": tariff.next_s,
        "next_cost": amount(tariff.next_cost),
    }


def _terms(terms: SignInTerms) -> dict[str, object]:
    return {
        "factors": list(terms.factors),
        "seconds": terms.for_s,
        "idle_seconds": terms.idle_s or None,
        "until": None if terms.until is None else f"{terms.until:%H:%M}",
        "at_once": terms.at_once,
        "bound_to": sorted(terms.bound_to),
        "calls": terms.calls,
        "anywhere": terms.anywhere,
    }


def _step(step: Step) -> dict[str, object]:
    return {
        "name": step.name,
        "fits": step.fits,
        "decides": step.decides,
        "why": step.why,
        "hours": list(step.hours),
        "figures": [each.as_json() for each in step.figures],
    }
