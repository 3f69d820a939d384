"""`sequences`: what happens in them comes to what it would at the gate, and is told in words."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.policy.case_file import read_cases
from fastagi.policy.loading import load
from fastagi.policy.model import Policy
from fastagi.policy.sequence_document import Keys, OutcomeTable
from fastagi.policy.sequences import Dial, HangUp, Sequence, SignIn, SignOff, Step
from fastagi.rehearsal.sequences import SequenceResult, clock, holds, run_sequence
from tests.unit.policy.samples import HOME, MINUTES, ROME, policy_of, priced

POLICY = priced(
    """
[[rule]]
name = "trial"
to = ["country:IT"]
then = "deny"
shadow = true
[[rule]]
name = "abroad"
to = ["international"]
then = "pin+totp"
[[rule]]
name = "mobile"
to = ["mobile"]
then = "sign-in"
[[rule]]
name = "home"
then = "allow"
[[limit]]
name = "two"
per = "extension"
calls = 2
[[limit]]
name = "tried"
per = "site"
calls = 1
shadow = true
[[limit]]
name = "long"
to = ["international"]
duration = "30m"
[[limit]]
name = "often"
to = ["international"]
per = "extension"
attempts = 3
within = "1h"
then = "brake"
[brake]
for = "1h"
[lockout]
wrong = 3
""",
    {"39": MINUTES},
)


def _run(*steps: str, call: str = "", policy: Policy = POLICY) -> SequenceResult:
    listed = "".join(f"  {{ {each} }},\n" for each in steps)
    of_all = f'from = "101", dial = "{ROME}"' + (f", {call}" if call else "")
    text = (
        f'[[sequence]]\nname = "s"\nstart = "2026-01-05T10:00:00"\n'
        f"call = {{ {of_all} }}\nstep = [\n{listed}]\n"
    )
    (sequence,) = read_cases(text, Path("p.cases.toml")).sequences
    result = run_sequence(policy, sequence)
    assert holds(policy, sequence) is result.passed
    return result


def _expect(expect: str, call: str = "") -> str:
    return f"call = {{ {call} }}, expect = {{ {expect} }}"


def test_what_comes_as_expected_passes() -> None:
    """And what happened is told, at the time on the site's wall."""
    result = _run(
        _expect('verdict = "allow", rule = "abroad", reason = "allowed"'),
        'after = "1m", ' + _expect('verdict = "allow"', f'dial = "{HOME}"'),
    )
    assert (result.passed, result.why, result.line) == (True, "", 1)
    assert result.story == (
        f"10:00:00  `101` calls `{ROME}`: allow by `abroad` (allowed, asked for pin and totp)",
        f"10:01:00  `101` calls `{HOME}`: allow by `home` (allowed)",
    )


@pytest.mark.parametrize(
    ("expect", "why"),
    [
        ('verdict = "deny"', "verdict is `allow`, not `deny`"),
        ('rule = "home"', "rule is `abroad`, not `home`"),
        ('rule = "hmoe"', "there is no rule `hmoe`; did you mean `home`?; rule is `abroad`"),
        ('reason = "rule"', "reason is `allowed`, not `rule`"),
        ('number = "+39"', "number is `+390612345678`, not `+39`"),
        ('category = "mobile"', "category is `international`, not `mobile`"),
        ('country = "FR"', "country is `IT`, not `FR`"),
        ('asked = ["pin"]', "factors asked for are `pin` and `totp`, not `pin`"),
        ("asked = []", "factors asked for are `pin` and `totp`, not none"),
        ('limits = ["two"]', "limits are `two`, `tried`, `long` and `often`, not `two`"),
        ("shadows = []", "shadows are `trial`, not none"),
        ('duration = "1h"', "duration is `30m`, not `1h`"),
        ('brake = "class"', "the brake is not put on for `class`: it puts none on"),
        ('talked = "1m"', "`5m` were talked, not `1m`"),
        ('cost = "1.00"', "the cost is `6.00 GBP`, not `1.00 GBP`"),
        ("cut = true", "the call was not cut off"),
    ],
)
def test_what_is_otherwise_is_said(expect: str, why: str) -> None:
    """With the step, the time, and what came instead; the line is the step's."""
    result = _run(_expect(expect), call='talks = "5m"')
    assert not result.passed
    assert result.why.startswith(f"step 1 (at 10:00:00): {why}")
    assert result.line == 6


def test_all_that_can_be_expected_may_come() -> None:
    """Of one call."""
    result = _run(
        _expect(
            'verdict = "allow", rule = "abroad", reason = "allowed", number = "+390612345678", '
            'category = "international", country = "IT", asked = ["pin", "totp"], '
            'limits = ["two", "tried", "long", "often"], shadows = ["trial"], duration = "30m", '
            'talked = "30m", cost = "36.00", cut = true',
            'talks = "1h"',
        )
    )
    assert result.why == ""


