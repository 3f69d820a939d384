"""`configuration.endpoints`: endpoints with all that is theirs, and what the wizard makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.audit.configuration.endpoints import Role, read_endpoints, read_objects
from fastagi.audit.configuration.values import every, value

if TYPE_CHECKING:
    from tests.unit.audit.configuration.conftest import Read

PHONE = """\
[101]
type=endpoint
context=one
context=phones
aors=101
auth=101
set_var=A=1
set_var=__TRANSFER_CONTEXT = gated
[101]
type=auth
username=101
password=x
[101]
type=aor
max_contacts=1
"""


def test_an_endpoint_has_what_it_names(read: Read) -> None:
    """Objects of one name are told apart by their type; the last setting counts."""
    (phone,) = read_endpoints(read({"pjsip.conf": PHONE}))
    assert (phone.name, phone.context, phone.role) == ("101", "phones", Role.PHONE)
    assert [value(each, "username") for each in phone.auths] == ["101"]
    assert [value(each, "max_contacts") for each in phone.aors] == ["1"]
    assert not phone.is_open
    assert phone.may_transfer
    assert phone.identified_by == ("username", "ip")
    assert (phone.place.line, phone.at("context").line, phone.at("none").line) == (1, 4, 1)


def test_a_variable_is_found_inherited_or_not(read: Read) -> None:
    """`__NAME` sets NAME too; blanks around the value are none of it."""
    (phone,) = read_endpoints(read({"pjsip.conf": PHONE}))
    found = phone.variable("TRANSFER_CONTEXT")
    assert found is not None
    assert (found.value, found.place.line) == ("gated", 8)
    assert phone.variable("FORWARD_CONTEXT") is None


@pytest.mark.parametrize(("text", "may"), [("yes", True), ("no", False), ("", False)])
def test_transfers_are_open_unless_closed(read: Read, text: str, *, may: bool) -> None:
    """Whatever is no yes is a no; where nothing stands, it is a yes."""
    conf = f"[t]\ntype=endpoint\nallow_transfer={text}\n"
    (endpoint,) = read_endpoints(read({"pjsip.conf": conf}))
    assert endpoint.may_transfer is may


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("aors=x\n[x]\ntype=aor\nmax_contacts=2\n", Role.PHONE),
        ("aors=x\n[x]\ntype=aor\nmax_contacts=2\ncontact=sip:192.0.2.1\n", Role.TRUNK),
        ("aors=x\n[x]\ntype=aor\ncontact=sip:192.0.2.1\n", Role.TRUNK),
        ("outbound_auth=x\naors=x\n[x]\ntype=aor\nmax_contacts=2\n", Role.TRUNK),
        ("auth=x\noutbound_auth=y\naors=x\n[x]\ntype=aor\nmax_contacts=2\n", Role.TRUNK),
        ("auth=x\noutbound_auth=x\naors=x\n[x]\ntype=aor\nmax_contacts=2\n", Role.PHONE),
        ("[x]\ntype=registration\nendpoint=e\n", Role.TRUNK),
        ("[x]\ntype=identify\nendpoint=e\nmatch=192.0.2.1\n", Role.TRUNK),
        (
            "aors=x\n[x]\ntype=aor\nmax_contacts=1\n"
            "[x]\ntype=identify\nendpoint=e\nmatch=192.0.2.1\n",
            Role.PHONE,
        ),
        ("", Role.PHONE),
    ],
)
def test_what_an_endpoint_is(read: Read, text: str, role: Role) -> None:
    """It registers, or it has an address of its own, or we log in there."""
    (endpoint,) = read_endpoints(read({"pjsip.conf": f"[e]\ntype=endpoint\n{text}"}))
    assert endpoint.role is role


@pytest.mark.parametrize("name", ["anonymous", "anonymous@example.org"])
def test_who_has_no_name_is_a_guest(read: Read, name: str) -> None:
    """Whatever else it has."""
    (endpoint,) = read_endpoints(read({"pjsip.conf": f"[{name}]\ntype=endpoint\n"}))
    assert endpoint.role is Role.GUEST
    assert endpoint.is_open
    assert endpoint.context == "default"


def test_a_section_without_a_type_is_what_it_is_called(read: Read) -> None:
    """`[global]` and `[system]` need none."""
    files = read({"pjsip.conf": "[global]\nuser_agent=x\n[u]\ntype=transport\nbind=::\n"})
    assert [each.name for each in read_objects(files, "global")] == ["global"]
    assert [each.name for each in read_objects(files, "transport")] == ["u"]


TRUNK = """\
[trunk](!)
type=wizard
sends_auth=yes
sends_registrations=yes
[out](trunk)
remote_hosts=sip.example.net, 192.0.2.1:5080
endpoint/context=from-trunk
endpoint/allow_transfer=no
outbound_auth/username=u
outbound_auth/password=p
"""


def test_the_wizard_makes_a_trunk(read: Read) -> None:
    """Its contacts and its identify are of `remote_hosts`."""
    (trunk,) = read_endpoints(read({"pjsip_wizard.conf": TRUNK}))
    assert (trunk.name, trunk.role, trunk.context) == ("out", Role.TRUNK, "from-trunk")
    assert not trunk.may_transfer
    assert [value(each, "password") for each in trunk.outbound_auths] == ["p"]
    contacts = [each.value for each in trunk.aors[0].settings]
    assert contacts == ["sip:sip.example.net", "sip:192.0.2.1:5080"]
    assert [each.value for each in every(trunk.identifies[0], "match")] == [
        "sip.example.net",
        "192.0.2.1",
    ]
    assert trunk.place.line == 5


def test_the_wizard_keeps_what_is_said(read: Read) -> None:
    """A contact and addresses of its own come before those of `remote_hosts`."""
    text = (
        "[out]\ntype=wizard\nremote_hosts=192.0.2.1\naor/contact=sip:192.0.2.2\n"
        "identify/match=192.0.2.3\n"
    )
    (trunk,) = read_endpoints(read({"pjsip_wizard.conf": text}))
    assert [each.value for each in trunk.aors[0].settings] == ["sip:192.0.2.2"]
    assert [each.value for each in every(trunk.identifies[0], "match")] == ["192.0.2.3"]


def test_the_wizard_makes_a_phone(read: Read) -> None:
    """As many may register as is said: none, where it is not (seen on Asterisk 16 and 22)."""
    text = """\
[101]
type=wizard
accepts_auth=yes
accepts_registrations=yes
endpoint/context=phones
inbound_auth/username=101
inbound_auth/password=p
[102]
type=wizard
accepts_registrations=yes
aor/max_contacts=5
aor/contact=sip:192.0.2.1
[none]
type=other
"""
    first, second = read_endpoints(read({"pjsip_wizard.conf": text}))
    assert (first.role, first.is_open) == (Role.PHONE, False)
    assert [value(each, "password") for each in first.auths] == ["p"]
    assert first.auths[0].settings[1].place.line == 7
    assert value(first.aors[0], "max_contacts") == ""
    assert (second.role, second.is_open) == (Role.TRUNK, True)
    assert value(second.aors[0], "max_contacts") == "5"
