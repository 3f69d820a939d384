"""Security events, as real Asterisks wrote them, and as nobody but an attacker would."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fastagi.errors import Forged
from fastagi.signs.asterisk import ACCOUNT_MAX, read, sighting_of
from fastagi.signs.sighting import Seen, Sighting

RECORDED: Final = Path(__file__).parents[2] / "conformance" / "security"
STRANGER: Final = ip_address("127.0.0.77")
FORGED: Final = "forged"

UNKNOWN: Final = ("unknown-account", "999")
RIGHT: Final = ("right-password", "131")
WRONG: Final = ("wrong-password", "131")

OF_A_TRANSPORT: Final = {
    "unknown-account": [UNKNOWN],
    "unknown-account-with-password": [UNKNOWN, UNKNOWN],
    "challenge": [],
    "wrong-password": [WRONG],
    "right-password": [RIGHT],
    "made-up-nonce": [WRONG],
    "made-up-nonce-right-password": [],
    "invite": [],
    "options": [],
    "malformed": [],
    "not-let-in": [("not-let-in", "140")],
    "nothing-to-register": [("right-password", "141"), ("not-let-in", "141")],
    "another-s-registration": [RIGHT, ("malformed", "131")],
}

HOSTILE: Final = {
    "user-torn": [FORGED, FORGED],
    "user-address": [FORGED],
    "user-short-address": [FORGED],
    "user-event": [FORGED, FORGED],
    "user-no-colon": [FORGED],
    "user-cr": [("unknown-account", "101\rRemoteAddress: x")],
    "user-lf": [("unknown-account", "101\nRemoteAddress: x")],
    "user-ends-in-cr": [("unknown-account", "101\r")],
    "user-unknown": [("unknown-account", "<unknown>")],
    "user-quotes": [("unknown-account", "\"a'b\\<>")],
    "user-utf-8": [("unknown-account", "é😀\u2028")],
    "user-long": [("unknown-account", "012345678901234567890123456789012345")],
    "user-nul": [],
    "user-colon": [("unknown-account", "a")],
    "user-spaces": [("unknown-account", "  101  ")],
    "call-id-folded": [],
    "call-id-cr": [UNKNOWN],
    "call-id-lf": [UNKNOWN],
    "call-id-long": [UNKNOWN],
    "response-crlf": [],
    "response-folded": [],
    "response-lf": [],
    "response-cr": [WRONG],
    "response-escaped": [WRONG],
    "response-long": [WRONG],
}
"""What came of a header that was made to be something else."""

UNSEEN: Final = (
    "user-not-utf-8",
    "call-id-not-utf-8",
    "call-id-not-utf-8-wrong-password",
    "two-responses",
)
"""What Asterisk says nothing of, as it cannot put it into JSON (docs/attack-signs.md)."""

CASES: Final = {
    **{f"{by}-{name}": told for by in ("udp", "tcp") for name, told in OF_A_TRANSPORT.items()},
    **{f"hostile-{name}": told for name, told in HOSTILE.items()},
    **{f"hostile-{name}": [] for name in UNSEEN},
}

WHOLE: Final = (
    "Event: ChallengeResponseFailed\r\nPrivilege: security,all\r\n"
    "EventTV: 2026-11-30T14:46:05.043+0000\r\nSeverity: Error\r\nService: PJSIP\r\n"
    "EventVersion: 1\r\nAccountID: 131\r\nSessionID: 1\r\n"
    "LocalAddress: IPV4/UDP/127.0.0.1/5060\r\nRemoteAddress: IPV4/UDP/198.51.100.7/5060\r\n"
    "Challenge: 1/a\r\nResponse: b\r\nExpectedResponse: "
)
INVALID: Final = WHOLE.replace("ChallengeResponseFailed", "InvalidAccountID").split("Chall")[0][
    :-2
]


def blocks(name: str) -> list[str]:
    """Return the blocks of a recording."""
    text = (RECORDED / f"{name}.ami").read_bytes().decode()
    return [each for each in text.split("\r\n\r\n") if each]


def told(block: str) -> str | tuple[str, str] | None:
    """Return what is read of a block, in short."""
    try:
        sighting = read(block, "pbx")
    except Forged:
        return FORGED
    return None if sighting is None else (sighting.seen.value, sighting.account)


def test_each_recording_has_its_case() -> None:
    """Nothing was recorded that is not looked at, and by both Asterisks."""
    wanted = {f"{version}-{name}" for version in ("16", "22") for name in CASES}
    assert {each.stem for each in RECORDED.glob("*.ami")} == wanted


@pytest.mark.parametrize("version", ["16", "22"])
@pytest.mark.parametrize("name", CASES)
def test_what_an_asterisk_wrote(version: str, name: str) -> None:
    """It is taken for what it is, and about nobody but who sent it."""
    found = [each for each in map(told, blocks(f"{version}-{name}")) if each is not None]
    assert found == CASES[name]


@pytest.mark.parametrize("version", ["16", "22"])
def test_a_sighting_is_of_who_sent_it(version: str) -> None:
    """Whatever was in its headers."""
    for name in CASES:
        for block in blocks(f"{version}-{name}"):
            try:
                sighting = read(block, "pbx")
            except Forged:
                continue
            refused = name.endswith("not-let-in")
            assert sighting is None or str(sighting.address) == (
                "127.0.0.66" if refused else "127.0.0.77"
            )


def test_all_that_is_read_of_an_event() -> None:
    """The moment is Asterisk's, the account and the address are those that it names."""
    assert read(WHOLE, "pbx") == Sighting(
        at=1796049965.043,
        seen=Seen.WRONG_PASSWORD,
        account="131",
        address=ip_address("198.51.100.7"),
        transport="udp",
        proven=False,
        node="pbx",
    )


