"""What every store must promise; `sqlite` keeps it for one machine, `redis` for many.

One file, though a long one: it is the contract, which whoever writes a store reads as a whole, and
nearly all of it is words.

Time is always an argument (`now`, seconds since the epoch, UTC). Every method is one atomic step;
each may raise `StoreError`, and then whether the step was done is unknown. `site` separates
tenants: nothing crosses it.

But for what goes through a whole site (`live`, `spent`, `lockouts`, `enrolments`, `sign_ins`,
`records`, `record_kinds`, `standings`, `charges`, `tidy`): that may take many steps, so that no
call waits for it. A listing then has what is there from its beginning to its end exactly once;
what comes or goes meanwhile may be in it or not, and each entry is as it was at some moment
between. Where `tidy` fails, a part may be done.

Whoever asks may give up, by cancelling: callers wait but a moment. What gives something back
(`release`, `succeed`) is done all the same, as nobody will ask for it again; of everything else it
is unknown then whether it was done.

What ends at a moment is over at that moment: a lease is live while `now < expires`, and likewise
lockouts, proofs and charges. A clock that is set back therefore ends nothing, and never lets a
call too many through; that nothing lasts too long by it either is `tidy`'s to see to. Ids, TOTP
steps and rows of lockouts only ever go up, so that an earlier `now` repeats nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from fastagi.stores.records import Record, Records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastagi.rating.tariff import Tariff
    from fastagi.stores.budgets import Budget, Charge, Level, Unit
    from fastagi.stores.sign_ins import Origin, SignedOff, SignIn


# ----------------------------------------------------------------------------- leases


@dataclass(frozen=True, slots=True)
class Hold:
    """One slot of one limit: of `limit`, counted under `key`, no more than `calls` at a time.

    Attributes:
        shadow: Count it, but never refuse for it.
    """

    limit: str
    key: str
    calls: int
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class Lease:
    """A call that was let through, every slot it holds, and all that it may use up.

    Attributes:
        call: Asterisk's `uniqueid` of the calling channel. Two Asterisks may give the same one.
        number: What the trunk was given. One channel may dial several numbers, each its own lease.
        node: Which Asterisk; `call` and `number` name a lease only together with it.
        channel: Asterisk's channel name, for the operator.
        since: When it was taken.
        expires: When it is void by itself; later than the trunk leg's absolute timeout.
        seconds: How long the call may last from `since`, as it was told to Asterisk: so much is
            reserved of its budgets.
        rule: The rule that let it through.
        reference: The four digits of the decision.
        sign_in: The id of the extension's sign-in that let it through; empty where none had to.
        budgets: What it is charged to.
        tariff: What its seconds cost; None where they cost nothing.
        longest_s: The most that `extend` may ever make of `seconds`; 0 for `seconds` as they are.
        least_s: With fewer seconds than this, or than `seconds`, it is not worth letting through.
        notes: Records that are put, over what is there under their keys, when it is taken; not
            told of a lease that is read back.
    """

    site: str
    call: str
    number: str
    node: str
    extension: str
    country: str
    category: str
    channel: str
    rule: str
    reference: str
    seconds: int
    since: float
    expires: float
    holds: tuple[Hold, ...] = ()
    sign_in: str = ""
    budgets: tuple[Budget, ...] = ()
    tariff: Tariff | None = None
    longest_s: int = 0
    least_s: int = 1
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A record that a call leaves, once it is let through: see `Records`."""

    kind: str
    key: str
    text: str
    until: float


@dataclass(frozen=True, slots=True)
class Taken:
    """The call holds its slots.

    Attributes:
        lease: The lease in force: the one given, or the one the same call held already, with the
            slots and budgets that it has now. Its `seconds` may be fewer than were asked for, and
            it expires earlier by as many.
        fresh: False when the same call of the same node held its lease on the number already.
        over: Names of shadow limits that were full when a slot of theirs was taken, or that the
            call is charged more to than they had left.
        crossed: Of the budgets that are no shadow, those whose use this step brought over 80 %.
    """

    lease: Lease
    fresh: bool
    over: tuple[str, ...] = ()
    crossed: tuple[Level, ...] = ()


