"""The `[[watch]]`es and the `[honeypot]` of a policy: what is usual, what can never be right.

What each sign is counted by, and from when on it is one where nothing is said, is in one table
here: `USUAL`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.numbering.plan import NumberingPlan
from fastagi.policy.destinations import destinations
from fastagi.policy.extensions import positions
from fastagi.policy.model import ThenWatch, Watch
from fastagi.policy.wording import all_of, nearest, one_of, quoted
from fastagi.signs.sign import Per, Sign

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastagi.numbering.pattern import Pattern
    from fastagi.policy.document import HoneypotTable, WatchTable, Written
    from fastagi.policy.reading import Reader
    from fastagi.toml_lines import TomlPath


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual of a sign.

    Attributes:
        per: What it can be counted by, the usual one first.
        count: From how many on it is a sign.
        within_s: Within how many seconds.
        counts: Whether there is anything to count: of what is new, the first is a sign.
    """

    per: tuple[Per, ...]
    count: int
    within_s: int
    counts: bool = True


_FROM: Final = (Per.ADDRESS, Per.NETWORK, Per.SITE)
_NEW: Final = Usual((Per.ACCOUNT,), 1, 60, counts=False)

USUAL: Final = {
    Sign.ENUMERATION: Usual(_FROM, 10, 60),
    Sign.GUESSING: Usual((Per.ACCOUNT, *_FROM), 10, 60),
    Sign.SPRAYING: Usual(_FROM, 5, 600),
    Sign.SUCCESS_AFTER_GUESSING: Usual((Per.ACCOUNT,), 10, 3600),
    Sign.NEW_ADDRESS: _NEW,
    Sign.NEW_COUNTRY: _NEW,
    Sign.NEW_AGENT: _NEW,
    Sign.NEW_TRANSPORT: _NEW,
    Sign.NOT_LET_IN: Usual(_FROM, 10, 60),
    Sign.MALFORMED: Usual(_FROM, 10, 60),
    Sign.HONEYPOT: Usual((Per.ADDRESS, Per.NETWORK, Per.ACCOUNT), 1, 60),
    Sign.GATE_PROBING: Usual(_FROM, 20, 60),
    Sign.CODE_GUESSING: Usual(_FROM, 3, 3600),
}

WITHIN_MAX_S: Final = 86_400
"""No watch looks further back: all that it counts is remembered."""

ON_ACCOUNTS: Final = (ThenWatch.STEP_UP, ThenWatch.LOCK, ThenWatch.END_SIGN_IN)
"""What is done to an extension; the sign has to be about one."""

LASTING: Final = (ThenWatch.STEP_UP, ThenWatch.LOCK, ThenWatch.BAN)
"""What is in force for a while."""


def watch_of(table: WatchTable, line: int) -> Watch:
    """Return the value of a `[[watch]]`, with what is usual where it says nothing."""
    usual = USUAL[table.sign]
    default = Watch("", table.sign, usual.per[0], usual.count, usual.within_s, frozenset())
    return Watch(
        table.name,
        table.sign,
        table.per or default.per,
        table.count or default.count,
        table.within or default.within_s,
        frozenset(table.then),
        for_s=table.for_ or default.for_s,
        to=destinations(table.to) if table.to else default.to,
        ask=table.ask or default.ask,
        unproven=table.unproven,
        shadow=table.shadow,
        line=line,
    )


# ----------------------------------------------------------------------------- never right


def find_errors(reader: Reader, written: Written) -> None:
    """Note what can never be right of a watch, or of the traps."""
    for path, table in written.watches:
        _counting(reader, path, table)
        _following(reader, path, table)
        _idle(reader, path, table)
    if written.honeypot is not None:
        _traps(reader, written, written.honeypot)
    elif not reader.has("honeypot"):
        for path, table in written.watches:
            if table.sign is Sign.HONEYPOT:
                what = "there is no `[honeypot]`, so nobody touches one"
                hint = 'write it, with `extensions = ["…"]` that no phone has'
                reader.wrong((*path, "sign"), f"{what}; {hint}")


def _counting(reader: Reader, path: TomlPath, table: WatchTable) -> None:
    usual = USUAL[table.sign]
    if table.per is not None and table.per not in usual.per:
        what = f"{quoted(table.sign)} cannot be counted per {quoted(table.per)}"
        reader.wrong((*path, "per"), f"{what}; {nearest('', usual.per)}")
    for key in ("count", "within"):
        if getattr(table, key) is not None and not usual.counts:
            what = f"each {quoted(table.sign)} is told of, so there is nothing to count"
            reader.wrong((*path, key), f"{what}; leave `{key}` out")
    if table.within is not None and table.within > WITHIN_MAX_S:
        what = "all that a watch counts is remembered"
        reader.wrong((*path, "within"), f"{what}; `within` must be at most `24h`")


