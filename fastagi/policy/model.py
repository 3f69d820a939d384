"""A policy as values: frozen, checked, free of files and of the clock.

`loading` makes a `Policy` out of a file, `decision` judges a `Request` by it. Nothing here reads
or writes; all that a policy computes is its own indexes, from its own fields. It is one file as it
is one vocabulary: whatever decides, explains or tests a policy speaks it, and half of it is words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from fastagi.numbering.number import Category
from fastagi.policy.calendar import BUILT_IN, Calendar
from fastagi.policy.matching import ClassIndex, ScopeIndex
from fastagi.policy.scope import Condition as Condition
from fastagi.policy.scope import Destinations as Destinations
from fastagi.policy.scope import Novelty as Novelty
from fastagi.policy.scope import Scope as Scope
from fastagi.policy.scope import Transport as Transport
from fastagi.policy.scope import asks_for_address, asks_for_number, named_limits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime, time, tzinfo
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
    from pathlib import Path

    from fastagi.numbering.number import Number
    from fastagi.numbering.pattern import Pattern
    from fastagi.numbering.plan import NumberingPlan
    from fastagi.numbering.prefixes import PrefixTable
    from fastagi.rating.rates import Rates
    from fastagi.rating.tariff import Tariff
    from fastagi.signs.sign import Per as PerSign
    from fastagi.signs.sign import Sign
    from fastagi.toml_lines import TomlPath


# ----------------------------------------------------------------------------- the words


class Verdict(StrEnum):
    """What the gate says; there is nothing else."""

    ALLOW = "allow"
    CHALLENGE = "challenge"
    DENY = "deny"


class Factor(StrEnum):
    """A second factor keyed by DTMF after the endpoint is known."""

    PIN = "pin"
    TOTP = "totp"


class Then(StrEnum):
    """What a rule demands of a call that fits it."""

    ALLOW = "allow"
    DENY = "deny"
    PIN = "pin"
    TOTP = "totp"
    PIN_TOTP = "pin+totp"
    SIGN_IN = "sign-in"

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The factors to ask for, in the order they are asked."""
        match self:
            case Then.PIN:
                return (Factor.PIN,)
            case Then.TOTP:
                return (Factor.TOTP,)
            case Then.PIN_TOTP:
                return (Factor.PIN, Factor.TOTP)
            case Then.ALLOW | Then.DENY | Then.SIGN_IN:
                return ()


class Per(StrEnum):
    """What a limit counts together."""

    EXTENSION = "extension"
    CLASS = "class"
    COUNTRY = "country"
    NUMBER = "number"
    TRUNK = "trunk"
    SITE = "site"
    BLOCK = "block"
    """A hundred numbers in a row: all whose digits but the last two are alike."""


class ThenLimit(StrEnum):
    """What comes of a call that a limit is too small for."""

    DENY = "deny"
    WATCH = "watch"
    """Nothing by itself; rules ask for it: `when = "over:NAME"`."""
    BRAKE = "brake"
    """The brake is put on, and the call is judged anew."""


class Unit(StrEnum):
    """What a limit counts within a time."""

    SPEND = "spend"
    """Money, in millionths of the currency's unit (`rating.tariff.MONEY_UNIT`)."""
    SECONDS = "seconds"
    """Of talk; a policy writes them as `minutes`."""
    ATTEMPTS = "attempts"
    """Calls that were let through, whatever became of them."""
    NUMBERS = "numbers"
    """Different numbers called."""
    COUNTRIES = "countries"
    """Different countries called."""
    EXTENSIONS = "extensions"
    """Different extensions that call."""
    SHORT = "short"
    """Calls that were answered, and over soon (`stores.budgets.SHORT_S`); each live one may be."""


