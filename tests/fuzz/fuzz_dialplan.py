"""A dialplan's files, of any bytes, with a second file that it may include."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from fastagi.audit.dialplan_files import read_dialplan

SEEDS: Final = (
    b"[globals]\nA=1\n[t](!)\nexten => h,1,Hangup()\n[a](t)\nexten => _${A}X/5,1(l),Dial(b\\;c)\n"
    b" same => n+2,NoOp\ninclude => b,9:00-17:00,*,*,*\nswitch => R/x\n[a](+)\nexten => 1,l+1,A\n",
    b'[a]\n#include more.conf\n#tryinclude "m*.{conf,txt}"\nexten += ,1\n;-- x\n--; b = c ; d\n',
    b"[a]\nexten => 1,hint,P/1\n same => n,${B:1:-2}(\n[b](+a=^1)\n\\[c = d --; e\n#exec f\n[g](a",
)

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of random name in it; no disk is as quick
_KEPT: Final = tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None)
_FOLDER: Final = Path(_KEPT.name)

(_FOLDER / "more.conf").write_bytes(b"[m](!)\nexten => 2,1,B()\n[n](m)\nsame => n,C()\n;--\n")


def one_input(data: bytes) -> None:
    """Each priority of an extension is there once, and where its file has a line."""
    (_FOLDER / "extensions.conf").write_bytes(data)
    dialplan, findings = read_dialplan(_FOLDER)
    for context in dialplan.contexts.values():
        steps = [(each.extension, each.caller_id, each.priority) for each in context.steps]
        assert len(set(steps)) == len(steps)
        assert all(priority >= 1 for _, _, priority in steps)
    assert all(each.place.line <= data.count(b"\n") + 5 for each in findings)
