"""Sequences of a case file, let happen in a rehearsal, and held against what they expect.

A little longer than other files: each thing that a step does, and each that it may expect, has a
few lines of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from fastagi.policy.case_differences import no_such_rule, other_names, shadows_of
from fastagi.policy.decision import circumstances
from fastagi.policy.limits import currency_of, limits_of
from fastagi.policy.limits_in_words import money
from fastagi.policy.model import Factor, Facts, Request, Verdict
from fastagi.policy.scope import Transport
from fastagi.policy.sequence_document import Keys
from fastagi.policy.sequences import Dial, HangUp, SignIn, SignOff
from fastagi.policy.values import millionths
from fastagi.policy.wording import duration, quoted
from fastagi.rehearsal.rehearsal import Rehearsal
from fastagi.rehearsal.wanted import EVERY_FACTOR, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastagi.policy.model import Policy, Reason
    from fastagi.policy.sequence_document import OutcomeTable
    from fastagi.policy.sequences import Sequence, Step
    from fastagi.rehearsal.wanted import Outcome, Settlement

SHOWN: Final[Mapping[Keys, frozenset[Factor]]] = {
    Keys.RIGHT: EVERY_FACTOR,
    Keys.WRONG: frozenset(),
    Keys.NOTHING: frozenset(),
    Keys.PIN: frozenset({Factor.PIN}),
    Keys.TOTP: frozenset({Factor.TOTP}),
}
"""What is keyed right."""

UNTIL_HUNG_UP_S: Final = 366 * 86400
"""Nobody talks as long: such a call is hung up, or cut off."""


@dataclass(slots=True)
class Happening:
    """One time that a step of a sequence happened.

    Attributes:
        step: The step …
        place: … which is the so-manieth of its sequence, from 1.
        time: Of `step.times` the so-manieth, from 1.
        at: In seconds since the epoch.
        what: What was done, and what came of it, in words.
        why: What is otherwise than expected; empty where nothing is.
        outcome: Of a call; else None.
    """

    step: Step
    place: int
    time: int
    at: float
    what: str
    why: str = ""
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class SequenceResult:
    """What came of a sequence.

    Attributes:
        happenings: All that happened, in order of time.
        why: What is otherwise than expected, the first time; empty where the sequence holds.
        line: Where in its file that stands; of a sequence that holds, where it begins.
        story: What happened up to there, in words.
    """

    sequence: Sequence
    happenings: tuple[Happening, ...]
    why: str
    line: int
    story: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether all is as expected."""
        return not self.why


def run_sequence(policy: Policy, sequence: Sequence) -> SequenceResult:
    """Let a sequence happen, and see whether all of it comes as expected."""
    stage = _Stage(policy)
    back = stage.play(sequence)
    happened = tuple(stage.happenings)
    first = next((place for place, each in enumerate(happened) if each.why), None)
    story = [f"{clock(policy, each.at)}  {each.what}" for each in happened]
    if first is not None:
        failed = happened[first]
        why = f"{_when(policy, failed)}: {failed.why}"
        told = tuple(story[: first + 1])
        return SequenceResult(sequence, happened, why, failed.step.line, told)
    if back is not None:
        why = f"step {back} would be before the step before it; time only goes on"
        line = sequence.steps[back - 1].line
        return SequenceResult(sequence, happened, why, line, tuple(story))
    return SequenceResult(sequence, happened, "", sequence.line, tuple(story))


def holds(policy: Policy, sequence: Sequence) -> bool:
    """Tell whether a sequence comes as expected; rules that it names need not be there."""
    stage = _Stage(policy, named=False)
    return stage.play(sequence) is None and not any(each.why for each in stage.happenings)


def _when(policy: Policy, happening: Happening) -> str:
    time = f", the {_nth(happening.time)} time" if happening.step.times > 1 else ""
    return f"step {happening.place} (at {clock(policy, happening.at)}{time})"


def clock(policy: Policy, at: float) -> str:
    """Return the time of day on the site's wall."""
    return f"{datetime.fromtimestamp(at, UTC).astimezone(policy.site.timezone):%H:%M:%S}"


