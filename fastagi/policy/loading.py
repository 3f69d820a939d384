"""From a policy file to a `Policy`: all of it is right, or every problem is told with its line.

What can never be right is refused here (`consistency`); what is merely odd is for `checking`. A
little longer than other files: every table of a policy becomes a value here, one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter

from fastagi.errors import PolicyError
from fastagi.numbering.plan import NumberingPlan
from fastagi.policy import document
from fastagi.policy.consistency import find_errors
from fastagi.policy.destinations import destinations
from fastagi.policy.document import Written
from fastagi.policy.files import read_file, version_of
from fastagi.policy.format import why_not_this_format
from fastagi.policy.lists import read_list
from fastagi.policy.model import (
    BrakeTerms,
    Challenge,
    ClassOfService,
    GuardedTrunks,
    Honeypot,
    Hours,
    Limit,
    Lockout,
    Period,
    Policy,
    Rule,
    SignInTerms,
    Site,
    Then,
    ThenLimit,
    Unit,
)
from fastagi.policy.rates import read_rates
from fastagi.policy.reading import BYTES_MAX, Reader
from fastagi.policy.scope import Scope
from fastagi.policy.values import millionths, read_prompt
from fastagi.policy.watches import watch_of
from fastagi.policy.wording import quoted
from fastagi.toml_lines import WHOLE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Network, IPv6Network

    from fastagi.numbering.pattern import Pattern
    from fastagi.numbering.prefixes import PrefixTable
    from fastagi.policy.case_document import UsedTable
    from fastagi.policy.document import LimitTable, RuleTable, ScopeTable, SiteTable
    from fastagi.rating.rates import Rates

ADDRESS_FACTOR: Final = 4
"""How many times the wrong codes of one extension an address may have, where not said otherwise:
an office's phones are often behind one address."""

NAME: Final[TypeAdapter[str]] = TypeAdapter(document.Name)
CONDITION_NAME: Final[TypeAdapter[str]] = TypeAdapter(document.ConditionName)
PROMPT_KEY: Final[TypeAdapter[object]] = TypeAdapter(document.PromptKey)
PATTERNS: Final[TypeAdapter[list[Pattern]]] = TypeAdapter(document.ClassPatterns)
HOURS: Final[TypeAdapter[list[Period | date]]] = TypeAdapter(document.HoursTexts)
NETWORKS: Final[TypeAdapter[list[IPv4Network | IPv6Network]]] = TypeAdapter(document.Networks)
PATH: Final[TypeAdapter[str]] = TypeAdapter(document.PathText)
SOUND: Final[TypeAdapter[str]] = TypeAdapter(document.Sound)


def load(path: Path, *, shared: Path | None = None) -> Policy:
    """Load a policy from its file, with its lists and prices.

    Args:
        path: The file.
        shared: A folder that processes of the service share their rate sheets in.

    Raises:
        PolicyError: It cannot be used; holds every problem, with file and line.
    """
    return _load(read_file(path, BYTES_MAX), path, shared)


def load_text(text: str, source: Path) -> Policy:
    """Load a policy from its text.

    Args:
        text: The policy.
        source: The file it is from, or would be: lists and rates are relative to its folder.

    Raises:
        PolicyError: As `load`.
    """
    return _load(text.encode(errors="backslashreplace"), source, None)


def load_raw(raw: bytes, source: Path, *, instead: Mapping[Path, Path]) -> Policy:
    """Load a policy from what its file held once.

    Args:
        raw: All of it.
        source: The file it was.
        instead: For lists and the rate sheet, as the policy names them from its folder, where they
            are now.

    Raises:
        PolicyError: As `load`.
    """
    return _load(raw, source, None, instead)


NOTHING_MOVED: Final[Mapping[Path, Path]] = MappingProxyType({})


