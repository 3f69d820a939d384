"""The order of a conversation: every state, every input."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.agi.command import Command, get_data, noop
from fastagi.agi.connection import TRANSITIONS, Closed, Connection, HungUp, Input, State
from fastagi.agi.environment import Environment
from fastagi.agi.limits import Limits
from fastagi.agi.reply import Digits, Refusal, Refused, Result
from fastagi.errors import LocalProtocolError, RemoteProtocolError
from tests.conformance.transcript import in_words, play
from tests.doubles.far_end import environment

USAGE = b"520-Invalid command syntax.  Proper usage follows:\n"
SAID: dict[Input, bytes] = {
    Input.FIELD: b"agi_network: yes\n",
    Input.BLANK: b"\n",
    Input.HANGUP: b"HANGUP\n",
    Input.REPLY: b"200 result=0\n",
    Input.USAGE_BEGINS: USAGE,
    Input.USAGE_LINE: b"Sets a variable.\n",
    Input.USAGE_ENDS: b"520 End of proper usage.\n",
    Input.END: b"",
}


def connection_in(state: State, limits: Limits | None = None) -> Connection:
    """Return a connection that was brought into a state."""
    connection = Connection(limits or Limits())
    if state is State.GREETING:
        return connection
    if state is State.FAILED:
        connection.receive_data(b"GET / HTTP/1.1\r\n")
        with pytest.raises(RemoteProtocolError):
            connection.next_event()
        return connection
    connection.receive_data(environment())
    assert isinstance(connection.next_event(), Environment)
    if state is State.CLOSED:
        connection.receive_data(b"")
        assert connection.next_event() == Closed()
    if state in {State.ASKED, State.EXPLAINED}:
        connection.send(noop())
    if state is State.EXPLAINED:
        connection.receive_data(USAGE)
        assert connection.next_event() is None
    assert connection.state is state
    return connection


def test_every_state_can_be_reached_and_left_only_by_the_table() -> None:
    """The table leads to every state but failure, which is where it does not lead."""
    reached = {after for _, after in TRANSITIONS.values()}
    assert reached == set(State) - {State.FAILED}
    assert not any(state in {State.CLOSED, State.FAILED} for state, _ in TRANSITIONS)


AFTER: dict[State, dict[Input, State]] = {
    State.GREETING: {Input.FIELD: State.GREETING},
    State.IDLE: {Input.HANGUP: State.IDLE, Input.END: State.CLOSED},
    State.ASKED: {
        Input.REPLY: State.IDLE,
        Input.USAGE_ENDS: State.IDLE,  # by itself it is a 520 of one line
        Input.USAGE_BEGINS: State.EXPLAINED,
        Input.HANGUP: State.ASKED,
        Input.END: State.CLOSED,
    },
    State.EXPLAINED: {
        Input.FIELD: State.EXPLAINED,  # in an explanation all of these are text
        Input.BLANK: State.EXPLAINED,
        Input.REPLY: State.EXPLAINED,
        Input.USAGE_BEGINS: State.EXPLAINED,
        Input.USAGE_LINE: State.EXPLAINED,
        Input.USAGE_ENDS: State.IDLE,
        Input.HANGUP: State.EXPLAINED,
        Input.END: State.CLOSED,
    },
    State.CLOSED: {Input.END: State.CLOSED},
    State.FAILED: {},
}


@pytest.mark.parametrize(("state", "said"), list(product(State, SAID)), ids=str)
def test_every_input_in_every_state(state: State, said: Input) -> None:
    """Whatever is said, it leads where it should, or it ends the conversation."""
    connection = connection_in(state)
    connection.receive_data(SAID[said])
    after = AFTER[state].get(said)
    if after is None:
        with pytest.raises(RemoteProtocolError):
            connection.next_event()
        assert connection.state is State.FAILED
    else:
        connection.next_event()
        assert connection.state is after


@pytest.mark.parametrize("state", State)
def test_a_command_is_sent_when_nothing_else_is_under_way(state: State) -> None:
    """One at a time, and only between the environment and the end."""
    connection = connection_in(state)
    if state is State.IDLE:
        assert connection.send(noop()) == b"NOOP\n"
        assert connection.state is State.ASKED
    else:
        with pytest.raises(LocalProtocolError, match=f"may not be sent {state.value}"):
            connection.send(noop())
        assert connection.state is state


def test_a_reply_is_read_by_the_command_that_asked() -> None:
    """After GET DATA a number is digits, after the next command it is a number again."""
    connection = connection_in(State.IDLE)
    connection.send(get_data("beep", wait_s=1, most=6))
    connection.receive_data(b"200 result=4711\n")
    assert connection.next_event() == Digits("4711", timed_out=False)
    connection.send(noop())
    connection.receive_data(b"200 result=4711\n")
    assert connection.next_event() == Result(4711)


def test_a_hangup_stands_between_any_two_lines() -> None:
    """Before the reply, within a 520 and after it."""
    for before, after in ((b"", USAGE), (USAGE, b"Sets a variable.\n")):
        connection = connection_in(State.ASKED)
        connection.receive_data(before + b"HANGUP\n" + after + SAID[Input.USAGE_ENDS])
        assert connection.next_event() == HungUp()
        assert connection.next_event() == Refused(Refusal.USAGE)
        connection.receive_data(b"HANGUP\n")
        assert connection.next_event() == HungUp()
        assert connection.next_event() is None


def test_a_failure_stays() -> None:
    """Nothing that comes later is looked at."""
    connection = connection_in(State.FAILED)
    connection.receive_data(environment())
    with pytest.raises(RemoteProtocolError, match=r"no `key: value` but `GET / HTTP/1.1\\r`"):
        connection.next_event()


def test_each_explanation_may_be_as_long_as_the_last() -> None:
    """The limit is on one 520, not on all of a session."""
    connection = connection_in(State.IDLE, Limits(usage=len(USAGE) + 10))
    for _ in range(3):
        connection.send(noop())
        connection.receive_data(USAGE + b"123456789\n" + SAID[Input.USAGE_ENDS])
        assert connection.next_event() == Refused(Refusal.USAGE)
    connection.send(noop())
    connection.receive_data(USAGE + b"1234567890\n")
    with pytest.raises(RemoteProtocolError, match="a 520 is over"):
        connection.next_event()


def test_commands_are_counted() -> None:
    """A story that runs in circles comes to an end."""
    connection = connection_in(State.IDLE, Limits(commands=2))
    for _ in range(2):
        connection.send(noop())
        connection.receive_data(b"200 result=0\n")
        assert connection.next_event() == Result(0)
    with pytest.raises(LocalProtocolError, match="may send 2 commands"):
        connection.send(noop())


@pytest.mark.parametrize("length", [2047, 2048, 2049])
def test_a_line_is_bounded_with_its_newline_and_without(length: int) -> None:
    """It is too long as soon as that can be known."""
    for newline in (b"", b"\n"):
        connection = connection_in(State.ASKED)
        connection.receive_data(b"511 ".ljust(length, b"x") + newline)
        if length > 2048:
            with pytest.raises(RemoteProtocolError, match="a line is over 2048 bytes"):
                connection.next_event()
        else:
            assert connection.next_event() == (Refused(Refusal.DEAD) if newline else None)


def test_what_lies_unread_is_bounded() -> None:
    """A flood is cut where it is lost already."""
    connection = connection_in(State.IDLE)
    for _ in range(100):
        connection.receive_data(b"x" * 10_000)
    with pytest.raises(RemoteProtocolError, match="a line is over"):
        connection.next_event()


CONVERSATION: tuple[bytes | Command, ...] = (
    environment() + b"HANGUP\n",
    noop(),
    b"200 result=0\n",
    noop(),
    USAGE + b"usage\nHANGUP\n520 End of proper usage.\n",
)


@given(st.data())
def test_cuts_never_change_what_happened(data: st.DataObject) -> None:
    """However the bytes are cut, and wherever one of them is changed, the events are the same."""
    steps = list(CONVERSATION)
    at = data.draw(st.sampled_from([0, 2, 4]))
    said = steps[at]
    assert isinstance(said, bytes)
    place = data.draw(st.integers(0, len(said) - 1))
    steps[at] = said[:place] + data.draw(st.binary(max_size=3)) + said[place + 1 :]
    places = sorted(data.draw(st.sets(st.integers(1, 900), max_size=12)))

    def cut(whole: bytes) -> list[bytes]:
        return [piece for a, b in pairwise([0, *places, None]) if (piece := whole[a:b])]

    assert play(steps, cut) == play(steps, lambda whole: [whole])


def test_the_conversation_that_is_cut_is_an_honest_one() -> None:
    """The property above starts from something that works."""
    connection_words = play(CONVERSATION, lambda whole: [whole])
    assert connection_words == [
        "environment",
        "hung up",
        "result 0",
        "hung up",
        "refused 520",
    ]
    assert in_words(Closed()) == "closed"
