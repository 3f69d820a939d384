"""Folders of the shape that FreePBX 16 and 17 write."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastagi.audit.dialplan_files import read_dialplan

if TYPE_CHECKING:
    from fastagi.audit.dialplan import Dialplan

SHAPES: Final = Path(__file__).parents[2] / "e2e" / "asterisk" / "freepbx"
VERSIONS: Final = ("16", "17")

PJSIP: Final = """\
[101]
type = endpoint
context = from-internal
aors = 101
auth = 101
allow_transfer = no

[101]
type = auth
username = 101
password = kJ8d-3fQx-92ns-Lw7p

[102]
type = endpoint
context = from-internal
aors = 102
auth = 102
allow_transfer = no

[102]
type = auth
username = 102
password = pW4r-8sZq-57vk-Hd2m

[my-trunk]
type = endpoint
context = from-trunk
aors = my-trunk
allow_transfer = no
"""


def copy(version: str, folder: Path) -> Path:
    """Copy the shape of a version, with two phones and a trunk."""
    shutil.copytree(SHAPES / version, folder, dirs_exist_ok=True)
    (folder / "pjsip.conf").write_text(PJSIP)
    return folder


def dialplan(folder: Path) -> Dialplan:
    """Read the dialplan of a folder."""
    return read_dialplan(folder)[0]
