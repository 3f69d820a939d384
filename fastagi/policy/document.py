"""The policy as it is written: every table, every key, and what each may hold.

The shape only: a `RuleTable` knows what a rule looks like, not whether the class it names exists.
All tables are in this one file, as they are in the administrator's.
`loading` reads the tables one by one, so that one mistake does not hide the next; `schema` makes
a JSON Schema of the whole `Document`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Final, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from fastagi.numbering.pattern import Pattern
from fastagi.policy import values
from fastagi.policy.destinations import WORDS, Destination, read_destination
from fastagi.policy.format import FORMAT
from fastagi.policy.hours import read_clock, read_hours
from fastagi.policy.model import (
    LONGEST_S,
    Bond,
    BrakeTerms,
    Challenge,
    Factor,
    LiveCalls,
    Lockout,
    Per,
    Period,
    Prompt,
    Reason,
    SignInTerms,
    Then,
    ThenBypass,
    ThenLimit,
    ThenWatch,
)
from fastagi.policy.scope import Condition, Transport
from fastagi.policy.wording import nearest, quoted
from fastagi.signs.sign import Per as PerSign
from fastagi.signs.sign import Sign
from fastagi.toml_lines import TomlPath

_NAME: Final = f"^[A-Za-z0-9][A-Za-z0-9_.-]{{0,{values.NAME_MAX - 1}}}$"
"""What `values.read_name` takes, for the JSON Schema."""

COUNT_MAX: Final = 1_000_000  # no limit and no lockout counts further
SIGHTINGS_MAX: Final = 1_000
"""No watch counts further: what it counts is remembered for each who may be an attacker."""

_LOCKOUT: Final = Lockout()
_CHALLENGE: Final = Challenge()
_SIGN_IN: Final = SignInTerms()
_BRAKE: Final = BrakeTerms()
_FACTORS: Final = (Then.PIN, Then.TOTP, Then.PIN_TOTP)
_BRAKED: Final = (Then.DENY, *_FACTORS)


class WithoutStore(StrEnum):
    """What becomes of a rule's calls while the store is away."""

    DENY = "deny"
    ALLOW = "allow"


class Table(BaseModel):
    """A TOML table: no key but those it names, and no value that has to be bent to fit."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Text:
    """How a text of the file is read, and what the JSON Schema says of it.

    Args:
        read: Takes the text and returns its value, or raises a `ValueError` that says what to
            write instead.
        description: For whoever sees it in an editor.
        more: More of JSON Schema; may replace the `type`.
    """

    def __init__(self, read: Callable[[str], object], description: str, **more: object) -> None:
        self._read = read
        self._schema = {"type": "string", "description": description, **more}

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Have pydantic read the text, whatever the type of the value is."""
        return core_schema.no_info_plain_validator_function(self._value)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, object]:
        """Describe the text, not the value."""
        return dict(self._schema)

    def _value(self, written: object) -> object:
        if not isinstance(written, str):
            raise ValueError("this is no text; write it in quotes")
        return self._read(written)


def _pattern(written: str) -> Pattern:
    return Pattern.parse(written)


def _per(written: str) -> Per:
    return values.read_word(Per, written, "thing to count by")


def _then(written: str) -> Then:
    return values.read_word(Then, written, "demand of a rule")


def _then_limit(written: str) -> ThenLimit:
    return values.read_word(ThenLimit, written, "answer of a limit")


def _then_brake(written: str) -> Then:
    if written not in _BRAKED:
        raise ValueError(f"{quoted(written)} is no brake; {nearest(written, _BRAKED)}")
    return Then(written)


def _live_calls(written: str) -> LiveCalls:
    return values.read_word(LiveCalls, written, "fate of live calls")


def _then_bypass(written: str) -> ThenBypass:
    return values.read_word(ThenBypass, written, "answer to a bypass")


def _sign(written: str) -> Sign:
    return values.read_word(Sign, written, "sign of an attack")


def _per_sign(written: str) -> PerSign:
    return values.read_word(PerSign, written, "thing to count signs by")


def _then_watch(written: str) -> ThenWatch:
    return values.read_word(ThenWatch, written, "answer to an attack")


def _ask(written: str) -> Then:
    if written not in _FACTORS:
        raise ValueError(f"{quoted(written)} is nothing to ask; {nearest(written, _FACTORS)}")
    return Then(written)