@pytest.mark.parametrize("version", ["16", "22"])
@pytest.mark.parametrize("name", ["made-up-nonce", "wrong-password", "unknown-account"])
def test_over_udp_nothing_but_the_right_password_is_proven(version: str, name: str) -> None:
    """Asterisk tells of a wrong answer to a challenge that it never sent, just as of another."""
    for by, proven in (("udp", False), ("tcp", True)):
        found = [read(each, "pbx") for each in blocks(f"{version}-{by}-{name}")]
        assert {each.proven for each in found if each is not None} == {proven}
        right = [read(each, "pbx") for each in blocks(f"{version}-{by}-right-password")]
        assert {each.proven for each in right if each is not None} == {True}


@pytest.mark.parametrize(
    "text",
    [
        WHOLE + "\r\nModule: x\r\nSessionTV: y",
        WHOLE.replace("\r\nEventTV", "\r\nTimestamp: 1796049965.043\r\nSystemName: a\r\nEventTV"),
        WHOLE.replace(
            "\r\nEventTV", "\r\nSequenceNumber: 1\r\nFile: a\r\nLine: 2\r\nFunc: b\r\nEventTV"
        ),
        WHOLE.replace("+0000", "-0330"),
    ],
)
def test_what_settings_of_an_asterisk_add(text: str) -> None:
    """A machine's name, the moment, where in the source; another time zone."""
    assert told(text) == WRONG


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("IPV6/TCP/2001:db8::7/5060", "2001:db8::7"),
        ("IPV6/TLS/::ffff:198.51.100.7/5061", "198.51.100.7"),
        ("IPV6/WSS/fe80::1%eth0/5061", "fe80::1"),
        ("IPV4/WS/198.51.100.7/80", "198.51.100.7"),
    ],
)
def test_addresses(written: str, read_as: str) -> None:
    """Of both families; what has a handshake is proven."""
    sighting = read(WHOLE.replace("IPV4/UDP/198.51.100.7/5060", written), "pbx")
    assert sighting is not None
    assert (str(sighting.address), sighting.proven) == (read_as, True)
    assert sighting.transport == written.split("/")[1].lower()


