"""From a folder to what is wrong in it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fastagi.audit.auditing import audit, audit_loaded
from fastagi.audit.finding import Kind, Severity
from fastagi.audit.graph import NodeKind
from fastagi.audit.place import Place
from fastagi.errors import AuditError

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.audit.auditing import Audit

SHIPPED = Path(__file__).parents[3] / "dialplan"

PJSIP = """\
[101]
type = endpoint
context = phones
aors = 101
allow_transfer = no

[101]
type = aor
max_contacts = 1
"""

EXTENSIONS = """\
[phones]
exten => _1XX,1,Dial(PJSIP/${EXTEN})
exten => 0,1,Queue(sales)
exten => 8,1,FollowMe(boss)
"""


@pytest.fixture
def etc(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of configuration: files by their names less `.conf`."""

    def make(**files: str) -> Path:
        for name, text in {"pjsip": PJSIP, "extensions": EXTENSIONS, **files}.items():
            (tmp_path / f"{name}.conf").write_text(text)
        return tmp_path

    return make


def _ungated(found: Audit) -> list[tuple[str, int]]:
    return [
        (each.way[-1].extension, each.place.line)
        for each in found.findings
        if each.kind is Kind.UNGATED
    ]


def test_what_is_shipped_has_no_way_past_the_gate(tmp_path: Path) -> None:
    """Installed as docs/install.md says; its passwords are to be changed."""
    shutil.copytree(SHIPPED, tmp_path / "dialguard")
    for name in ("extensions.conf", "pjsip.conf"):
        shutil.move(tmp_path / "dialguard" / name, tmp_path)
    found = audit(tmp_path)
    assert {each.kind for each in found.findings if each.severity is not Severity.LOW} == {
        Kind.PASSWORD
    }
    assert not any(each.way for each in found.findings)
    assert all(each.gated for each in found.graph.edges)
    assert {each.kind for each in found.graph.nodes} >= {
        NodeKind.ENTRY,
        NodeKind.GATE,
        NodeKind.TRUNK,
    }
    assert found.contexts == 8
    assert found.lines > 150


def test_lists_of_other_files_are_followed(etc: Callable[..., Path]) -> None:
    """Members of queues and numbers of follow-me that lead to a trunk."""
    queues = "[sales]\nmember => PJSIP/101\n"
    follow = "[boss]\ncontext = phones\nnumber => 101\n"
    assert _ungated(audit(etc(queues=queues, followme=follow))) == []
    abroad = audit(etc(queues=f"{queues}member => PJSIP/0039@t\n", followme=follow))
    assert _ungated(abroad)[0] == ("0", 3)
    away = audit(
        etc(
            queues=queues,
            followme=f"{follow}number => 00391\n",
            extensions=f"{EXTENSIONS}exten => _00X.,1,Dial(PJSIP/00391@t)\n",
        )
    )
    assert "_00X." in dict(_ungated(away))


def test_the_worst_comes_first_then_file_and_line(etc: Callable[..., Path]) -> None:
    """And nothing is told twice."""
    holes = "exten => 2,1,Dial(PJSIP/1@t)\nexten => 3,1,Dial(PJSIP/1@t)\n"
    found = audit(etc(extensions=EXTENSIONS + holes)).findings
    order = [(list(Severity).index(each.severity), each.place) for each in found]
    assert order == sorted(order)
    assert len(set(found)) == len(found)
    assert {each.place.file for each in found} >= {"extensions.conf", "pjsip.conf"}


def test_modes_are_looked_at_where_the_folder_is_asterisks_own(
    etc: Callable[..., Path],
) -> None:
    """A copy in a repository has the modes of the repository."""
    login = "[101]\ntype = auth\nusername = 101\npassword = 7hf82jfu3hjduf8s\n"
    folder = etc(pjsip=f"{PJSIP}auth = 101\n{login}")
    folder.chmod(0o755)
    (folder / "pjsip.conf").chmod(0o644)
    assert Kind.READABLE not in {each.kind for each in audit(folder).findings}
    (folder / "asterisk.conf").write_text(f"[directories]\nastetcdir => {folder}\n")
    assert Kind.READABLE in {each.kind for each in audit(folder).findings}


