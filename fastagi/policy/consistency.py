"""What in a policy can never be right, though each table is well-formed: `loading` refuses it.

Names that do not exist, rules and limits that can never fit or never matter, what would switch the
gate off unnoticed. What is merely odd is for `checking`. A little longer than other files: every
table of a policy is looked at here, one after the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.numbering.number import Category
from fastagi.numbering.plan import NumberingPlan
from fastagi.policy import watches
from fastagi.policy.calendar import BUILT_IN, HOLIDAY, has_holidays, regions
from fastagi.policy.destinations import Kind
from fastagi.policy.extensions import outside_number_in
from fastagi.policy.hours import CLOSED
from fastagi.policy.model import Per, Then, ThenLimit
from fastagi.policy.scope import OVER, REPORTED
from fastagi.policy.wording import all_of, nearest, one_of, quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from fastagi.policy.destinations import Destination
    from fastagi.policy.document import (
        LimitTable,
        RuleTable,
        ScopeTable,
        SiteTable,
        WatchTable,
        Written,
    )
    from fastagi.policy.reading import Reader
    from fastagi.policy.scope import Condition
    from fastagi.toml_lines import TomlPath

RESERVED: Final = frozenset(
    {
        *("emergency", "internal", "invalid", "unknown"),
        *("locked-out", "none", "without-store", "brake"),
    }
)
"""Names that stand in records where no rule of the policy decided."""

PATHS: Final = frozenset({"api", "console"})
"""Names that the web has at its top, where the page of each site is: `/api/v1/…`, `/console/`."""

WAIT_MAX_S: Final = 60
"""Seconds that a prompt may wait for a digit: waiting callers hold a session each."""

WHOLE_NUMBER: Final = 7
"""Digits from which on an inside pattern that takes in outside numbers is no matter of taste.
Shorter ones are local numbers of small places, and no country dials abroad in so few."""

BUDGETS: Final = (
    *("spend", "minutes", "attempts", "numbers", "countries", "extensions", "short"),
)
"""What a limit can count `within` a time."""

ALWAYS_ONE: Final = {
    "numbers": (Per.NUMBER,),
    "countries": (Per.NUMBER, Per.BLOCK, Per.COUNTRY),
    "extensions": (Per.EXTENSION,),
}
"""What there is but one of within what is counted together."""


def find_errors(reader: Reader, written: Written) -> None:
    """Note everything that can never be right."""
    _site(reader, written)
    _classes(reader, written)
    _names_once(reader, written)
    for path, rule in written.rules:
        _scope(reader, written, path, rule)
        _rule(reader, path, rule)
        _puts_brake_on(reader, path, rule)
    for path, limit in written.limits:
        _scope(reader, written, path, limit)
        _limit(reader, path, limit)
        _money(reader, path, limit)
        _only_counts(reader, path, limit)
    _brake(reader, written)
    watches.find_errors(reader, written)
    for path, watch in written.watches:
        _on_numbers_outside(reader, written, path, watch.to, "what a watch touches")
    if written.honeypot is not None:
        to = written.honeypot.to
        _on_numbers_outside(reader, written, ("honeypot",), to, "what is a trap")
        _no_trap_is_reported(reader, to)
    _lockout_and_challenge(reader, written)
    _networks(reader, tuple(written.networks), ("sign-in",), written.sign_in.network)
    if REPORTED in written.networks:
        what = f"{quoted(REPORTED)} is what others report, as `[lookups]` of the settings asks"
        reader.wrong(("networks", REPORTED), f"{what}; give this network another name")


# ----------------------------------------------------------------------------- tables


def _site(reader: Reader, written: Written) -> None:
    if written.site is None:
        return
    if written.site.name in PATHS:
        what = f"{quoted(written.site.name)} is an address of the web itself"
        reader.wrong(("site", "name"), f"{what}, so this site would have no page; name it else")
    for index, pattern in enumerate(written.site.internal):
        body = pattern.text.removeprefix("_")
        if body.rstrip("-").endswith((".", "!")) and not body.startswith(("*", "#")):
            reader.wrong(
                ("site", "internal", index),
                f"{quoted(pattern.text)} has no end, so outside numbers would pass as inside; "
                "write the length: `2XXX`",
            )

    _inside_only(reader, written.site)
    _region(reader, written.site)


def _region(reader: Reader, site: SiteTable) -> None:
    """Refuse a region that the country has none of: its holidays would be missed, unnoticed."""
    if not site.region:
        return
    known = regions(site.country)
    meant = known.get(site.region)
    if meant != site.region:
        codes = dict.fromkeys(known.values())
        what = f"no holidays are known of a region {quoted(site.region)} of `{site.country}`"
        hint = f"did you mean {quoted(meant)}?" if meant else nearest(site.region, codes)
        reader.wrong(("site", "region"), f"{what}; {hint if codes else 'leave it out'}")


def _inside_only(reader: Reader, site: SiteTable) -> None:
    """Refuse inside patterns that take whole outside numbers in: those would pass unjudged."""
    plan = NumberingPlan(site.country, (), site.outside_prefix, tuple(site.emergency))
    for index, pattern in enumerate(site.internal):
        taken = outside_number_in(pattern, plan)
        if taken is not None and len(taken) >= WHOLE_NUMBER:
            reader.wrong(
                ("site", "internal", index),
                f"{quoted(pattern.text)} takes in outside numbers such as `{taken}`, which would "
                "pass as inside; make it shorter, or set an `outside_prefix`",
            )


def _classes(reader: Reader, written: Written) -> None:
    taken: dict[object, str] = {}
    for name, patterns in written.classes.items():
        for index, pattern in enumerate(patterns or ()):
            other = taken.setdefault(pattern.specificity, name)
            if other != name:
                what = f"{quoted(pattern.text)} is in class {quoted(other)} already"
                reader.wrong(("classes", name, index), f"{what}; keep one of the two")


def _names_once(reader: Reader, written: Written) -> None:
    taken: dict[str, str] = {}
    kinds: tuple[tuple[str, Sequence[tuple[TomlPath, RuleTable | LimitTable | WatchTable]]], ...]
    kinds = (("rule", written.rules), ("limit", written.limits), ("watch", written.watches))
    for kind, entries in kinds:
        for path, entry in entries:
            where = (*path, "name")
            if entry.name in RESERVED:
                what = f"{quoted(entry.name)} is a name of ours; give this {kind} another name"
                reader.wrong(where, what)
            elif entry.name in taken:
                what = f"there is a {taken[entry.name]} {quoted(entry.name)} already"
                reader.wrong(where, f"{what}; give this {kind} another name")
            taken.setdefault(entry.name, kind)


def _lockout_and_challenge(reader: Reader, written: Written) -> None:
    if written.lockout.at_most < written.lockout.for_:
        reader.wrong(("lockout", "at_most"), "`at_most` is shorter than `for`; make it longer")
    if written.challenge.wait > WAIT_MAX_S:
        reader.wrong(("challenge", "wait"), f"`wait` must be at most `{WAIT_MAX_S}s`")


# ----------------------------------------------------------------------------- scopes


def _scope(reader: Reader, written: Written, path: TomlPath, table: ScopeTable) -> None:
    for index, name in enumerate(table.from_):
        _known(reader, (*path, "from", index), name, "classes", written.classes)
    _to(reader, written, path, table.to)
    _when(reader, written, path, table)
    if _never_open(table.when, written.hours):
        what = f"on the dates of `{CLOSED}` no other hours hold, so this never does"
        reader.wrong((*path, "when"), f"{what}; leave one of them out")
    _networks(reader, (*written.networks, REPORTED), path, table.network)


def _when(reader: Reader, written: Written, path: TomlPath, table: ScopeTable) -> None:
    where = (*path, "when")
    for condition in table.when:
        if condition.limit is not None:
            _over(reader, written, where, condition.limit)
        else:
            _known(reader, where, condition.name, "hours", [*written.hours, *BUILT_IN])
        if condition.name == HOLIDAY and HOLIDAY not in written.hours:
            _holidays(reader, written, where)


def _over(reader: Reader, written: Written, where: TomlPath, name: str) -> None:
    """Refuse what asks for a limit that is not there, or of which nothing is ever used up."""
    if where[0] == "limit":
        what = f"rules ask for limits by {quoted(OVER)}, and no limit does"
        reader.wrong(where, f"{what}; leave it out here, and write it in a rule")
        return
    limits = {limit.name: limit for _, limit in written.limits}
    found = limits.get(name)
    if found is None and len(limits) == reader.count("limit"):
        reader.wrong(where, f"there is no limit {quoted(name)}; {nearest(name, limits)}")
    if found is not None and not _budgets(found):
        what = f"limit {quoted(name)} counts nothing `within` a time, so no call is ever over it"
        reader.wrong(where, f'{what}; give it `attempts = 10` and `within = "1h"`, say')


def _holidays(reader: Reader, written: Written, where: TomlPath) -> None:
    if written.site is not None and not has_holidays(written.site.country):
        what = f"the public holidays of {quoted(written.site.country)} are not known"
        hint = f'write them: `[hours]`, `{HOLIDAY} = ["2026-12-25"]`'
        reader.wrong(where, f"{what}; {hint}")


def _to(reader: Reader, written: Written, path: TomlPath, to: Sequence[Destination]) -> None:
    for index, item in enumerate(to):
        where = (*path, "to", index)
        if item.kind is Kind.LIST:
            _known(reader, where, item.value, "lists", written.lists)
        if item.text == Category.EMERGENCY:
            what = "emergency calls always pass, before any rule; leave `emergency` out"
            reader.wrong(where, what)


def _networks(
    reader: Reader, known: Sequence[str], path: TomlPath, named: Sequence[Condition]
) -> None:
    for index, condition in enumerate(named):
        _known(reader, (*path, "network", index), condition.name, "networks", known)


def _known(
    reader: Reader, where: TomlPath, name: str, section: str, declared: Iterable[str]
) -> None:
    if name not in declared:
        reader.wrong(
            where, f"there is no {quoted(name)} in `[{section}]`; {nearest(name, declared)}"
        )


def _never_open(when: Sequence[Condition], hours: Collection[str]) -> bool:
    wanted = {
        condition.name for condition in when if not condition.negated and condition.limit is None
    }
    return CLOSED in wanted and len(wanted - (BUILT_IN - set(hours))) > 1


def _rule(reader: Reader, path: TomlPath, rule: RuleTable) -> None:
    if rule.remember is not None and rule.then is Then.SIGN_IN:
        what = "a sign-in lasts as long as `for` of `[sign-in]` says"
        reader.wrong((*path, "remember"), f"{what}; leave `remember` out")
    elif rule.remember is not None and not rule.then.factors:
        what = f"a rule that says `{rule.then}` asks for no code, so there is nothing to remember"
        reader.wrong((*path, "remember"), f"{what}; leave `remember` out")
    if rule.without_store is not None and rule.then is not Then.ALLOW:
        what = f"a rule that says `{rule.then}` lets nothing through without the store"
        hint = 'leave `without_store` out; it goes with `then = "allow"` only'
        reader.wrong((*path, "without_store"), f"{what}; {hint}")
    if rule.off_net and rule.then is not Then.ALLOW:
        what = f"a rule that says `{rule.then}` connects nobody outside, who is asked for no code"
        hint = 'leave `off_net` out; it goes with `then = "allow"` only'
        reader.wrong((*path, "off_net"), f"{what}; {hint}")
    if rule.then is Then.DENY:
        return
    for index, item in enumerate(rule.to):
        if item.text == Category.INVALID:
            what = "nobody can call a number that means nothing; `invalid` goes with `deny` only"
            reader.wrong((*path, "to", index), what)


def _limit(reader: Reader, path: TomlPath, limit: LimitTable) -> None:
    for index, item in enumerate(limit.to):
        if item.text in (Category.INTERNAL, Category.INVALID):
            what = f"limits are on outside calls; leave `{item.text}` out"
            reader.wrong((*path, "to", index), what)
    budgets = _budgets(limit)
    counting = [*(["calls"] if limit.calls is not None else []), *budgets]
    of_one_call = [key for key in ("duration", "price") if getattr(limit, key) is not None]
    if not counting and not of_one_call:
        what = 'write `calls = 2`, `duration = "30m"`, or `minutes = 60` with `within = "24h"`'
        reader.wrong(path, f"this limits nothing; {what}")
    if counting and limit.per is None:
        what = f'{all_of(counting)} of what? write `per`, such as `per = "extension"`'
        reader.wrong(path, f"{what}; it can be {one_of(Per)}")
    if limit.per is not None and not counting and of_one_call:
        what = f"{all_of(of_one_call)} {'is' if len(of_one_call) == 1 else 'are'} of one call"
        reader.wrong(
            (*path, "per"), f"{what}, so there is nothing to count together; leave `per` out"
        )
    if budgets and limit.within is None:
        reader.wrong(path, f'{all_of(budgets)} in what time? write `within = "24h"`')
    if limit.within is not None and not budgets:
        what = f"`within` goes with {one_of(BUDGETS)}; leave it out"
        if limit.calls is not None:
            what += ", or write `attempts` for calls in a time: `calls` are at one time"
        reader.wrong((*path, "within"), what)
    for key, apart in ALWAYS_ONE.items():
        if getattr(limit, key) is not None and limit.per in apart:
            what = f"of one {limit.per} there is one at most, so `{key}` limits nothing"
            reader.wrong(
                (*path, key), f'{what}; count them by another `per`, such as `"extension"`'
            )


def _budgets(limit: LimitTable) -> list[str]:
    return [key for key in BUDGETS if getattr(limit, key) is not None]


def _only_counts(reader: Reader, path: TomlPath, limit: LimitTable) -> None:
    """Refuse what a limit that only counts within a time can do nothing with."""
    if limit.then is ThenLimit.DENY:
        return
    says = f"a limit that says `{limit.then}`"
    if limit.within is None:
        what = f"{says} counts what is used in a time"
        reader.wrong((*path, "then"), f'{what}; write `within`, such as `within = "1h"`')
    watches = limit.then is ThenLimit.WATCH
    for key in ("duration", "price", *(["calls"] if watches else [])):
        if getattr(limit, key) is not None:
            what = f"{says} denies nothing by itself, so `{key}` does nothing"
            reader.wrong((*path, key), f"{what}; put it into a limit of its own")
    for key in () if watches else ("spend", "minutes"):
        if getattr(limit, key) is not None:
            what = f"{says} counts a live call for all that it may still use of `{key}`"
            hint = (
                "the first honest one would put it on; count attempts, numbers, countries or calls"
            )
            reader.wrong((*path, key), f"{what}: {hint}")
    if limit.shadow and watches:
        reader.wrong((*path, "shadow"), f"{says} denies nothing anyway; leave `shadow` out")


def _puts_brake_on(reader: Reader, path: TomlPath, rule: RuleTable) -> None:
    if rule.brake and rule.then is not Then.DENY:
        what = f"a rule that says `{rule.then}` lets calls through"
        hint = '`brake` goes with `then = "deny"` only'
        reader.wrong((*path, "brake"), f"{what}; {hint}")


def _brake(reader: Reader, written: Written) -> None:
    """Refuse what no brake can touch, or only by what is known of whoever calls."""
    to = () if written.brake is None else written.brake.to
    _on_numbers_outside(reader, written, ("brake",), to, "what the brake touches", "the brake is")


def _on_numbers_outside(
    reader: Reader,
    written: Written,
    path: TomlPath,
    to: Sequence[Destination],
    what: str,
    whose: str = "it is",
) -> None:
    """Refuse inside calls, and what hangs on more than the number."""
    _to(reader, written, path, to)
    for index, item in enumerate(to):
        if item.text in (Category.INTERNAL, Category.INVALID):
            on = f"{whose} on outside calls"
            reader.wrong((*path, "to", index), f"{on}; leave `{item.text}` out")
        elif item.kind is Kind.NOVEL:
            alone = f"{what} hangs on the number alone"
            reader.wrong((*path, "to", index), f"{alone}; leave `{item.text}` out")


def _no_trap_is_reported(reader: Reader, to: Sequence[Destination]) -> None:
    """Refuse to take everybody for a thief whose number others report."""
    for index, item in enumerate(to):
        if item.kind is Kind.REPORTED:
            what = "what others report is no trap of yours: a rule may deny it"
            reader.wrong(("honeypot", "to", index), f"{what}; leave `{item.text}` out")


def _money(reader: Reader, path: TomlPath, limit: LimitTable) -> None:
    """Refuse to limit money that nobody counts: every call would be denied, or none."""
    if reader.has("rates"):
        return  # where it is wrong, that is told
    for key in ("spend", "price"):
        if getattr(limit, key) is not None:
            what = f"`{key}` needs to know what calls cost, and there is no `[rates]`"
            hint = 'write it, with `file = "rates.csv"` and `currency = "EUR"`'
            reader.wrong((*path, key), f"{what}; {hint}")