@pytest.mark.parametrize(
    "text",
    [
        WHOLE.replace("AccountID: 131\r\n", ""),
        WHOLE.replace("AccountID", "Accountid"),
        WHOLE.replace("Service: PJSIP\r\nEventVersion: 1", "EventVersion: 1\r\nService: PJSIP"),
        WHOLE + "\r\nRemoteAddress: IPV4/UDP/203.0.113.9/5060",
        WHOLE + "\r\nMore: x",
        WHOLE + "\r\nSessionTV: x\r\nModule: y",
        WHOLE + "\r\nfolded",
        WHOLE.replace("security,all", "call,all"),
        WHOLE.replace("UDP/198", "SCTP/198"),
        WHOLE.replace("198.51.100.7/", "198.51.100.999/"),
        WHOLE.replace("198.51.100.7/", "phone.example/"),
        WHOLE.replace("IPV4/UDP/198", "IPV6/UDP/198"),
        WHOLE.replace("2026-11-30T", "2026-13-30T"),
        WHOLE.replace("2026-11-30T", "2026-11-30 "),
        WHOLE.replace(": 131", f": {'1' * (ACCOUNT_MAX + 1)}"),
        INVALID + "\r\nChallenge: x",
        "Challenge: x",
        "",
    ],
)
def test_what_asterisk_never_made(text: str) -> None:
    """It is about nobody, as nobody knows whose it is."""
    assert told(text) == FORGED


def test_a_mapping_is_read_as_strictly() -> None:
    """But for what came twice, which it no longer says."""
    fields = dict(line.split(": ", 1) for line in WHOLE.split("\r\n"))
    assert sighting_of(fields, "pbx") == read(WHOLE, "pbx")
    assert sighting_of({"Event": "PeerStatus"}, "pbx") is None
    with pytest.raises(Forged, match="line break"):
        sighting_of({**fields, "AccountID": "1\r\nSessionID: 2"}, "pbx")
    with pytest.raises(Forged, match="has not the fields"):
        sighting_of(dict(reversed(fields.items())), "pbx")
    with pytest.raises(Forged, match="neither"):
        sighting_of({"SessionID": "1"}, "pbx")


@pytest.mark.parametrize(
    "text",
    [
        "Event: PeerStatus\r\nPeer: x",
        "Response: Success\r\nActionID: 1",
        WHOLE.replace("PJSIP", "AMI").replace("UDP", "TCP"),
        INVALID.replace("InvalidAccountID", "MemoryLimit"),
        INVALID.replace("InvalidAccountID", "SuccessfulAuth") + "\r\nUsingPassword: 0",
        INVALID.replace("InvalidAccountID", "SuccessfulAuth").replace("131", "<unknown>")
        + "\r\nUsingPassword: 1",
        WHOLE.replace("131", "<unknown>"),
    ],
)
def test_what_says_nothing_of_an_attack(text: str) -> None:
    """Other events, answers, other services, and who needs no password."""
    assert told(text) is None


@pytest.mark.parametrize(
    ("text", "seen", "account"),
    [
        (INVALID.replace("InvalidAccountID", "InvalidPassword"), "wrong-password", "131"),
        (INVALID.replace("InvalidAccountID", "FailedACL"), "not-let-in", "131"),
        (INVALID.replace("InvalidAccountID", "FailedACL").replace("131", "<unknown>"),
         "not-let-in", ""),
        (INVALID.replace("InvalidAccountID", "RequestBadFormat").replace("AccountID: 131\r\n", "")
         + "\r\nRequestType: x\r\nAccountID: 131\r\nRequestParams: y", "malformed", "131"),
        (INVALID.replace("InvalidAccountID", "RequestBadFormat").replace("AccountID: 131\r\n", "")
         + "\r\nRequestType: x", "malformed", ""),
        (INVALID.replace("InvalidAccountID", "RequestNotAllowed")
         + "\r\nRequestType: x\r\nRequestParams: y", "malformed", "131"),
        (INVALID.replace("InvalidAccountID", "UnexpectedAddress") + "\r\nExpectedAddress: x",
         "not-let-in", "131"),
    ],
)  # fmt: skip
def test_events_that_nothing_in_the_rig_makes(text: str, seen: str, account: str) -> None:
    """As main/security_events.c writes them."""
    assert told(text) == (seen, account)


