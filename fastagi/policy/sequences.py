"""Sequences: what happens at a site step by step, and what must come of it.

They are read here, and what cannot be meant by them is told; `fastagi.rehearsal.sequences` lets
them happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.policy.sequence_document import DialTable, Keys, OutcomeTable, SequenceTable
from fastagi.policy.wording import nearest, one_of, quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from fastagi.policy.reading import Reader
    from fastagi.policy.sequence_document import StepTable
    from fastagi.toml_lines import TomlPath

HAPPENINGS_MAX: Final = 10_000
"""How much may happen in all sequences of a file: a reload tries them, and must not be kept."""

LONGEST_S: Final = 10 * 366 * 86400
"""How long a sequence may be, from the first step to the last: no calendar ends before it does."""

WHAT_HAPPENS: Final = ("call", "sign-in", "sign-off", "hang-up")


@dataclass(frozen=True, slots=True)
class Dial:
    """A call that somebody makes in a sequence.

    Attributes:
        address: Empty where nobody knows, as `transport` and `trunk`.
        talks_s: None where it is talked until the call is hung up or cut off.
        name: For `HangUp`; empty where it has none.
    """

    extension: str
    dialled: str
    address: str = ""
    transport: str = ""
    trunk: str = ""
    keys: Keys = Keys.RIGHT
    rings_s: int = 0
    talks_s: int | None = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody signs in on a phone."""

    extension: str
    address: str = ""
    transport: str = ""
    keys: Keys = Keys.RIGHT


@dataclass(frozen=True, slots=True)
class SignOff:
    """Somebody signs off on a phone."""

    extension: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """A live call is hung up, by its name."""

    call: str


@dataclass(frozen=True, slots=True)
class Step:
    """What happens in a sequence, when, and what must come of it.

    Attributes:
        line: Where in its file the step stands.
        at: When; None where it is `after_s` after the step before it.
        times: How often, `every_s` apart.
    """

    line: int
    does: Dial | SignIn | SignOff | HangUp
    expect: OutcomeTable
    at: datetime | None = None
    after_s: int = 0
    times: int = 1
    every_s: int = 0


@dataclass(frozen=True, slots=True)
class Sequence:
    """What happens on one site, one thing after the other.

    Attributes:
        line: Where in its file the sequence stands.
        start: When it begins; local time of the site where it has no offset.
    """

    name: str
    line: int
    start: datetime
    steps: tuple[Step, ...]


# ----------------------------------------------------------------------------- reading


def read_sequences(reader: Reader) -> tuple[Sequence, ...]:
    """Read every `[[sequence]]`; what is wrong in one is noted by the reader."""
    sequences: dict[str, Sequence] = {}
    happenings = 0
    for where, table in reader.each(SequenceTable, "sequence"):
        if table.name in sequences:
            what = f"there is a sequence {quoted(table.name)} already; give this one another name"
            reader.wrong((*where, "name"), what)
        happenings += sum(each.times for each in table.step)
        if happenings > HAPPENINGS_MAX:
            what = f"more than {HAPPENINGS_MAX} things happen in the sequences of this file"
            reader.wrong(where, f"{what}, and a reload tries them all; leave some out")
            break
        if sum(_lasts(each) for each in table.step) > LONGEST_S:
            reader.wrong(where, "a sequence lasts ten years at most; take shorter steps")
        steps = tuple(_steps(reader, where, table))
        sequences[table.name] = Sequence(table.name, reader.line(where), table.start, steps)
    return tuple(sequences.values())


def _lasts(step: StepTable) -> int:
    return (step.after or 0) + (step.times - 1) * (step.every or 0)