@dataclass(frozen=True, slots=True)
class Longer:
    """A live lease that was to last longer.

    Attributes:
        lease: As it is now; as it was, where nothing could be added.
        crossed: Of the budgets that are no shadow, those whose use this step brought over 80 %.
    """

    lease: Lease
    crossed: tuple[Level, ...] = ()


@dataclass(frozen=True, slots=True)
class Full:
    """Nothing was taken, because this limit is full.

    Attributes:
        unit: Of which budget too little is left; None where all slots are taken.
    """

    limit: str
    key: str
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class NotSignedIn:
    """Nothing was taken, because the sign-in that was to let the call through is over."""


class Leases(Protocol):
    """Slots of limits, held by calls; no counter that could leak or go negative.

    And what calls use up of budgets; see `stores.budgets`.
    """

    async def take(self, lease: Lease, now: float) -> Taken | Full | NotSignedIn:
        """Take every slot of `lease.holds` and reserve all of `lease.budgets`, or nothing.

        Nothing where `lease.sign_in` is over.

        Of each `(site, limit, key)` no more than `calls` live leases exist at any time, whoever
        asks. When a lease is taken, its country counts as dialled by its extension (see
        `Known.known_country`).

        A call that asks again, for its next trunk, has a live lease of the same site, call, number
        and node. It is not taken anew, but its slots become those of `lease.holds`: what it holds
        (of the same limit and key) and still needs it keeps as it is, full or not; what it needs
        besides is counted and taken; what is not named is given back. All of that, or `Full`, and
        the lease is as it was. Nothing else of it changes, above all not when it ends. Where the
        live lease is another extension's, it is returned as it is, slots and all.

        The call may last for as many of `lease.seconds` as all budgets that are no shadow have
        something left for: money by the tariff, seconds as they are. `Full` names the first that
        has too little (see `least_s`), or no attempt left, or whose items are others and too many
        already; slots are looked at before. Then all is charged, to shadows too: what the granted
        seconds cost, the seconds, one attempt, the item. When a charge ends: see `stores.budgets`.
        A call that asks again is charged to what it was not charged to before, for the seconds
        that it has, by the tariff that it has (the new one, where it had no budget of money), or
        gets `Full`; nothing that it is charged to is given back, named or not.

        So one script does it: find the lease, count what it lacks, stop at a limit that is full,
        and only then write.
        """
        ...

    async def extend(
        self, site: str, call: str, number: str, node: str, seconds: int, now: float
    ) -> Longer | None:
        """Let a live lease last so many seconds from `since`; None where it does not live.

        At most `longest_s`, and what its budgets have left; never fewer than it has. What that
        takes is reserved, and it expires later by as many seconds as were added.
        """
        ...

    async def release(
        self,
        site: str,
        call: str,
        number: str | None,
        node: str | None,
        now: float,
        talked_s: int | None = None,
    ) -> int:
        """End the call's lease on `number`, or on all its numbers (None); how many were live.

        Of calls that several nodes name alike only `node`'s is ended, or all of them (None). Done
        even if whoever asked has given up.

        What was reserved is settled: to what `talked_s` cost, by the lease's tariff, and to these
        seconds; never to more than was reserved. What has expired and is there still settles too,
        as of when it expired.

        Args:
            site: The site.
            call: See `Lease`.
            number: See `Lease`, or None.
            node: See `Lease`, or None.
            now: The moment.
            talked_s: How long the leg was answered, in seconds, rounded up; 0 where nobody
                answered, which uses up nothing. None where that is not known: then all since
                `since` counts, and all that was reserved where the clock was before that.
        """
        ...

    async def renew(
        self, site: str, call: str, number: str, node: str, expires: float, now: float
    ) -> bool:
        """Let a live lease, with all its slots, last until `expires` at least; whether it lives.

        It never ends earlier by that, and its charges last as much longer. What has expired or was
        released is not brought back: its slots may be another's by now.
        """
        ...

    async def live(self, site: str | None, now: float) -> Sequence[Lease]:
        """List every live lease of a site (or of all), oldest first.

        Of all sites those of shadows are no part: see `stores.shadows`.

        A lease that is held from the beginning to the end of the listing is in it exactly once,
        renewed meanwhile or not; only one that `tidy` moves in that very time, as a clock was set
        back, may be missing. One that is taken or released meanwhile may be in it or not.
        """
        ...

    async def spent(self, site: str, now: float) -> Sequence[Level]:
        """List every window of a site of which anything is used, by limit, key and unit.

        A window that something is used of from the beginning to the end of the listing is in it
        exactly once. What was over at a moment that a step was given which charges to its window
        counts no more, though the clock be set back after that.
        """
        ...


