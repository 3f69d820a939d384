"""A month of an office in which it was attacked, made up from a seed: the same each time.

Sixty honest calls a working day. On the 3rd a scanner tries accounts; nobody can tell whether it
is where it says. On the 9th many guess at 104's password, and in the night to the 10th one has it:
of his calls the dear ones are refused, and two are let through. On the 17th a few passwords are
tried on every account, and whoever does is banned; on the 21st somebody touches a trap; on the
25th three hundred addresses, that anybody may have written, send nonsense.

What it is not: measured. It is there to see what a report makes of it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from fastagi.attacks import book
from fastagi.attacks.book import Did
from fastagi.decision_log.record import Record, line
from fastagi.numbering.number import Category
from fastagi.policy.model import Factor, Reason, Verdict
from fastagi.signs.sign import Evidence, Per, Sign

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastagi.stores.records import Records

BEGIN: Final = datetime(2026, 11, 1, tzinfo=UTC).timestamp()
DAYS: Final = 30
NOW: Final = BEGIN + DAYS * 86_400
SATURDAY: Final = 5
SITE: Final = "office"
CALLS_A_DAY: Final = 60
STOLEN: Final = "104"
THIEF: Final = "198.51.100.77"
REFUSED: Final = 40
FLOOD: Final = 300


@dataclass(frozen=True, slots=True)
class Noted:
    """One piece of evidence, with what was done about it."""

    evidence: Evidence
    did: tuple[Did, ...]
    country: str = ""


def at(day: int, hour: float) -> float:
    """Return a moment of the month."""
    return BEGIN + (day - 1) * 86_400 + hour * 3600


def evidence(
    sign: Sign,
    per: Per,
    name: str,
    moment: float,
    *,
    account: str = "",
    address: str = "",
    count: int = 10,
    addresses: int = 1,
    proven: bool = True,
) -> Evidence:
    """Return evidence of the office's watch of that sign."""
    return Evidence(
        SITE, str(sign), sign, per, name, account, address, count, 30.0, addresses, proven, moment
    )


def seen() -> Iterator[Noted]:
    """Make up the evidence, in order."""
    told, banned = (Did.TOLD,), (Did.TOLD, Did.BANNED)
    for step, account in enumerate(("100", "101", "1000", "admin", "+441632960123")):
        scan = evidence(
            *(Sign.ENUMERATION, Per.ADDRESS, "203.0.113.7", at(3, 4 + step / 60)),
            account=account,
            address="203.0.113.7",
            count=40 * (step + 1),
            proven=False,
        )
        yield Noted(scan, told, "NL")
    for step in range(6):
        guess = evidence(
            *(Sign.GUESSING, Per.ACCOUNT, STOLEN, at(9, 22 + step / 4)),
            account=STOLEN,
            address=f"198.51.100.{70 + step}",
            count=10 + 30 * step,
            addresses=step + 1,
        )
        yield Noted(guess, told, "RO")
    success = evidence(
        *(Sign.SUCCESS_AFTER_GUESSING, Per.ACCOUNT, STOLEN, at(10, 2.2)),
        account=STOLEN,
        address=THIEF,
        count=172,
        addresses=7,
    )
    yield Noted(success, (Did.TOLD, Did.STEPPED_UP, Did.SIGN_IN_ENDED), "RO")
    for step, account in enumerate(("101", "102", "103")):
        spray = evidence(
            *(Sign.SPRAYING, Per.ADDRESS, "2001:db8:5::9", at(17, 13 + step / 60)),
            account=account,
            address="2001:db8:5::9",
            count=5 + step,
        )
        yield Noted(spray, banned)
    trap = evidence(
        *(Sign.HONEYPOT, Per.ADDRESS, "192.0.2.200", at(21, 3.5)),
        account="199",
        address="192.0.2.200",
        count=1,
    )
    yield Noted(trap, banned, "DE")
    for step in range(FLOOD):
        address = f"10.66.{step // 200}.{step % 200}"
        nonsense = evidence(
            *(Sign.MALFORMED, Per.ADDRESS, address, at(25, 9 + step / 3600)),
            address=address,
            proven=False,
        )
        yield Noted(nonsense, told)