def _bond(written: str) -> Bond:
    return values.read_word(Bond, written, "thing to be bound to")


def _factors(written: str) -> tuple[Factor, ...]:
    asked = {each: each.factors for each in _FACTORS}
    if written not in asked:
        raise ValueError(f"{quoted(written)} is nothing to show; {nearest(written, _FACTORS)}")
    return asked[Then(written)]


def _transport(written: str) -> Transport:
    return values.read_word(Transport, written, "transport")


def _without_store(written: str) -> WithoutStore:
    return values.read_word(WithoutStore, written, "word of `without_store`")


Name: TypeAlias = Annotated[
    str, Text(values.read_name, "names it in records and cases", pattern=_NAME)
]
ClassName: TypeAlias = Annotated[
    str, Text(values.read_name, "a name of `[classes]`", pattern=_NAME)
]
ConditionName: TypeAlias = Annotated[
    str,
    Text(
        values.read_condition_name,
        "a name that conditions are made of",
        pattern=_NAME,
        **{"not": {"enum": sorted(values.WORDS_OF_CONDITIONS)}},
    ),
]
PromptKey: TypeAlias = Annotated[
    Prompt | Reason,
    Text(values.read_prompt, "a prompt, or a reason of refusal", enum=[*Prompt, *Reason]),
]
Country: TypeAlias = Annotated[
    str, Text(values.read_country, "ISO 3166-1", enum=sorted(values.COUNTRIES))
]
Region: TypeAlias = Annotated[
    str,
    Text(
        values.read_region,
        "of the country, for its holidays: ISO 3166-2",
        pattern="^[A-Za-z0-9][A-Za-z0-9 -]{0,63}$",
        examples=["ENG"],
    ),
]
Timezone: TypeAlias = Annotated[
    ZoneInfo,
    Text(
        values.read_timezone,
        "of the IANA database: `Europe/London`",
        minLength=1,
        examples=["Europe/London", "America/New_York"],
    ),
]
OutsidePrefix: TypeAlias = Annotated[
    str,
    Text(
        values.read_outside_prefix,
        "what callers dial for a line",
        pattern="^[0-9]{0,6}$",
        examples=["9", "0"],
    ),
]
EmergencyText: TypeAlias = Annotated[
    str, Text(values.read_emergency, "an emergency number", pattern="^[0-9]{2,6}$")
]
ShortCode: TypeAlias = Annotated[
    str, Text(values.read_short_code, "a short code", pattern="^[0-9]{2,6}$")
]
Language: TypeAlias = Annotated[
    str,
    Text(
        values.read_language,
        "as Asterisk names its sounds",
        pattern="^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*$",
        examples=["en", "es"],
    ),
]
PatternText: TypeAlias = Annotated[
    Pattern, Text(_pattern, "an Asterisk pattern (`1XX`), or a name", examples=["1XX"])
]
Duration: TypeAlias = Annotated[
    int,
    Text(
        values.read_duration,
        "such as `45s`, `30m`, `24h`, `2h30m`",
        pattern="^([0-9]{1,6}d)?([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,8}s)?$",
        minLength=2,
        examples=["30m", "24h"],
    ),
]
Money: TypeAlias = Annotated[
    Decimal,
    Text(values.read_money, "an amount, as text: `20.00`", pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$"),
]
Price: TypeAlias = Annotated[
    Decimal,
    Text(
        values.read_price,
        "a price a minute, as text: `3.00`",
        pattern=r"^[0-9]{1,7}(\.[0-9]{1,6})?$",
    ),
]
HoursText: TypeAlias = Annotated[
    Period | date,
    Text(
        read_hours,
        "`Mon-Fri 08:00-18:30`, or a date: `2026-12-25`",
        minLength=1,
        examples=["Mon-Fri 08:00-18:30", "Sat,Sun 10:00-14:00", "2026-12-25"],
    ),
]
NetworkText: TypeAlias = Annotated[
    IPv4Network | IPv6Network,
    Text(
        values.read_network,
        "such as `10.0.0.0/8`",
        pattern="^[0-9A-Fa-f:.]+(%[^/]+)?(/[0-9.]+)?$",
        examples=["10.0.0.0/8", "2001:db8::/32"],
    ),
]
PathText: TypeAlias = Annotated[
    str, Text(values.read_path, "a file, relative to the policy's folder", minLength=1)
]
Sound: TypeAlias = Annotated[
    str,
    Text(
        values.read_sound,
        "a sound file, without extension, as Asterisk finds it",
        pattern="^[A-Za-z0-9_/-][A-Za-z0-9_./-]*$",
        examples=["custom/enter-your-pin"],
    ),
]
To: TypeAlias = Annotated[
    Destination,
    Text(
        read_destination,
        "a kind of destination",
        anyOf=[
            {"enum": [*map(str, WORDS)]},
            {"type": "string", "pattern": r"^(country:[A-Z0-9]+|prefix:\+?[0-9]+|list:.+)$"},
        ],
    ),
]
When: TypeAlias = Annotated[
    tuple[Condition, ...],
    Text(
        values.read_when,
        "names of `[hours]`, `night`, `weekend`, `holiday`, `over:LIMIT`, or `not` one of them; "
        "with `and` between: `office and not closed`",
        minLength=1,
        examples=["office", "not office", "night and over:burst"],
    ),
]
NetworkCondition: TypeAlias = Annotated[
    Condition,
    Text(
        values.read_condition,
        "a name of `[networks]`, or `reported`, or `not` it",
        minLength=1,
        examples=["office", "not office"],
    ),
]
TransportWord: TypeAlias = Annotated[
    Transport, Text(_transport, "how SIP came", enum=list(Transport))
]
WithoutStoreWord: TypeAlias = Annotated[
    WithoutStore,
    Text(_without_store, "what becomes of calls without the store", enum=list(WithoutStore)),
]
Trunk: TypeAlias = Annotated[
    str,
    Text(
        values.read_trunk,
        "the PJSIP endpoint of a trunk",
        pattern="^[A-Za-z0-9_.@+-]{1,80}$",
        examples=["my-trunk"],
    ),
]
BondWord: TypeAlias = Annotated[Bond, Text(_bond, "what must stay the same", enum=list(Bond))]
Count: TypeAlias = Annotated[int, Field(ge=1, le=COUNT_MAX)]


ClassPatterns: TypeAlias = Annotated[list[PatternText], Field(min_length=1)]
HoursTexts: TypeAlias = Annotated[list[HoursText], Field(min_length=1)]
Networks: TypeAlias = Annotated[list[NetworkText], Field(min_length=1)]


class SiteTable(Table):
    """Whose policy it is, and how numbers are dialled there."""

    name: Annotated[
        str,
        Text(
            values.read_site_name,
            "names the site in store and log",
            pattern="^[a-z0-9][a-z0-9-]{0,63}$",
        ),
    ]
    country: Country
    region: Region = ""
    timezone: Timezone
    internal: list[PatternText] = Field([], description="numbers that never leave the PBX")
    outside_prefix: OutsidePrefix = ""
    emergency: list[EmergencyText] = Field([], description="more than those of the country")
    short_codes: list[ShortCode] = Field([], description="more that cost as national numbers do")
    languages: list[Language] = Field(
        ["en"], min_length=1, description="of prompts that `dialguard doctor` looks for"
    )
    longest: Duration = Field(LONGEST_S, description="the longest any call may last; `4h`")
    replicas: int = Field(
        0, ge=0, le=5, description="of the store, that have a call before it is let through"
    )


class RatesTable(Table):
    """What calls cost: a rate sheet, and the price of what it does not list."""

    file: PathText
    currency: Annotated[
        str, Text(values.read_currency, "ISO 4217", pattern="^[A-Z]{3}$", examples=["EUR"])
    ]
    unknown: Price | None = Field(None, description="of what the sheet does not list or serve")


class ScopeTable(Table):
    """Which calls a rule or a limit speaks of; a key left out does not restrict."""

    name: Name
    from_: list[ClassName] = Field([], alias="from", min_length=1, description="classes")
    to: list[To] = Field([], min_length=1, description="destinations; any of them")
    when: When = ()
    network: list[NetworkCondition] = Field([], min_length=1, description="any of them")
    transport: list[TransportWord] = Field([], min_length=1, description="any of them")


class RuleTable(ScopeTable):
    """One rule: the first that fits a call decides."""

    then: Annotated[Then, Text(_then, "what it demands", enum=list(Then))]
    remember: Duration | None = Field(
        None, description="do not ask this extension, from this address, again for so long"
    )
    shadow: bool = Field(False, description="record what it would do, and do nothing")
    without_store: WithoutStoreWord | None = None
    brake: bool = Field(False, description="a call that it denies puts the brake on")
    off_net: bool = Field(False, description="connect somebody outside, too")


class LimitTable(ScopeTable):
    """One limit: every one that fits a call counts."""

    per: Annotated[Per | None, Text(_per, "counted together", enum=list(Per))] = None
    calls: Count | None = Field(None, description="so many at a time")
    duration: Duration | None = Field(None, description="the longest that one call may last")
    spend: Annotated[Money | None, Field(description="so much money `within` a time")] = None
    minutes: Count | None = Field(None, description="so many of talk `within` a time")
    attempts: Count | None = Field(None, description="so many calls `within` a time")
    numbers: Count | None = Field(None, description="so many different ones `within` a time")
    countries: Count | None = Field(None, description="so many different ones `within` a time")
    extensions: Count | None = Field(None, description="so many different ones `within` a time")
    short: Count | None = Field(None, description="so many calls of up to 30 s `within` a time")
    within: Duration | None = Field(None, description="a time that rolls, such as `24h`")
    price: Annotated[Money | None, Field(description="the dearest price a minute")] = None
    shadow: bool = Field(False, description="count and record, never refuse")
    then: Annotated[
        ThenLimit, Text(_then_limit, "what comes of a call over it", enum=list(ThenLimit))
    ] = ThenLimit.DENY


class LockoutTable(Table):
    """When wrong codes lock an extension or an address out, and for how long."""

    wrong: Count = Field(_LOCKOUT.wrong, description="wrong codes, over all calls")
    wrong_from_address: Count | None = Field(None, description="four times `wrong` if left out")
    invalid: Count = Field(_LOCKOUT.invalid, description="numbers that are none")
    for_: Duration = Field(
        _LOCKOUT.for_s,
        alias="for",
        description="the first time; each in a row lasts twice as long",
    )
    at_most: Duration = Field(_LOCKOUT.at_most_s, description="up to this")
    calls: Annotated[
        LiveCalls, Text(_live_calls, "what becomes of its live calls", enum=list(LiveCalls))
    ] = _LOCKOUT.calls


class BrakeTable(Table):
    """What the brake does while it is on, and for how long that is."""

    to: list[To] = Field([], min_length=1, description="the calls that it touches")
    for_: Duration = Field(_BRAKE.for_s, alias="for", description="since the last hit")
    then: Annotated[Then, Text(_then_brake, "what it asks of them", enum=[*map(str, _BRAKED)])] = (
        _BRAKE.then
    )
    calls: Annotated[
        LiveCalls, Text(_live_calls, "what becomes of live ones", enum=list(LiveCalls))
    ] = _BRAKE.calls


class WatchTable(Table):
    """What is seen as a sign of an attack, and what follows."""

    name: Name
    sign: Annotated[Sign, Text(_sign, "what is watched for", enum=list(Sign))]
    per: Annotated[PerSign | None, Text(_per_sign, "counted together", enum=list(PerSign))] = None
    count: Annotated[
        int | None, Field(ge=1, le=SIGHTINGS_MAX, description="so many `within` a time")
    ] = None
    within: Duration | None = Field(None, description="a time that rolls, such as `10m`")
    then: list[Annotated[ThenWatch, Text(_then_watch, "what follows", enum=list(ThenWatch))]] = (
        Field([ThenWatch.TELL], min_length=1, description="what follows; all of them")
    )
    for_: Duration | None = Field(None, alias="for", description="since the last sign")
    to: list[To] = Field([], min_length=1, description="the calls that it touches")
    ask: Annotated[
        Then | None, Text(_ask, "what a step-up asks of them", enum=[*map(str, _FACTORS)])
    ] = None
    unproven: bool = Field(False, description="ban addresses that anybody may have written, too")
    shadow: bool = Field(False, description="tell what would follow, and do nothing")


class HoneypotTable(Table):
    """What no honest person uses; whoever touches it is known by it."""

    extensions: list[PatternText] = Field([], min_length=1, description="that no phone has")
    to: list[To] = Field([], min_length=1, description="numbers that nobody calls")


class BypassTable(Table):
    """Trunks that no call may reach without having asked."""

    trunks: Annotated[list[Trunk], Field(min_length=1, description="their PJSIP endpoints")]
    then: Annotated[
        ThenBypass, Text(_then_bypass, "what becomes of such a call", enum=list(ThenBypass))
    ] = ThenBypass.ALARM


class ChallengeTable(Table):
    """How callers are asked for a code."""

    answer: bool = Field(_CHALLENGE.answer, description="answer the call before asking")
    tries: Annotated[int, Field(ge=1, le=10, description="in one call")] = _CHALLENGE.tries
    wait: Duration = Field(_CHALLENGE.wait_s, description="of silence at a prompt")


class SignInTable(Table):
    """How people sign in on a phone, and for how long, where a rule asks for that."""

    factors: Annotated[
        tuple[Factor, ...], Text(_factors, "what they show", enum=[*map(str, _FACTORS)])
    ] = _SIGN_IN.factors
    for_: Duration = Field(_SIGN_IN.for_s, alias="for", description="the longest it lasts")
    idle: Duration | None = Field(None, description="how long it lasts without a call")
    until: Annotated[
        time | None,
        Text(read_clock, "the time of day at which it is over", pattern="^[0-9]{2}:[0-9]{2}$"),
    ] = None
    at_once: Annotated[
        int, Field(ge=1, le=100, description="phones that one may be signed in on at a time")
    ] = _SIGN_IN.at_once
    bound_to: list[BondWord] = Field(
        sorted(_SIGN_IN.bound_to), description="what of the phone must stay the same"
    )
    calls: Annotated[
        LiveCalls, Text(_live_calls, "what becomes of its live calls", enum=list(LiveCalls))
    ] = _SIGN_IN.calls
    network: list[NetworkCondition] = Field(
        [], min_length=1, description="where phones are that page or API sign in on"
    )
    anywhere: bool = Field(
        _SIGN_IN.anywhere, description="with one's own factors, on a phone of others"
    )


class Document(Table):
    """A whole policy; its tables are in the order in which `dialguard fmt` has them."""

    format: int = Field(1, ge=1, le=FORMAT, description="of this file; see `dialguard migrate`")
    site: SiteTable
    classes: dict[ClassName, ClassPatterns] = Field({}, description="class of service: patterns")
    hours: dict[ConditionName, HoursTexts] = Field({}, description="`closed` keeps others out")
    networks: dict[ConditionName, Networks] = Field({}, description="addresses, by name")
    lists: dict[Name, PathText] = Field({}, description="numbers as CSV, or one a line")
    rates: RatesTable | None = None
    rule: list[RuleTable] = Field([], description="the first that fits a call decides")
    limit: list[LimitTable] = Field([], description="every one that fits a call counts")
    watch: list[WatchTable] = Field([], description="signs of an attack, and what follows")
    honeypot: HoneypotTable | None = None
    brake: BrakeTable | None = None
    bypass: BypassTable | None = None
    sign_in: SignInTable | None = Field(None, alias="sign-in")
    challenge: ChallengeTable | None = None
    lockout: LockoutTable | None = None
    prompts: dict[PromptKey, Sound] = Field({}, description="sounds to play instead of ours")


@dataclass(frozen=True, slots=True)
class Written:
    """What could be read of a document: tables that are wrong are None, wrong rules left out.

    Attributes:
        rules: Each with its path in the file, as `limits` and `watches`.
    """

    site: SiteTable | None
    classes: Mapping[str, list[Pattern] | None]
    hours: Mapping[str, list[Period | date] | None]
    networks: Mapping[str, list[IPv4Network | IPv6Network] | None]
    lists: Mapping[str, str | None]
    rates: RatesTable | None
    rules: Sequence[tuple[TomlPath, RuleTable]]
    limits: Sequence[tuple[TomlPath, LimitTable]]
    lockout: LockoutTable
    challenge: ChallengeTable
    bypass: BypassTable | None
    sign_in: SignInTable
    brake: BrakeTable | None
    watches: Sequence[tuple[TomlPath, WatchTable]]
    honeypot: HoneypotTable | None
    prompts: Mapping[str, str | None]