# ----------------------------------------------------------------------------- failures


class SubjectKind(StrEnum):
    """Whom failures are held against."""

    EXTENSION = "extension"
    ADDRESS = "address"
    OPERATOR = "operator"
    """Of the console, by name; its site is `records.EVERYWHERE`."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One extension, operator or source address, and how many failures it may have."""

    kind: SubjectKind
    name: str
    allowed: int


class FailureKind(StrEnum):
    """What went wrong; each kind is counted by itself."""

    CODE = "code"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Penalty:
    """How long lockouts last: `for_s`, doubling for each in a row, never over `at_most_s`.

    Failures older than `at_most_s` are forgotten, and so is the row once that long has passed
    since the end of the last lockout.
    """

    for_s: int
    at_most_s: int


@dataclass(frozen=True, slots=True)
class Lockout:
    """A period in which a subject is denied.

    Attributes:
        row: Which in a row it is, from 1.
        failure: What went wrong too often.
    """

    site: str
    kind: SubjectKind
    name: str
    since: float
    until: float
    row: int
    failure: FailureKind


@dataclass(frozen=True, slots=True)
class Attempt:
    """A guess that was counted as wrong before it was looked at.

    So guesses made at the same time cannot outrun the count.
    """

    site: str
    id: int
    subjects: tuple[Subject, ...]


class Failures(Protocol):
    """Wrong codes and invalid numbers, and the lockouts that follow from them."""

    async def begin_attempt(
        self,
        site: str,
        subjects: tuple[Subject, ...],
        kind: FailureKind,
        penalty: Penalty,
        now: float,
    ) -> Attempt | Lockout:
        """Count one failure against every subject, unless one of them is locked out.

        A subject whose failures thereby reach `allowed` is locked out from `now` on. The Attempt
        is still returned then, and may be looked at: it was within what is allowed. The failures
        that led to a lockout are spent: when it is over, the subject has all its tries again.
        Of several lockouts in force the one that ends last is returned; nothing is counted then.
        """
        ...

    async def succeed(self, attempt: Attempt, now: float, *, anew: bool = True) -> None:
        """Take the attempt's failure back, as its guess was right.

        Done even if whoever asked has given up. Its extension, or its operator, starts anew: its
        failures of that kind are forgotten, and its row of lockouts that are over. Not so where
        `anew` is False, as less was shown than can be asked for: who knows the PIN only would buy
        guesses at the code with it. An address, and whoever does not start anew, only regain this
        one failure, or else a thief with a phone of their own could reset it at will. A lockout
        that this very attempt caused is taken back with it, and the failures that were spent on it
        count again; any other lockout stays. An attempt that was taken back, cleared or forgotten
        before changes nothing.
        """
        ...

    async def lockouts(self, site: str | None, now: float) -> Sequence[Lockout]:
        """List the lockouts in force, one a subject; the last to end comes first.

        A subject that is locked out from the beginning to the end of the listing is in it exactly
        once; one that is locked out or cleared meanwhile may be in it or not.
        """
        ...

    async def clear(self, site: str, kind: SubjectKind, name: str, now: float) -> bool:
        """End a subject's lockout and forget its failures; whether there was anything."""
        ...


# ----------------------------------------------------------------------------- enrolments


@dataclass(frozen=True, slots=True)
class Enrolment:
    """An extension's stored second factor; everything secret in it is hashed or encrypted.

    Attributes:
        pin: Argon2id hash of the keyed digest, in PHC form; None where no PIN is set.
        totp: The encrypted TOTP secret; None where there is none.
        recovery: Keyed digests (hex) of the recovery codes not yet used.
        since: When it was made or last changed.
    """

    extension: str
    pin: str | None = field(default=None, repr=False)
    totp: bytes | None = field(default=None, repr=False)
    recovery: frozenset[str] = field(default=frozenset(), repr=False)
    since: float = 0.0


