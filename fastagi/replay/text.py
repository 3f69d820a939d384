"""A replay in words: few lines for whoever is in a hurry, the same on the page and in a terminal.

Everything foreign in it was made fit to be shown before it came into the report. A little longer
than other files: the page and the terminal take every word of a replay from this one place.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from fastagi.rating.tariff import MONEY_UNIT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastagi.replay.report import Attack, Beside, Example, Person, Report, Sums

LOCKED_OUT: Final = "locked-out"
PEOPLE: Final = "These people would have phoned you on Monday"

PLACES: Final = 4
"""Countries of an attack that are named."""

ASSUMED: Final = {
    "honest": (
        "Whoever's call looks like fraud is taken to have the SIP password and no code; "
        "everybody else keys the right PIN and code when asked."
    ),
    "all": "Everybody is taken to key the right PIN and code when asked, thieves too.",
    "none": "Nobody is taken to key anything when asked.",
}

UNKNOWN: Final = (
    "What the records do not tell is unknown to the policy too: `[[watch]]`, operators, and where "
    "they name no address, networks. Calls that were refused at the time are not in the records, "
    "and people who are refused call again, or do not."
)


def title(report: Report) -> str:
    """Name it."""
    return f"What this policy would have done to the calls of {report.site}"


def scope(report: Report) -> str:
    """Say what it was made from."""
    if report.since is None or report.until is None:
        return "No call."
    since, until = moment(report, report.since), moment(report, report.until)
    return f"{calls(report.parts.total.calls)} from {since} to {until} ({report.timezone})"


def headline(report: Report) -> list[str]:
    """Say in a few lines what would have come of the calls."""
    total = report.parts.total
    told = [
        f"{count(total.refused)} refused ({share(total.refused, total.calls)}), "
        f"{count(total.stepped_up)} asked for a code and let through "
        f"({share(total.stepped_up, total.calls)}), "
        f"{count(total.cut)} cut short ({share(total.cut, total.calls)}), "
        f"{count(total.same)} as they were"
    ]
    if total.refused:
        unclear = total.refused - total.legitimate - total.fraud
        told.append(
            f"of those refused {count(total.legitimate)} look legitimate, {count(unclear)} are "
            f"unclear, {count(total.fraud)} look like fraud"
        )
    told.append(money_line(report, total))
    return told


def money_line(report: Report, total: Sums) -> str:
    """Say what calls cost, and what they would have cost."""
    if report.untimed:
        return untimed(report)
    unpriced = f"; of {calls(total.unpriced)} nobody knows the price" if total.unpriced else ""
    if not report.currency:
        return "the policy has no `[rates]`, so nobody knows what the calls cost"
    return (
        f"the calls cost {money(total.was, report.currency)}; "
        f"{money(total.still, report.currency)} would have been spent still{unpriced}"
    )


def untimed(report: Report) -> str:
    """Say of which records nobody knows how long was talked."""
    named = ", ".join(f"`{each}`" for each in report.untimed)
    return f"no column of {named} says how long was talked: money and minutes are not known"


def no_attack(report: Report) -> str:
    """Say that nothing was found, and what it was not found by."""
    known = ", as far as that can be told without how long was talked" if report.untimed else ""
    return f"Nothing in these calls looks like an attack{known}."


def skipped(report: Report) -> str:
    """Say what is in no sum; empty where nothing is left out."""
    parts = [f"{count(times)} {kind}" for kind, times in report.skipped.items() if times]
    parts += [f"{count(report.retries)} asked for their next trunk"] if report.retries else []
    return f"Not counted: {', '.join(parts)}." if parts else ""


def hours(report: Report) -> str:
    """Say which hours were taken for office hours."""
    if report.hours:
        return f"Office hours are those of `{report.hours}` in the policy."
    return "The policy names no office hours; Monday to Friday from 8 to 18 are taken for them."


# ----------------------------------------------------------------------------- people


def person(each: Person) -> str:
    """Say what would have happened to somebody."""
    parts = [
        f"{count(times)} {what}"
        for times, what in ((each.refused, "refused"), (each.cut, "cut short"))
        if times
    ]
    if each.stepped_up:
        parts.append(f"{count(each.stepped_up)} asked for a code")
    to = f", to {', '.join(each.numbers)}" if each.numbers else ""
    why = f" (by {', '.join(each.rules)})"
    if LOCKED_OUT in each.rules:
        why += "; wrong codes were keyed on the extension before"
    return f"{each.extension}: {', '.join(parts)}{to}{why}"


def hurt(report: Report) -> list[Person]:
    """Return whose calls would have been refused or cut; to be asked for a code is no harm."""
    return [each for each in report.people if each.refused or each.cut]


# ----------------------------------------------------------------------------- attacks


def attack(report: Report, each: Attack) -> list[str]:
    """Say of an attack what it was, what would have stopped it, and after how much."""
    first = each.extensions[0]
    more = len(each.extensions) - 1
    who = f"extension {first}" + (f" and {more} more" if more else "")
    places = ", ".join(name for name, _ in each.countries[:PLACES])
    places += ", …" if len(each.countries) > PLACES else ""
    told = [
        f"Attack from {who}, {moment(report, each.first)} to {moment(report, each.last)}: "
        f"{calls(each.calls)} to {places or 'nowhere known'}"
    ]
    was, out = money(each.was, report.currency), money(each.out, report.currency)
    if report.currency:
        told[0] += f", {was}"
    stopped = each.stopped
    if stopped is None:
        told.append(f"No call of it would have been refused; {out} would have got out.")
        return told + _attack_beside(report, each)
    if not stopped.calls and not stopped.after_s:
        told.append(f"Its first call would have been refused by `{stopped.rule}`")
    else:
        told.append(
            f"`{stopped.rule}` would have refused a call of it first {lasting(stopped.after_s)} "
            f"after it began, after {calls(stopped.calls)} and "
            f"{money(stopped.money, report.currency)}"
        )
    told[-1] += f" ({stopped.reason}); in all {out} would have got out"
    if each.last_through is not None:
        after = lasting(round(each.last_through - each.first))
        told[-1] += f", by {calls(each.through)}, the last {after} after it began"
    told[-1] += "."
    return told + _attack_beside(report, each)


def _attack_beside(report: Report, each: Attack) -> list[str]:
    if report.beside is None or each.other_out is None:
        return []
    out = money(each.other_out, report.currency)
    return [f"With {report.beside.policy} {out} would have got out."]


# ----------------------------------------------------------------------------- two policies


def beside(report: Report, each: Beside) -> list[str]:
    """Say how two policies differ."""
    here, there = each.only_here.total, each.only_there.total
    told = [
        f"Beside {each.policy}, which refuses {count(each.total.refused)} and lets "
        f"{money(each.total.still, report.currency)} be spent:"
    ]
    told += [
        f"{count(sums.refused)} refused by {policy} only, of which {count(sums.legitimate)} look "
        f"legitimate and {count(sums.fraud)} like fraud, {money(sums.was, report.currency)}"
        for policy, sums in ((report.policy, here), (each.policy, there))
    ]
    return told


# ----------------------------------------------------------------------------- the terminal


def lines(report: Report) -> Iterator[tuple[str, str]]:
    """Write a report down, line by line, each with its style."""
    yield title(report), "bold"
    yield f"{report.policy}: {scope(report)}", ""
    if not report.parts.total.calls:
        return
    for each in headline(report):
        yield f"  {each}", ""
    yield from _people(report)
    yield from _attacks(report)
    yield from _rules(report)
    if report.beside is not None:
        first, *others = beside(report, report.beside)
        yield "", ""
        yield first, "bold"
        for line in others:
            yield f"  {line}", ""
        for example in (*report.beside.examples_here[:3], *report.beside.examples_there[:3]):
            yield f"  {_example(report, example)}", ""
    yield "", ""
    yield f"{hours(report)} {ASSUMED[report.codes]}", "dim"
    if left := skipped(report):
        yield left, "dim"


def _people(report: Report) -> Iterator[tuple[str, str]]:
    people = hurt(report)
    if not people:
        if report.parts.total.changed:
            yield "  nobody whose calls look legitimate would have been refused or cut", "green"
        return
    yield "", ""
    yield f"{PEOPLE}:", "bold yellow"
    for each in people:
        yield f"  {person(each)}", ""
    if report.people_beyond:
        yield f"  and {count(report.people_beyond)} more", ""


def _attacks(report: Report) -> Iterator[tuple[str, str]]:
    yield "", ""
    if not report.attacks:
        yield no_attack(report), "" if report.untimed else "green"
    for each in report.attacks:
        first, *others = attack(report, each)
        yield first, "bold red"
        for line in others:
            yield f"  {line}", ""
    if report.attacks_beyond:
        yield f"and {count(report.attacks_beyond)} more attacks that cost less", ""
    if report.alone:
        yield f"{calls(report.alone)} besides look like fraud; too few to be an attack", ""


def _rules(report: Report) -> Iterator[tuple[str, str]]:
    rules = report.parts.rules.names
    if not rules:
        return
    yield "", ""
    yield "By rule or limit:", "bold"
    width = max(len(each.name) for each in rules)
    for each in rules:
        yield f"  {each.name:<{width}}  {changes(each.sums)}", ""


def changes(sums: Sums) -> str:
    """Say what came of calls, as far as anything did."""
    told = [
        f"{count(times)} {what}"
        for times, what in (
            (sums.refused, "refused"),
            (sums.stepped_up, "asked for a code"),
            (sums.cut, "cut short"),
        )
        if times
    ]
    if sums.legitimate:
        told.append(f"{count(sums.legitimate)} of them legitimate by their looks")
    return ", ".join(told) or "nothing changed"


def _example(report: Report, each: Example) -> str:
    cost = "price unknown" if each.was is None else money(each.was, report.currency)
    return (
        f"{each.time} {each.extension} to {each.number}: {each.effect} by {each.because}, there "
        f"{each.other}; {each.look}, {cost}"
    )


# ----------------------------------------------------------------------------- figures


def count(number: int) -> str:
    """Write a number."""
    return f"{number:,}"


def calls(number: int) -> str:
    """Write a number of calls."""
    return "1 call" if number == 1 else f"{number:,} calls"


def share(part: int, whole: int) -> str:
    """Write a share; what is not nothing never reads as if it were."""
    if not whole:
        return "0 %"
    hundredths = part * 100 / whole
    return "under 0.1 %" if 0 < hundredths < 0.1 else f"{hundredths:.1f} %"


def money(millionths: int | None, currency: str) -> str:
    """Write money in hundredths, up to a whole one."""
    if millionths is None:
        return "unknown"
    return f"{-(-millionths * 100 // MONEY_UNIT) / 100:,.2f} {currency}".strip()


def lasting(seconds: int) -> str:
    """Write how long something took."""
    for unit, each_s in (("h", 3600), ("min", 60)):
        if seconds >= 2 * each_s:
            return f"{seconds / each_s:.1f} {unit}".replace(".0 ", " ")
    return f"{seconds} s"


def moment(report: Report, at: float) -> str:
    """Write a moment on the site's clock."""
    local = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(report.timezone))
    return local.strftime("%a %Y-%m-%d %H:%M:%S")


def caption(name: str, shown: Sequence[Example], of: int) -> str:
    """Name a table of calls; it says so where it does not hold all."""
    return f"{name}; {count(len(shown))} of {count(of)}" if len(shown) < of else name


def examples(each: Sequence[Example]) -> bool:
    """Tell whether one of them says what another policy does."""
    return any(example.other for example in each)
