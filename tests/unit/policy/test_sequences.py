"""`sequences`: what happens is read, and what cannot be meant is refused."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from fastagi.errors import PolicyError
from fastagi.policy.case_file import read_cases
from fastagi.policy.sequence_document import Keys, OutcomeTable
from fastagi.policy.sequences import (
    HAPPENINGS_MAX,
    Dial,
    HangUp,
    Sequence,
    SignIn,
    SignOff,
    Step,
)

FILE = Path("p.cases.toml")
ANY = "expect = { rule = 'x' }"


def _text(*steps: str, more: str = 'call = { from = "101", dial = "999" }') -> str:
    listed = "".join(f"  {{ {each} }},\n" for each in steps)
    start = 'start = "2026-01-05T10:00:00"'
    return f'[[sequence]]\nname = "s"\n{start}\n{more}\nstep = [\n{listed}]\n'


def _read(*steps: str, more: str = 'call = { from = "101", dial = "999" }') -> Sequence:
    (sequence,) = read_cases(_text(*steps, more=more), FILE).sequences
    return sequence


def _problems(text: str) -> list[str]:
    with pytest.raises(PolicyError) as refused:
        read_cases(text, FILE)
    return [f"{each.line}: {each.what}" for each in refused.value.problems]


def test_a_step_is_as_it_is_written() -> None:
    """With its line, and as the sequence where it says nothing."""
    sequence = _read(
        "call = {}, " + ANY,
        'after = "1m", call = { dial = "110", keys = "nothing", talks = "5s" }, times = 3, '
        'every = "10s"',
        'call = { from = "102", name = "a", address = "::1", transport = "tls", rings = "2s" }',
        'at = "2026-01-06T10:00:00", hang-up = "a"',
        'sign-in = "301", address = "10.0.0.1", transport = "wss", keys = "pin"',
        'sign-off = "301"',
    )
    nothing = OutcomeTable()
    assert (sequence.name, sequence.line) == ("s", 1)
    assert sequence.start == datetime(2026, 1, 5, 10)  # noqa: DTZ001 - the site's time
    assert sequence.steps == (
        Step(6, Dial("101", "999"), OutcomeTable(rule="x")),
        Step(7, Dial("101", "110", keys=Keys.NOTHING, talks_s=5), nothing, None, 60, 3, 10),
        Step(
            8,
            Dial("102", "999", "::1", "tls", rings_s=2, talks_s=None, name="a"),
            nothing,
        ),
        Step(9, HangUp("a"), nothing, datetime(2026, 1, 6, 10)),  # noqa: DTZ001 - as above
        Step(10, SignIn("301", "10.0.0.1", "wss", Keys.PIN), nothing),
        Step(11, SignOff("301"), nothing),
    )


def test_a_call_with_a_name_may_say_how_long_it_is_talked() -> None:
    """Else it is until it is hung up."""
    (step,) = _read('call = { name = "a", talks = "5m" }, ' + ANY).steps
    assert isinstance(step.does, Dial)
    assert step.does.talks_s == 300


def test_steps_may_be_tables_of_their_own() -> None:
    """As TOML has it; each knows its line."""
    head = '[[sequence]]\nname = "s"\nstart = "2026-01-05T10:00:00"\n'
    step = '[[sequence.step]]\ncall = { from = "101", dial = "999" }\nexpect = { rule = "x" }\n'
    (sequence,) = read_cases(head + step * 2, FILE).sequences
    assert [each.line for each in sequence.steps] == [4, 7]


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ('after = "1m"', "a step does one thing: write one of `call`, `sign-in`, `sign-off`"),
        ('call = {}, sign-off = "101"', "a step does one thing"),
        (
            'call = {}, after = "1m", at = "2026-01-06T10:00:00"',
            "a step has `after` or `at`; leave one out",
        ),
        ('call = {}, every = "1m"', "`every` is how far apart the `times` of a step are"),
        ('call = {}, address = "::1"', "`address` of a step is that of a `sign-in`"),
        ('call = {}, transport = "udp"', "`transport` of a step is that of a `sign-in`"),
        ('sign-off = "101", keys = "pin"', "`keys` of a step is that of a `sign-in`"),
        ('sign-in = "101", keys = "nothing"', "who keys nothing does not sign in"),
        (
            'sign-in = "101", expect = { verdict = "allow", rule = "x" }',
            "of a `sign-in` only a `reason` comes, not `rule` or `verdict`",
        ),
        ('call = { name = "b" }, times = 2', "a call with a name is made once"),
        ('call = { name = "first" }', "there is a call `first` already"),
        ('hang-up = "frist"', "is named `frist`; did you mean `first`?"),
        ('hang-up = "first", times = 2', "a call is hung up once; leave `times` out"),
        (
            'hang-up = "first", expect = { cut = true }',
            "nothing comes of a `hang-up`; expect `talked`, `cost` and `cut` of the call",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(step: str, problem: str) -> None:
    """At the step's line, with what to write instead."""
    (found,) = _problems(_text('call = { name = "first" }, ' + ANY, step))
    assert found.startswith("7: ")
    assert problem in found


def test_who_calls_and_what_is_dialled_has_to_be_said_somewhere() -> None:
    """Of the sequence or of the step."""
    assert _problems(_text("call = {}, " + ANY, more="")) == [
        "6: `from` is missing; write it here, or into `call` of the sequence",
        "6: `dial` is missing; write it here, or into `call` of the sequence",
    ]


def test_a_call_that_is_not_there_cannot_be_hung_up() -> None:
    """Nor one that comes later."""
    later = ('hang-up = "a"', 'call = { name = "a" }, ' + ANY)
    assert _problems(_text(*later)) == [
        "6: no call before this step is named `a`; give one a `name`"
    ]


def test_a_sequence_that_expects_nothing_is_refused() -> None:
    """It would always hold."""
    assert _problems(_text("call = {}")) == [
        "1: this sequence expects nothing; write `expect` into one of its steps"
    ]


def test_two_sequences_of_one_name_are_refused() -> None:
    """Whoever reads that one failed has to know which."""
    text = _text("call = {}, " + ANY)
    assert _problems(text * 2) == [
        "9: there is a sequence `s` already; give this one another name"
    ]


def test_a_sequence_lasts_ten_years_at_most() -> None:
    """Then calendars end."""
    assert _read(f'call = {{}}, times = 11, every = "366d", {ANY}').steps
    (problem,) = _problems(_text(f'after = "1s", call = {{}}, times = 11, every = "366d", {ANY}'))
    assert problem == "1: a sequence lasts ten years at most; take shorter steps"


def test_no_reload_is_kept_by_what_happens_in_sequences() -> None:
    """So much may happen in one file, and no more."""
    most = [f"call = {{}}, times = 1000, {ANY}"] * (HAPPENINGS_MAX // 1000)
    assert len(_read(*most).steps) == 10
    (problem,) = _problems(_text(*most, "call = {}"))
    assert problem.startswith("1: more than 10000 things happen in the sequences of this file")
