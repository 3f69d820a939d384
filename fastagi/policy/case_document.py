"""The cases as they are written: every table and key of a `.cases.toml`."""

from __future__ import annotations

import re
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Annotated, Final, TypeAlias

from pydantic import Field, PlainValidator, WithJsonSchema

from fastagi.numbering.number import Category
from fastagi.policy import values
from fastagi.policy.document import (
    COUNT_MAX,
    Country,
    Duration,
    EmergencyText,
    Money,
    OutsidePrefix,
    PatternText,
    Table,
    Text,
    Timezone,
    TransportWord,
    WithoutStoreWord,
)
from fastagi.policy.model import Factor, Novelty, Reason, Stage, Then
from fastagi.policy.wording import quoted

TEXT_MAX: Final = 10_000  # characters: room for what a hostile phone may dial

_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)
_YEARS: Final = range(1970, 3000)  # no time zone moves these out of what a datetime can hold


def _moment(written: object) -> datetime:
    """Read `2026-01-05T10:10:00`, with quotes or without; local where it names no offset."""
    moment = written
    if isinstance(written, str) and _MOMENT.fullmatch(written):
        try:
            moment = datetime.fromisoformat(written)
        except ValueError:
            raise ValueError(f"there is no moment {quoted(written)}") from None
    if not isinstance(moment, datetime) or moment.year not in _YEARS:
        raise ValueError(f"{quoted(str(written))} is no moment; write `2026-01-05T10:10:00`")
    return moment


def _any(written: str) -> str:
    if len(written) > TEXT_MAX:
        raise ValueError(f"this is longer than {TEXT_MAX} characters")
    return written


def _address(written: str) -> IPv4Address | IPv6Address:
    try:
        return ip_address(written)
    except ValueError:
        raise ValueError(f"{quoted(written)} is no address; write `10.0.0.5`") from None


def _factor(written: str) -> Factor:
    return values.read_word(Factor, written, "factor")


def _novelty(written: str) -> Novelty:
    return values.read_word(Novelty, written, "novelty")


def _stage(written: str) -> Stage:
    return values.read_word(Stage, written, "stage of a brake")


def _verdict(written: str) -> Then:
    return values.read_word(Then, written, "verdict")


def _category(written: str) -> Category:
    return values.read_word(Category, written, "category")


def _reason(written: str) -> Reason:
    return values.read_word(Reason, written, "reason")


Moment: TypeAlias = Annotated[
    datetime,
    PlainValidator(_moment),
    WithJsonSchema(
        {
            "type": "string",
            "description": "`2026-01-05T10:10:00`: the site's time, unless it names an offset",
            "pattern": f"^{_MOMENT.pattern}$",
        }
    ),
]
AnyText: TypeAlias = Annotated[str, Text(_any, "any text")]
LimitName: TypeAlias = Annotated[str, Text(values.read_name, "a limit")]
WatchName: TypeAlias = Annotated[str, Text(values.read_name, "a watch")]
Before: TypeAlias = Annotated[int, Field(ge=0, le=COUNT_MAX)]
Address: TypeAlias = Annotated[IPv4Address | IPv6Address, Text(_address, "an address")]
StageWord: TypeAlias = Annotated[
    Stage, Text(_stage, "how far a brake goes", enum=[*map(str, Stage)])
]
FactorWord: TypeAlias = Annotated[Factor, Text(_factor, "a factor")]
CategoryWord: TypeAlias = Annotated[
    Category, Text(_category, "a category", enum=[*map(str, Category)])
]
ReasonWord: TypeAlias = Annotated[Reason, Text(_reason, "a reason", enum=[*map(str, Reason)])]
NoveltyWord: TypeAlias = Annotated[Novelty, Text(_novelty, "what is new", enum=list(Novelty))]


class SiteOverride(Table):
    """What of the policy's `[site]` is otherwise in this case."""

    country: Country | None = None
    timezone: Timezone | None = None
    internal: list[PatternText] | None = None
    outside_prefix: OutsidePrefix | None = None
    emergency: list[EmergencyText] | None = None
    longest: Duration | None = None


class UsedTable(Table):
    """What of one limit was used before this call, under what the call is counted by.

    Attributes:
        calls: That hold their slots just now.
        spend: Money, as text.
        numbers: Others than the one that is called.
        countries: Others than the one that is called.
        extensions: Others than the one that calls.
        short: Calls that were over soon.
    """

    calls: Before | None = None
    spend: Money | None = None
    minutes: Before | None = None
    attempts: Before | None = None
    numbers: Before | None = None
    countries: Before | None = None
    extensions: Before | None = None
    short: Before | None = None


class CallTable(Table):
    """The call, and what is known of the caller.

    Attributes:
        at: Local time of the site, unless it names an offset.
        first_time_country: Whether this extension never called that country before.
        novel: What else of the call is new, in the words of `to`.
        off_net: Whether whoever talks is somebody outside; the call is a transferred one then.
        shown: Factors keyed in this very call.
        proven: Factors proven from this address before, and how long ago.
        overridden: Whether an operator lets the call through.
        number_reported: Whether it is known by then that others report the number.
        address_reported: The same of the address.
        over: Limits of which nothing is left, besides those of which `used` says so.
        used: What was used before of the limits named; of others nothing was.
        braked: How far the brake is on.
        watched: Watches that saw an attack on the extension a while ago at most.
    """

    from_: AnyText = Field(alias="from")
    dial: AnyText
    at: Moment
    address: Address | None = None
    transport: Annotated[TransportWord | None, Field()] = None
    trunk: AnyText = ""
    transferred: bool = False
    off_net: bool = False
    locked_out: bool = False
    signed_in: bool = False
    overridden: bool = False
    number_reported: bool = False
    address_reported: bool = False
    first_time_country: bool = False
    novel: list[NoveltyWord] = Field([])
    over: list[LimitName] = Field([])
    shown: list[FactorWord] = Field([])
    proven: dict[FactorWord, Duration] = Field({})
    used: dict[LimitName, UsedTable] = Field({})
    braked: StageWord | None = None
    watched: list[WatchName] = Field([])


class ExpectTable(Table):
    """What must come of it: the verdict, the rule that gives it, and whatever else is named.

    Attributes:
        verdict: As a rule's `then`: a call that is asked for a PIN has the verdict `pin`.
        rule: The rule, or the limit, that decides.
        limits: Names of the limits that the call falls under, in the policy's order.
        shadows: Rules, limits and watches under `shadow` that would have spoken, in any order.
        duration: How long the call may last.
        without_store: What becomes of the call while the store is away.
    """

    verdict: Annotated[Then, Text(_verdict, "as a rule's `then`")]
    rule: Annotated[str, Text(values.read_name, "a rule")]
    number: AnyText | None = None
    category: CategoryWord | None = None
    country: AnyText | None = None
    reason: ReasonWord | None = None
    limits: list[AnyText] | None = None
    shadows: list[AnyText] | None = None
    duration: Duration | None = None
    without_store: WithoutStoreWord | None = None


class CaseTable(Table):
    """One case."""

    name: AnyText
    site: SiteOverride | None = None
    call: CallTable
    expect: ExpectTable