def _steps(reader: Reader, where: TomlPath, table: SequenceTable) -> Iterator[Step]:
    names: set[str] = set()
    of_all = table.call or DialTable.model_construct()
    for place, step in enumerate(table.step):
        here = (*where, "step", place)
        known = len(reader.problems)
        for what in _wrong_with(step, of_all, names):
            reader.wrong(here, what)
        if len(reader.problems) > known:
            continue
        does = _what_it_does(step, of_all)
        if isinstance(does, Dial) and does.name:
            names.add(does.name)
        yield Step(
            reader.line(here),
            does,
            step.expect or OutcomeTable(),
            step.at,
            step.after or 0,
            step.times,
            step.every or 0,
        )
    if all(step.expect is None for step in table.step):
        reader.wrong(where, "this sequence expects nothing; write `expect` into one of its steps")


def _wrong_with(step: StepTable, of_all: DialTable, names: Collection[str]) -> Iterator[str]:
    """Find what cannot be meant by a step; `names` are those of the calls before it."""
    given = (step.call, step.sign_in, step.sign_off, step.hang_up)
    does = [word for word, each in zip(WHAT_HAPPENS, given, strict=True) if each is not None]
    if len(does) != 1:
        yield f"a step does one thing: write one of {one_of(WHAT_HAPPENS)}"
        return
    if step.after is not None and step.at is not None:
        yield "a step has `after` or `at`; leave one out"
    if step.every is not None and step.times == 1:
        yield "`every` is how far apart the `times` of a step are; write `times`, too"
    yield from _expected_in_vain(step, does[0])
    if does[0] != "sign-in":
        for key in ("address", "transport", "keys"):
            if getattr(step, key) is not None:
                yield f"`{key}` of a step is that of a `sign-in`; write a call's into `call`"
    elif step.keys is Keys.NOTHING:
        yield "who keys nothing does not sign in; write `wrong`, or leave the step out"
    if step.call is not None:
        yield from _wrong_with_call(step, step.call, of_all, names)
    if step.hang_up is not None and step.hang_up not in names:
        hint = nearest(step.hang_up, sorted(names)) if names else "give one a `name`"
        yield f"no call before this step is named {quoted(step.hang_up)}; {hint}"
    if step.hang_up is not None and step.times > 1:
        yield "a call is hung up once; leave `times` out"


def _wrong_with_call(
    step: StepTable, call: DialTable, of_all: DialTable, names: Collection[str]
) -> Iterator[str]:
    for key, field in (("from", "from_"), ("dial", "dial")):
        if getattr(call, field) is None and getattr(of_all, field) is None:
            yield f"`{key}` is missing; write it here, or into `call` of the sequence"
    if call.name is not None and call.name in names:
        yield f"there is a call {quoted(call.name)} already; give this one another name"
    if call.name is not None and step.times > 1:
        yield "a call with a name is made once; leave `times` or `name` out"


_OF_CALLS: Final = frozenset(OutcomeTable.model_fields) - {"reason"}


def _expected_in_vain(step: StepTable, does: str) -> Iterator[str]:
    """Find what is expected of a step and can never come of it."""
    if step.expect is None or does == "call":
        return
    given = step.expect.model_fields_set
    if does == "hang-up":
        yield "nothing comes of a `hang-up`; expect `talked`, `cost` and `cut` of the call itself"
    elif idle := sorted(given & _OF_CALLS):
        yield f"of a `{does}` only a `reason` comes, not {one_of(idle)}"


def _what_it_does(step: StepTable, of_all: DialTable) -> Dial | SignIn | SignOff | HangUp:
    if step.call is not None:
        own = {name: getattr(step.call, name) for name in step.call.model_fields_set}
        return _dial(of_all.model_copy(update=own))
    if step.sign_in is not None:
        address = str(step.address or "")
        return SignIn(step.sign_in, address, step.transport or "", step.keys or Keys.RIGHT)
    if step.sign_off is not None:
        return SignOff(step.sign_off)
    return HangUp(step.hang_up or "")


def _dial(call: DialTable) -> Dial:
    unanswered = None if call.name is not None else 0
    return Dial(
        call.from_ or "",
        call.dial or "",
        str(call.address or ""),
        call.transport or "",
        call.trunk or "",
        call.keys or Keys.RIGHT,
        call.rings or 0,
        unanswered if call.talks is None else call.talks,
        call.name or "",
    )