def test_a_call_without_a_price_costs_nobody_knows_what() -> None:
    """That is no cost."""
    result = _run(_expect('cost = "1.00"', f'dial = "{HOME}", talks = "5m"'))
    assert result.why.endswith("the cost is `unknown`, not `1.00 GBP`")


def test_of_a_call_that_was_denied_nothing_was_talked() -> None:
    """Whoever expects a cost is told."""
    result = _run(_expect('cost = "1.00"', 'keys = "wrong"'))
    assert result.why.endswith("nothing was talked, as the call was not let through")
    assert _run(_expect('limits = [], verdict = "deny"', 'keys = "wrong"')).passed


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ("right", "allowed"),
        ("wrong", "wrong-code"),
        ("nothing", "no-digits"),
        ("pin", "wrong-code"),
        ("totp", "wrong-code"),
    ],
)
def test_what_is_keyed_decides(keys: str, reason: str) -> None:
    """Right, wrong, half right, or nothing."""
    assert _run(_expect(f'reason = "{reason}"', f'keys = "{keys}"')).why == ""


def test_the_first_that_is_otherwise_is_told_and_the_story_up_to_it() -> None:
    """What follows is its consequence."""
    result = _run(
        _expect('verdict = "allow"', f'dial = "{HOME}"'),
        _expect('verdict = "allow"', 'keys = "wrong"'),
        _expect('verdict = "allow"'),
    )
    assert (result.line, len(result.story), len(result.happenings)) == (7, 2, 3)
    assert [bool(each.why) for each in result.happenings] == [False, True, True]


def test_a_step_may_happen_several_times() -> None:
    """Each time what is expected must come; what follows is after the last."""
    result = _run(
        'times = 4, every = "1m", ' + _expect('verdict = "allow"'),
        'after = "1m", ' + _expect('verdict = "deny"'),
    )
    assert result.why.startswith("step 1 (at 10:03:00, the 4th time): verdict is `deny`")
    assert result.happenings[-1].what.startswith("`101` calls")
    assert clock(POLICY, result.happenings[-1].at) == "10:04:00"


@pytest.mark.parametrize(
    ("times", "nth"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (21, "21st")]
)
def test_times_are_counted_as_people_do(times: int, nth: str) -> None:
    """The twenty-first, but the eleventh."""
    policy = policy_of(
        '[[rule]]\nname = "r"\nthen = "allow"\n'
        f'[[limit]]\nname = "l"\nper = "site"\nattempts = {times - 1 or 1}\nwithin = "24h"\n'
    )
    expect = "deny" if times == 1 else "allow"
    step = "times = 30, " + _expect(f'verdict = "{expect}"', f'dial = "{HOME}"')
    assert f"the {nth} time" in _run(step, policy=policy).why


def test_calls_overlap_until_they_are_hung_up() -> None:
    """A call with a name lasts until then."""
    result = _run(
        _expect('verdict = "allow", talked = "10m", cut = false', 'name = "a"'),
        _expect('verdict = "allow"', 'talks = "20m"'),
        'after = "9m", ' + _expect('rule = "two", reason = "limit-reached"'),
        'after = "1m", hang-up = "a"',
        _expect('verdict = "allow"'),
    )
    assert result.why == ""
    assert result.story[3] == "10:10:00  `a` is hung up"


def test_what_is_not_live_is_not_hung_up() -> None:
    """Denied, or over already."""
    denied = _run(_expect('verdict = "deny"', 'name = "a", keys = "wrong"'), 'hang-up = "a"')
    assert denied.why == "step 2 (at 10:00:00): `a` is no live call any more"
    over = _run(
        _expect('verdict = "allow"', 'name = "a", talks = "1m"'), 'after = "1m", hang-up = "a"'
    )
    assert over.why == "step 2 (at 10:01:00): `a` is no live call any more"


def test_people_sign_in_and_off() -> None:
    """And what they key decides that, too."""
    mobile = 'dial = "907400123456"'
    result = _run(
        _expect('reason = "sign-in-required"', mobile),
        'sign-in = "101", keys = "wrong", expect = { reason = "wrong-code" }',
        'sign-in = "102", expect = { reason = "signed-in" }',
        _expect('verdict = "allow"', f'from = "102", {mobile}'),
        'sign-off = "102", expect = { reason = "signed-off" }',
        _expect('verdict = "deny"', f'from = "102", {mobile}'),
        'sign-in = "102", expect = { reason = "locked-out" }',
    )
    assert result.why == "step 7 (at 10:00:00): reason is `signed-in`, not `locked-out`"
    assert result.story[2] == "10:00:00  `102` signs in: signed-in"
    assert result.story[4] == "10:00:00  `102` signs off: signed-off"


