"""`dialguard explain`: what happens to one call, by which rule, and why not by the others."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fastagi.cli import explained
from fastagi.cli.arguments import (
    AddressOption,
    MomentOption,
    TransportOption,
    TrunkOption,
    address_of,
    moment_of,
    trunk_of,
)
from fastagi.cli.explained import tariff_as_json as tariff_as_json
from fastagi.cli.output import Status, fail, give_up, show_json
from fastagi.cli.service import JsonOption, SettingsOption, SiteOption
from fastagi.errors import PolicyError
from fastagi.policy.explain import explain as explain_call
from fastagi.policy.loading import load
from fastagi.policy.model import Facts, Novelty, Request, Stage, Verdict
from fastagi.policy.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.policy.model import Policy

OnePolicy = Annotated[Path, typer.Argument(metavar="POLICY", help="the policy file")]


def explain(
    policy: Annotated[
        Path | None, typer.Argument(metavar="[POLICY]", help="the policy file")
    ] = None,
    extension: Annotated[
        str, typer.Argument(metavar="[EXTENSION]", help="the endpoint that calls")
    ] = "",
    dialled: Annotated[str, typer.Argument(metavar="[DIALLED]", help="the digits it dials")] = "",
    at: MomentOption = "",
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
    live: Annotated[
        bool,
        typer.Option(
            "--live",
            metavar="",
            help="ask the store what is known of the extension, and used of each limit, right now",
        ),
    ] = False,
    reference: Annotated[
        str,
        typer.Option(
            metavar="DIGITS",
            help="explain a decision of the past instead, by the four digits the caller heard",
        ),
    ] = "",
    time: Annotated[
        str,
        typer.Option(
            metavar="TIME", help="of those, the one whose moment on record begins so, in UTC"
        ),
    ] = "",
    call: Annotated[
        str, typer.Option(metavar="UNIQUEID", help="of those, the one of this call of Asterisk's")
    ] = "",
    site: SiteOption = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what happens to a call, by which rule, and why not by the others.

    With `--reference` in the place of a policy, an extension and digits: why a call of the past
    was judged as it was, by the policy that was in force then. Exit status 0 when it is allowed,
    also after a challenge, and 2 when it is denied; 1 where a decision of the past cannot be
    explained, or comes to something else today.
    """
    if reference:
        if policy is not None:
            fail("`--reference` explains what was judged; leave policy, extension and digits out")
        from fastagi.cli.past_decisions import explain_reference
        from fastagi.cli.service import settings_of

        explain_reference(
            settings_of(settings), reference, time=time, call=call, site=site, as_json=as_json
        )
    if policy is None or not extension or not dialled:
        fail("name a policy, an extension and the digits it dials; or a `--reference`")
    if time or call:
        fail("`--time` and `--call` choose among those of a `--reference`")
    loaded = _loaded(policy)
    zone = loaded.site.timezone
    request = Request(
        extension=extension,
        number=loaded.plan.read(dialled),
        at=moment_of(at, datetime.now(UTC).astimezone(zone)),
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
    if live:
        if facts != Facts():
            fail("`--live` asks the store what is known; leave out what is to be supposed")
        from fastagi.cli.standing import explain_live

        explanation, besides = explain_live(loaded, request, settings)
    else:
        explanation, besides = explain_call(loaded, request, facts), {}
    if as_json:
        show_json(explained.as_json(loaded, explanation, request))
    else:
        explained.show(explanation, request, besides)
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
