"""What numbers a question is about: one, a prefix, a country, a category, a list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.errors import WhereError
from fastagi.policy.destinations import Kind, read_destination
from fastagi.policy.wording import nearest, quoted

if TYPE_CHECKING:
    from fastagi.answers.numbers import Group
    from fastagi.numbering.prefixes import PrefixTable
    from fastagi.policy.destinations import Destination
    from fastagi.policy.model import Policy

_PREFIX: Final = re.compile(r"\+(?P<digits>[1-9][0-9]{0,14})(?:…|\.\.\.|\*)")


@dataclass(frozen=True, slots=True)
class Where:
    """Numbers that a question is about.

    Attributes:
        text: As they were written.
        within: Digits that all of them begin with; empty where that is not said.
        number: The one number; empty where they are many.
        item: An item as in a `to` list; None where it is digits.
    """

    text: str
    within: str = ""
    number: str = ""
    item: Destination | None = None

    def table(self, policy: Policy) -> PrefixTable | None:
        """Return the list that is asked for, if one is."""
        if self.item is None or self.item.kind is not Kind.LIST:
            return None
        return policy.lists[self.item.value]

    def takes(self, policy: Policy, group: Group) -> bool:
        """Tell whether a group of numbers is in question."""
        number = group.number
        if self.number:
            return True
        if self.item is None:
            return number.is_e164
        match self.item.kind:
            case Kind.CATEGORY:
                return self.item.value in number.categories
            case Kind.COUNTRY:
                return number.country == self.item.value
            case Kind.LIST:
                table = self.table(policy)
                listed = table is not None and table.longest(number.number) is not None
                return number.is_e164 and listed
            case _:
                return number.is_e164


def read_where(text: str, policy: Policy) -> Where:
    """Read `+882…`, `country:JM`, `premium`, `list:NAME`, or a number as it is dialled.

    Raises:
        WhereError: It is none of these; the message says what to write instead.
    """
    found = _PREFIX.fullmatch(text)
    if found:
        return Where(text, within=found["digits"])
    if ":" in text or text.replace("-", "").isalpha():
        try:
            item = read_destination(text)
        except ValueError as error:
            raise WhereError(str(error)) from None
        if item.kind in (Kind.NOVEL, Kind.REPORTED):
            raise WhereError(
                f"{quoted(text)} is no place; write `+882…`, `country:JM` or a number"
            )
        if item.kind is Kind.LIST and item.value not in policy.lists:
            raise WhereError(
                f"there is no list {quoted(item.value)}; {nearest(item.value, policy.lists)}"
            )
        return Where(text, within=item.value if item.kind is Kind.PREFIX else "", item=item)
    number = policy.plan.read(text)
    if not number.number:
        raise WhereError(f"{quoted(text)} is no number: {number.why}; for many write `+882…`")
    within = number.number.removeprefix("+") if number.is_e164 else ""
    return Where(text, within=within, number=number.number)
