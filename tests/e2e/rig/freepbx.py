"""A real Asterisk with the dialplan of a FreePBX, and the gate that `install` put into it."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from typing import TYPE_CHECKING, Final

from typer.testing import CliRunner

from fastagi.cli.app import application
from tests.e2e.rig.asterisk import TEMPLATES, Asterisk
from tests.e2e.rig.ports import free
from tests.e2e.rig.trunk import FarEnd

if TYPE_CHECKING:
    from pathlib import Path

SHAPES: Final = TEMPLATES / "freepbx"
"""By FreePBX's version, what it writes and what the site has in the files that are its own."""

CONGESTED: Final = "127.0.0.3"
"""Where the first trunk of every route is; the second is the rig's own, `my-trunk`."""

TRUNK: Final = """
[trunk-one]
type = endpoint
context = from-trunk
disallow = all
allow = ulaw
allow_transfer = no
aors = trunk-one

[trunk-one]
type = aor
contact = sip:{address}:{port}
"""


class FreePBX(Asterisk):
    """One, as FreePBX 16 configures it for an Asterisk that has macros, and FreePBX 17 for others.

    Attributes:
        congested_port: Where its first trunk is.
    """

    def configure(self) -> None:
        """Write its configuration, and have the gate installed."""
        super().configure()
        etc = self.home / "etc"
        shutil.rmtree(etc / "dialguard")
        shape = SHAPES / ("16" if self._major() < 18 else "17")
        for file in shape.glob("*.conf"):
            text = file.read_text().replace("@agi_port@", str(self.ports.agi))
            (etc / file.name).write_text(text)
        self.congested_port = free(socket.SOCK_DGRAM, CONGESTED)
        pjsip = (etc / "pjsip.conf").read_text().replace("= phones\n", "= from-internal\n")
        # FreePBX sets no variable of its phones: it has a global one for transfers.
        pjsip = re.sub(r"set_var = (TRANSFER|FORWARD)_CONTEXT=.*\n", "", pjsip)
        more = TRUNK.format(address=CONGESTED, port=self.congested_port)
        (etc / "pjsip.conf").write_text(pjsip + more)
        install(etc, "--yes")

    def _major(self) -> int:
        said = subprocess.run(
            self.root.command(self.root.asterisk, "-V"), check=True, capture_output=True, text=True
        ).stdout
        found = re.search(r"\d+", said)
        assert found, said
        return int(found[0])


def install(etc: Path, *words: str) -> str:
    """Run `dialguard install --freepbx` on a folder, and return what it says."""
    command = ["install", "--freepbx", "--folder", str(etc), "--country", "GB", *words]
    done = CliRunner().invoke(application(), command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def congested(asterisk: FreePBX) -> FarEnd:
    """Return the far end of its first trunk, which takes no call."""
    return FarEnd(CONGESTED, asterisk.congested_port, scenario="congested.xml")
