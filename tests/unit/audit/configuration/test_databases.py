"""`configuration.databases`: what lies where the audit does not look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.audit.configuration.databases import check_databases
from fastagi.audit.finding import Kind, Severity

if TYPE_CHECKING:
    from tests.unit.audit.configuration.conftest import Read


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("extconfig.conf", "[settings]\nps_endpoints => odbc,asterisk\n"),
        ("extconfig.conf", "[settings]\nvoicemail => mysql\n"),
        ("sorcery.conf", "[res_pjsip]\nendpoint=realtime,ps_endpoints\n"),
        ("sorcery.conf", "[res_pjsip]\nendpoint/cache=realtime,ps_endpoints\n"),
        ("sorcery.conf", "[res_pjsip]\naor=config,phones.conf,criteria=type=aor\n"),
        ("sorcery.conf", "[res_pjsip_endpoint_identifier_ip]\nidentify=realtime,x\n"),
    ],
)
def test_what_lies_elsewhere_is_told(read: Read, name: str, text: str) -> None:
    """A database, or a file of another name."""
    (finding,) = check_databases(read({name: text}))
    assert (finding.kind, finding.severity) == (Kind.UNKNOWN, Severity.MEDIUM)
    assert str(finding.place) == f"{name}:2"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("extconfig.conf", "[settings]\nmeetme => odbc\n"),
        ("extconfig.conf", "[other]\nvoicemail => odbc\n"),
        ("sorcery.conf", "[res_pjsip]\nendpoint=config,pjsip.conf,criteria=type=endpoint\n"),
        ("sorcery.conf", "[res_pjsip]\ncontact=astdb,registrar\n"),
        ("sorcery.conf", "[res_pjsip]\nendpoint=\n"),
        ("sorcery.conf", "[test_sorcery]\nendpoint=realtime,x\n"),
    ],
)
def test_what_is_read_is_sound(read: Read, name: str, text: str) -> None:
    """The usual files, and what says nothing of who may call."""
    assert list(check_databases(read({name: text}))) == []


LOOKED_UP = "[res_pjsip]\nauth = config,pjsip.conf,criteria=type=auth\nauth = realtime,ps_auths\n"


def test_passwords_that_dialguard_hands_out_are_no_finding(read: Read) -> None:
    """As deploy/webrtc/ has it; and only that."""
    asked = "[settings]\nps_auths => curl,http://127.0.0.1:8574/auths\n"
    assert list(check_databases(read({"extconfig.conf": asked, "sorcery.conf": LOOKED_UP}))) == []
    more = f"{LOOKED_UP}endpoint = realtime,ps_endpoints\n"
    (finding,) = check_databases(read({"extconfig.conf": asked, "sorcery.conf": more}))
    assert str(finding.place) == "sorcery.conf:4"


@pytest.mark.parametrize(
    "asked",
    [
        "ps_auths => curl,http://10.0.0.9:8574/auths",
        "ps_auths => curl,http://127.0.0.1:8574@evil.example/auths",
        "ps_auths => odbc,asterisk",
        "ps_auths => curl,http://127.0.0.1:8574/auths\nps_auths => odbc,asterisk",
        "",
    ],
)
def test_passwords_that_others_hand_out_are(read: Read, asked: str) -> None:
    """Nobody knows whose those are."""
    files = {"extconfig.conf": f"[settings]\n{asked}\n", "sorcery.conf": LOOKED_UP}
    found = [str(each.place) for each in check_databases(read(files))]
    assert "sorcery.conf:3" in found
    assert len(found) == 1 + len(asked.splitlines())
