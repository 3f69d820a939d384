"""Sockets that were opened by systemd."""

from __future__ import annotations

import os
import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest

from fastagi.daemon.handed_over import choose, handed_over
from fastagi.errors import SettingsError
from fastagi.settings import Listen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from structlog.typing import EventDict

    from fastagi.settings import Settings


@pytest.fixture
def first() -> Iterator[int]:
    """Return a descriptor after which a few are free, and close them at the end."""
    first = 200
    yield first
    for each in range(first, first + 4):
        try:
            os.close(each)
        except OSError:
            continue


def hand_over(first: int, *descriptors: int) -> dict[str, str]:
    """Do as systemd does before it starts a service; what is given stays open."""
    for at, each in enumerate(descriptors, first):
        os.dup2(each, at, inheritable=True)
    return {
        "LISTEN_PID": str(os.getpid()),
        "LISTEN_FDS": str(len(descriptors)),
        "LISTEN_FDNAMES": ":".join("dialguard.socket" for _ in descriptors),
        "HOME": "/",
    }


def listening_at(settings: Settings, door: socket.socket) -> Settings:
    """Return settings that name this socket."""
    host, port = door.getsockname()[:2]
    there = Listen(settings.agi.listen.host, port)
    assert str(there.host) == host
    agi = settings.agi.model_copy(update={"listen": there})
    return settings.model_copy(update={"agi": agi})


def test_what_is_handed_over_is_taken_once(first: int) -> None:
    """Workers neither read of it nor inherit it."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        environment = hand_over(first, door.fileno())
        (taken,) = handed_over(environment, first)
        assert taken.getsockname() == door.getsockname()
        assert not os.get_inheritable(taken.fileno())
        assert environment == {"HOME": "/"}
        taken.detach()


@pytest.mark.parametrize(
    "environment",
    [{}, {"LISTEN_PID": "1", "LISTEN_FDS": "1"}, {"LISTEN_PID": "", "LISTEN_FDS": "x"}],
    ids=["nothing", "to-another", "nonsense"],
)
def test_nothing_is_taken(environment: dict[str, str]) -> None:
    """Neither where nothing was handed over, nor what another process was meant to take."""
    assert handed_over(environment) == []
    assert environment == {}


def test_what_is_no_socket_is_refused(first: int) -> None:
    """A pipe, and a descriptor that is not there."""
    reading, writing = os.pipe()
    environment = hand_over(first, reading) | {"LISTEN_FDS": "2"}
    with pytest.raises(SettingsError) as refused:
        handed_over(environment, first)
    said = str(refused.value)
    assert "dialguard.socket" in said
    assert f"descriptor {first}: socket operation on non-socket" in said
    assert f"descriptor {first + 1}: bad file descriptor" in said
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize(
    ("family", "kind", "why"),
    [
        (socket.AF_UNIX, socket.SOCK_STREAM, "of the family AF_UNIX"),
        (socket.AF_INET, socket.SOCK_DGRAM, "of the type SOCK_DGRAM"),
        (socket.AF_INET6, socket.SOCK_STREAM, "does not listen"),
    ],
)
def test_what_is_no_tcp_socket_that_listens_is_refused(
    first: int, family: socket.AddressFamily, kind: socket.SocketKind, why: str
) -> None:
    """With `Accept=yes` it would be one caller's."""
    with socket.socket(family, kind) as other, pytest.raises(SettingsError, match=why):
        handed_over(hand_over(first, other.fileno()), first)


def test_the_one_that_the_settings_name_is_chosen(
    settings: Settings, told: Sequence[EventDict]
) -> None:
    """Whichever place it has among them; nobody would answer at the others."""
    doors = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    other = doors[0].getsockname()[1]
    with choose(doors, listening_at(settings, doors[1])) as chosen:
        assert chosen is doors[1]
    assert [each.fileno() for each in doors] == [-1, -1, -1]
    unused = [line["address"] for line in told if line["event"] == "socket-not-used"]
    assert unused[0] == f"127.0.0.1:{other}"
    assert len(unused) == 2


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::"])
def test_another_address_is_refused(settings: Settings, host: str) -> None:
    """With what was handed over, what the settings say, and what to do about it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as door:
        there = Listen(ip_address(host), door.getsockname()[1])
        with pytest.raises(SettingsError) as refused:
            choose([door], settings)
    said = str(refused.value)
    assert f"systemd handed over `{there}`" in said
    assert f"`[agi] listen` says `{settings.agi.listen}`" in said
    assert f"`ListenStream={settings.agi.listen}` into dialguard.socket" in said
