"""A report in plain text: for a terminal, a pipe and a mail, all the same.

Everything foreign in it was made fit to be shown before it came into the report.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from fastagi.rating.tariff import amount

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastagi.attacks.report import Attack, Estimate, Most, Report, Through

BARS: Final = " ▁▂▃▄▅▆▇█"

NOTHING: Final = "Nothing."
"""Stands under a heading that would have nothing under it."""

ESTIMATED: Final = (
    "An estimate: {minutes} minutes for each refused call, at its price a minute when it was "
    "refused. Who is refused tries again, and each try counts; a thief talks for longer where he "
    "can. Calls without a known price are counted, and cost nothing here."
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line, and whether it is a heading."""

    text: str
    heading: bool = False


def lines(report: Report) -> Iterator[Line]:
    """Write a report down, line by line."""
    yield Line(title(report), heading=True)
    yield Line(scope(report))
    for heading, part in (
        ("Let through, from whom was attacked", _through(report)),
        ("Attacks", _attacks(report)),
        ("Day by day (UTC)", _days(report)),
        ("From where", _sources(report)),
        ("What was tried", _tried(report)),
        ("What it would have cost", _cost(report)),
        ("What held", _held(report)),
    ):
        yield Line("")
        yield Line(heading, heading=True)
        is_empty = True
        for line in part:
            is_empty = False
            yield Line(line)
        if is_empty:
            yield Line(NOTHING)


def summary(report: Report) -> str:
    """Write the most important of it, for a chat or a phone."""
    told = [scope(report), ""]
    told.append(some_through(report) if report.through_count else none_through(report))
    told += ["", *(f"{name}: {count}" for name, count in report.by_sign)]
    told += [f"from {name}: {count}" for name, count in report.networks.names[:5]]
    told += ["", *(f"{costs(each)}." for each in report.estimates)]
    told += [f"An estimate, of {report.minutes} minutes a call."] if report.estimates else []
    return "\n".join([*told, "All of it: dialguard report"])


def title(report: Report) -> str:
    """Name it."""
    sites = ", ".join(report.sites[:3]) + (" and others" if len(report.sites) > 3 else "")
    return f"Attacks on {sites}, {day(report.since)} to {day(report.until)}"


def scope(report: Report) -> str:
    """Say what it was made from."""
    records = "record" if report.gates == 1 else "records"
    whose = "this gate" if report.gates == 1 else f"{report.gates} gates"
    files = "1 file" if report.files == 1 else f"{report.files} files"
    judged = report.allowed + report.denied
    return (
        "Attacks: the book of all gates that share the store. Calls: the "
        f"{records} of decisions of {whose}, {files}, {_calls(judged)}, {report.denied} refused."
    )


def day(at: float) -> str:
    """Write a moment's day, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def clock(at: float) -> str:
    """Write a moment's time of day, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M")


# ----------------------------------------------------------------------------- the parts


def none_through(report: Report) -> str:
    """Say that no call was let through, or that nobody knows."""
    if not report.attack_count:
        return "There is no attack in the book, so no call is one of an attack."
    if not report.files:
        return (
            "There is no record of decisions, so nobody knows: see `[log] decisions`, or `--log`."
        )
    return "None: no outside call of an attacked extension, or from an attacker, was let through."


def some_through(report: Report) -> str:
    """Say how many calls were let through, and what to do."""
    more = report.through_count - len(report.through)
    told = f", of which {len(report.through)} are listed" if more else ""
    calls = (
        "1 outside call" if report.through_count == 1 else f"{report.through_count} outside calls"
    )
    return (
        f"{calls}{told}, during an attack on the extension or from the address, or within a day "
        "after it. Ask whose they were."
    )


def money_of(through: Through) -> str:
    """Say what a call cost, where that is known."""
    if through.cost is None:
        return "unknown"
    return f"{amount(through.cost)} {through.currency}".strip()


def factors_of(through: Through) -> str:
    """Say what the caller showed."""
    return "+".join(through.shown) or "nothing"


def when_of(attack: Attack) -> str:
    """Say when it was."""
    begins = day(attack.first) == attack.day
    return f"{attack.day} {clock(attack.first) if begins else '00:00'}–{clock(attack.last)}"