class Reason(StrEnum):
    """Why a decision fell as it did: closed and stable; prompts and dashboards hang on it."""

    ALLOWED = "allowed"
    OVERRIDDEN = "overridden"
    """Rules would not have let it pass, but an operator did."""
    EMERGENCY = "emergency"
    INTERNAL = "internal"
    RULE = "rule"
    """A rule with `then = "deny"` fits."""
    NO_RULE = "no-rule"
    INVALID_NUMBER = "invalid-number"
    UNKNOWN_EXTENSION = "unknown-extension"
    """The endpoint is in no class and fits no internal pattern: a trunk, a guest, a stranger."""
    NO_IDENTITY = "no-identity"
    """Asterisk named no endpoint for the call."""
    LOCKED_OUT = "locked-out"
    CHALLENGE = "challenge"
    """Not final: a factor has to be keyed first."""
    OFF_NET = "off-net"
    """A rule allows it, but not to connect two parties outside with one another."""
    CANNOT_CHALLENGE = "cannot-challenge"
    """A factor is needed, but whoever would hear the prompt is not the one who is judged."""
    NOT_ENROLLED = "not-enrolled"
    WRONG_CODE = "wrong-code"
    NO_DIGITS = "no-digits"
    """Silence at the prompt."""
    HUNG_UP = "hung-up"
    SIGN_IN_REQUIRED = "sign-in-required"
    SIGNED_IN = "signed-in"
    """Not of a call: somebody signed in on the phone, or is signed in."""
    SIGNED_OFF = "signed-off"
    """Not of a call: somebody signed off, or nobody is signed in."""
    UNPLACED = "unplaced"
    """A sign-in was asked for, but what it is to be bound to of the phone is not known."""
    SETTLED = "settled"
    """Not a decision: a call that was let through is over, and it is known what it cost."""
    LIMIT_REACHED = "limit-reached"
    """As many calls are up as a limit lets be at one time."""
    BUDGET_REACHED = "budget-reached"
    """What a limit gives within a time is used up; or the time that this call was given."""
    TOO_DEAR = "too-dear"
    """The number costs more than a limit's `price`, or its first seconds more than a budget."""
    NO_PRICE = "no-price"
    """A limit is on money, and nobody says what the call costs."""
    BRAKED = "braked"
    """The brake is on, and asks for more than whoever calls has shown."""
    WATCHED = "watched"
    """A `[[watch]]` saw an attack on the extension, and asks for more than was shown."""
    STORE_DOWN = "store-down"
    BUSY = "busy"
    """This server has more to do than it can: too many sessions, or it is shutting down."""
    BYPASS = "bypass"
    """A call reached a guarded trunk without having asked; no caller hears of it."""
    BAD_QUESTION = "bad-question"
    """What came from the dialplan cannot be trusted: malformed, forged, or without the secret."""
    FAILED = "failed"
    """Something broke on the way; the service log says what."""


REACHED: Final = frozenset({Reason.LIMIT_REACHED, Reason.BUDGET_REACHED, Reason.TOO_DEAR})
"""A limit denies, by what it is on."""


class ThenBypass(StrEnum):
    """What becomes of a call that reached a guarded trunk without having asked."""

    ALARM = "alarm"
    HANG_UP = "hang-up"


class ThenWatch(StrEnum):
    """What follows from a sign of an attack."""

    TELL = "tell"
    """Operators are told; they are of the others, too."""
    STEP_UP = "step-up"
    """The extension's next calls have to show more, for a while."""
    LOCK = "lock"
    """The extension makes no outside call, for a while."""
    END_SIGN_IN = "end-sign-in"
    """Whoever is signed in on the extension is so no more."""
    BAN = "ban"
    """Asterisk hears nothing of the address, for a while."""


class Stage(StrEnum):
    """How far a brake goes."""

    EXTENSION = "extension"
    CLASS = "class"
    SITE = "site"


class LiveCalls(StrEnum):
    """What becomes of live calls when their extension is locked out, or their sign-in is over."""

    KEEP = "keep"
    END = "end"


