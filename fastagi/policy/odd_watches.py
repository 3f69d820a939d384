"""What is odd in the watches and the traps of a policy.

Above all what lets a stranger stop honest people, who needs no password for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from fastagi.policy.model import ThenWatch
from fastagi.policy.reach import HOME_ONLY
from fastagi.policy.wording import all_of, quoted
from fastagi.signs.sign import Per, Sign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.policy.model import Policy, Watch

MISDIALS: Final = 3
"""Wrong passwords that a phone sends whose owner is wrong about it, before he looks."""

PASSWORDS: Final = (Sign.GUESSING, Sign.SUCCESS_AFTER_GUESSING, Sign.SPRAYING)


def find_odd(policy: Policy) -> Iterator[tuple[int, str]]:
    """Find what is odd, each with its line."""
    for place, watch in enumerate(policy.watches):
        yield from _anybody_can(watch)
        yield from _banning(watch)
        yield from _misdialled(watch)
        yield from _alike(policy, place)
        if {ThenWatch.STEP_UP, ThenWatch.LOCK} <= watch.then:
            what = f"watch {quoted(watch.name)} locks, so no call is left that it could step up"
            yield watch.line, f"{what}; leave {quoted(ThenWatch.STEP_UP)} out"
    yield from _traps(policy)


def _anybody_can(watch: Watch) -> Iterator[tuple[int, str]]:
    """Find what a stranger can do to any phone, who needs no password for it."""
    done = [each for each in (ThenWatch.LOCK, ThenWatch.END_SIGN_IN) if each in watch.then]
    if watch.sign is Sign.GUESSING and done:
        what = f"watch {quoted(watch.name)}: anybody can send wrong passwords, and so has the "
        what += f"{all_of(done)} done to any phone"
        yield watch.line, f"{what}; write {quoted(Sign.SUCCESS_AFTER_GUESSING)}, or `step-up`"


def _banning(watch: Watch) -> Iterator[tuple[int, str]]:
    if ThenWatch.BAN not in watch.then:
        return
    if watch.unproven:
        what = f"watch {quoted(watch.name)}: over UDP anybody writes any address into a packet, so"
        hint = "whoever is to be kept out can be banned by a stranger; leave `unproven` out"
        yield watch.line, f"{what} {hint}, or let only TCP and TLS in"
    if watch.per is Per.NETWORK:
        what = f"watch {quoted(watch.name)} bans a whole network: a /24, or a /64 of IPv6"
        yield watch.line, f"{what}; whoever else is there is banned with it"


def _misdialled(watch: Watch) -> Iterator[tuple[int, str]]:
    """Find what an honest phone does whose password was mistyped."""
    acts = watch.then - {ThenWatch.TELL}
    if watch.sign in PASSWORDS and watch.count <= MISDIALS and acts and not watch.shadow:
        what = f"watch {quoted(watch.name)}: a phone with a mistyped password is wrong {MISDIALS}"
        yield watch.line, f"{what} times at once, by itself; write a `count` above that"


def _alike(policy: Policy, place: int) -> Iterator[tuple[int, str]]:
    watch = policy.watches[place]
    for other in policy.watches[:place]:
        if replace(watch, name=other.name, then=other.then, line=other.line) == other:
            what = f"watch {quoted(watch.name)} sees the same as {quoted(other.name)}"
            yield watch.line, f"{what}; put what follows into one `then`"
            return


def _traps(policy: Policy) -> Iterator[tuple[int, str]]:
    """Find traps from which nothing follows, and those that honest people step into."""
    honeypot = policy.honeypot
    if not honeypot.extensions and honeypot.to is None:
        return
    line = policy.lines.get(("honeypot",), 0)
    if not any(each.sign is Sign.HONEYPOT for each in policy.watches):
        what = "nothing follows from a touch of a trap"
        yield line, f'{what}; write a `[[watch]]` with `sign = "honeypot"`'
    if honeypot.to is not None:
        home = [str(each) for each in sorted(honeypot.to.categories & HOME_ONLY)]
        home += [f"country:{each}" for each in honeypot.to.countries & {policy.site.country}]
        if home:
            what = f"everybody calls {all_of(home)}, and would be taken for a thief"
            yield line, f"{what}; name numbers that nobody here has a reason to call"