@pytest.mark.parametrize(
    ("where", "said"),
    [("away", "is no folder; name the one"), (".", r"there is no `extensions\.conf` in `")],
)
def test_where_there_is_no_dialplan_it_is_told(tmp_path: Path, where: str, said: str) -> None:
    """With what to name."""
    with pytest.raises(AuditError, match=said):
        audit(tmp_path / where)


def test_a_dialplan_that_is_no_file_is_told(tmp_path: Path) -> None:
    """As one that is hidden is."""
    (tmp_path / "extensions.conf").mkdir()
    with pytest.raises(AuditError, match="cannot be read; run this as root"):
        audit(tmp_path)


def test_a_hidden_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root is shown everything, so the refusal is played."""

    def refuse(*_: object, **__: object) -> os.stat_result:
        raise PermissionError

    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(AuditError, match="hidden from this user; run this as root"):
        audit(tmp_path)


def _event(extension: str, data: str) -> dict[str, str]:
    return {
        "Event": "ListDialplan",
        "Context": "phones",
        "Extension": extension,
        "Priority": "1",
        "Application": "Dial",
        "AppData": data,
    }


def test_what_is_loaded_is_held_against_the_files_beside_it(etc: Callable[..., Path]) -> None:
    """Phones are theirs, and global variables; the dialplan is not."""
    events = [_event("_1XX", "PJSIP/101"), _event("5", "${FAX}"), _event("6", "PJSIP/39@t")]
    folder = etc(extensions="[globals]\nFAX = PJSIP/101\n[phones]\nexten => 9,1,Dial(PJSIP/1@t)\n")
    assert set(_ungated(audit_loaded(events, folder))) == {("6", 0)}
    found = audit_loaded(events, None)
    assert {extension for extension, _ in _ungated(found)} >= {"_1XX", "6"}
    assert found.findings[0].place == Place("", 0)
    assert (found.lines, found.contexts) == (3, 1)


def test_what_is_not_loaded_is_told(tmp_path: Path) -> None:
    """No dialplan, or a folder that is none."""
    with pytest.raises(AuditError, match="Asterisk has loaded no dialplan"):
        audit_loaded([], tmp_path)
    with pytest.raises(AuditError, match="is no folder"):
        audit_loaded([_event("1", "PJSIP/101")], tmp_path / "away")


def test_emergency_numbers_of_a_country_need_not_ask(etc: Callable[..., Path]) -> None:
    """Those of others do."""
    folder = etc(extensions=f"{EXTENSIONS}exten => 117,1,Dial(PJSIP/117@t)\n")
    assert ("117", 5) not in _ungated(audit(folder, "CH"))
    assert ("117", 5) in _ungated(audit(folder, "GB"))
    with pytest.raises(ValueError, match="country `XX` is not known"):
        audit(folder, "XX")


def test_a_dial_tone_is_told_once(etc: Callable[..., Path]) -> None:
    """With the way to it, if anybody gets there; else by itself. AMI knows no lines to compare."""
    text = "[phones]\nexten => 7,1,DISA(no-password,phones)\n[else]\nexten => 7,1,DISA(123,else)\n"
    folder = etc(extensions=text)
    found = [each for each in audit(folder).findings if each.kind is Kind.DISA]
    assert {(each.place.line, bool(each.way)) for each in found} == {(2, True), (4, False)}
    loaded = audit_loaded([_event("7", "") | {"Application": "DISA"}], folder)
    tones = [each for each in loaded.findings if each.kind is Kind.DISA]
    assert {bool(each.way) for each in tones} == {True, False}
