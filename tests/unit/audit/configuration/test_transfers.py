"""`configuration.transfers`: who may transfer, and to where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.audit.configuration.transfers import check_transfers
from fastagi.audit.finding import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.audit.configuration.files import Files
    from tests.unit.audit.configuration.conftest import Read

PHONE = (
    "[101]\ntype=endpoint\ncontext=phones\nset_var=TRANSFER_CONTEXT=phones\nauth=x\naors=101\n"
    "[101]\ntype=aor\nmax_contacts=1\n"
)
TRUNK = "[t]\ntype=aor\ncontact=sip:192.0.2.1\n[t]\ntype=endpoint\naors=t\n"


def seen(files: Files, variables: Mapping[str, str] | None = None) -> list[tuple[Severity, str]]:
    """Return how bad it is, and where."""
    found = list(check_transfers(files, variables or {}))
    assert {each.kind for each in found} <= {Kind.TRANSFER}
    return [(each.severity, str(each.place)) for each in found]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("context=in\n", [(Severity.MEDIUM, "pjsip.conf:13")]),
        ("context=in\nallow_transfer=yes\n", [(Severity.MEDIUM, "pjsip.conf:17")]),
        ("context=phones\n", [(Severity.HIGH, "pjsip.conf:13")]),
        ("context=in\nset_var=__TRANSFER_CONTEXT=phones\n", [(Severity.HIGH, "pjsip.conf:13")]),
        ("context=phones\nallow_transfer=no\n", []),
    ],
)
def test_a_trunk_that_may_transfer(
    read: Read, lines: str, found: list[tuple[Severity, str]]
) -> None:
    """Worst where it lands in a context of the phones."""
    assert seen(read({"pjsip.conf": PHONE + TRUNK + lines})) == found


def test_a_guest_that_may_transfer(read: Read) -> None:
    """Guests are outside too."""
    text = "[anonymous]\ntype=endpoint\n"
    assert seen(read({"pjsip.conf": text})) == [(Severity.MEDIUM, "pjsip.conf:1")]
    assert seen(read({"pjsip.conf": f"{text}allow_transfer=no\n"})) == []


def test_phones_without_a_place_for_transfers_are_told_together(read: Read) -> None:
    """LOW, as the dialplan may say it call by call."""
    bare = "[{0}]\ntype=endpoint\ncontext=phones\nauth=x\n"
    text = PHONE + bare.format(102) + bare.format(103)
    (finding,) = check_transfers(read({"pjsip.conf": text}), {})
    assert (finding.severity, str(finding.place)) == (Severity.LOW, "pjsip.conf:10")
    assert "`102` and `103`" in finding.message


def test_a_global_variable_says_where_transfers_go(read: Read) -> None:
    """Those of phones, and those of trunks too, which is worse."""
    bare = "[102]\ntype=endpoint\ncontext=phones\nauth=x\n"
    variables = {"TRANSFER_CONTEXT": "phones"}
    assert seen(read({"pjsip.conf": bare}), variables) == []
    files = read({"pjsip.conf": f"{bare}{TRUNK}context=in\n"})
    assert seen(files, variables) == [(Severity.HIGH, "pjsip.conf:8")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[general]\nallowguest=no\n", []),
        ("[general]\n", [(Severity.MEDIUM, "sip.conf:1")]),
        ("[general]\nallowtransfer=yes\n", [(Severity.MEDIUM, "sip.conf:2")]),
        ("[general]\nallowtransfer=no\n", []),
        (
            "[general]\nallowguest=no\n[t]\ntype=peer\nhost=192.0.2.1\n",
            [(Severity.MEDIUM, "sip.conf:3")],
        ),
        (
            "[general]\nallowtransfer=no\n[t]\ntype=peer\nhost=192.0.2.1\nallowtransfer=yes\n",
            [(Severity.MEDIUM, "sip.conf:6")],
        ),
        ("[general]\nallowguest=no\n[1]\ntype=friend\nhost=dynamic\n", []),
        ("[t]\ntype=peer\nhost=192.0.2.1\n", []),
    ],
)
def test_transfers_of_chan_sip(read: Read, text: str, found: list[tuple[Severity, str]]) -> None:
    """Everybody may, unless it is said otherwise."""
    assert seen(read({"sip.conf": text})) == found


@pytest.mark.parametrize(
    ("who", "count"), [("callee", 1), ("both", 1), ("caller", 0), ("no", 0), ("", 0)]
)
def test_who_was_parked_may_transfer(read: Read, who: str, count: int) -> None:
    """`caller` is who takes the call, `callee` who was parked."""
    text = f"[general]\n[default]\nparkedcalltransfers={who}\n"
    assert (
        seen(read({"res_parking.conf": text})) == [(Severity.MEDIUM, "res_parking.conf:3")] * count
    )