def _load(
    raw: bytes,
    source: Path,
    shared: Path | None,
    instead: Mapping[Path, Path] = NOTHING_MOVED,
) -> Policy:
    reader = Reader(source, raw)
    if why_not := why_not_this_format(reader.top("format")):  # what else is wrong comes of that
        reader.wrong(("format",), why_not)
        reader.raise_if_wrong()
    written = _read(reader)
    find_errors(reader, written)
    lists, digests = _lists(reader, written, instead)
    rates, digest = _rates(reader, written, shared, instead)
    version = version_of(sha256(raw).digest(), digests, digest)
    reader.raise_if_wrong()
    assert written.site is not None  # noqa: S101 - without a site, something was wrong
    site = _site(written.site)
    policy = Policy(
        source=source,
        version=version,
        site=site,
        plan=plan_of(site),
        classes=tuple(
            ClassOfService(name, tuple(patterns or ()))
            for name, patterns in written.classes.items()
        ),
        hours={name: _hours(name, entries or ()) for name, entries in written.hours.items()},
        networks={name: tuple(entries or ()) for name, entries in written.networks.items()},
        lists=lists,
        rates=rates,
        rules=tuple(_rule(rule, reader.line(path)) for path, rule in written.rules),
        limits=tuple(_limit(limit, reader.line(path)) for path, limit in written.limits),
        lockout=_lockout(written.lockout),
        challenge=Challenge(
            written.challenge.answer, written.challenge.tries, written.challenge.wait
        ),
        bypass=_bypass(written.bypass),
        sign_in=_sign_in(written.sign_in),
        brake=_brake(written),
        watches=tuple(watch_of(watch, reader.line(path)) for path, watch in written.watches),
        honeypot=_honeypot(written.honeypot),
        prompts={read_prompt(key): sound or "" for key, sound in written.prompts.items()},
        files_beside=tuple(_files_beside(reader, written)),
        lines=reader.lines,
    )
    policy.calendar.prepare()
    return policy


# ----------------------------------------------------------------------------- reading


def _read(reader: Reader) -> Written:
    fields = document.Document.model_fields
    reader.only_keys(field.alias or name for name, field in fields.items())
    if not reader.has("site"):
        reader.wrong((), "there is no `[site]`; it names the site, its country and its time zone")
    return Written(
        site=reader.table(document.SiteTable, "site"),
        classes=reader.named(NAME.validate_python, PATTERNS.validate_python, "classes"),
        hours=reader.named(CONDITION_NAME.validate_python, HOURS.validate_python, "hours"),
        networks=reader.named(
            CONDITION_NAME.validate_python, NETWORKS.validate_python, "networks"
        ),
        lists=reader.named(NAME.validate_python, PATH.validate_python, "lists"),
        rates=reader.table(document.RatesTable, "rates"),
        rules=list(reader.each(document.RuleTable, "rule")),
        limits=list(reader.each(document.LimitTable, "limit")),
        lockout=reader.table(document.LockoutTable, "lockout") or _NO_LOCKOUT,
        challenge=reader.table(document.ChallengeTable, "challenge") or _NO_CHALLENGE,
        bypass=reader.table(document.BypassTable, "bypass"),
        sign_in=reader.table(document.SignInTable, "sign-in") or _NO_SIGN_IN,
        brake=reader.table(document.BrakeTable, "brake"),
        watches=list(reader.each(document.WatchTable, "watch")),
        honeypot=reader.table(document.HoneypotTable, "honeypot"),
        prompts=reader.named(PROMPT_KEY.validate_python, SOUND.validate_python, "prompts"),
    )


_NO_LOCKOUT: Final = document.LockoutTable.model_validate({})
_NO_CHALLENGE: Final = document.ChallengeTable.model_validate({})
_NO_SIGN_IN: Final = document.SignInTable.model_validate({})


def _lists(
    reader: Reader, written: Written, instead: Mapping[Path, Path]
) -> tuple[dict[str, PrefixTable], list[bytes]]:
    """Read the lists, each with its digest."""
    tables: dict[str, PrefixTable] = {}
    digests: list[bytes] = []
    for name, named in written.lists.items():
        if named is None:
            continue
        file = _beside(reader, named)
        try:
            tables[name], digest = read_list(instead.get(file, file))
        except PolicyError as error:
            if all(problem.line == WHOLE_FILE for problem in error.problems):
                reader.wrong(("lists", name), f"list {quoted(name)}: {error}")
            else:
                reader.problems += error.problems
        else:
            digests.append(digest)
    return tables, digests


def _files_beside(reader: Reader, written: Written) -> Iterator[Path]:
    yield from (_beside(reader, each) for each in written.lists.values() if each)
    if written.rates is not None:
        yield _beside(reader, written.rates.file)


def _beside(reader: Reader, written: str) -> Path:
    return reader.source.parent / written


def _rates(
    reader: Reader, written: Written, shared: Path | None, instead: Mapping[Path, Path]
) -> tuple[Rates | None, bytes | None]:
    """Read the prices, with their digest."""
    if written.rates is None:
        return None, None
    try:
        return read_rates(written.rates, reader.source.parent, shared, instead)
    except PolicyError as error:
        if all(problem.line == WHOLE_FILE for problem in error.problems):
            reader.wrong(("rates", "file"), str(error))
        else:
            reader.problems += error.problems
        return None, None


