"""`dialguard explain`: what happens to one call, by which rule, and why not by the others."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from fastagi.cli.arguments import (
    AddressOption,
    DialledArgument,
    ExtensionArgument,
    TransportOption,
    TrunkOption,
    address_of,
    trunk_of,
)
from fastagi.cli.output import Status, give_up, say, show_json, show_table
from fastagi.cli.service import JsonOption
from fastagi.errors import PolicyError
from fastagi.policy.explain import explain as explain_call
from fastagi.policy.limits import currency_of, tariff_of
from fastagi.policy.loading import load
from fastagi.policy.model import Facts, Novelty, Request, Stage, Unit, Verdict
from fastagi.policy.signing_in import in_words
from fastagi.policy.wording import nearest
from fastagi.rating.tariff import amount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.policy.explain import Explanation, Step
    from fastagi.policy.model import BudgetClaim, Policy, SignInTerms
    from fastagi.rating.tariff import Tariff

OnePolicy = Annotated[Path, typer.Argument(metavar="POLICY", help="the policy file")]

STYLES: Final = {
    Verdict.ALLOW: "bold green",
    Verdict.CHALLENGE: "bold yellow",
    Verdict.DENY: "bold red",
}


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:
        raise typer.BadParameter(f"`{text}` is no time of the site; write `2026-01-05T10:10`")
    return moment


MomentOption: TypeAlias = Annotated[
    datetime | None,
    typer.Option(
        parser=_moment,
        metavar="TIME",
        help="when, in the site's time (2026-01-05T10:10); now, if left out",
    ),
]


def explain(
    policy: OnePolicy,
    extension: ExtensionArgument,
    dialled: DialledArgument,
    at: MomentOption = None,
    address: AddressOption = "",
    transport: TransportOption = None,
    trunk: TrunkOption = "",
    signed_in: Annotated[
        bool,
        typer.Option("--signed-in", metavar="", help="somebody is signed in on the extension"),
    ] = False,
    locked_out: Annotated[
        bool, typer.Option("--locked-out", metavar="", help="the extension is locked out")
    ] = False,
    new_country: Annotated[
        bool,
        typer.Option("--new-country", metavar="", help="never dialled from this extension before"),
    ] = False,
    new: Annotated[
        list[Novelty] | None,
        typer.Option("--new", metavar="WHAT", help="what of it never was: `first-time-number`"),
    ] = None,
    over: Annotated[
        list[str] | None,
        typer.Option("--over", metavar="LIMIT", help="nothing is left of this limit"),
    ] = None,
    overridden: Annotated[
        bool,
        typer.Option("--overridden", metavar="", help="an operator lets the call through"),
    ] = False,
    braked: Annotated[
        Stage | None,
        typer.Option(metavar="STAGE", help="the brake is on, of the extension, class or site"),
    ] = None,
    watched: Annotated[
        list[str] | None,
        typer.Option("--watched", metavar="WATCH", help="this watch saw an attack on it"),
    ] = None,
    number_reported: Annotated[
        bool,
        typer.Option("--number-reported", metavar="", help="others report the number"),
    ] = False,
    address_reported: Annotated[
        bool,
        typer.Option("--address-reported", metavar="", help="others report the address"),
    ] = False,
    transferred: Annotated[
        bool,
        typer.Option(
            "--transferred",
            metavar="",
            help="the call comes of a transfer or a forward: from where and how is then unknown",
        ),
    ] = False,
    off_net: Annotated[
        bool,
        typer.Option(
            "--off-net",
            metavar="",
            help="the same, and whoever was transferred or forwarded is somebody outside",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what happens to a call, by which rule, and why not by the others.

    Exit status 0 when it is allowed, also after a challenge, and 2 when it is denied.
    """
    loaded = _loaded(policy)
    zone = loaded.site.timezone
    request = Request(
        extension=extension,
        number=loaded.plan.read(dialled),
        at=datetime.now(UTC).astimezone(zone) if at is None else at.replace(tzinfo=zone),
        address=address_of(address),
        transport=transport,
        trunk=trunk_of(trunk),
        transferred=transferred or off_net,
        off_net=off_net,
        number_reported=number_reported,
        address_reported=address_reported,
    )
    facts = Facts(
        locked_out=locked_out,
        signed_in=signed_in,
        known_country=not new_country,
        overridden=overridden,
        novel=frozenset(new or ()),
        over=_limits(loaded, over or ()),
        braked=braked,
        watched=_watches(loaded, watched or ()),
    )
    explanation = explain_call(loaded, request, facts)
    if as_json:
        show_json(_as_json(loaded, explanation, request))
    else:
        _show(explanation, request)
    denied = explanation.decision.verdict is Verdict.DENY
    raise typer.Exit(Status.DENIED if denied else Status.DONE)


def _limits(policy: Policy, named: Sequence[str]) -> frozenset[str]:
    known = policy.asks_for_limits
    for each in named:
        if each not in known:
            what = f"no rule asks for `over:{each}`; {nearest(each, sorted(known))}"
            raise typer.BadParameter(what, param_hint="--over")
    return frozenset(named)


def _watches(policy: Policy, named: Sequence[str]) -> frozenset[str]:
    known = [each.name for each in policy.guards]
    for each in named:
        if each not in known:
            what = f"no watch `{each}` steps up or locks; {nearest(each, known)}"
            raise typer.BadParameter(what, param_hint="--watched")
    return frozenset(named)


def _loaded(file: Path) -> Policy:
    try:
        return load(file)
    except PolicyError as error:
        give_up(error)


def _show(explanation: Explanation, request: Request) -> None:
    decision = explanation.decision
    say(decision.verdict.upper(), STYLES[decision.verdict])
    say(explanation.summary)
    say(f"  number   {explanation.number}")
    say(f"  from     {request.extension}, class {explanation.class_name or '(none)'}")
    say(f"  at       {request.at:%a %Y-%m-%d %H:%M %Z}")
    if explanation.lasts:
        say(f"  for      {explanation.lasts}")
    if explanation.price:
        say(f"  price    {explanation.price}")
    if explanation.sign_in is not None:
        say(f"  sign-in  {in_words(explanation.sign_in)}")
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


def _as_json(policy: Policy, explanation: Explanation, request: Request) -> dict[str, object]:
    decision, number = explanation.decision, request.number
    tariff = tariff_of(policy, request)
    return {
        "verdict": decision.verdict,
        "rule": decision.rule,
        "reason": decision.reason,
        "then": decision.then,
        "asks": list(decision.asks),
        "seconds": explanation.seconds,
        "summary": explanation.summary,
        "class": explanation.class_name,
        "number": number.number,
        "category": number.category,
        "categories": sorted(number.categories),
        "country": number.country,
        "at": request.at.isoformat(),
        "price": explanation.price or None,
        "claims": [
            {"limit": claim.limit, "per": claim.per, "key": claim.key, "calls": claim.calls}
            for claim in decision.claims
        ],
        "budgets": [_budget(each) for each in decision.budgets],
        "tariff": {"currency": currency_of(policy) or None, **tariff_as_json(tariff)},
        "sign_in": None if explanation.sign_in is None else _terms(explanation.sign_in),
        "rules": [_step(each) for each in explanation.rules],
        "limits": [_step(each) for each in explanation.limits],
    }


def _budget(claim: BudgetClaim) -> dict[str, object]:
    return {
        "limit": claim.limit,
        "per": claim.per,
        "key": claim.key,
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
    return {"name": step.name, "fits": step.fits, "decides": step.decides, "why": step.why}
