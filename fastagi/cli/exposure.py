"""`dialguard exposure`: the most that a thief can spend, and what holds him back."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Final

import typer

from fastagi.cli.arguments import MomentOption, moment_of
from fastagi.cli.explain import OnePolicy
from fastagi.cli.output import Status, fail, give_up, say, show_json, show_table, warn
from fastagi.cli.service import JsonOption
from fastagi.errors import PolicyError
from fastagi.policy.exposure.ways import Thief
from fastagi.policy.limits import currency_of
from fastagi.policy.loading import load
from fastagi.policy.pricing import in_words
from fastagi.policy.wording import quoted
from fastagi.rating.tariff import MONEY_UNIT, amount

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

    from fastagi.policy.exposure.most import Exposure, Exposures
    from fastagi.policy.exposure.program import Bound
    from fastagi.policy.model import Policy

KNOWS: Final = {
    Thief.PASSWORD: "a thief who has the SIP password",
    Thief.CODES: "a thief who has the password, the PIN and one-time codes",
    Thief.ALL: "a thief at a phone that somebody is signed in on, who has codes, too",
}

AN: Final = {"hour": "an hour", "night": "a night", "weekend": "a weekend"}

UNBOUNDED: Final = "unbounded"

ADVICE: Final = (
    'no limit bounds it: write one on `calls`, `attempts` or `spend`, such as `per = "site"`, '
    '`spend = "100.00"`, `within = "24h"`'
)


def exposure(
    policy: OnePolicy,
    thief: Annotated[
        Thief | None,
        typer.Option(help="what was stolen; all three, one after another, if left out"),
    ] = None,
    fail_over: Annotated[
        str,
        typer.Option(
            metavar="AMOUNT", help="end with status 1 if one stolen extension can cost more: 100"
        ),
    ] = "",
    trunks: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="how many trunks there are: else no limit per trunk counts"
        ),
    ] = None,
    at: MomentOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show the most that one stolen extension, a class, the whole site can cost.

    In an hour, a night of twelve and a weekend of sixty, from the worst moment on; by which
    destination, and which limits hold it back. Exit status 1 if it is more than `--fail-over`, or
    nothing bounds it.
    """
    most = _millionths(fail_over) if fail_over else None
    try:
        loaded = load(policy)
    except PolicyError as error:
        give_up(error)
    if loaded.rates is None:
        fail(f"`{policy}` gives no prices; write a table `[rates]` (docs/rates.md)")
    computing = solver()
    if computing is None:
        fail("this needs a solver: `pip install 'dialguard[exposure]'`")
    begin = moment_of(at, datetime.now(UTC).astimezone(loaded.site.timezone))
    some = [thief] if thief else list(Thief)
    found: Mapping[Thief, Exposures] = computing.exposures(loaded, some, begin, trunks)
    currency = currency_of(loaded)
    if as_json:
        show_json(_as_json(found, currency))
    else:
        for each in some:
            _show(each, found[each], currency)
    over = [] if most is None else _over(found, most)
    for line in over:
        warn(f"{line} is more than {amount(most or 0)} {currency}", "red")
    raise typer.Exit(Status.FAILED if over else Status.DONE)


def solver() -> ModuleType | None:
    """Return what computes it; None where the extra is not installed."""
    try:
        from fastagi.policy.exposure import most  # the only one to need it; slow to import
    except ModuleNotFoundError as error:
        if error.name not in {"highspy", "numpy"}:
            raise
        return None
    return most


def one_line(policy: Policy, at: datetime) -> str:
    """Say what one stolen password can cost in a night, for `dialguard check`."""
    computing = solver()
    if computing is None:
        return "what a stolen password can cost: `pip install 'dialguard[exposure]'` to be told"
    of: Exposures = computing.exposures(policy, [Thief.PASSWORD], at)[Thief.PASSWORD]
    nights = [each for each in of.found if each.span.name == "night"]
    worst = max((x for x in nights if x.what == "extension"), key=_greatness, default=None)
    site = next(each for each in nights if each.what == "site")
    if worst is None:
        return "what a stolen password can cost: nothing, there are no extensions"
    currency = currency_of(policy)
    return (
        f"a stolen password can cost {_money(worst.bound, currency)} in a night "
        f"({_by(worst)}), all of them {_money(site.bound, currency)}"
    )


def _millionths(text: str) -> int:
    try:
        wanted = Decimal(text)
    except InvalidOperation:
        wanted = Decimal("NaN")
    if not wanted.is_finite() or wanted < 0:
        fail(f"{quoted(text)} is no amount of money; write `100` or `99.50`")
    return int(wanted * MONEY_UNIT)


# ------------------------------------------------------------------- in words


def _show(thief: Thief, found: Exposures, currency: str) -> None:
    say(f"{KNOWS[thief]} ({thief})", "bold")
    rows = [
        (
            each.what,
            each.of,
            each.span.name,
            _money(each.bound, currency),
            "" if each.bound.by is None else each.bound.by.number.number,
            _held_by(each.bound),
        )
        for each in found.found
    ]
    show_table(("stolen", "class", "in a", "at most", "by calls to", "held back by"), rows)
    if any(each.bound.money is None for each in found.found):
        warn(ADVICE)
    if found.unpriced is not None:
        warn(_unpriced(found))


def _unpriced(found: Exposures) -> str:
    number = "" if found.unpriced is None else found.unpriced.number
    return (
        f"{quoted(number)} passes, and nobody knows what it costs: it is not counted; write "
        "`unknown` into `[rates]`"
    )


def _money(bound: Bound, currency: str) -> str:
    return UNBOUNDED if bound.money is None else f"{amount(bound.money)} {currency}"


def _held_by(bound: Bound) -> str:
    if bound.by is None:
        return "no call that costs passes"
    return ", ".join(bound.limits) or "nothing"


def _by(exposure: Exposure) -> str:
    bound = exposure.bound
    if bound.by is None:
        return _held_by(bound)
    return f"calls to {bound.by.number.number}, held back by {_held_by(bound)}"


def _greatness(exposure: Exposure) -> tuple[bool, int]:
    return exposure.bound.money is None, exposure.bound.money or 0


def _over(found: Mapping[Thief, Exposures], most: int) -> Sequence[str]:
    """Name the extensions that can cost more, each once: the shortest span in which they can."""
    lines: dict[tuple[Thief, str], str] = {}
    for thief, exposures in found.items():
        for each in exposures.found:
            money = each.bound.money
            if each.what == "extension" and (money is None or money > most):
                what = UNBOUNDED if money is None else amount(money)
                lines.setdefault(
                    (thief, each.of),
                    f"one extension of {each.of} ({thief}), in {AN[each.span.name]}: {what}",
                )
        if exposures.unpriced is not None:
            lines[thief, ""] = f"a number without a price ({thief})"
    return list(lines.values())


def _as_json(found: Mapping[Thief, Exposures], currency: str) -> list[dict[str, object]]:
    return [
        {
            "thief": thief,
            "stolen": each.what,
            "class": each.of,
            "span": each.span.name,
            "hours": each.span.seconds // 3600,
            "money": None if each.bound.money is None else amount(each.bound.money),
            "currency": currency,
            "number": None if each.bound.by is None else each.bound.by.number.number,
            "price": None if each.bound.by is None else in_words(each.bound.by.tariff, currency),
            "limits": list(each.bound.limits),
            "unpriced": None if exposures.unpriced is None else exposures.unpriced.number,
        }
        for thief, exposures in found.items()
        for each in exposures.found
    ]
