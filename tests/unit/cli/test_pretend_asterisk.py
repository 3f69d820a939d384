"""Asterisk's side of a FastAGI conversation."""

from __future__ import annotations

from collections import deque

import pytest

from fastagi.cli.pretend_asterisk import Call, Leg, environment, words_of

LEG = Leg("101", "900390612345678", "try-1767607800.42", "127.0.0.1:4573")


def a_call(*keyed: str) -> tuple[Call, list[str]]:
    """Return a call whose caller keys these in turn, and what the caller hears."""
    heard: list[str] = []
    keys = deque(keyed)
    return Call(hear=heard.append, key=lambda _: keys.popleft() if keys else ""), heard


def test_the_environment_is_as_asterisk_sends_it() -> None:
    """First who asks for what, then the channel, the arguments, and a blank line."""
    lines = environment(LEG, "outbound", {"call": LEG.uniqueid, "dialled": "9+"}).decode()
    assert lines.startswith(
        "agi_network: yes\n"
        "agi_network_script: outbound\n"
        "agi_request: agi://127.0.0.1:4573/outbound\n"
        "agi_channel: PJSIP/101-00000001\n"
    )
    assert lines.endswith(
        "agi_threadid: 139872361027328\n"
        "agi_arg_1: call=try-1767607800.42\n"
        "agi_arg_2: dialled=9+\n\n"
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("ANSWER", ["ANSWER"]),
        ("  GET  DATA\tpin ", ["GET", "DATA", "pin"]),
        (r'SET VARIABLE A "a\"b\\c d"', ["SET", "VARIABLE", "A", r"a\c d".replace("a", 'a"b', 1)]),
        ('SET VARIABLE A ""', ["SET", "VARIABLE", "A", ""]),
        (r'"\n"', ["n"]),
        ('"open', ["open"]),
        ('a"b"c', ["abc"]),
    ],
)
def test_words_are_split_as_parse_args_does(line: str, words: list[str]) -> None:
    """A quote groups, a backslash takes the next character, an open quote is taken as closed."""
    assert words_of(line) == words


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("ANSWER", "200 result=0"),
        ("answer", "200 result=0"),
        ('STREAM FILE beep "#"', "200 result=0 endpos=8000"),
        ("SET VARIABLE A x", "200 result=1"),
        ("GET VARIABLE NONE", "200 result=0"),
        ("SET AUTOHANGUP 9", "200 result=0"),
        ('NOOP "a"', "200 result=0"),
        ("VERBOSE hello 3", "200 result=0"),
        ("EXEC Progress", "200 result=0"),
        ("EXEC", "510 Invalid or unknown command"),
        ("DANCE", "510 Invalid or unknown command"),
        ("", "510 Invalid or unknown command"),
    ],
)
def test_commands_are_answered(command: str, reply: str) -> None:
    """As Asterisk does when all goes well."""
    call, _ = a_call()
    assert call.obey(command) == reply


def test_answering_is_remembered() -> None:
    """Whether the challenge answered can be told."""
    call, _ = a_call()
    call.obey("ANSWER")
    assert call.answered


@pytest.mark.parametrize(
    ("keyed", "most", "reply"),
    [
        ("4711#", 12, "200 result=4711"),
        ("4711", 12, "200 result=4711 (timeout)"),
        ("", 12, "200 result= (timeout)"),
        ("#", 12, "200 result="),
        ("123456", 6, "200 result=123456"),
    ],
)
def test_keys_become_digits(keyed: str, most: int, reply: str) -> None:
    """`#` or the last digit ends them, else the caller fell silent."""
    call, heard = a_call(keyed)
    assert call.obey(f'GET DATA "agent-pass" 7000 {most}') == reply
    assert heard == ["agent-pass"]


def test_keys_given_in_one_go_serve_several_prompts() -> None:
    """`4711#123456#` keys a PIN and then a code."""
    call, _ = a_call("4711#123456#")
    assert call.obey("GET DATA pin 7000 12") == "200 result=4711"
    assert call.obey("GET DATA code") == "200 result=123456"
    assert call.obey("GET DATA code") == "200 result= (timeout)"


def test_keys_over_the_most_wait_for_the_next_prompt() -> None:
    """What is keyed too early is not lost."""
    call, _ = a_call("12345#")
    assert call.obey("GET DATA a 7000 3") == "200 result=123"
    assert call.obey("WAIT FOR DIGIT 500") == "200 result=52"
    assert call.obey("WAIT FOR DIGIT 500") == "200 result=53"


@pytest.mark.parametrize(
    ("command", "wait_s"),
    [
        ("GET DATA pin 7000 12", 7.0),
        ("GET DATA pin", 6.0),
        ("GET DATA pin 0 12", 6.0),
        ("WAIT FOR DIGIT 500", 0.5),
        ("WAIT FOR DIGIT -1", 6.0),
    ],
)
def test_the_caller_has_as_long_as_asterisk_waits(command: str, wait_s: float) -> None:
    """Who is slower, is silent."""
    waited: list[float] = []

    def key(seconds: float) -> str:
        waited.append(seconds)
        return ""

    Call(hear=lambda _: None, key=key).obey(command)
    assert waited == [wait_s]


def test_no_digit_is_result_0() -> None:
    """`WAIT FOR DIGIT` tells silence by 0."""
    call, _ = a_call()
    assert call.obey("WAIT FOR DIGIT 500") == "200 result=0"


def test_several_sounds_are_heard_in_order() -> None:
    """Sound files may be joined, streamed, or played by an application."""
    call, heard = a_call()
    call.obey('STREAM FILE "one&two" ""')
    call.obey('EXEC Playback "three&four,noanswer"')
    assert heard == ["one", "two", "three", "four"]


def test_variables_are_set_one_by_one_or_together() -> None:
    """`MSet`'s list is split at commas, and what is escaped is not."""
    call, _ = a_call()
    call.obey('SET VARIABLE GUARD_RULE "at home"')
    call.obey(r'EXEC MSet "GUARD_REF=4071,GUARD_PROMPT=a&b,GUARD_CAUSE=,X=1\\,2"')
    call.obey('EXEC Set "TIMEOUT(absolute)=20"')
    assert call.variables == {
        "GUARD_RULE": "at home",
        "GUARD_REF": "4071",
        "GUARD_PROMPT": "a&b",
        "GUARD_CAUSE": "",
        "X": "1,2",
        "TIMEOUT(absolute)": "20",
    }
    assert call.obey("GET VARIABLE GUARD_REF") == "200 result=1 (4071)"


def test_keys_do_not_show() -> None:
    """Digits are secrets, also of a pretended caller."""
    call, _ = a_call("80911#80912#")
    call.obey("GET DATA pin 7000 12")
    assert "80912" not in repr(call)
