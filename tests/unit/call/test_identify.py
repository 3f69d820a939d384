"""Who is judged: the endpoint, or the one whose transfer or forward caused the call."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from fastagi.call.channel import Argument, Question
from fastagi.call.identify import Caller, identify
from fastagi.policy.model import Reason, Transport

CALL = "1732412345.17"


def _question(uniqueid: str = CALL, **arguments: str) -> Question:
    given = {Argument.CALL: CALL, Argument.ENDPOINT: "101"} | arguments
    return Question(
        script="outbound",
        arguments=given,
        channel="PJSIP/101-0000002a",
        uniqueid=uniqueid,
        language="en",
        peer="127.0.0.1",
    )


def test_the_endpoint_is_the_caller() -> None:
    """Identity is the authenticated endpoint, with where its SIP came from."""
    caller = identify(_question(address="10.0.0.5:5060", transport="TLS", trunk="t", node="pbx1"))
    assert caller == Caller(
        extension="101",
        call=CALL,
        channel="PJSIP/101-0000002a",
        address=ip_address("10.0.0.5"),
        transport=Transport.TLS,
        trunk="t",
        node="pbx1",
        transferred=False,
    )


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        (Argument.TRANSFERER, "PJSIP/102-00000003"),
        (Argument.FORWARDER, "PJSIP/102-00000003"),
        (Argument.FORWARDER, "SIP/102-00000003"),
        (Argument.ATTENDED, "PJSIP/102-00000003"),
    ],
)
def test_who_transfers_or_forwards_is_judged(argument: Argument, text: str) -> None:
    """The call is charged to the extension that caused it."""
    caller = identify(_question(**{argument: text}))
    assert isinstance(caller, Caller)
    assert (caller.extension, caller.transferred) == ("102", True)


@pytest.mark.parametrize("cause", ["", "PJSIP/102-00000003"])
def test_whom_the_dialplan_names_is_judged(cause: str) -> None:
    """Whatever else it tells of: it names nobody where a transfer came later."""
    caller = identify(_question(behalf="150", endpoint="my-trunk", transferer=cause))
    assert isinstance(caller, Caller)
    assert (caller.extension, caller.transferred, caller.party) == ("150", True, "my-trunk")


def test_a_name_that_is_none_is_nobody() -> None:
    """The dialplan sends signs that no endpoint has where it cannot say for whom it asks."""
    assert identify(_question(behalf="//")) is Reason.NO_IDENTITY


@pytest.mark.parametrize(
    ("arguments", "party"),
    [
        ({}, ""),
        ({"transferer": "PJSIP/102-00000003"}, "101"),
        ({"transferer": "PJSIP/102-00000003", "endpoint": ""}, ""),
        ({"forwarder": "PJSIP/102-00000003", "endpoint": ""}, ""),
        ({"behalf": "102", "endpoint": ""}, ""),
        ({"attended": "PJSIP/102-00000003", "endpoint": ""}, "102"),
    ],
)
def test_who_talks_on_a_call_that_another_caused(arguments: dict[str, str], party: str) -> None:
    """The channel's own endpoint; on a Local channel nobody knows, but of an attended transfer."""
    caller = identify(_question(**arguments))
    assert isinstance(caller, Caller)
    assert caller.party == party


def test_a_forwarder_is_blamed_before_a_transferer() -> None:
    """The last cause counts: a forward happens after the transfer that rang the phone."""
    caller = identify(
        _question(transferer="PJSIP/102-00000003", forwarder="PJSIP/my-desk-00000004")
    )
    assert isinstance(caller, Caller)
    assert caller.extension == "my-desk"


@pytest.mark.parametrize(
    "text", ["Local/900@from-inside-00000001;2", "PJSIP/102", "102", "PJSIP/1,2-00000003"]
)
def test_a_cause_that_cannot_be_told_is_nobody(text: str) -> None:
    """A channel name that names no endpoint is not guessed at."""
    assert identify(_question(transferer=text)) is Reason.NO_IDENTITY


@pytest.mark.parametrize("endpoint", ["", "1 0", "101\n", "x" * 81, "101;", "ü"])
def test_an_odd_endpoint_is_nobody(endpoint: str) -> None:
    """What is no PJSIP section name is no identity."""
    assert identify(_question(endpoint=endpoint)) is Reason.NO_IDENTITY


def test_a_call_that_is_not_the_channels_own_is_not_believed() -> None:
    """The verdict is bound to the channel that asks."""
    assert identify(_question(uniqueid="1732412345.18")) is Reason.BAD_QUESTION


def test_an_odd_uniqueid_is_not_believed() -> None:
    """A uniqueid becomes a key and a variable; it holds nothing strange."""
    assert identify(_question(uniqueid="a b", call="a b")) is Reason.BAD_QUESTION


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.0.0.5:5060", "10.0.0.5"),
        ("10.0.0.5", "10.0.0.5"),
        ("[2001:db8::5]:5060", "2001:db8::5"),
        ("2001:db8::5", "2001:db8::5"),
        ("[::ffff:10.0.0.5]:5060", "10.0.0.5"),
        ("", None),
        ("nowhere:1", None),
    ],
)
def test_the_address_is_read_with_or_without_its_port(text: str, address: str | None) -> None:
    """Asterisk gives `ip:port`; what it does not give is not known."""
    caller = identify(_question(address=text))
    assert isinstance(caller, Caller)
    assert caller.address == (None if address is None else ip_address(address))


def test_an_unknown_transport_is_not_known() -> None:
    """A transport that is none of ours fits no rule about transports."""
    caller = identify(_question(transport="pigeon"))
    assert isinstance(caller, Caller)
    assert caller.transport is None


def test_without_a_name_the_node_is_the_asterisk_that_asks() -> None:
    """The operator still sees which Asterisk it was."""
    caller = identify(_question())
    assert isinstance(caller, Caller)
    assert caller.node == "127.0.0.1"


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("a1" * 20, "a1" * 20),
        ("", ""),
        ("da39a3ee5e6b4b0d3255bfef95601890afd80709", ""),  # SHA-1 of nothing
        ("A1" * 20, ""),
        ("a1" * 19, ""),
        ("a1" * 21, ""),
        ("friendly-scanner", ""),
    ],
)
def test_a_digest_of_nothing_says_nothing(text: str, known: str) -> None:
    """Nor does what is none; else all phones without a name would be one and the same."""
    caller = identify(_question(agent=text, contact=text))
    assert isinstance(caller, Caller)
    assert (caller.agent, caller.contact) == (known, known)


@pytest.mark.parametrize(
    ("arguments", "proven"),
    [
        ({"address": "10.0.0.5:5060", "transport": "TLS"}, True),
        ({"address": "10.0.0.5:5060", "transport": "tcp"}, True),
        ({"address": "10.0.0.5:5060", "transport": "wss"}, True),
        ({"address": "10.0.0.5:5060", "transport": "UDP"}, False),
        ({"address": "10.0.0.5:5060", "transport": "carrier pigeon"}, False),
        ({"address": "10.0.0.5:5060"}, False),
        ({"transport": "TLS"}, False),
        ({"address": "10.0.0.5", "transport": "TLS", "forwarder": "PJSIP/102-00000003"}, False),
    ],
)
def test_an_address_is_proven_by_a_connection(arguments: dict[str, str], *, proven: bool) -> None:
    """Over UDP anybody writes any; of a transferred call it is another's."""
    caller = identify(_question(**arguments))
    assert isinstance(caller, Caller)
    assert caller.is_proven is proven