def _following(reader: Reader, path: TomlPath, table: WatchTable) -> None:
    """Refuse what is done to an extension, or an address, that the sign is not about."""
    usual = USUAL[table.sign]
    per = table.per if table.per in usual.per else usual.per[0]
    for index, then in enumerate(table.then):
        where = (*path, "then", index)
        if then in table.then[:index]:
            reader.wrong(where, f"{quoted(then)} stands here twice; leave one out")
        elif then in ON_ACCOUNTS and per is not Per.ACCOUNT:
            what = f"{quoted(then)} is done to an extension, and {quoted(table.sign)}"
            if Per.ACCOUNT in usual.per:
                hint = 'write `per = "account"`, or leave it out'
                reader.wrong(where, f"{what} per {quoted(per)} is about none; {hint}")
            else:
                reader.wrong(where, f"{what} is about none; leave it out")
        elif then is ThenWatch.BAN:
            _ban(reader, where, table.sign, per)


def _ban(reader: Reader, where: TomlPath, sign: Sign, per: Per) -> None:
    """Refuse to ban whoever was merely the last of many, or has shown the password."""
    if sign is Sign.SUCCESS_AFTER_GUESSING:
        what = f"nobody is banned for {quoted(sign)}, as after a stranger's guesses it may be the"
        what += f" account's own phone at a new address; leave {quoted(ThenWatch.BAN)} out"
        hint = f'write a watch of {quoted(Sign.GUESSING)} with `per = "address"` for it'
        reader.wrong(where, f"{what}, and {hint}")
        return
    if per in (Per.ADDRESS, Per.NETWORK):
        return
    if not USUAL[sign].counts:
        what = f"{quoted(sign)} is told of whoever showed the right password"
        reader.wrong(where, f'{what}, who is never banned; write `then = ["step-up"]`')
        return
    what = f"{quoted(sign)} per {quoted(per)} may be many addresses' doing, and the last of them"
    hint = 'leave `ban` out, and write a watch with `per = "address"` for it'
    reader.wrong(where, f"{what} a phone of yours that has its password wrong; {hint}")


def _idle(reader: Reader, path: TomlPath, table: WatchTable) -> None:
    """Refuse what nothing of the watch makes use of."""
    then = set(table.then)
    held = one_of([ThenWatch.STEP_UP, ThenWatch.LOCK])
    for key, written, users, whose in (
        ("for", table.for_ is not None, LASTING, one_of(LASTING)),
        ("to", bool(table.to), (ThenWatch.STEP_UP, ThenWatch.LOCK), held),
        ("ask", table.ask is not None, (ThenWatch.STEP_UP,), quoted(ThenWatch.STEP_UP)),
        ("unproven", table.unproven, (ThenWatch.BAN,), quoted(ThenWatch.BAN)),
    ):
        if written and then.isdisjoint(users):
            what = f"`{key}` goes with {whose} in `then`, and neither stands there"
            if len(users) == 1:
                what = f"`{key}` goes with {whose} in `then`, and that does not stand there"
            reader.wrong((*path, key), f"{what}; leave `{key}` out")
    if table.shadow and then == {ThenWatch.TELL}:
        what = "a watch that only tells does nothing that `shadow` could keep from being done"
        reader.wrong((*path, "shadow"), f"{what}; leave `shadow` out")


# ----------------------------------------------------------------------------- traps


def _traps(reader: Reader, written: Written, table: HoneypotTable) -> None:
    """Refuse traps that honest people step into."""
    if not table.extensions and not table.to:
        what = "this is a trap for nobody"
        hint = 'write `extensions = ["…"]` that no phone has, or `to = ["prefix:+…"]`'
        reader.wrong(("honeypot",), f"{what}; {hint}")
    for index, trap in enumerate(table.extensions):
        where = ("honeypot", "extensions", index)
        if positions(trap) is None:
            what = f"{quoted(trap.text)} has no end, so whatever is dialled may be a trap"
            reader.wrong(where, f"{what}; write the length: `29X`")
            continue
        number = None if written.site is None else _emergency_in(trap, written)
        if number is not None:
            what = f"{quoted(trap.text)} takes in emergency number {quoted(number)}"
            reader.wrong(where, f"{what}, which is nobody's crime; leave it out")
        for name, patterns in written.classes.items():
            taken = [each.text for each in patterns or () if trap.covers(each)]
            if taken:
                what = f"{quoted(trap.text)} takes in all of {all_of(taken)} of class"
                hint = "name extensions that no phone has"
                reader.wrong(where, f"{what} {quoted(name)}; {hint}")


def _emergency_in(trap: Pattern, written: Written) -> str | None:
    assert written.site is not None  # noqa: S101 - asked before
    site = written.site
    plan = NumberingPlan(site.country, (), site.outside_prefix, tuple(site.emergency))
    dialled: Iterable[str] = (
        each
        for number in plan.emergency_numbers
        for each in (number, site.outside_prefix + number)
    )
    return next((each for each in dialled if trap.matches(each)), None)
