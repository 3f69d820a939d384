"""Calls that would not have been as they were, as lines of CSV for a spreadsheet.

Names and numbers come from whoever called. No cell is a formula: what begins like one gets an
apostrophe before it, but for plain numbers in E.164, which a spreadsheet takes for what they are.
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Final, TextIO

from fastagi.rating.tariff import amount
from fastagi.replay.judged import Effect
from fastagi.replay.traits import in_words

if TYPE_CHECKING:
    from fastagi.replay.examples import Writer
    from fastagi.replay.judged import Judged

COLUMNS: Final = (
    *("time", "extension", "number", "country", "category", "talked_s", "cost_as_it_was"),
    *("effect", "rule", "reason", "cost_still", "other_effect", "other_rule", "other_reason"),
    *("other_cost_still", "looks", "because", "record"),
)

_FORMULA: Final = re.compile(r"[=+\-@\t\r\n]")
_NUMBER: Final = re.compile(r"\+[0-9x]+")


class Lines:
    """Writes calls down as they become known: refused ones at once, others when they are over."""

    def __init__(self, to: TextIO, writer: Writer) -> None:
        self._csv = csv.writer(to, lineterminator="\n")
        self._writer = writer
        self._csv.writerow(COLUMNS)

    def add(self, judged: Judged) -> None:
        """Write a call down, if it would have differed under the policy, or between the two."""
        under, other = judged.under, judged.other
        if under.effect is Effect.SAME and (other is None or other.effect is Effect.SAME):
            return
        shown = self._writer.example(judged)
        beside = ("", "", "", "")
        if other is not None:
            beside = (str(other.effect), other.rule, str(other.reason), _money(other.still))
        cells = (
            *(shown.time, shown.extension, shown.number, shown.country),
            *(str(judged.to.number.category), str(shown.talked_s), _money(judged.was)),
            *(shown.effect, under.rule, str(under.reason), _money(under.still), *beside),
            *(shown.look, in_words(judged.looked), shown.place),
        )
        self._csv.writerow([harmless(each) for each in cells])


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet computes."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def _money(money: int | None) -> str:
    return "" if money is None else amount(money)
