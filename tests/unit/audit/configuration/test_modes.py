"""`configuration.modes`: files with secrets that everybody can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.audit.configuration.modes import FOLDER, check_modes, read_modes, secret_files
from fastagi.audit.finding import Kind, Severity

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.audit.configuration.conftest import Read

TEXTS = {
    "pjsip.conf": '[u]\ntype=transport\n#include "logins.conf"\n',
    "logins.conf": "[1](!)\ntype=auth\npassword=x\n",
    "manager.conf": "[general]\n[u]\nsecret=x\n",
    "voicemail.conf": "[default]\n1 => 1234\n",
    "pjsip_wizard.conf": "[1]\ntype=wizard\ninbound_auth/password=x\n",
    "queues.conf": "[q]\n",
    "ari.conf": "[u]\npassword=\n",
}
SECRET = {"logins.conf", "manager.conf", "voicemail.conf", "pjsip_wizard.conf"}


def test_secrets_are_where_they_are_written(read: Read) -> None:
    """In a file that is included, not in the one that includes; templates count."""
    assert set(secret_files(read(TEXTS))) == SECRET


@pytest.mark.parametrize(
    ("mode", "folder", "count"),
    [(0o644, 0o755, 4), (0o640, 0o755, 0), (0o644, 0o750, 0), (0o604, 0o711, 4)],
)
def test_files_that_everybody_reads(
    read: Read, tmp_path: Path, mode: int, folder: int, count: int
) -> None:
    """Unless the folder is closed to them."""
    files = read(TEXTS)
    for name in TEXTS:
        (tmp_path / name).chmod(mode)
    tmp_path.chmod(folder)
    found = list(check_modes(files, read_modes(files)))
    assert len(found) == count
    assert {(each.kind, each.severity) for each in found} <= {(Kind.READABLE, Severity.MEDIUM)}
    assert {each.place.file for each in found} <= SECRET


def test_a_file_elsewhere_is_not_guarded_by_the_folder(read: Read, tmp_path: Path) -> None:
    """An absolute name leads out of it."""
    other = tmp_path.parent / f"{tmp_path.name}-logins.conf"
    other.write_text("[1]\ntype=auth\npassword=x\n")
    files = read({"pjsip.conf": f'[u]\n#include "{other}"\n'})
    modes = {FOLDER: 0o700, str(other): 0o644}
    assert [each.place.file for each in check_modes(files, modes)] == [str(other)]


def test_private_keys_are_secrets(read: Read, tmp_path: Path) -> None:
    """Of SIP over TLS, and of the HTTP server; a name that is not whole is not looked for."""
    key = tmp_path / "pbx.key"
    key.write_text("x")
    key.chmod(0o644)
    files = read(
        {
            "pjsip.conf": f"[t]\ntype=transport\npriv_key_file={key}\n",
            "http.conf": "[general]\ntlsprivatekey=pbx.pem\n",
        }
    )
    assert secret_files(files) == (str(key),)
    tmp_path.chmod(0o755)
    assert [each.place.file for each in check_modes(files, read_modes(files))] == [str(key)]


def test_a_file_that_has_gone_has_no_mode(read: Read, tmp_path: Path) -> None:
    """Nothing is known of it, so nothing is found."""
    files = read({"manager.conf": "[u]\nsecret=x\n"})
    (tmp_path / "manager.conf").unlink()
    assert set(read_modes(files)) == {FOLDER}
    assert list(check_modes(files, read_modes(files))) == []
    assert list(check_modes(files, {})) == []