class Bond(StrEnum):
    """What of a phone must stay the same for as long as somebody is signed in on it."""

    ADDRESS = "address"
    TRANSPORT = "transport"
    AGENT = "agent"
    CONTACT = "contact"


class Prompt(StrEnum):
    """What is said at a prompt; `[prompts]` may name a sound file for it, and for a `Reason`."""

    PIN = "pin"
    CODE = "code"
    WRONG = "wrong"
    """Before another try; never tells what was wrong."""
    EXTENSION = "extension"
    """Whose PIN and code are going to be keyed, where one may sign in on a phone of others."""
    SIGNED_IN = "signed-in"
    SIGNED_OFF = "signed-off"
    LEFT = "left"
    """Before the hours and minutes that are left of a sign-in."""
    REFERENCE = "reference"
    """Before the four digits of a refusal's reference."""


# ----------------------------------------------------------------------------- the policy


@dataclass(frozen=True, slots=True)
class ClassOfService:
    """A named set of endpoints; an endpoint is in the class of its most specific pattern."""

    name: str
    patterns: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """One line of opening hours: on these days, from `start` up to (not including) `end`.

    Attributes:
        days: ISO weekdays, Monday is 1.
        start: Local time of day.
        end: Local time of day; not after `start` means that it runs past midnight, `00:00` means
            the end of the day.
    """

    days: frozenset[int]
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Hours:
    """A name of `[hours]`: weekly periods, or dates. Where `closed` holds, no other name does."""

    name: str
    periods: tuple[Period, ...] = ()
    dates: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """One ordered entry of a policy.

    Attributes:
        without_store: Whether what it allows is let through while the store is away; only of a
            rule whose `then` is ALLOW.
        brake: Whether a call that it denies puts the brake on; only of a rule whose `then` is
            DENY.
        off_net: Whether what it allows is let through for somebody outside, too; only of a rule
            whose `then` is ALLOW.
    """

    name: str
    scope: Scope
    then: Then
    remember_s: int = 0
    shadow: bool = False
    line: int = 0
    without_store: bool = False
    brake: bool = False
    off_net: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """A cap on calls at one time, on what they use within a time, or on one call.

    Attributes:
        calls: Calls at one time that `per` may have; None where the limit is not on calls.
        duration_s: The longest a call may last; None where the limit is not on that.
        budgets: The most that `per` may use of each unit within `within_s`.
        within_s: A time that rolls, so that no moment gives a budget anew; 0 without budgets.
        price: The dearest price a minute that may be called, in millionths; None where the limit
            is not on that.
        then: What comes of a call that it is too small for.
    """

    name: str
    scope: Scope
    per: Per | None = None
    calls: int | None = None
    duration_s: int | None = None
    shadow: bool = False
    line: int = 0
    budgets: tuple[tuple[Unit, int], ...] = ()
    within_s: int = 0
    price: int | None = None
    then: ThenLimit = ThenLimit.DENY

    @property
    def only_counts(self) -> bool:
        """Whether it never denies a call by itself."""
        return self.shadow or self.then is not ThenLimit.DENY

    def most(self, unit: Unit) -> int | None:
        """Return the most that may be used of a unit; None where the limit is not on it."""
        return dict(self.budgets).get(unit)


@dataclass(frozen=True, slots=True)
class Lockout:
    """When wrong codes, or invalid numbers, lock an extension or an address out.

    Attributes:
        wrong: Wrong codes of one extension, over all its calls, before it is locked out.
        wrong_from_address: The same from one source address, over all extensions behind it.
        invalid: Numbers that mean nothing, dialled by one extension, before it is locked out.
        for_s: Length of the first lockout; it doubles with every lockout in a row …
        at_most_s: … up to this. Failures older than this are forgotten.
        calls: What becomes of the calls that a locked-out extension has by then.
    """

    wrong: int = 5
    wrong_from_address: int = 20
    invalid: int = 20
    for_s: int = 900
    at_most_s: int = 86400
    calls: LiveCalls = LiveCalls.KEEP


