"""Which number was dialled, in all the ways to say so."""

from __future__ import annotations

import pytest

from fastagi.watcher.dialled import Dialled, read_dial_string, read_uri


@pytest.mark.parametrize(
    ("string", "number", "plain"),
    [
        ("112@my-trunk", "112", True),
        ("112", "112", True),
        ("PJSIP/112@my-trunk", "112", True),
        ("my-trunk/sip:112@192.0.2.1:5060", "112", True),
        ("PJSIP/my-trunk/SIP:112@192.0.2.1", "112", True),
        ("my-trunk/sips:112@host;x=y", "112", False),
        ("my-trunk/sip:390612345678@provider;x=/999", "390612345678", False),
        ("my-trunk/sip:390612345678@provider/999", "390612345678", False),
        ("my-trunk/sip:390612345678?x=/999", "390612345678", False),
        ("my-trunk/sip:112;x=y@host", "112", False),
        ("390612345678@my-trunk/999", "", False),
        ("112@my-trunk/sip:390612345678@host", "", False),
        ("my-trunk/tel:112", "", False),
        ("my-trunk", "", False),
        ("a b@c", "", False),
        ("112\n@c", "", False),
        ("", "", False),
    ],
)
def test_a_dial_string_is_read_as_chan_pjsip_does(string: str, number: str, plain: bool) -> None:
    """What stands behind a second `/`, in a parameter or a header, is no number."""
    assert read_dial_string(string) == Dialled(number, plain=plain)


@pytest.mark.parametrize(
    ("uri", "number"),
    [
        ("<sip:+390612345678@127.0.0.2>", "+390612345678"),
        ("sip:%2A21%23@host", "*21#"),
        ("sip:390612345678@provider;x=/999", "390612345678"),
        ("sip:390612345678@provider;x=@999", "390612345678"),
        ("sip:999;x=y@host", ""),
        ("sip:999%0d%0a@host", ""),
        ('"999" <sip:101@host>', ""),
        ("sip:host", ""),
        ("tel:999", ""),
        ("", ""),
    ],
)
def test_a_uri_is_read_by_its_user(uri: str, number: str) -> None:
    """Which is a number, or is none."""
    assert read_uri(uri) == Dialled(number, plain=number != "")
