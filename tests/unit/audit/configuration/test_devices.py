"""`configuration.devices`: what is a phone and what a trunk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fastagi.audit.configuration.devices import read_devices
from fastagi.audit.configuration.files import read_files

if TYPE_CHECKING:
    from tests.unit.audit.configuration.conftest import Read

DIALPLAN = Path(__file__).parents[4] / "dialplan"


def test_the_sample_has_a_phone_and_a_trunk() -> None:
    """The dialplan that comes with the gate."""
    devices = read_devices(read_files(DIALPLAN))
    assert devices.phones == {"101"}
    assert devices.trunks == {"my-trunk"}


def test_what_is_both_is_a_trunk(read: Read) -> None:
    """Two endpoints of one name in two places: what costs money wins."""
    files = read(
        {
            "pjsip.conf": "[x]\ntype=endpoint\naors=x\n[x]\ntype=aor\nmax_contacts=1\n",
            "pjsip_wizard.conf": "[x]\ntype=wizard\nremote_hosts=192.0.2.1\n",
        }
    )
    devices = read_devices(files)
    assert devices.phones == frozenset()
    assert devices.trunks == {"x"}


def test_a_gateway_that_registers_can_be_named(read: Read) -> None:
    """Nothing in the files tells it from a phone."""
    text = "[gsm]\ntype=endpoint\nauth=x\naors=gsm\n[gsm]\ntype=aor\nmax_contacts=1\n"
    files = read({"pjsip.conf": text})
    assert read_devices(files).phones == {"gsm"}
    named = read_devices(files, ["gsm"])
    assert named.phones == frozenset()
    assert named.trunks == {"gsm"}


def test_guests_are_neither(read: Read) -> None:
    """Nobody dials them."""
    devices = read_devices(read({"pjsip.conf": "[anonymous]\ntype=endpoint\n"}))
    assert devices.phones | devices.trunks == frozenset()