async def write_book(records: Records) -> None:
    """Have all of it noted, each at its moment."""
    for each in seen():
        what = each.evidence
        await book.note(records, what, each.did, what.at, country=each.country)


def decisions(seed: int = 7, a_day: int = CALLS_A_DAY) -> Iterator[Record]:
    """Make up the decisions, in order.

    Args:
        seed: Of chance.
        a_day: Honest calls on a working day.
    """
    dice = random.Random(seed)  # noqa: S311 - nothing secret
    for day in range(1, DAYS + 1):
        honest = list(_honest(dice, day, a_day))
        yield from sorted([*honest, *(_stolen() if day == 10 else ())], key=lambda each: each.at)


def _honest(dice: random.Random, day: int, a_day: int) -> Iterator[Record]:
    weekday = datetime.fromtimestamp(at(day, 0), UTC).weekday()
    for count in range(a_day // 20 if weekday >= SATURDAY else a_day):
        moment = at(day, 8 + 10 * dice.random())
        extension = f"{dice.randrange(100, 110)}"
        denied = dice.random() < 0.03
        yield Record(
            at=moment,
            site=SITE,
            call=f"{int(moment)}.{day}{count}",
            extension=extension if not (day == 10 and extension == STOLEN) else "105",
            address=f"10.0.0.{int(extension) - 90}",
            verdict=Verdict.DENY if denied else Verdict.ALLOW,
            reason=Reason.RULE if denied else Reason.ALLOWED,
            rule="pays-the-caller" if denied else "at-home",
            reference=f"{dice.randrange(10_000):04}",
            number=f"+44909{dice.randrange(10**7):07}" if denied else "+442079460123",
            category=Category.PREMIUM if denied else Category.NATIONAL,
            country="GB",
            price=1_500_000 if denied else 10_000,
            currency="GBP",
        )


def _stolen() -> Iterator[Record]:
    """Make up what the thief does with what he found out."""
    said: dict[str, object] = {
        "site": SITE,
        "extension": STOLEN,
        "address": THIEF,
        "currency": "GBP",
    }
    for step, number in enumerate(("+442079460777", "+442079460778")):
        moment, call = at(10, 2.3 + step / 60), f"stolen.{step}"
        let = dict(said, call=call, number=number, category=Category.NATIONAL, country="GB")
        yield _record(let, moment, Verdict.ALLOW, Reason.ALLOWED, "at-home", 10_000, f"100{step}")
        over = Record(
            at=moment + 240,
            site=SITE,
            call=call,
            extension=STOLEN,
            verdict=Verdict.ALLOW,
            reason=Reason.SETTLED,
            rule="at-home",
            reference=f"100{step}",
            seconds=240,
            cost=40_000,
            currency="GBP",
        )
        yield over
    for step in range(REFUSED):
        number = f"+3902123456{step:02}"
        abroad = dict(
            said,
            call=f"abroad.{step}",
            number=number,
            category=Category.INTERNATIONAL,
            country="IT",
        )
        moment = at(10, 2.4 + step / 120)
        if step < 25:
            why, rule, price = Reason.WRONG_CODE, "abroad", 250_000
        elif step < 35:
            why, rule, price = Reason.LOCKED_OUT, "", None
        else:
            why, rule, price = Reason.RULE, "trap", 9_000_000
        yield _record(abroad, moment, Verdict.DENY, why, rule, price, f"{2000 + step}")


def _record(
    said: dict[str, object],
    moment: float,
    verdict: Verdict,
    reason: Reason,
    rule: str,
    price: int | None,
    reference: str,
) -> Record:
    asked = (Factor.PIN, Factor.TOTP) if reason is Reason.WRONG_CODE else ()
    return Record(
        at=moment,
        verdict=verdict,
        reason=reason,
        rule=rule,
        price=price,
        reference=reference,
        asked=asked,
        **said,  # type: ignore[arg-type]  # of the fields' types, each
    )


def write_log(file: Path, a_day: int = CALLS_A_DAY) -> int:
    """Write the decisions down as the service does; return how many lines there are."""
    count = 0
    with file.open("w") as log:
        for record in decisions(a_day=a_day):
            log.write(line(record, mask=4))
            count += 1
    return count
