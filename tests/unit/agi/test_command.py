r"""Commands: one quoting rule, which Asterisk undoes; limits; nothing repaired."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.agi import command
from fastagi.agi.reply import Digits, Result
from fastagi.errors import LocalProtocolError
from tests.doubles.parse_args import parse_args

WORDS = st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8"), max_size=60)


@given(st.lists(WORDS, max_size=8))
def test_quoting_is_undone_by_asterisk(words: list[str]) -> None:
    """Whatever the words hold, Asterisk reads the same words."""
    line = command.command("EXEC NoOp", *words).line
    assert line.count(b"\n") == 1
    assert parse_args(line[:-1]) == [b"EXEC", b"NoOp", *(word.encode() for word in words)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b'EXEC NoOp "a\\"b\\\\c"', [b"EXEC", b"NoOp", b'a"b\\c']),
        (b'X "two words" y', [b"X", b"two words", b"y"]),
        (b'X "unterminated word', [b"X", b"unterminated word"]),
        (b"X a\\ b \\n", [b"X", b"a b", b"n"]),
        (b'X "" y', [b"X", b"", b"y"]),
        (b"  X \t y  ", [b"X", b"y"]),
        (b"", []),
        (b"x " * 200, [b"x"] * 127),
    ],
)
def test_the_twin_does_as_asterisk_was_seen_to(line: bytes, words: list[bytes]) -> None:
    """The other side of the property above is held against what was recorded and read."""
    assert parse_args(line) == words


@pytest.mark.parametrize("character", ["\r", "\n", "\0"])
def test_what_cannot_be_quoted_is_refused(character: str) -> None:
    """There is no escape for it, and nothing is left out silently."""
    with pytest.raises(LocalProtocolError, match="CR, LF or NUL"):
        command.set_variable("A", f"beep{character}SET VARIABLE X 1")


def test_bytes_that_came_in_go_out_the_same() -> None:
    """Text that was not UTF-8 is sent back byte by byte."""
    assert command.quote("Jos\udce9") == b'"Jos\xe9"'


def test_the_longest_line() -> None:
    """A line is at most what the oldest Asterisk reads in one piece."""
    room = command.LINE_MAX - len(b'SET VARIABLE "A" ""\n')
    assert len(command.set_variable("A", "x" * room).line) == command.LINE_MAX
    with pytest.raises(LocalProtocolError, match="2000 bytes"):
        command.set_variable("A", "x" * (room + 1))


def test_the_most_words() -> None:
    """A line has at most as many words as Asterisk surely has room for."""
    assert len(parse_args(command.execute("NoOp", *["x"] * 98).line[:-1])) == 100
    with pytest.raises(LocalProtocolError, match="100 words"):
        command.execute("NoOp", *["x"] * 99)


def test_the_lines() -> None:
    """What is sent, to the letter."""
    assert command.noop().line == b"NOOP\n"
    assert command.answer().line == b"ANSWER\n"
    assert command.absolute_timeout(60).line == b'SET VARIABLE "TIMEOUT(absolute)" "60"\n'
    assert command.set_variable("A", 'b"c').line == b'SET VARIABLE "A" "b\\"c"\n'
    assert command.execute("NoOp").line == b"EXEC NoOp\n"
    assert command.get_data("agent-pass", wait_s=7, most=6).line == (
        b'GET DATA "agent-pass" "7000" "6"\n'
    )
    assert command.get_data("", wait_s=7, most=6).line == b'GET DATA "" "7000" "6"\n'
    assert command.stream_file("beep").line == b'STREAM FILE "beep" "0123456789*#"\n'
    assert command.mset({"A": "", "B": "+39.0:1@x/y&z-_", "C": "*98#"}).line == (
        b'EXEC MSet "A=,B=+39.0:1@x/y&z-_,C=*98#"\n'
    )


def test_each_command_reads_its_own_reply() -> None:
    """The same line means one thing to one and another to another."""
    line = b"200 result=4711"
    assert command.noop().read(line) == Result(4711)
    assert command.get_data("beep", wait_s=1, most=4).read(line) == Digits("4711", False)
    assert command.stream_file("beep").read(b"200 result=52 endpos=80") == Digits("4", False)


@pytest.mark.parametrize("sound", ["a b", "a,b", "a&b", 'a"', "ä", "a\n"])
def test_a_sound_is_a_file_name(sound: str) -> None:
    """What joins sounds, or quotes them, is no part of one."""
    with pytest.raises(LocalProtocolError, match="file name"):
        command.get_data(sound, wait_s=7, most=6)
    with pytest.raises(LocalProtocolError, match="file name"):
        command.stream_file(sound)


def test_a_sound_that_is_played_has_a_name() -> None:
    """Only a question may be put in silence."""
    with pytest.raises(LocalProtocolError, match="file name"):
        command.stream_file("")


@pytest.mark.parametrize("most", [0, -1, 65])
def test_digits_are_bounded(most: int) -> None:
    """0 would mean as many as its buffer holds."""
    with pytest.raises(LocalProtocolError, match="1 to 64 digits"):
        command.get_data("beep", wait_s=7, most=most)


@pytest.mark.parametrize("seconds", [0, -1, 86_401])
def test_times_are_bounded(seconds: int) -> None:
    """0 would mean for ever."""
    with pytest.raises(LocalProtocolError, match="1 to 86400 seconds"):
        command.get_data("beep", wait_s=seconds, most=6)
    with pytest.raises(LocalProtocolError, match="1 to 86400 seconds"):
        command.absolute_timeout(seconds)


@pytest.mark.parametrize("name", ["", "1A", "A B", "A=B", "SHELL(id)", "A\n", "Ä", "A" * 81])
def test_a_name_is_a_name(name: str) -> None:
    """A name that ends in `)` would run a function of the dialplan."""
    with pytest.raises(LocalProtocolError, match="a name is of letters"):
        command.set_variable(name, "x")
    with pytest.raises(LocalProtocolError, match="a name is of letters"):
        command.mset({name: "x"})
    with pytest.raises(LocalProtocolError, match="a name is of letters"):
        command.execute(name)


@pytest.mark.parametrize("value", [",", "a b", '"', "\\", "(", ")", "[", "$", "{", "é", "\n"])
def test_mset_takes_only_what_needs_no_second_escaping(value: str) -> None:
    """MSet has its own escapes below AGI's; the message names the variable, not the value."""
    with pytest.raises(LocalProtocolError, match="the value of GUARD_RULE may hold only") as ours:
        command.mset({"GUARD_RULE": f"x{value}"})
    assert f"x{value}" not in str(ours.value)


def test_mset_is_bounded() -> None:
    """Asterisk reads 24 pairs, and none makes no sense."""
    assert command.mset({f"A{at}": "1" for at in range(24)}).line.count(b"=") == 24
    for count in (0, 25):
        with pytest.raises(LocalProtocolError, match="1 to 24 variables"):
            command.mset({f"A{at}": "1" for at in range(count)})
