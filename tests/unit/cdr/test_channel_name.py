"""Who a channel belongs to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.cdr.channel_name import owner, stem


@pytest.mark.parametrize(
    ("channel", "technology", "endpoint"),
    [
        ("PJSIP/101-0000002a", "PJSIP", "101"),
        ("SIP/101-0000002a", "SIP", "101"),
        ("SIP/desk-of-anna-0000002a", "SIP", "desk-of-anna"),
        ("IAX2/101-4312", "IAX2", "101"),
        ("PJSIP/101-0000002a<ZOMBIE>", "PJSIP", "101"),
        ("AsyncGoto/PJSIP/101-0000002a", "PJSIP", "101"),
        ("PJSIP/my-trunk", "PJSIP", "my-trunk"),
        ("PJSIP/anonymous-0000002a", "PJSIP", ""),
        ("SIP/192.0.2.7-0000002a", "SIP", ""),
        ("PJSIP/[2001:db8::1]-0000002a", "PJSIP", ""),
        ("Local/101@from-internal-0000002a;1", "Local", ""),
        ("DAHDI/i1/5551234-7", "DAHDI", ""),
        ("", "", ""),
        ("101", "101", ""),
        ("PJSIP/\x1b[31m101-0000002a", "PJSIP", ""),
    ],
)
def test_the_owner_of_a_channel(channel: str, technology: str, endpoint: str) -> None:
    """Only what a policy can name is an endpoint, and only of technologies that have some."""
    assert owner(channel) == (technology, endpoint)


NAMES = st.from_regex(r"[A-Za-z0-9_.@+-]{1,20}", fullmatch=True)


@given(NAMES, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_channels_of_one_stem_have_one_owner(name: str, one: int, other: int) -> None:
    """What is remembered of one channel of an endpoint is true of its next."""
    first, second = f"PJSIP/{name}-{one:08x}", f"PJSIP/{name}-{other:08x}"
    assert stem(first) == stem(second)
    assert owner(first) == owner(second)


@given(st.lists(NAMES, min_size=2, max_size=2, unique=True), st.booleans(), st.booleans())
def test_channels_of_two_owners_have_two_stems(
    names: list[str], numbered: bool, second_numbered: bool
) -> None:
    """`desk-12` is not `desk`, with a number behind it or without."""
    ends = ("-0000002a" * numbered, "-0000002a" * second_numbered)
    first, second = (f"PJSIP/{name}{end}" for name, end in zip(names, ends, strict=True))
    if owner(first) != owner(second):
        assert stem(first) != stem(second)


def test_a_name_that_ends_like_a_number() -> None:
    """Of what looks like a number only the last is one."""
    assert owner("SIP/desk-12-0000002a") == ("SIP", "desk-12")
    assert stem("IAX2/office-4312") == "IAX2/office-4312"
