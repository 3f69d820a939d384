"""The audit reads endpoints as the real Asterisk has them: templates, wizard, defaults."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from fastagi.audit.configuration.devices import read_devices
from fastagi.audit.configuration.duplicates import check_duplicates
from fastagi.audit.configuration.endpoints import read_endpoints
from fastagi.audit.configuration.files import read_files
from fastagi.audit.configuration.values import value
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.audit.configuration.endpoints import Endpoint
    from tests.e2e.rig.asterisk import Asterisk

ODD: Final = """
[odd-template](!)
type = endpoint
context = one
set_var = A=1
set_var = TRANSFER_CONTEXT=one

[odd-phone](odd-template)
context = two
Context = three
allow_transfer =
set_var = TRANSFER_CONTEXT=two
redirect_method = uri_core
aors = odd-phone
auth = odd-login

[odd-login]
type = auth
auth_type = userpass
username = odd
password = odd-password-7Kq9

[odd-phone]
type = aor
max_contacts = 1
max_contacts = 3

[odd-bare]
type = endpoint

[odd-known]
type = endpoint
identify_by = ip
message_context = there
allow_transfer = 1

[odd-known]
type = identify
endpoint = odd-bare
endpoint = odd-known
match = 127.0.0.9
"""

WIZARD: Final = """
[odd-made](!)
type = wizard
sends_auth = yes
outbound_auth/username = u
outbound_auth/password = odd-password-2Pz4

[odd-trunk](odd-made)
remote_hosts = 127.0.0.8:5099, 127.0.0.9
endpoint/context = from-odd
endpoint/allow_transfer = no

[odd-desk]
type = wizard
accepts_auth = yes
accepts_registrations = yes
inbound_auth/username = odd-desk
inbound_auth/password = odd-password-9Lm2
endpoint/context = odd-phones
endpoint/set_var = TRANSFER_CONTEXT=odd-phones
"""

TWICE: Final = "[odd-twice]\ntype = endpoint\n"

SHOWN: Final = re.compile(r"^ (\w+) +: ?(.*)$", re.M)


@pytest.fixture
def odd(asterisk: Asterisk) -> Iterator[Asterisk]:
    """Endpoints as people write them, beside those of the rig."""
    etc = asterisk.home / "etc"
    conf, wizard = etc / "pjsip.conf", etc / "pjsip_wizard.conf"
    before = conf.read_text()
    conf.write_text(before + ODD)
    wizard.write_text(WIZARD)
    asterisk.cli("module reload res_pjsip.so")
    until(lambda: "odd-trunk" in asterisk.cli("pjsip show endpoints"))
    yield asterisk
    conf.write_text(before)
    wizard.write_text("")
    asterisk.cli("module reload res_pjsip.so")
    until(lambda: "odd-" not in asterisk.cli("pjsip show endpoints"))


def test_endpoints_are_those_asterisk_has(odd: Asterisk) -> None:
    """Every one of them, and no other; each with the settings that the audit goes by."""
    endpoints = {each.name: each for each in read_endpoints(read_files(odd.home / "etc"))}
    listed = odd.cli("pjsip show endpoints")
    assert set(re.findall(r"^ Endpoint: +([^\s/<]+)", listed, re.M)) == set(endpoints)
    for name, endpoint in endpoints.items():
        shown = odd.cli(f"pjsip show endpoint {name}")
        read, has = _read(endpoint), _as_shown(shown)
        assert {each: read[each] for each in has} == has, name


def test_phones_and_trunks_are_told_apart(odd: Asterisk) -> None:
    """What registers is a phone; what Asterisk has a contact of, without that, is a trunk."""
    devices = read_devices(read_files(odd.home / "etc"))
    assert {each for each in devices.phones if each.startswith("odd")} == {
        "odd-phone",
        "odd-bare",
        "odd-desk",
    }
    assert {each for each in devices.trunks if each.startswith("odd")} == {
        "odd-trunk",
        "odd-known",
    }
    assert "odd-trunk/sip:127.0.0.8:5099" in odd.cli("pjsip show contacts")


def test_of_what_is_written_twice_asterisk_takes_none(asterisk: Asterisk) -> None:
    """A reload changes nothing then, which the audit tells."""
    conf = asterisk.home / "etc" / "pjsip.conf"
    before, listed = conf.read_text(), asterisk.cli("pjsip show endpoints")
    try:
        conf.write_text(f"{before}\n[odd-new]\ntype = endpoint\n{TWICE}{TWICE}")
        asterisk.cli("module reload res_pjsip.so")
        until(lambda: "duplicate object: 'odd-twice'" in asterisk.log)
        assert "101" in listed
        assert "odd-" not in asterisk.cli("pjsip show endpoints")
        (finding,) = check_duplicates(read_files(conf.parent))
        assert "odd-twice" in finding.message
    finally:
        conf.write_text(before)
        asterisk.cli("module reload res_pjsip.so")


def _read(endpoint: Endpoint) -> dict[str, object]:
    """Return what the audit goes by."""
    registers = [value(each, "max_contacts", "0") for each in endpoint.aors]
    matches = [value(each, "match").split(":")[0] for each in endpoint.identifies]
    transfers = endpoint.variable("TRANSFER_CONTEXT")
    return {
        "context": endpoint.context,
        "allow_transfer": endpoint.may_transfer,
        "redirect_method": value(endpoint.section, "redirect_method", "user"),
        "message_context": value(endpoint.section, "message_context"),
        "identify_by": endpoint.identified_by,
        "is_open": endpoint.is_open,
        "transfers": transfers.value if transfers else None,
        "max_contacts": registers,
        "identified": bool(matches),
    }


def _as_shown(shown: str) -> dict[str, object]:
    """Return the same, as far as Asterisk tells it; 16 does not tell `redirect_method`.

    A variable is a line of its own.
    """
    says = dict(SHOWN.findall(shown))
    told = {
        each: says[each]
        for each in ("context", "redirect_method", "message_context")
        if each in says
    }
    return {
        **told,
        "allow_transfer": says["allow_transfer"] == "true",
        "identify_by": tuple(says["identify_by"].split(",")),
        "is_open": says["auth"] == "",
        "transfers": says.get("TRANSFER_CONTEXT"),
        "max_contacts": re.findall(r"^ +Aor: +\S+ +(\d+) *$", shown, re.M),
        "identified": bool(re.search(r"^ +Identify: +[^<\s]", shown, re.M)),
    }