@dataclass(frozen=True, slots=True)
class SignInTerms:
    """How people sign in, and for how long; `then = "sign-in"` asks for it.

    Attributes:
        factors: What they show, in the order they are asked.
        for_s: The longest a sign-in lasts.
        idle_s: How long it lasts without a call; 0 where that does not matter.
        until: The local time of day at which each is over; None where there is none.
        at_once: How many of one extension there may be at a time.
        bound_to: What of the phone must stay the same.
        calls: What becomes of its live calls when it is over.
        anywhere: Whether people may sign in with their own factors on a phone of others.
        networks: Where a phone has to be that is signed in on by page or API: in any of them. On
            a page one at the browser's own address will do besides. At the keypad one is there.
    """

    factors: tuple[Factor, ...] = (Factor.PIN, Factor.TOTP)
    for_s: int = 8 * 3600
    idle_s: int = 0
    until: time | None = None
    at_once: int = 1
    bound_to: frozenset[Bond] = frozenset(Bond)
    calls: LiveCalls = LiveCalls.KEEP
    anywhere: bool = False
    networks: tuple[Condition, ...] = ()


BRAKED: Final = Destinations(
    text=("international", "premium", "satellite", "shared-cost", "personal", "pager"),
    categories=frozenset(
        {
            Category.INTERNATIONAL,
            Category.PREMIUM,
            Category.SATELLITE,
            Category.SHARED_COST,
            Category.PERSONAL,
            Category.PAGER,
        }
    ),
)
"""What a brake touches where nothing is said: what costs more than a call at home."""


@dataclass(frozen=True, slots=True)
class BrakeTerms:
    """What the brake does while it is on: of an extension, a class, or all of the site.

    Attributes:
        to: The calls that it touches; outside calls only.
        for_s: How long it stays on after the last call that put it on.
        then: What it asks of a call, in addition to what rules do: DENY lets none through.
        calls: What becomes of live calls that it touches and that began before it was put on.
    """

    to: Destinations = BRAKED
    for_s: int = 3600
    then: Then = Then.DENY
    calls: LiveCalls = LiveCalls.KEEP


@dataclass(frozen=True, slots=True)
class Watch:
    """What is seen as a sign of an attack, and what follows.

    Attributes:
        count: Of how many sightings, or different accounts, the sign is made.
        within_s: Within how many seconds.
        for_s: For how long a step-up, a lock or a ban is in force after the last sign.
        to: The calls that a step-up or a lock touches; outside calls only.
        ask: What a step-up asks of a call, in addition to what rules do.
        unproven: Whether an address is banned, too, that anybody may have written into a packet.
        shadow: What would follow is told, and not done.
    """

    name: str
    sign: Sign
    per: PerSign
    count: int
    within_s: int
    then: frozenset[ThenWatch]
    for_s: int = 3600
    to: Destinations = BRAKED
    ask: Then = Then.PIN_TOTP
    unproven: bool = False
    shadow: bool = False
    line: int = 0

    @property
    def guards(self) -> bool:
        """Whether calls of an extension are held for it: stepped up, or denied."""
        return not self.then.isdisjoint((ThenWatch.STEP_UP, ThenWatch.LOCK))


@dataclass(frozen=True, slots=True)
class Honeypot:
    """What no honest person uses; whoever touches it is known by it.

    Attributes:
        extensions: Endpoints or inside numbers that no phone has.
        to: Outside numbers that nobody calls.
    """

    extensions: tuple[Pattern, ...] = ()
    to: Destinations | None = None


@dataclass(frozen=True, slots=True)
class GuardedTrunks:
    """Trunks that no call may reach without having asked.

    Attributes:
        trunks: PJSIP endpoints.
        then: What becomes of a call that does; emergency calls always pass.
    """

    trunks: frozenset[str] = frozenset()
    then: ThenBypass = ThenBypass.ALARM


