"""Who listens to Asterisk and writes it down: on its console, and on its manager port."""

from __future__ import annotations

import contextlib
import os
import pty
import socket
import subprocess
import threading
from typing import TYPE_CHECKING

from tests.e2e.rig.roots import RigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Console:
    """Watches Asterisk's console on a terminal, and writes down what it shows."""

    def __init__(self, command: Sequence[str], file: Path) -> None:
        self._terminal, theirs = pty.openpty()
        self._process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        self._file = file.open("ab", buffering=0)
        self._thread = threading.Thread(target=self._copy, daemon=True)
        self._thread.start()

    def _copy(self) -> None:
        with contextlib.suppress(OSError):  # EIO: nobody is at the other end any more
            while chunk := os.read(self._terminal, 65536):
                self._file.write(chunk)

    def close(self) -> None:
        """Leave it."""
        self._process.kill()
        self._process.wait()
        self._thread.join(5)
        os.close(self._terminal)
        self._file.close()


class EventTap:
    """Writes every AMI event to a file, as a monitoring tool would see them."""

    def __init__(self, port: int, user: str, file: Path) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._socket.settimeout(None)
        login = f"Action: Login\r\nUsername: {user}\r\nSecret: {user}\r\nEvents: on\r\n\r\n"
        self._socket.sendall(login.encode())
        self._file = file.open("ab", buffering=0)
        self._thread = threading.Thread(target=self._copy, daemon=True)
        self._thread.start()

    def _copy(self) -> None:
        with contextlib.suppress(OSError):
            while chunk := self._socket.recv(65536):
                self._file.write(chunk)

    def close(self) -> None:
        """Hang up on the manager port."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._socket.close()
        self._file.close()


def act(port: int, action: str, **fields: str) -> str:
    """Have Asterisk do something by its manager port, and return all it answers.

    Raises:
        RigError: It does not do it.
    """
    login = "Action: Login\r\nUsername: rig\r\nSecret: rig\r\nEvents: off\r\n\r\n"
    told = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    with socket.create_connection(("127.0.0.1", port), timeout=10) as manager:
        manager.sendall(f"{login}Action: {action}\r\n{told}\r\nAction: Logoff\r\n\r\n".encode())
        answer = b""
        while chunk := manager.recv(65536):
            answer += chunk
    if answer.count(b"Response: Success") < 2:  # of the login, and of the action
        message = f"Asterisk does not do `{action}`: {answer.decode(errors='replace')}"
        raise RigError(message)
    return answer.decode(errors="replace")