def test_a_sign_off_can_be_otherwise() -> None:
    """Than expected."""
    result = _run('sign-off = "101", expect = { reason = "signed-in" }')
    assert result.why.endswith("reason is `signed-off`, not `signed-in`")


def test_the_brake_is_put_on_as_far_as_it_is() -> None:
    """Of the extension first."""
    three = "times = 3, " + _expect('verdict = "allow"')
    assert _run(three, _expect('brake = "extension", rule = "brake"')).why == ""
    result = _run(three, _expect('brake = "site"'))
    assert result.why.endswith("the brake is not put on for `site`: it puts it on for `extension`")


def test_time_only_goes_on() -> None:
    """A moment before the step before it is refused; one with an offset is that moment."""
    result = _run(
        _expect('verdict = "allow"'),
        'at = "2026-01-05T09:59:00", ' + _expect('verdict = "allow"'),
    )
    assert (result.line, result.why) == (
        7,
        "step 2 would be before the step before it; time only goes on",
    )
    on_time = _run('at = "2026-01-05T11:00:00+01:00", ' + _expect('verdict = "allow"'))
    assert on_time.passed


def test_an_address_and_a_transport_are_those_of_the_call() -> None:
    """Rules that name a network are tried, and limits as well."""
    policy = policy_of(
        '[[rule]]\nname = "in"\nnetwork = ["floor"]\ntransport = ["tls"]\nthen = "allow"\n'
        '[[limit]]\nname = "l"\nnetwork = ["floor"]\nper = "site"\ncalls = 9\n'
    )
    inside = 'address = "10.0.0.5", transport = "tls"'
    assert _run(_expect('rule = "in", limits = ["l"]', inside), policy=policy).why == ""
    outside = 'address = "192.0.2.1", transport = "tls"'
    assert _run(_expect('rule = "none"', outside), policy=policy).why == ""


def test_an_emergency_call_has_no_limits_and_no_shadows() -> None:
    """The policy is not asked."""
    step = _expect('rule = "emergency", limits = [], shadows = []', 'dial = "999"')
    assert _run(step).why == ""


EXTENSIONS = st.sampled_from(["101", "102", "201", "203", "2001", "3001", "299", "", "carrier"])
DIALLED = st.sampled_from(
    [ROME, HOME, "999", "112", "911", "9011390612345678", "00014165550123", "201", "", "9#"]
)
ADDRESSES = st.sampled_from(["", "10.0.0.5", "10.20.3.4", "203.0.113.7", "2001:db8::1"])
TRANSPORTS = st.sampled_from(["", "udp", "tls", "wss"])
KEYS = st.sampled_from(Keys)
DOES = st.one_of(
    st.builds(
        Dial,
        EXTENSIONS | st.text(max_size=5),
        DIALLED | st.text(max_size=20),
        ADDRESSES,
        TRANSPORTS,
        st.sampled_from(["", "carrier-a"]),
        KEYS,
        st.integers(0, 100),
        st.none() | st.integers(0, 20_000),
        st.sampled_from(["", "a", "b"]),
    ),
    st.builds(SignIn, EXTENSIONS | st.text(max_size=5), ADDRESSES, TRANSPORTS, KEYS),
    st.builds(SignOff, EXTENSIONS),
    st.builds(HangUp, st.sampled_from(["a", "b"])),
)
STEPS = st.builds(
    Step,
    st.just(1),
    DOES,
    st.builds(OutcomeTable.model_validate, st.just({"limits": [], "shadows": [], "cut": True})),
    st.none(),
    st.integers(0, 40_000),
    st.integers(1, 5),
    st.integers(0, 4_000),
)
SAMPLES = sorted(
    each
    for each in (Path(__file__).parents[3] / "policies").glob("*.toml")
    if not each.name.endswith(".cases.toml")
)
LOADED = [load(each) for each in SAMPLES]


@given(st.sampled_from(LOADED), st.lists(STEPS, min_size=1, max_size=12))
def test_whatever_happens_comes_to_something(policy: Policy, steps: list[Step]) -> None:
    """A reload tries sequences: none may break it, whoever wrote it."""
    start = datetime(2026, 3, 28, 20, 30)  # noqa: DTZ001 - the site's time; a clock change follows
    sequence = Sequence("s", 1, start, tuple(steps))
    result = run_sequence(policy, sequence)
    assert len(result.happenings) == sum(each.times for each in steps)
    assert len(result.story) <= len(result.happenings)
    again = run_sequence(policy, sequence)
    assert (again.why, again.story) == (result.why, result.story)
    assert all(each.isprintable() for each in result.story)