# ------------------------------------------------------------------- no text changes whose it is

TEXTS: Final = ("AccountID", "SessionID", "Challenge", "Response")
PIECES: Final = st.sampled_from(
    ["\r\n", "\r", "\n", "\r\n\r\n", ": ", "RemoteAddress", "AccountID", "Service", "PJSIP",
     "IPV4/UDP/203.0.113.9/5060", WHOLE.replace("198.51.100.7", "203.0.113.9"), INVALID,
     "\r\nRemoteAddress: IPV4/UDP/203.0.113.9/5060", "Event: InvalidAccountID", "\x85", "\u2028"]
)  # fmt: skip
ANY_TEXT: Final = st.lists(st.one_of(PIECES, st.text(max_size=40)), max_size=8).map("".join)


def with_texts(event: str, texts: dict[str, str], most: int) -> list[str]:
    """Return the blocks that come of an event with these texts, cut as Asterisk cuts them."""
    lines = []
    for line in event.split("\r\n"):
        name, _, value = line.partition(": ")
        lines.append(f"{name}: {texts.get(name, value)[:most]}")
    return [each for each in "\r\n".join(lines).split("\r\n\r\n") if each.strip()]


@given(st.dictionaries(st.sampled_from(TEXTS), ANY_TEXT), st.sampled_from([WHOLE, INVALID]))
@example({"AccountID": "1\r\nRemoteAddress: IPV4/UDP/203.0.113.9/5060"}, INVALID)
@example({"AccountID": "1\r\n\r\nEvent: InvalidAccountID\r\nAccountID: 2"}, INVALID)
def test_no_text_makes_a_sighting_of_another_address(texts: dict[str, str], event: str) -> None:
    """Of 36 bytes in each text, it is about who sent it, or about nobody."""
    harmless = read(event, "pbx")
    assert harmless is not None
    for block in with_texts(event, texts, 36):
        try:
            sighting = read(block, "pbx")
        except Forged:
            continue
        if sighting is not None:
            assert (sighting.address, sighting.seen) == (harmless.address, harmless.seen)
            assert (sighting.proven, sighting.at) == (harmless.proven, harmless.at)


@given(ANY_TEXT)
def test_a_text_of_any_length_without_a_line_break_is_only_a_text(text: str) -> None:
    """PJSIP takes no line break in Call-ID and in a response, which may be longer."""
    plain = text.replace("\r\n", "")
    block = WHOLE.replace("Response: b", f"Response: {plain}").replace(
        "SessionID: 1", f"SessionID: {plain}"
    )
    assert block.count("\r\n") == WHOLE.count("\r\n") or "\r\n" in block
    try:
        sighting = read(block, "pbx")
    except Forged:
        return
    assert sighting == read(WHOLE, "pbx")


def test_a_whole_event_does_not_fit_into_what_asterisk_passes_on() -> None:
    """The shortest that would count is six times as long as what is passed on of a user."""
    shortest = INVALID.replace("131", "").replace("SessionID: 1", "SessionID: ")
    shortest = shortest.replace("127.0.0.1/5060", "1.1.1.1/1").replace("198.51.100.7", "1.1.1.1")
    assert told(shortest) == ("unknown-account", "")
    assert len(f"{shortest}\r\n\r\n".encode()) == 239
    for version in ("16", "22"):
        (long,) = (read(each, "") for each in blocks(f"{version}-hostile-user-long")[:1])
        assert long is not None
        assert len(long.account.encode()) == 36