def unplaced(report: Report) -> str:
    """Say what is not listed."""
    more = report.attack_count - sum(1 for each in report.attacks if each.watch)
    told = [f"{more} more entries of the book are not listed"] if more > 0 else []
    if report.unplaced:
        told.append(f"{report.unplaced} pieces of evidence had no entry of their own")
    if report.unmatched:
        told.append(f"the calls of {report.unmatched} attacked names were not looked at")
    return "; ".join(told)


def costs(each: Estimate) -> str:
    """Say what refused calls would have cost in a currency."""
    whole, part = amount(each.money), amount(each.attackers_money)
    calls = "call" if each.calls == 1 else "calls"
    return (
        f"{whole} {each.currency} for {each.calls} refused {calls}; of these {part} "
        f"{each.currency} for {each.attackers} of whom was attacked, or attacked"
    )


def uncounted(report: Report) -> str:
    """Say which refused calls are in no estimate."""
    return (
        f"{_calls(report.unpriced)} refused whose price nobody knows; {_calls(report.free)} "
        "refused that would have cost nothing"
    )


def _through(report: Report) -> Iterator[str]:
    if not report.through_count:
        yield none_through(report)
        return
    yield some_through(report)
    yield from _table(
        (
            "when",
            "site",
            "extension",
            "to",
            "country",
            "by rule",
            "showed",
            "cost",
            "ref.",
            "because of",
        ),
        [
            (
                *(each.time.removesuffix(" UTC"), each.site, each.extension, each.number),
                *(each.country, each.rule, factors_of(each), money_of(each)),
                *(each.reference, each.why),
            )
            for each in report.through
        ],
    )


def _attacks(report: Report) -> Iterator[str]:
    if not report.attack_count and not report.unplaced:
        yield "None in the book."
        return
    yield from _table(("sign", "entries"), _rows(report.by_sign))
    yield ""
    yield from _table(
        ("when", "site", "watch", "seen", "country", "done"),
        [
            (
                *(when_of(each), each.site, each.watch, each.seen),
                *(each.country, ", ".join(each.did) or "nothing"),
            )
            for each in report.attacks
        ],
    )
    if more := unplaced(report):
        yield f"{more}."


def _days(report: Report) -> Iterator[str]:
    shown = {name: [each.signs.get(name, 0) for each in report.days] for name, _ in report.by_sign}
    shown["calls refused"] = [each.denied for each in report.days]
    shown["calls let through"] = [each.allowed for each in report.days]
    yield from _table(
        ("", "per day", "most"),
        [(name, _bars(counts), str(max(counts, default=0))) for name, counts in shown.items()],
    )


def _sources(report: Report) -> Iterator[str]:
    yield from _named("address, proven", report.addresses)
    yield from _named("address, as anybody may have written it", report.written)
    yield from _named("network", report.networks)
    yield from _named("country", report.countries)


def _tried(report: Report) -> Iterator[str]:
    yield from _named("account", report.accounts)
    yield from _named("number, of whom was attacked", report.numbers)
    yield from _named("destination of refused calls", report.destinations)


def _cost(report: Report) -> Iterator[str]:
    for each in report.estimates:
        yield f"{costs(each)}."
    yield f"{uncounted(report)}."
    yield ESTIMATED.format(minutes=report.minutes)


def _held(report: Report) -> Iterator[str]:
    yield from _table(
        ("refused because", "by", "calls"),
        [(reason, by, str(count)) for reason, by, count in report.held],
    )
    if report.held_beyond:
        yield f"others: {_calls(report.held_beyond)}"
    if report.did:
        yield ""
        yield from _table(("done about attacks", "entries"), _rows(report.did))
    yield f"Locked out at this moment: {report.locked_out}."


# ----------------------------------------------------------------------------- tables


def _named(what: str, most: Most) -> Iterator[str]:
    if most.names:
        rows = [*_rows(most.names), *([("others", str(most.beyond))] if most.beyond else [])]
        yield from _table((what, "times"), rows)


def _rows(named: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
    return [(name, str(count)) for name, count in named]


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Write rows under their heading, with two blanks between columns; of no rows, nothing."""
    if not rows:
        return
    widths = [max(map(len, cells)) for cells in zip(columns, *rows, strict=True)]
    for row in (columns, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()


def _bars(counts: Sequence[int]) -> str:
    """Draw a line of bars, one for each; whatever is not nothing shows."""
    most = max(counts, default=0)
    steps = len(BARS) - 1
    return "".join(BARS[-(-count * steps // most) if most else 0] for count in counts) + "|"


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"