class Enrolments(Protocol):
    """Second factors, and what of them was used up.

    Whoever looks at a guess has read the enrolment before, and it may be changed or taken away
    meanwhile. So what follows from a guess names the enrolment it was held against (`verified`),
    and is done only while that one is in force: while the extension has the very same PIN hash and
    encrypted TOTP secret, in the same atomic step. Both are salted: no two are ever alike.
    """

    async def enrolment(self, site: str, extension: str) -> Enrolment | None:
        """Return the extension's enrolment, if it has one."""
        ...

    async def enrolments(self, site: str) -> Sequence[Enrolment]:
        """List a site's enrolments by extension.

        An extension that is enrolled from the beginning to the end of the listing is in it exactly
        once; one that is enrolled or removed meanwhile may be in it or not.
        """
        ...

    async def enrol(self, site: str, enrolment: Enrolment) -> None:
        """Put the parts that an enrolment has in place of those that were there.

        What it lacks (a PIN, a TOTP secret, recovery codes: no code at all) stays as it is, so
        that two who change a part each at one moment undo nothing of each other's, and no burnt
        code comes back. A new TOTP secret starts its steps anew; the very same keeps them. Where
        the PIN or the secret is another, or there was no enrolment, what the extension proved
        before is forgotten, and where it signed in before is over, as of `since`.
        """
        ...

    async def rekey(self, site: str, verified: Enrolment, renewed: Enrolment) -> bool:
        """Put the same PIN and TOTP secret, hashed and encrypted anew, in place of what was there.

        To the caller nothing has changed: steps, proofs, recovery codes and `since` stay. False,
        and nothing is done, where `verified` is in force no more.
        """
        ...

    async def unenrol(self, site: str, extension: str, now: float) -> bool:
        """Remove an enrolment; whether there was one.

        What the extension proved and which countries it called is forgotten with it, as the next
        to have this extension may be somebody else; where it signed in is over. Its failures,
        lockouts and leases stay.
        """
        ...

    async def claim_step(self, site: str, verified: Enrolment, step: int) -> bool:
        """Burn a TOTP step: True once, and never again for it or an earlier one.

        False, and nothing is burnt, where `verified` is in force no more or has no TOTP secret.
        """
        ...

    async def claim_recovery(self, site: str, verified: Enrolment, digest: str) -> bool:
        """Burn a recovery code: True once; False where `verified` is in force no more."""
        ...


# ----------------------------------------------------------------------------- sign-ins


class SignIns(Protocol):
    """Who is signed in; see `stores.sign_ins`.

    A lease of `sign_in` other than empty was let through by that sign-in: `Leases.take` takes it
    only while the sign-in lives (else `NotSignedIn`), and dates `used` in the same step; so does
    its release. While one of its leases is live a sign-in is not idle; one that nobody released
    counts until it expired.
    `Enrolments.enrol` and `Moving.put_dossier` (with another PIN or secret) and `unenrol` end, as
    REVOKED, every sign-in of which the extension is the `person`; `Failures.begin_attempt`, as
    LOCKOUT, where it locks an extension out, every sign-in of which that is the extension or the
    person. What is over at the moment that is given stays over as it is; whatever was not, is
    over at once, though that moment be yet to come.
    """

    async def open_sign_in(
        self, sign_in: SignIn, verified: Enrolment | None, at_once: int, now: float
    ) -> Sequence[SignIn] | None:
        """Open a sign-in; return those that it ended, as they are over now, oldest first.

        Of the same extension, the one of the same origin, and of the others the oldest until no
        more than `at_once` live with the new one, are over as ELSEWHERE. To open the very same
        again (by its id) changes nothing and returns ().

        Returns:
            None, and nothing is done, where `verified` is given and in force no more (see
            `Enrolments`), or a lockout of the extension or the person is in force.
        """
        ...

    async def place_sign_in(
        self, sign_in: SignIn, origin: Origin, node: str, until: float, now: float
    ) -> bool:
        """Bind a sign-in to a place, and let it last until a moment; used `now`.

        False, and nothing is done, where it lives no more, or is no more in the place in which
        `sign_in` has it: of two who place it at one moment one is told.
        """
        ...

    async def end_sign_ins(
        self, site: str, extension: str, id: str | None, why: SignedOff, now: float
    ) -> Sequence[SignIn]:
        """End one sign-in of an extension, or all of them (None).

        Returns:
            Those that were live, ended, oldest first.
        """
        ...

    async def sign_in(self, site: str, extension: str, id: str, now: float) -> SignIn | None:
        """Return a sign-in, also one that is over, with when and why; None where it is forgotten.

        `Known.sign_ins` has those of an extension that are live.
        """
        ...

    async def sign_ins(self, site: str | None, now: float) -> Sequence[SignIn]:
        """List every live sign-in of a site (or of all), oldest first.

        One that is live from the beginning to the end of the listing is in it exactly once; one
        that is opened or ended meanwhile may be in it or not.
        """
        ...

    async def put_sign_in(self, sign_in: SignIn) -> None:
        """Put a sign-in in as it is, from another store.

        Of one that is there already the later `used` counts, and it is over if either is: as the
        one is that is there, unless that could still be undone.
        """
        ...


