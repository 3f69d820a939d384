"""The environment: Asterisk's order or nothing."""

from __future__ import annotations

import pytest

from fastagi.agi.environment import FIELDS, Environment, EnvironmentReader
from fastagi.agi.limits import Limits
from fastagi.errors import RemoteProtocolError
from tests.doubles.far_end import environment


def read(raw: bytes, limits: Limits | None = None) -> Environment:
    """Feed every line to a reader and return what it makes of them."""
    reader = EnvironmentReader(limits or Limits())
    for line in raw.removesuffix(b"\n\n").split(b"\n"):
        reader.take(line)
    return reader.finish()


def test_every_field_is_where_its_name_says() -> None:
    """What Asterisk sends is what the story reads."""
    assert read(environment("call=1.2", "dialled=", name="Doe, John")) == Environment(
        script="outbound",
        query="",
        request="agi://127.0.0.1:4573/outbound",
        channel="PJSIP/101-00000001",
        language="en",
        technology="PJSIP",
        uniqueid="1767607800.42",
        version="22.10.1",
        caller_number="101",
        caller_name="Doe, John",
        dnid="00390612345678",
        context="dialguard",
        extension="outbound",
        priority=7,
        account_code="",
        arguments=("call=1.2", "dialled="),
    )


def test_a_url_without_a_path_has_no_script() -> None:
    """Asterisk then leaves the line out, and only then and only that one."""
    assert read(environment(script="")).script == ""


def test_a_query_is_kept_apart_from_the_script() -> None:
    """Asterisk sends them together."""
    got = read(environment(script="tenv/x.agi?caller=+49&b=a%20b"))
    assert (got.script, got.query) == ("tenv/x.agi", "caller=+49&b=a%20b")


def test_text_that_is_not_utf_8_is_kept() -> None:
    """A name in Latin-1 is no reason to refuse a call, and no byte of it is lost."""
    got = read(environment(name="Jos\udce9"))
    assert got.caller_name.encode("utf-8", "surrogateescape") == b"Jos\xe9"


def test_arguments_do_not_show_in_a_repr() -> None:
    """A token stands among them."""
    assert "hush" not in repr(read(environment("token=hush")))


def test_each_field_is_missed() -> None:
    """Without any one line but the script's, the next is out of order."""
    lines = environment().split(b"\n")
    for at, (name, _) in enumerate(FIELDS):
        if name == b"agi_network_script":
            continue
        with pytest.raises(RemoteProtocolError, match=f"where {name.decode()} belongs"):
            read(b"\n".join(lines[:at] + lines[at + 1 :]))


def test_no_field_comes_twice() -> None:
    """The second is out of order."""
    lines = environment().split(b"\n")
    for at in range(len(FIELDS)):
        with pytest.raises(RemoteProtocolError, match="belongs"):
            read(b"\n".join([*lines[: at + 1], lines[at], *lines[at + 1 :]]))


@pytest.mark.parametrize("at", range(len(FIELDS)), ids=[name.decode() for name, _ in FIELDS])
def test_no_field_has_a_control_character(at: int) -> None:
    """Whatever its kind, no field takes what could end a line or draw on a terminal."""
    lines = environment().split(b"\n")
    for control in (b"\r", b"\t", b"\0", b"\x1b", b"\x7f"):
        lines[at] += control
        with pytest.raises(RemoteProtocolError, match=f"line {at + 1} of the environment says"):
            read(b"\n".join(lines))


def test_a_line_is_a_key_and_a_value() -> None:
    """A line of anything else is refused, and shown escaped."""
    with pytest.raises(
        RemoteProtocolError, match=r"line 1 .* is no `key: value` but `\\x16\\x03`"
    ):
        read(b"\x16\x03")


def test_arguments_are_counted() -> None:
    """Each has the number after the last, up to a limit."""
    assert len(read(environment(*["call="] * 32)).arguments) == 32
    with pytest.raises(RemoteProtocolError, match="argument 33, over the 32"):
        read(environment(*["call="] * 33))
    with pytest.raises(RemoteProtocolError, match="`agi_rdnis` where agi_arg_1 belongs"):
        read(environment().replace(b"agi_arg_1", b"agi_rdnis"))


def test_an_argument_has_no_control_character() -> None:
    """The message does not show it: it may be the token."""
    with pytest.raises(RemoteProtocolError, match=r"a control character in agi_arg_1$"):
        read(environment("token=hush\x1b"))


def test_the_environment_is_bounded() -> None:
    """Many lines, none too long, are too much at one point."""
    raw = environment()
    size = len(raw) - 1
    assert read(raw, Limits(environment=size)).script == "outbound"
    with pytest.raises(RemoteProtocolError, match=f"over {size - 1} bytes"):
        read(raw, Limits(environment=size - 1))


def test_a_blank_line_may_not_come_early() -> None:
    """A newline in a caller's text ends the environment before its last field."""
    with pytest.raises(RemoteProtocolError, match="blank where agi_callingpres belongs"):
        read(environment(name="X\n").partition(b"\n\n")[0] + b"\n\n")