def _nth(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


@dataclass(slots=True)
class _Stage:
    """Where one sequence happens.

    Attributes:
        named: Whether a rule that is expected has to be there.
        happenings: What happened so far.
        settled: How calls ended, by their name.
    """

    policy: Policy
    named: bool = True
    happenings: list[Happening] = field(default_factory=list)
    settled: dict[str, Settlement] = field(default_factory=dict)

    def play(self, sequence: Sequence) -> int | None:
        """Let it all happen; the place of a step that would go back in time, else None."""
        rehearsal = Rehearsal(self.policy, settled=self._settle)
        now = self._moment(sequence.start)
        for place, step in enumerate(sequence.steps, start=1):
            since = now + step.after_s if step.at is None else self._moment(step.at)
            if since < now:
                return place
            for time in range(1, step.times + 1):
                now = since + (time - 1) * step.every_s
                self.happenings.append(self._happen(rehearsal, step, place, time, now))
        rehearsal.finish()
        for each in self.happenings:
            if isinstance(each.step.does, Dial):
                more = self._ends_otherwise(each, self.settled.get(_name(each)))
                each.why = "; ".join(filter(None, (each.why, *more)))
        return None

    def _moment(self, written: datetime) -> float:
        local = written if written.tzinfo else written.replace(tzinfo=self.policy.site.timezone)
        return local.timestamp()

    def _settle(self, settlement: Settlement) -> None:
        self.settled[settlement.wanted.call] = settlement

    def _happen(
        self, rehearsal: Rehearsal, step: Step, place: int, time: int, now: float
    ) -> Happening:
        happening = Happening(step, place, time, now, "")
        match step.does:
            case Dial() as dial:
                self._dial(rehearsal, dial, happening)
            case SignIn() as sign_in:
                reason = rehearsal.sign_in(
                    sign_in.extension,
                    now,
                    sign_in.address,
                    sign_in.transport,
                    SHOWN[sign_in.keys],
                )
                happening.what = f"{quoted(sign_in.extension)} signs in: {reason}"
                happening.why = _other_reason(step.expect, reason)
            case SignOff(extension):
                reason = rehearsal.sign_off(extension, now)
                happening.what = f"{quoted(extension)} signs off: {reason}"
                happening.why = _other_reason(step.expect, reason)
            case HangUp(call):
                rehearsal.wait_until(now)
                is_live = self._was_let_through(call) and call not in self.settled
                if is_live:
                    rehearsal.hang_up(call, now)
                happening.what = f"{quoted(call)} is hung up"
                happening.why = "" if is_live else f"{quoted(call)} is no live call any more"
        return happening

    def _was_let_through(self, call: str) -> bool:
        return any(
            each.outcome is not None
            and _name(each) == call
            and each.outcome.verdict is Verdict.ALLOW
            for each in self.happenings
        )

    def _dial(self, rehearsal: Rehearsal, dial: Dial, happening: Happening) -> None:
        outcome = rehearsal.call(
            Wanted(
                happening.at,
                dial.extension,
                dial.dialled,
                rings_s=dial.rings_s,
                talks_s=UNTIL_HUNG_UP_S if dial.talks_s is None else dial.talks_s,
                call=_name(happening),
                trunk=dial.trunk,
                address=dial.address,
                transport=dial.transport,
                can_show=SHOWN[dial.keys],
                silent=dial.keys is Keys.NOTHING,
            )
        )
        happening.outcome = outcome
        asked = f", asked for {' and '.join(outcome.asked)}" if outcome.asked else ""
        came = f"{outcome.verdict} by {quoted(outcome.rule)} ({outcome.reason}{asked})"
        happening.what = f"{quoted(dial.extension)} calls {quoted(dial.dialled)}: {came}"
        happening.why = "; ".join(self._differences(dial, happening, outcome))

    # ----------------------------------------------------------------- what comes of calls

    def _differences(self, dial: Dial, happening: Happening, outcome: Outcome) -> Iterator[str]:
        expect, number = happening.step.expect, outcome.number
        if expect.rule is not None and self.named:
            yield from no_such_rule(self.policy, expect.rule)
        for what, expected, actual in (
            ("verdict", expect.verdict, outcome.verdict),
            ("rule", expect.rule, outcome.rule),
            ("reason", expect.reason, outcome.reason),
            ("number", expect.number, number.number),
            ("category", expect.category, number.category),
            ("country", expect.country, number.country),
        ):
            if expected is not None and actual != expected:
                yield f"{what} is {quoted(actual)}, not {quoted(expected)}"
        yield from other_names("factors asked for", expect.asked, outcome.asked)
        if expect.limits is not None:
            limits = self._limits(dial, happening, outcome)
            yield from other_names("limits", expect.limits, limits)
        if expect.shadows is not None:
            yield from other_names("shadows", sorted(expect.shadows), self._shadows(outcome))
        if expect.duration is not None and outcome.seconds != expect.duration:
            actual, expected = duration(outcome.seconds), duration(expect.duration)
            yield f"duration is {quoted(actual)}, not {quoted(expected)}"
        stages = [stage for stage, _ in outcome.brakes]
        if expect.brake is not None and expect.brake not in stages:
            put = f"it puts it on for {quoted(stages[0])}" if stages else "it puts none on"
            yield f"the brake is not put on for {quoted(expect.brake)}: {put}"

    def _limits(self, dial: Dial, happening: Happening, outcome: Outcome) -> list[str]:
        """Return the limits that a call falls under: those that it claims, or fits besides.

        Not seen is one on `duration` or `price` alone, and on what is new: who claims nothing of
        it leaves no trace of it.
        """
        decision = outcome.decision
        if decision is None or outcome.verdict is Verdict.DENY:
            return []
        request = Request(
            dial.extension,
            outcome.number,
            datetime.fromtimestamp(happening.at, UTC),
            ip_address(dial.address) if dial.address else None,
            Transport(dial.transport) if dial.transport else None,
            dial.trunk,
        )
        fits = limits_of(self.policy, circumstances(self.policy, request, Facts()))
        names = {each.name for each in fits}
        names |= {each.limit for each in decision.claims}
        names |= {each.limit for each in decision.budgets}
        return [each.name for each in self.policy.limits if each.name in names]

    def _shadows(self, outcome: Outcome) -> list[str]:
        if outcome.decision is None:
            return []
        return shadows_of(self.policy, outcome.decision, outcome.over)

    def _ends_otherwise(self, happening: Happening, ended: Settlement | None) -> Iterator[str]:
        """Say how a call ended otherwise than expected."""
        expect = happening.step.expect
        asked = expect.model_fields_set & {"talked", "cost", "cut"}
        if not asked:
            return
        if ended is None:
            yield "nothing was talked, as the call was not let through"
            return
        if expect.talked is not None and ended.talked_s != expect.talked:
            actual, expected = duration(ended.talked_s), duration(expect.talked)
            yield f"{quoted(actual)} were talked, not {quoted(expected)}"
        if expect.cost is not None and ended.cost != millionths(expect.cost):
            currency = currency_of(self.policy)
            actual = "unknown" if ended.cost is None else money(ended.cost, currency)
            wanted = money(millionths(expect.cost), currency)
            yield f"the cost is {quoted(actual)}, not {quoted(wanted)}"
        if expect.cut is not None and ended.is_cut is not expect.cut:
            yield "the call was cut off" if ended.is_cut else "the call was not cut off"


def _name(happening: Happening) -> str:
    """Name a call: as the sequence does, or so that no other is called the same."""
    does = happening.step.does
    named = does.name if isinstance(does, Dial) else ""
    return named or f"{happening.place}:{happening.time}"


def _other_reason(expect: OutcomeTable, reason: Reason) -> str:
    if expect.reason is None or expect.reason is reason:
        return ""
    return f"reason is {quoted(reason)}, not {quoted(expect.reason)}"