# ----------------------------------------------------------------------------- what is known


@dataclass(frozen=True, slots=True)
class Looked:
    """A record that a decision hangs on.

    Attributes:
        expected: Whether it is thought to be there.
    """

    kind: str
    key: str
    expected: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What a decision needs to know besides, as its policy has it.

    Attributes:
        records: What is to be looked at.
        budgets: Of whose windows it is to be told how much is used; only their window, `most` and
            `item` matter. They are thought to have something left.
    """

    records: tuple[Looked, ...] = ()
    budgets: tuple[Budget, ...] = ()


NOTHING_ASKED: Final = Asked()


@dataclass(frozen=True, slots=True)
class Known:
    """What a decision needs to know, fetched in one step.

    Attributes:
        lockout: The extension's lockout that ends last; None when none is in force. A lockout of
            the address shows only in `begin_attempt`: it stops guesses, not a colleague's calls.
        lease: The live lease of this very call, number and node, if there is one.
        proven_at: Factors proven in `address_scope`, and when.
        shown_at: Factors proven in `call_scope`, and when.
        known_country: Whether the extension was let through to the country before.
        taken: What became of the lease that was to be taken in the same step; None where none
            was, or where it was not tried.
        sign_ins: The extension's that are live, oldest first.
        records: What is there of `Asked.records`, by kind and key.
        levels: How much is used of each of `Asked.budgets`, in their order, before this call: not
            what a live lease of its own is charged, and of distinct items, those that are others
            than its own. `most` is what was asked; `reserved` is not told.
    """

    lockout: Lockout | None
    lease: Lease | None
    proven_at: Mapping[str, float]
    shown_at: Mapping[str, float]
    known_country: bool
    taken: Taken | Full | NotSignedIn | None = None
    sign_ins: tuple[SignIn, ...] = ()
    records: Mapping[tuple[str, str], Record] = field(default_factory=dict)
    levels: tuple[Level, ...] = ()


class Memory(Protocol):
    """What is remembered between calls."""

    async def known(
        self,
        site: str,
        extension: str,
        address: str,
        country: str,
        call: str,
        number: str,
        node: str,
        now: float,
        wanted: Lease | None = None,
        asked: Asked = NOTHING_ASKED,
    ) -> Known:
        """Fetch everything a decision needs; and take `wanted` at once, where nothing forbids it.

        So a call that is let through without a challenge costs one step: whoever asks has decided
        already, as for an extension that is not locked out and knows the country, with every
        record as `asked` expects it, and less used than `most` of each of its budgets. Only if all
        of that is true, and the call holds no lease yet, `wanted` is taken as by `take`, and
        `taken` says what came of it. What is said besides (`lease`, `known_country` and all) is
        how it was before.
        """
        ...

    async def remember(
        self,
        site: str,
        verified: Enrolment,
        scope: str,
        factors: Sequence[str],
        now: float,
        until: float,
    ) -> bool:
        """Remember that factors were proven at `now`, in a scope, until a moment.

        False, and nothing is remembered, where `verified` is in force no more (see `Enrolments`).
        The scope is `address:10.0.0.5` (other calls from there) or `call:UNIQUEID/NUMBER/NODE`
        (the same call, asking again for its next trunk). What is remembered for longer stays so.
        """
        ...


# ----------------------------------------------------------------------------- moving


@dataclass(frozen=True, slots=True)
class Dossier:
    """What lasts of one extension, whole, as it moves to another store.

    Attributes:
        enrolment: None where the extension has none, and only its countries are known.
        step: The last TOTP step that was burnt; None where none was.
        countries: The countries that it was let through to, and since when.
    """

    extension: str
    enrolment: Enrolment | None = field(default=None, repr=False)
    step: int | None = None
    countries: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """One failure that counts: neither spent on a lockout, nor forgotten."""

    kind: FailureKind
    at: float
    forget: float


@dataclass(frozen=True, slots=True)
class Served:
    """A lockout, in force or over, until it counts no more for the row of the next one."""

    lockout: Lockout
    forget: float


@dataclass(frozen=True, slots=True)
class Standing:
    """All that is held against one subject; failures and lockouts in the order they came."""

    kind: SubjectKind
    name: str
    failures: tuple[Failed, ...] = ()
    lockouts: tuple[Served, ...] = ()


class Moving(Protocol):
    """Reading all that must outlive a store out of it, and putting it into another.

    Leases move by `live` and `take`; before them sign-ins, by `sign_ins` and `put_sign_in`, and
    charges that no lease has, by `charges` and `put_charge`. What was proven, and attempts that
    are under way, do not move: callers key their codes again.
    """

    async def sites(self) -> Sequence[str]:
        """Name every site of which the store may keep anything, in order."""
        ...

    async def dossiers(self, site: str, after: str, count: int) -> Sequence[Dossier]:
        """Return up to `count` dossiers of a site, in order, of the extensions after `after`."""
        ...

    async def put_dossier(self, site: str, dossier: Dossier) -> bool:
        """Put a dossier in; whether the enrolment in force is the dossier's now.

        Of an enrolment that is there already the one that was changed later (`since`) stays; of
        two of one moment, the one that is there. The dossier's replaces the other whole: what the
        other lacks, and what was proven with it, is gone. Of one TOTP secret the later of two
        steps stays burnt, and of two enrolments that are alike in PIN and secret only recovery
        codes that both have stay: no burnt code comes back. Countries are added to those that are
        known. To do it twice changes nothing.
        """
        ...

    async def standings(self, site: str, now: float) -> Sequence[Standing]:
        """Return what is held against anybody of a site, by kind and name; nothing forgotten.

        A subject of whom there is anything from the beginning to the end of the listing is in it
        exactly once, whole; one that comes or goes meanwhile may be in it or not.
        """
        ...

    async def put_standing(self, site: str, standing: Standing) -> None:
        """Put a subject's failures and lockouts in place of all that is held against it."""
        ...

    async def charges(self, site: str, now: float) -> Sequence[Charge]:
        """List every charge of a site that counts, by limit, key, unit and id.

        A charge that is there from the beginning to the end of the listing is in it exactly once.
        """
        ...

    async def put_charge(self, site: str, charge: Charge) -> None:
        """Charge a window with what no lease has; of an id that is there, that one stays."""
        ...


