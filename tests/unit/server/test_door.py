"""Addresses and tokens."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from fastagi.call.channel import Argument, Question
from fastagi.server.door import Door

QUESTION = Question(
    script="outbound",
    arguments={Argument.CALL: "1.2", Argument.DIALLED: "0039061"},
    channel="PJSIP/101-00000001",
    uniqueid="1.2",
    language="en",
    peer="127.0.0.1",
)


def sha1(text: bytes) -> str:
    """Compute what `${SHA1(…)}` does."""
    return hashlib.sha1(text).hexdigest()  # noqa: S324 - as Asterisk's func_sha1


def given(question: Question, token: str) -> Question:
    """Return the question with a token."""
    return replace(question, arguments={**question.arguments, Argument.TOKEN: token})


@pytest.mark.parametrize(
    ("address", "admitted"),
    [
        ("127.0.0.1", True),
        ("127.0.0.2", False),
        ("10.1.2.3", True),
        ("11.1.2.3", False),
        ("::1", True),
        ("::2", False),
        ("::ffff:10.1.2.3", True),
        ("::ffff:11.1.2.3", False),
        ("fe80::1%eth0", True),
        ("", False),
        ("localhost", False),
    ],
)
def test_who_may_connect(address: str, admitted: bool) -> None:
    """Networks and single addresses, IPv4 also where it comes as IPv6."""
    door = Door(["127.0.0.1", "10.0.0.0/8", "::1", "fe80::/10"])
    assert door.admits(address) is admitted


def test_nobody_is_named_nobody_comes_in() -> None:
    """An empty list lets in nobody rather than everybody."""
    assert not Door([]).admits("127.0.0.1")


def test_without_a_secret_no_token_is_asked() -> None:
    """On loopback there is nothing to prove."""
    assert Door([]).trusts(QUESTION)
    assert Door([]).trusts(given(QUESTION, "anything"))


def test_the_token_is_what_the_dialplan_computes() -> None:
    """`${SHA1(secret:${UNIQUEID}:${EXTEN})}`; of others, the script in the number's place."""
    door = Door([], "hush")
    assert door.trusts(given(QUESTION, sha1(b"hush:1.2:0039061")))
    for script in ("release", "sign-in", "sign-off", "signed-in"):
        asked = replace(QUESTION, script=script)
        assert door.trusts(given(asked, sha1(f"hush:1.2:{script}".encode())))


def test_the_token_of_a_release_says_how_long_was_talked() -> None:
    """Who has seen that of one release makes no other call cost less."""
    door = Door([], "hush")
    for talked in ("", "0", "61"):
        arguments = {**QUESTION.arguments, Argument.TALKED: talked}
        asked = replace(QUESTION, script="release", arguments=arguments)
        assert door.trusts(given(asked, sha1(f"hush:1.2:release:{talked}".encode())))
        for other in ("hush:1.2:release", "hush:1.2:release:5"):
            assert not door.trusts(given(asked, sha1(other.encode())))


def test_a_token_of_a_call_opens_no_other_door() -> None:
    """Who heard one cannot sign anybody off with it."""
    door = Door([], "hush")
    for script in ("release", "sign-in", "sign-off", "signed-in"):
        asked = replace(QUESTION, script=script)
        assert not door.trusts(given(asked, sha1(b"hush:1.2:0039061")))


@pytest.mark.parametrize(
    "token",
    [
        "",
        sha1(b"hush:1.2:0039062"),
        sha1(b"hush:1.3:0039061"),
        sha1(b"other:1.2:0039061"),
        sha1(b"hush:1.2:release"),
        sha1(b"hush:1.2:0039061").upper(),
        "é",
    ],
)
def test_any_other_token_is_wrong(token: str) -> None:
    """Of another number, call, secret or script; or none."""
    assert not Door([], "hush").trusts(given(QUESTION, token))


def test_no_token_is_wrong() -> None:
    """Where a secret is shared, whoever does not know it is not asked twice."""
    assert not Door([], "hush").trusts(QUESTION)
    assert not Door([], "hush").trusts(replace(QUESTION, arguments={}))


def test_an_address_that_is_none_is_refused_at_once() -> None:
    """A slip in the settings does not wait for the first call to show."""
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/40"):
        Door(["10.0.0.0/40"])


@pytest.mark.parametrize(
    ("address", "site", "may"),
    [
        ("10.0.1.7", "hotel", True),
        ("10.0.1.7", "office", True),
        ("::ffff:10.0.1.7", "hotel", True),
        ("10.0.1.8", "office", True),
        ("10.0.1.8", "hotel", False),
        ("10.0.1.8", "", False),
        ("10.0.2.1", "hotel", True),
        ("10.0.2.1", "", True),
        ("nowhere", "hotel", True),
    ],
)
def test_which_sites_an_asterisk_may_name(address: str, site: str, may: bool) -> None:
    """Those of each network that it is in; any, where it is in none."""
    door = Door(["10.0.0.0/8"], sites={"10.0.1.0/24": ["office"], "10.0.1.7": ["hotel"]})
    assert door.may_name(address, site) is may
