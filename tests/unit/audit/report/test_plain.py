"""Nothing foreign steers a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.audit.report.plain import plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("exten => _9X.,1,Dial(PJSIP/${EXTEN})", "exten => _9X.,1,Dial(PJSIP/${EXTEN})"),
        ("Büro 事務所", "Büro 事務所"),
        ("a\x1b[2Jb\tc\nd", r"a\x1b[2Jb\tc\nd"),
        ("\u202edesrever", r"\u202edesrever"),
        ("\udc80", r"\udc80"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_does_not_print_is_spelled_out(text: str, shown: str) -> None:
    """And the rest is left as it is."""
    assert plain(text) == shown


@given(st.text(st.characters()))
def test_all_of_it_prints(text: str) -> None:
    """Whatever it was, and twice is once."""
    assert plain(text).isprintable()
    assert plain(plain(text)) == plain(text)