@dataclass(frozen=True, slots=True)
class Challenge:
    """How callers are asked.

    Attributes:
        answer: Whether the channel is answered before the prompt. Phones send digits surely on an
            answered call; without it the prompt is early media, and nothing shows as answered.
        tries: Codes a caller may key in one call.
        wait_s: Silence after which a prompt is given up, and the pause that ends the digits.
    """

    answer: bool = True
    tries: int = 3
    wait_s: int = 7


LONGEST_S: Final = 4 * 3600
"""The longest a call may last where a site does not say: longer than people talk, shorter than a
weekend."""


@dataclass(frozen=True, slots=True)
class Site:
    """The site the policy is for.

    Attributes:
        name: Names the site in the store and the log: `[a-z0-9-]`.
        country: ISO 3166-1 alpha-2.
        longest_s: The longest any call may last; also bounds how long a slot can stay taken.
        short_codes: Those that are `national`, whatever is known of the country's.
        replicas: How many replicas of the store must have a call, a used code or a guess before
            it counts; with fewer the store counts as away.
        region: Whose public holidays besides those of the whole country: ISO 3166-2 without the
            country; empty for none.
    """

    name: str
    country: str
    timezone: tzinfo
    internal: tuple[Pattern, ...]
    outside_prefix: str
    emergency: tuple[str, ...]
    languages: tuple[str, ...]
    longest_s: int = LONGEST_S
    short_codes: tuple[str, ...] = ()
    replicas: int = 0
    region: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """One site's policy, whole and checked.

    Attributes:
        version: The first 12 hex digits of the SHA-256 of the policy, its lists and its rate
            sheet; it is in every record.
        files_beside: Its lists and its rate sheet, to be looked at for changes.
        lines: The line of every key of the file, for messages.
        class_index: Finds the class of an extension.
        rule_index: Finds the rules, by their place in `rules`, that a call fits.
        limit_index: The same of `limits`.
        brake_index: The same of what the brake touches: one scope, or none.
        guards: The watches that calls are held for: those that step up or lock.
        guard_index: Finds those of them, by their place in `guards`, that touch a call.
        trap_index: The same of the numbers that are traps: one scope, or none.
        asks_for_numbers: Whether a rule or a limit speaks of reported numbers.
        asks_for_addresses: Whether one speaks of reported addresses.
        asks_for_novelty: What of novelty one speaks of.
        asks_for_limits: Names of the limits that rules ask for by `over:`.
        calendar: Which of our own words for hours hold, of those that one speaks of.
        prefixes: Those of every `to`, without their plus.
    """

    source: Path
    version: str
    site: Site
    plan: NumberingPlan
    classes: tuple[ClassOfService, ...]
    hours: Mapping[str, Hours]
    networks: Mapping[str, tuple[IPv4Network | IPv6Network, ...]]
    lists: Mapping[str, PrefixTable]
    rules: tuple[Rule, ...]
    limits: tuple[Limit, ...]
    lockout: Lockout = Lockout()
    challenge: Challenge = Challenge()
    bypass: GuardedTrunks = GuardedTrunks()
    sign_in: SignInTerms = SignInTerms()
    brake: BrakeTerms | None = None
    """None where nothing of the policy speaks of a brake."""
    watches: tuple[Watch, ...] = ()
    honeypot: Honeypot = Honeypot()
    prompts: Mapping[Prompt | Reason, str] = field(default_factory=dict)
    """Sound files the administrator put in place of Asterisk's own."""
    rates: Rates | None = None
    """What calls cost; None where the policy gives no prices."""
    files_beside: tuple[Path, ...] = ()
    lines: Mapping[TomlPath, int] = field(default_factory=dict, repr=False, compare=False)
    class_index: ClassIndex = field(init=False, repr=False, compare=False)
    rule_index: ScopeIndex = field(init=False, repr=False, compare=False)
    limit_index: ScopeIndex = field(init=False, repr=False, compare=False)
    brake_index: ScopeIndex = field(init=False, repr=False, compare=False)
    guards: tuple[Watch, ...] = field(init=False, repr=False, compare=False)
    guard_index: ScopeIndex = field(init=False, repr=False, compare=False)
    trap_index: ScopeIndex = field(init=False, repr=False, compare=False)
    asks_for_numbers: bool = field(init=False, repr=False, compare=False)
    asks_for_addresses: bool = field(init=False, repr=False, compare=False)
    asks_for_novelty: frozenset[Novelty] = field(init=False, repr=False, compare=False)
    asks_for_limits: frozenset[str] = field(init=False, repr=False, compare=False)
    calendar: Calendar = field(init=False, repr=False, compare=False)
    prefixes: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make the indexes, also those of a policy made by `dataclasses.replace`."""
        classes = ClassIndex((each.name, each.patterns) for each in self.classes)
        object.__setattr__(self, "class_index", classes)
        rules = ScopeIndex([each.scope for each in self.rules], self.lists)
        object.__setattr__(self, "rule_index", rules)
        entries: tuple[Rule | Limit, ...] = (*self.rules, *self.limits)
        braked = [] if self.brake is None else [Scope(to=self.brake.to, also_unallocated=True)]
        object.__setattr__(self, "brake_index", ScopeIndex(braked, self.lists))
        guards = tuple(each for each in self.watches if each.guards)
        object.__setattr__(self, "guards", guards)
        guarded = [Scope(to=each.to, also_unallocated=True) for each in guards]
        object.__setattr__(self, "guard_index", ScopeIndex(guarded, self.lists))
        to = self.honeypot.to
        traps = [] if to is None else [Scope(to=to, also_unallocated=True)]
        object.__setattr__(self, "trap_index", ScopeIndex(traps, self.lists))
        scopes = [*(each.scope for each in entries), *braked, *guarded]
        object.__setattr__(self, "asks_for_numbers", any(map(asks_for_number, scopes)))
        object.__setattr__(self, "asks_for_addresses", any(map(asks_for_address, scopes)))
        novel = {each for scope in scopes if scope.to is not None for each in scope.to.novel}
        object.__setattr__(self, "asks_for_novelty", frozenset(novel))
        named = {each for scope in scopes for each in named_limits(scope)}
        object.__setattr__(self, "asks_for_limits", frozenset(named))
        words = {each.name for scope in scopes for each in scope.when} - self.hours.keys()
        calendar = Calendar(self.site.country, self.site.region, BUILT_IN & words)
        object.__setattr__(self, "calendar", calendar)
        aimed = [each.to for each in (*scopes, *traps) if each.to is not None]
        named_prefixes = frozenset(prefix for to_ in aimed for prefix in to_.prefixes)
        object.__setattr__(self, "prefixes", named_prefixes)
        limits = ScopeIndex([each.scope for each in self.limits], self.lists)
        object.__setattr__(self, "limit_index", limits)


# ----------------------------------------------------------------------------- the question


@dataclass(frozen=True, slots=True)
class Request:
    """The facts of one call put to policy: who, what number, when, from where.

    Attributes:
        extension: The endpoint that is judged and charged: the one that caused the call.
        at: The moment of the call; aware.
        address: Where the phone's SIP came from; None where Asterisk did not tell.
        trunk: The trunk the dialplan means to use; empty where it did not tell.
        transferred: Whether the call comes of a transfer or a forward, so that whoever would hear
            a prompt is not the extension that is judged.
        off_net: Whether whoever would talk is, or may be, somebody outside; only of a call that is
            `transferred`.
        number_reported: Whether others report the number, as far as is known by then.
        address_reported: The same of the address.
    """

    extension: str
    number: Number
    at: datetime
    address: IPv4Address | IPv6Address | None = None
    transport: Transport | None = None
    trunk: str = ""
    transferred: bool = False
    off_net: bool = False
    number_reported: bool = False
    address_reported: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the stores know at that moment.

    Attributes:
        locked_out: Whether a lockout of the extension or of its address is in force.
        shown: Factors proven in this very call.
        proven_s: Factors proven by this extension from this address before, and how many seconds
            ago: a rule's `remember` is held against it.
        signed_in: Whether somebody is signed in on the extension.
        known_country: Whether this extension was allowed a call to the number's country before.
        overridden: Whether an operator lets this call through, whatever rules demand of it.
        novel: What of this call is the first of its kind; but for the country, which
            `known_country` tells of.
        over: Names of limits of which nothing was left before this call.
        braked: How far the brake is on that this call falls under; None where none is.
        watched: Names of the watches that saw an attack on the extension, a while ago at most.
    """

    locked_out: bool = False
    shown: frozenset[Factor] = frozenset()
    proven_s: Mapping[Factor, float] = field(default_factory=dict)
    signed_in: bool = False
    known_country: bool = True
    overridden: bool = False
    novel: frozenset[Novelty] = frozenset()
    over: frozenset[str] = frozenset()
    braked: Stage | None = None
    watched: frozenset[str] = frozenset()


