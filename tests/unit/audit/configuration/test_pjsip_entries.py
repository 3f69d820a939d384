"""`configuration.pjsip_entries`: where endpoints come in, and where they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.audit.configuration.pjsip_entries import read_pjsip_entries
from fastagi.audit.entry import Party

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.audit.configuration.files import Files
    from tests.unit.audit.configuration.conftest import Read

REGISTERS = "[{0}]\ntype=aor\nmax_contacts=1\n"


def phone(name: str, *lines: str) -> str:
    """Write a phone."""
    text = "\n".join((f"[{name}]", "type=endpoint", f"aors={name}", "auth=x", *lines, ""))
    return text + REGISTERS.format(name)


def seen(
    files: Files, variables: Mapping[str, str] | None = None
) -> set[tuple[str, Party, str, int]]:
    """Return what was found, with its line."""
    return {
        (each.context, each.party, each.who, each.place.line)
        for each in read_pjsip_entries(files, variables or {})
    }


def test_a_phone_comes_into_its_context_and_is_sent_there(read: Read) -> None:
    """Without variables, transfers and forwards go to the endpoint's own context."""
    files = read({"pjsip.conf": phone("101", "context=phones")})
    assert seen(files) == {
        ("phones", Party.PHONE, "endpoint `101`", 5),
        ("phones", Party.TRANSFER, "transfers by endpoint `101`", 5),
        ("phones", Party.TRANSFER, "forwards by endpoint `101`", 5),
    }


def test_variables_say_where_people_are_sent(read: Read) -> None:
    """TRANSFER_CONTEXT, FORWARD_CONTEXT, DIALGUARD_INSIDE and `message_context`."""
    lines = (
        "context=phones",
        "set_var=__TRANSFER_CONTEXT=t",
        "set_var=FORWARD_CONTEXT=f",
        "set_var=DIALGUARD_INSIDE=i",
        "message_context=m",
        "subscribe_context=s",
    )
    assert seen(read({"pjsip.conf": phone("101", *lines)})) == {
        ("phones", Party.PHONE, "endpoint `101`", 5),
        ("t", Party.TRANSFER, "transfers by endpoint `101`", 6),
        ("f", Party.TRANSFER, "forwards by endpoint `101`", 7),
        ("i", Party.PHONE, "calls inside of endpoint `101`", 8),
        ("m", Party.PHONE, "messages of endpoint `101`", 9),
    }


def test_a_global_variable_says_it_for_all(read: Read) -> None:
    """As FreePBX has it; a variable of the endpoint's own counts before it, even an empty one."""
    variables = {"TRANSFER_CONTEXT": "xfer", "FORWARD_CONTEXT": "fwd"}
    files = read({"pjsip.conf": phone("101", "context=phones", "set_var=FORWARD_CONTEXT=")})
    assert seen(files, variables) == {
        ("phones", Party.PHONE, "endpoint `101`", 5),
        ("xfer", Party.TRANSFER, "transfers by endpoint `101`", 5),
        ("phones", Party.TRANSFER, "forwards by endpoint `101`", 5),
    }


def test_an_empty_variable_is_none(read: Read) -> None:
    """Asterisk then takes the endpoint's context; and messages too."""
    lines = ("context=phones", "set_var=TRANSFER_CONTEXT=", "message_context=")
    found = seen(read({"pjsip.conf": phone("101", *lines)}))
    assert {context for context, *_ in found} == {"phones"}


def test_whoever_may_not_is_not_sent(read: Read) -> None:
    """No transfers, and no forwards that the dialplan sees."""
    lines = ("context=phones", "allow_transfer=no", "redirect_method=uri_core")
    files = read({"pjsip.conf": phone("101", *lines)})
    assert seen(files) == {("phones", Party.PHONE, "endpoint `101`", 5)}


def test_those_who_come_alike_are_told_together(read: Read) -> None:
    """A thousand phones are one entry."""
    names = [str(100 + at) for at in range(9)]
    text = "".join(phone(name, "context=phones") for name in names)
    found = read_pjsip_entries(read({"pjsip.conf": text}), {})
    assert [each.who for each in found] == [
        f"{how}endpoints `100`, `101`, `102` and 6 others"
        for how in ("", "transfers by ", "forwards by ")
    ]
    assert {each.place.line for each in found} == {5}
    assert {each.extension for each in found} == {None}


@pytest.mark.parametrize(
    ("modules", "parties"),
    [
        ("", {Party.GUEST, Party.TRANSFER}),
        ("[modules]\nautoload=yes\nnoload=res_pjsip_endpoint_identifier_anonymous.so\n", set()),
    ],
)
def test_guests_come_where_somebody_is_taken_for_one(
    read: Read, modules: str, parties: set[Party]
) -> None:
    """Without the module that does, nobody is."""
    text = "[anonymous]\ntype=endpoint\ncontext=public\n"
    found = read_pjsip_entries(read({"pjsip.conf": text, "modules.conf": modules}), {})
    assert {each.party for each in found} == parties


def test_a_trunk_is_outside(read: Read) -> None:
    """And its messages too."""
    text = (
        "[t]\ntype=endpoint\ncontext=in\nmessage_context=m\nallow_transfer=no\n"
        "redirect_method=uri_core\naors=t\n[t]\ntype=aor\ncontact=sip:192.0.2.1\n"
    )
    assert seen(read({"pjsip.conf": text})) == {
        ("in", Party.OUTSIDE, "endpoint `t`", 3),
        ("m", Party.OUTSIDE, "messages of endpoint `t`", 4),
    }
