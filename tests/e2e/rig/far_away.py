"""A phone in a browser on another machine, whose address is none of the one that has Asterisk.

`unshare --net python -m tests.e2e.rig.far_away VERSION` has a network of its own, in which nothing
of the host's is changed: one machine has a real nginx and a real Asterisk, and a second one has
the phone. It prints how the phone fared without the routes of the unit that ships, and, with
them, where Asterisk says that it is.
"""

from __future__ import annotations

import ctypes
import os
import re
import shlex
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

from websockets.exceptions import InvalidStatus

from tests.e2e.rig.asterisk import Asterisk
from tests.e2e.rig.edge import Edge
from tests.e2e.rig.ports import free
from tests.e2e.rig.roots import REPOSITORY
from tests.e2e.rig.waiting import until

UNIT: Final = REPOSITORY / "deploy" / "webrtc" / "dialguard-webrtc.service"
HERE: Final = "198.51.100.1"
FAR_AWAY: Final = "198.51.100.9"
EXTENSION: Final = "134"
NETWORK: Final = 0x40000000  # CLONE_NEWNET (linux/sched.h); Python 3.11 has no name for it


def main(version: str) -> None:
    """Print the status of a handshake without routes, and the phone's address with them."""
    _run("ip link set lo up")
    with subprocess.Popen(["unshare", "--net", "sleep", "300"]) as machine:
        try:
            _connect(machine.pid)
            with (
                Asterisk(version) as asterisk,
                Edge(asterisk.ports.http, free(), host="0.0.0.0") as edge,  # noqa: S104 - of a network that has nobody else
            ):
                print(_refused(edge, machine.pid))
                for command in re.findall(r"^ExecStart=(.*)", UNIT.read_text(), re.MULTILINE):
                    _run(command.replace("sport 8088", f"sport {asterisk.ports.http}"))
                with edge.phone(EXTENSION, _reached(edge.port, machine.pid)) as phone:
                    phone.register()
                    contacts = asterisk.cli("pjsip show contacts")
                    print(*re.findall(rf"sip:{EXTENSION}@([\d.]+)", contacts))
                for command in re.findall(r"^ExecStop=(.*)", UNIT.read_text(), re.MULTILINE):
                    _run(command.replace("sport 8088", f"sport {asterisk.ports.http}"))
        finally:
            machine.kill()


def _connect(machine: int) -> None:
    """Lay a cable between the two machines."""
    own = Path("/proc/self/ns/net").readlink()
    until(lambda: Path(f"/proc/{machine}/ns/net").readlink() != own)
    _run(f"ip link add here type veth peer name there netns {machine}")
    _run(f"ip address add {HERE}/24 dev here")
    _run("ip link set here up")
    _run(f"nsenter --net --target {machine} ip address add {FAR_AWAY}/24 dev there")
    _run(f"nsenter --net --target {machine} ip link set there up")


def _reached(port: int, machine: int) -> socket.socket:
    """Connect to nginx from the other machine: the thread that does is there."""
    made: list[socket.socket] = []

    def there() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        file = os.open(f"/proc/{machine}/ns/net", os.O_RDONLY)
        assert libc.setns(file, NETWORK) == 0, os.strerror(ctypes.get_errno())
        os.close(file)
        made.append(socket.create_connection((HERE, port), timeout=30))

    thread = threading.Thread(target=there)
    thread.start()
    thread.join()
    return made[0]


def _refused(edge: Edge, machine: int) -> int:
    try:
        with edge.opened(_reached(edge.port, machine)):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def _run(command: str) -> None:
    subprocess.run(shlex.split(command), check=True)


if __name__ == "__main__":
    main(sys.argv[1])