class Store(Leases, Failures, Enrolments, SignIns, Records, Memory, Moving, Protocol):
    """All of it, as one object with a life."""

    def keep_on(self, replicas: Mapping[str, int]) -> None:
        """Have replicas keep what must not be forgotten, before it counts as done.

        That is: leases taken, codes used, guesses, sign-ins and their ends, records. With fewer
        replicas each such step raises `StoreError`. A store on one machine has none to ask, and
        does nothing: whoever wants some there has to be told.

        Args:
            replicas: How many, by site; in place of what was wanted before. Of what is of no site
                (`records.EVERYWHERE`) as many keep it as of any site.
        """
        ...

    async def ready(self) -> None:
        """Prove that the store can be read and written; raises `StoreError` otherwise."""
        ...

    async def tidy(self, now: float) -> int:
        """Drop what is void, and say how much. To be called often.

        That is: leases, charges, failures, lockouts, proofs, sign-ins and records.

        So the store stays small. What was dated by a clock that has been set back since (by more
        than a minute) begins `now` and lasts as long as it was meant to, as else it would last for
        as long as the clock went back; such proofs and sign-ins are dropped, and what was used or
        ended then counts as of `now`.
        """
        ...

    async def close(self) -> None:
        """Finish what was begun, and let go."""
        ...
