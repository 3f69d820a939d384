"""`configuration.old_channels`: calls that do not come over PJSIP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.audit.configuration.old_channels import read_old_entries, sip_guests
from fastagi.audit.entry import Party

if TYPE_CHECKING:
    from fastagi.audit.configuration.files import Files
    from tests.unit.audit.configuration.conftest import Read


def seen(files: Files) -> list[tuple[str, Party, str, str]]:
    """Return what was found, with its line."""
    return [
        (each.context, each.party, each.who, str(each.place)) for each in read_old_entries(files)
    ]


@pytest.mark.parametrize(
    ("text", "context", "line"),
    [
        ("[general]\ncontext=public\n", "public", 1),
        ("[general]\nallowguest=yes\n", "default", 2),
        ("[general]\nallowguest=no\n", None, 0),
        ("", None, 0),
        ("[101]\ntype=friend\n", None, 0),
    ],
)
def test_chan_sip_lets_guests_in(read: Read, text: str, context: str | None, line: int) -> None:
    """Unless it is said otherwise, as soon as it is configured."""
    found = sip_guests(read({"sip.conf": text}))
    assert (found and found[1]) == context
    assert (found[0].place.line if found else 0) == line


def test_guests_of_chan_sip_come_in(read: Read) -> None:
    """Into the context of `[general]`."""
    assert seen(read({"sip.conf": "[general]\ncontext=public\n"})) == [
        ("public", Party.GUEST, "guests of chan_sip", "sip.conf:1")
    ]


def test_devices_of_chan_sip(read: Read) -> None:
    """Who registers is a phone, who has an address is outside."""
    text = (
        "[general]\nallowguest=no\ncontext=usual\n[101]\ntype=friend\nhost=dynamic\n"
        "context=phones\n[out]\ntype=peer\nhost=192.0.2.1\n[authentication]\n"
    )
    assert seen(read({"sip.conf": text})) == [
        ("phones", Party.PHONE, "`SIP/101`", "sip.conf:7"),
        ("usual", Party.OUTSIDE, "`SIP/out`", "sip.conf:8"),
    ]


def test_users_of_iax(read: Read) -> None:
    """Without a secret it is a guest; of several contexts a caller chooses; peers are called."""
    text = (
        "[general]\n[guest]\ntype=user\ncontext=public\n[a]\ntype=friend\nhost=dynamic\n"
        "secret=x\ncontext=one\ncontext=two\n[b]\ntype=user\nsecret=x\n[c]\ntype=peer\ncontext=no\n"
    )
    assert seen(read({"iax.conf": text})) == [
        ("public", Party.GUEST, "`IAX2/guest`", "iax.conf:4"),
        ("one", Party.PHONE, "`IAX2/a`", "iax.conf:9"),
        ("two", Party.PHONE, "`IAX2/a`", "iax.conf:10"),
        ("default", Party.OUTSIDE, "`IAX2/b`", "iax.conf:11"),
    ]


def test_lines_of_dahdi(read: Read) -> None:
    """What stands above a line counts for it; a section of its own is read whole."""
    text = (
        "[trunkgroups]\n[channels]\nsignalling=fxo_ks\ncontext=phones\nchannel => 1-4\n"
        "signalling=fxs_ks\ncontext=in\nchannel => 5\n[desk]\ndahdichan=6\nsignalling=fxo_ls\n"
        "context=\n"
    )
    assert seen(read({"chan_dahdi.conf": text})) == [
        ("phones", Party.PHONE, "DAHDI channels `1-4`", "chan_dahdi.conf:5"),
        ("in", Party.OUTSIDE, "DAHDI channels `5`", "chan_dahdi.conf:8"),
        ("default", Party.PHONE, "DAHDI channels `6`", "chan_dahdi.conf:10"),
    ]


def test_other_channels(read: Read) -> None:
    """Every context in their files."""
    files = read(
        {
            "motif.conf": "[general]\n[g]\ncontext=xmpp\n",
            "skinny.conf": "[lines]\ncontext=phones\ncontext=\n",
        }
    )
    assert seen(files) == [
        ("xmpp", Party.OUTSIDE, "`g` of motif.conf", "motif.conf:3"),
        ("phones", Party.PHONE, "`lines` of skinny.conf", "skinny.conf:2"),
        ("default", Party.PHONE, "`lines` of skinny.conf", "skinny.conf:3"),
    ]


def test_what_is_not_loaded_brings_no_calls(read: Read) -> None:
    """Old files lie about on many machines."""
    files = read(
        {
            "modules.conf": "[modules]\nautoload=no\n",
            "sip.conf": "[general]\n[101]\ntype=friend\nhost=dynamic\n",
            "iax.conf": "[guest]\ntype=user\n",
            "chan_dahdi.conf": "[channels]\nchannel=1\n",
            "motif.conf": "[g]\ncontext=x\n",
        }
    )
    assert seen(files) == []
    assert sip_guests(files) is None
