"""An Asterisk that has nothing but a dialplan: it starts in a moment, and tells what it loaded."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.e2e.rig.ports import free
from tests.e2e.rig.roots import RigError, asterisk_root

if TYPE_CHECKING:
    from pathlib import Path

START_S: Final = 60.0  # of Asterisk, on a busy machine
FOLDERS: Final = {"astrundir": "run", "astdbdir": "db", "astlogdir": "log", "astspooldir": "spool"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a dialplan.

    Attributes:
        events: AMI's answer to `ShowDialPlan`.
        log: What Asterisk warned of.
    """

    events: list[dict[str, str]]
    log: str


def loaded_dialplan(version: str, etc: Path) -> Loaded:
    """Return what an Asterisk loads of a dialplan.

    Args:
        version: Of Asterisk.
        etc: `extensions.conf` and what it includes; it is copied.

    Raises:
        RigError: It did not start; the message holds the end of what it said.
    """
    root = asterisk_root(version)
    home = root.scratch(f"bare-{version}")
    port = free()
    shutil.copytree(etc, home / "etc")
    folders = {"astetcdir": "etc", **FOLDERS}
    for folder in FOLDERS.values():
        (home / folder).mkdir()
    inside = root.inside(home)
    lines = "".join(f"{name} => {inside}/{folder}\n" for name, folder in folders.items())
    (home / "etc/asterisk.conf").write_text(f"[directories]\n{lines}")
    (home / "etc/modules.conf").write_text("[modules]\nautoload = no\nload = pbx_config.so\n")
    (home / "etc/logger.conf").write_text("[logfiles]\nfull => notice,warning,error\n")
    (home / "etc/manager.conf").write_text(
        f"[general]\nenabled = yes\nbindaddr = 127.0.0.1\nport = {port}\n"
        "[rig]\nsecret = rig\nread = all\nwrite = all\n"
    )
    with (home / "log/stdout").open("wb") as stdout:
        process = subprocess.Popen(
            root.command(root.asterisk, "-C", f"{inside}/etc/asterisk.conf", "-f", "-n"),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.STDOUT,
        )
    try:
        with _connected(port, process) as manager:
            return Loaded(_ask(manager), (home / "log/full").read_text(errors="replace"))
    except OSError as error:
        told = (home / "log/stdout").read_text(errors="replace")[-3000:]
        message = f"Asterisk {version} told no dialplan: {error}\n{told}"
        raise RigError(message) from error
    finally:
        process.kill()
        process.wait()


def _connected(port: int, process: subprocess.Popen[bytes]) -> socket.socket:
    """Return a connection to its manager.

    Raises:
        OSError: There was none in time.
    """
    until = time.monotonic() + START_S
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=START_S)
        except ConnectionRefusedError:
            if process.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.05)


def _ask(manager: socket.socket) -> list[dict[str, str]]:
    """Log in, wait until everything is loaded, and ask.

    Raises:
        OSError: It hung up, or took too long.
    """
    manager.sendall(b"Action: Login\r\nUsername: rig\r\nSecret: rig\r\n\r\n")
    _read(manager, b"Event: FullyBooted")
    manager.sendall(b"Action: ShowDialPlan\r\n\r\n")
    answer = _read(manager, b"Event: ShowDialPlanComplete")
    return [
        dict(line.split(": ", 1) for line in event.split("\r\n") if ": " in line)
        for event in answer.decode().split("\r\n\r\n")
    ]


def _read(manager: socket.socket, last: bytes) -> bytes:
    """Return what it says, up to an event.

    Raises:
        OSError: It hung up, or took too long.
    """
    said = b""
    while last not in said:
        if not (more := manager.recv(65536)):
            raise ConnectionResetError("it hung up")
        said += more
    return said
