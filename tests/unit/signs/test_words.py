"""Signs in words: what is said of each, and that an attacker's text stays text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.signs.sign import Evidence, Per, Sign
from fastagi.signs.words import FOREIGN_MOST, about, foreign, in_words, place

AT = 1_767_607_800.0


def _of(
    sign: Sign = Sign.GUESSING,
    per: Per = Per.ACCOUNT,
    name: str = "101",
    *,
    account: str = "101",
    address: str = "203.0.113.5",
    count: int = 41,
    within_s: float = 12.3,
    addresses: int = 1,
    proven: bool = True,
    so_far: str = "",
) -> Evidence:
    return Evidence(
        *("office", "w", sign, per, name, account, address),
        *(count, within_s, addresses, proven, AT, so_far),
    )


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        (_of(), "41 wrong passwords from 203.0.113.5 within 12 s"),
        (_of(count=1), "1 wrong password from 203.0.113.5"),
        (
            _of(Sign.SUCCESS_AFTER_GUESSING),
            "41 wrong passwords within 12 s, then the right one from 203.0.113.5",
        ),
        (
            _of(Sign.SUCCESS_AFTER_GUESSING, addresses=7, address=""),
            "41 wrong passwords from 7 addresses within 12 s, then the right one from an unknown "
            "address",
        ),
        (
            _of(addresses=7, within_s=600),
            "41 wrong passwords from 7 addresses, the last 203.0.113.5 within 10 min",
        ),
        (
            _of(addresses=7, within_s=0.2, address=""),
            "41 wrong passwords from 7 addresses within 1 s",
        ),
        (
            _of(addresses=0, within_s=7200, address=""),
            "41 wrong passwords from an unknown address within 2 h",
        ),
        (
            _of(Sign.ENUMERATION, Per.ADDRESS, "203.0.113.5", account="", proven=False),
            "41 accounts tried that there are not, from 203.0.113.5 within 12 s, if that is true",
        ),
        (
            _of(Sign.ENUMERATION, Per.NETWORK, "2001:db8::/64", account="", count=1),
            "1 account tried that there is not, from 2001:db8::/64",
        ),
        (
            _of(Sign.SPRAYING, Per.NETWORK, "203.0.113.0/24", account="", count=6),
            "wrong passwords for 6 accounts from 203.0.113.0/24 within 12 s",
        ),
        (
            _of(Sign.NEW_ADDRESS, count=1, so_far="198.51.100.0/24"),
            "registered from 198.51.100.0/24 before, and now from 203.0.113.5",
        ),
        (
            _of(Sign.NEW_COUNTRY, count=1, so_far="DE"),
            "registered in DE before, and now in another country, from 203.0.113.5",
        ),
        (
            _of(Sign.NEW_AGENT, count=1),
            "registered otherwise before, and now with another phone, from 203.0.113.5",
        ),
        (
            _of(Sign.NEW_AGENT, count=1, so_far="a1"),
            "registered with a1 before, and now with another phone, from 203.0.113.5",
        ),
        (
            _of(Sign.NEW_TRANSPORT, count=1, so_far="tls"),
            "registered over tls before, and now over another transport, from 203.0.113.5",
        ),
        (
            _of(Sign.NOT_LET_IN, Per.ADDRESS, "203.0.113.5", account="", count=1),
            "1 try from where nobody may come, from 203.0.113.5",
        ),
        (
            _of(Sign.MALFORMED, Per.ADDRESS, "203.0.113.5", account="", count=12),
            "12 messages that no phone sends, from 203.0.113.5 within 12 s",
        ),
        (
            _of(Sign.HONEYPOT, Per.ADDRESS, "203.0.113.5", account="", count=2),
            "2 touches of a trap from 203.0.113.5 within 12 s",
        ),
        (
            _of(Sign.GATE_PROBING, Per.SITE, "", account="", count=20, addresses=2),
            "20 questions to the gate that no dialplan of yours asks, from 2 addresses, "
            "the last 203.0.113.5 within 12 s",
        ),
        (
            _of(Sign.CODE_GUESSING, Per.SITE, "", account="", count=3, address="", proven=False),
            "wrong codes for 3 extensions from an unknown address within 12 s",
        ),
    ],
)
def test_each_sign_is_said_in_one_line(evidence: Evidence, words: str) -> None:
    """How many, of what, from where, in what time."""
    assert in_words(evidence) == words


@pytest.mark.parametrize(
    ("evidence", "whom"),
    [
        (_of(), "extension 101"),
        (_of(per=Per.ADDRESS, name="203.0.113.5", account=""), "203.0.113.5"),
        (_of(per=Per.NETWORK, name="203.0.113.0/24", account=""), "203.0.113.0/24"),
        (_of(per=Per.SITE, name="", account=""), "the site"),
        (_of(account="<b>\r\nEvil: 1"), "extension ?b???Evil? 1"),
    ],
)
def test_whom_it_is_about(evidence: Evidence, whom: str) -> None:
    """An extension, an address, a network or the site."""
    assert about(evidence) == whom


def test_an_address_is_shown_only_if_it_is_one() -> None:
    """A zone behind it is whatever somebody wrote."""
    assert place("2001:DB8::5") == "2001:db8::5"
    assert place("fe80::1%evil.example") == "fe80??1?evil?example"
    assert place("evil.example") == "evil?example"
    assert foreign("") == "unknown"
    assert foreign("a" * 99) == f"{'a' * (FOREIGN_MOST - 1)}…"


@given(
    st.builds(
        Evidence,
        *(st.text(), st.text(), st.sampled_from(Sign), st.sampled_from(Per), st.text()),
        *(st.text(), st.text(), st.integers(0, 10**12), st.floats(0, 1e9), st.integers(0, 10**9)),
        *(st.booleans(), st.floats(0, 1e10), st.text()),
    )
)
def test_whatever_an_attacker_writes_is_one_short_plain_line(evidence: Evidence) -> None:
    """Neither a second line, nor a markup, nor a link."""
    for words in (in_words(evidence), about(evidence)):
        assert words.isprintable()
        assert not set(words) & set("<>@[]()`\"'&;|$\\")
        assert len(words) < 300