# ----------------------------------------------------------------------------- the answer


@dataclass(frozen=True, slots=True)
class Claim:
    """One slot that the call needs: of this limit, counted under this key, of so many.

    Attributes:
        key: What is counted together, within the limit: `101`, `GB`, `+390612345678` …
    """

    limit: str
    per: Per
    key: str
    calls: int
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class BudgetClaim:
    """What the call needs of one budget: of this limit, counted under this key, in this unit.

    Attributes:
        key: As that of a `Claim`.
        most: The most that may be used, of all calls together, within `within_s`.
        item: The number, the country or the extension, where those that differ are counted; else
            empty.
    """

    limit: str
    per: Per
    key: str
    unit: Unit
    most: int
    within_s: int
    shadow: bool = False
    item: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Verdict, rule, reason, and what must be done before it counts.

    How it came about, rule by rule, is `explain.explain` of the same policy, request and facts:
    a decision is pure, so its trace can be had at any time and need not be paid for at each call.

    Attributes:
        rule: The name of the rule that decided, or of the limit that denies a call for its price,
            or of the watch that saw an attack;
            `emergency`, `honeypot`, `internal`, `invalid`, `unknown`, `locked-out`, `brake` or
            `none` where it was none of the policy's own.
        asks: The factors still to be keyed, in order; only of a CHALLENGE.
        then: What the deciding rule demands, for cases and explanations; None where no rule of
            the policy decided.
        claims: The slots to take, all or none, before an ALLOW counts (also known for a
            CHALLENGE, for explanations).
        budgets: What is charged besides, likewise: as much as the call turns out to use.
        tariff: What an outside call costs, by `Policy.rates`; None where that is not known.
        seconds: How long the call may last, if nothing of its budgets is used yet.
        remember_s: For how long factors shown now are remembered, from the same address.
        shadows: What rules and watches under `shadow` would have said: (rule, its `then`).
        over: Limits under `shadow` that would have denied the call for its price, or for the want
            of one.
        without_store: Whether the rule lets its calls through while the store is away.
        brake: How far the brake is on that touches the call; None where none does.
        puts_brake_on: Whether the rule that denies the call puts the brake on.
        watches: Names of the watches that saw an attack on the extension and touch the call.
    """

    verdict: Verdict
    rule: str
    reason: Reason
    then: Then | None = None
    asks: tuple[Factor, ...] = ()
    claims: tuple[Claim, ...] = ()
    seconds: int = 0
    remember_s: int = 0
    shadows: tuple[tuple[str, Then], ...] = ()
    without_store: bool = False
    budgets: tuple[BudgetClaim, ...] = ()
    tariff: Tariff | None = None
    over: tuple[str, ...] = ()
    brake: Stage | None = None
    puts_brake_on: bool = False
    watches: tuple[str, ...] = ()