# ----------------------------------------------------------------------------- values


def plan_of(site: Site) -> NumberingPlan:
    """Return the numbering plan of a site."""
    return NumberingPlan(
        site.country, site.internal, site.outside_prefix, site.emergency, site.short_codes
    )


def _site(table: SiteTable) -> Site:
    return Site(
        name=table.name,
        country=table.country,
        timezone=table.timezone,
        internal=tuple(table.internal),
        outside_prefix=table.outside_prefix,
        emergency=tuple(table.emergency),
        languages=tuple(table.languages),
        longest_s=table.longest,
        short_codes=tuple(table.short_codes),
        replicas=table.replicas,
        region=table.region,
    )


def _hours(name: str, entries: list[Period | date] | tuple[()]) -> Hours:
    return Hours(
        name,
        periods=tuple(each for each in entries if isinstance(each, Period)),
        dates=frozenset(each for each in entries if isinstance(each, date)),
    )


def _scope(table: ScopeTable, *, also_unallocated: bool) -> Scope:
    return Scope(
        classes=frozenset(table.from_),
        to=destinations(table.to) if table.to else None,
        when=table.when,
        networks=tuple(table.network),
        transports=frozenset(table.transport),
        also_unallocated=also_unallocated,
    )


def _rule(table: RuleTable, line: int) -> Rule:
    return Rule(
        table.name,
        _scope(table, also_unallocated=table.then is Then.DENY),
        table.then,
        table.remember or 0,
        table.shadow,
        line,
        without_store=table.without_store is document.WithoutStore.ALLOW,
        brake=table.brake,
        off_net=table.off_net,
    )


def _limit(table: LimitTable, line: int) -> Limit:
    return Limit(
        table.name,
        _scope(table, also_unallocated=True),
        table.per,
        table.calls,
        table.duration,
        table.shadow,
        line,
        budgets=tuple(amounts(table)),
        within_s=table.within or 0,
        price=None if table.price is None else millionths(table.price),
        then=table.then,
    )


def amounts(table: LimitTable | UsedTable) -> Iterator[tuple[Unit, int]]:
    """Return what is written of each unit, in the unit."""
    if table.spend is not None:
        yield Unit.SPEND, millionths(table.spend)
    if table.minutes is not None:
        yield Unit.SECONDS, 60 * table.minutes
    for unit, most in (
        (Unit.ATTEMPTS, table.attempts),
        (Unit.NUMBERS, table.numbers),
        (Unit.COUNTRIES, table.countries),
        (Unit.EXTENSIONS, table.extensions),
        (Unit.SHORT, table.short),
    ):
        if most is not None:
            yield unit, most


def _lockout(table: document.LockoutTable) -> Lockout:
    return Lockout(
        wrong=table.wrong,
        wrong_from_address=table.wrong_from_address or ADDRESS_FACTOR * table.wrong,
        invalid=table.invalid,
        for_s=table.for_,
        at_most_s=table.at_most,
        calls=table.calls,
    )


def _bypass(table: document.BypassTable | None) -> GuardedTrunks:
    if table is None:
        return GuardedTrunks()
    return GuardedTrunks(frozenset(table.trunks), table.then)


def _brake(written: Written) -> BrakeTerms | None:
    """Return the brake's terms: the usual ones where a rule or a limit alone speaks of it."""
    table = written.brake
    if table is not None:
        default = BrakeTerms()
        return BrakeTerms(
            to=destinations(table.to) if table.to else default.to,
            for_s=table.for_,
            then=table.then,
            calls=table.calls,
        )
    puts_it_on = any(rule.brake for _, rule in written.rules) or any(
        limit.then is ThenLimit.BRAKE for _, limit in written.limits
    )
    return BrakeTerms() if puts_it_on else None


def _honeypot(table: document.HoneypotTable | None) -> Honeypot:
    if table is None:
        return Honeypot()
    to = destinations(table.to) if table.to else None
    return Honeypot(tuple(table.extensions), to)


def _sign_in(table: document.SignInTable) -> SignInTerms:
    return SignInTerms(
        factors=table.factors,
        for_s=table.for_,
        idle_s=table.idle or 0,
        until=table.until,
        at_once=table.at_once,
        bound_to=frozenset(table.bound_to),
        calls=table.calls,
        anywhere=table.anywhere,
        networks=tuple(table.network),
    )
