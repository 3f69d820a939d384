"""What `dialguard doctor` looks at of the web, held against the web's own front on a socket."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, cast

import pytest
from cryptography import x509
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse

from fastagi.cli.service import settings_of
from fastagi.cli.web_checkup import _is_for, web_answers
from fastagi.console.api.application import Mounted, make_api
from fastagi.console.api.ports import ApiPorts
from fastagi.console.front import Front
from fastagi.console.guarding import Guarding
from fastagi.console.serving import Bounds, serve
from fastagi.settings import Listen
from fastagi.settings.model import ConsoleSettings
from tests.servers.certificates import make_certificates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import ASGIApp

    from fastagi.call.ports import Ports
    from fastagi.console.ports import Whereabouts
    from fastagi.settings import Settings
    from tests.unit.cli.conftest import Dialguard

MONTHS = timedelta(days=60)


@pytest.fixture
def settings(dialguard: Dialguard) -> Settings:
    """Return the folder's settings, with a policy of the site `office`."""
    return settings_of(dialguard.settings)


@pytest.fixture
def door() -> Iterator[socket.socket]:
    """A socket that nobody listens at yet."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        made.setblocking(False)
        yield made


@pytest.fixture
def port(door: socket.socket) -> int:
    """Its port."""
    return port_of(door)


def port_of(door: socket.socket) -> int:
    """Return a socket's port."""
    return int(door.getsockname()[1])


def web(url: str) -> ASGIApp:
    """Return the web's front, and its document."""
    api = make_api(ApiPorts(cast("Ports", None), cast("Whereabouts", None)))
    return Guarding(Mounted(api, Starlette()), Front(url))


@contextlib.contextmanager
def served(app: ASGIApp, door: socket.socket, folder: Path | None = None) -> Iterator[None]:
    """Serve it meanwhile, with the certificate of a folder."""
    ready, stop = threading.Event(), threading.Event()
    files = None if folder is None else (folder / "server.pem", folder / "server.key")

    async def answer() -> None:
        stopped = asyncio.Event()
        waiting = asyncio.create_task(asyncio.to_thread(stop.wait))
        waiting.add_done_callback(lambda _: stopped.set())
        certificate, private_key = files or (None, None)
        await serve(
            app,
            door,
            Bounds(),
            stopped,
            ready.set,
            certificate=certificate,
            private_key=private_key,
        )

    thread = threading.Thread(target=asyncio.run, args=(answer(),))
    thread.start()
    try:
        assert ready.wait(20)
        yield
    finally:
        stop.set()
        thread.join(20)


def found(settings: Settings, port: int, **console: Any) -> list[str]:
    """Return what is found, each with its mark; what is not OK says what to do."""
    listen = Listen(ip_address("127.0.0.1"), port)
    given = ConsoleSettings.model_construct(**{"listen": listen, **console})
    findings = list(web_answers(settings.model_copy(update={"console": given})))
    assert all(bool(each.cure) == (each.mark != "OK") for each in findings)
    return [f"{each.mark} {each.what}" for each in findings]


def test_without_a_web_there_is_nothing_to_say(settings: Settings) -> None:
    """Nor is one missed."""
    assert list(web_answers(settings)) == []


def test_a_web_that_answers_is_well(settings: Settings, door: socket.socket, port: int) -> None:
    """At its port, and by its URL."""
    there, url = f"127.0.0.1:{port}", f"http://localhost:{port}"
    with served(web(url), door):
        assert found(settings, port, url=url) == [
            f"OK web answers at {there}",
            f"OK `{url}` leads here",
        ]


def test_nobody_there_is_told(settings: Settings, door: socket.socket, port: int) -> None:
    """By the port, as the URL may lead to another machine."""
    where = Listen(ip_address("127.0.0.1"), port)
    with socket.socket() as held:  # nobody else has the port, and nobody listens at it
        door.close()
        held.bind(("127.0.0.1", port))
        given = ConsoleSettings.model_construct(listen=where)
        (finding,) = web_answers(settings.model_copy(update={"console": given}))
    assert finding.mark == "FAIL"
    assert f"nobody answers for the web at 127.0.0.1:{port}" in finding.what
    assert "console-cannot-start" in finding.cure


def test_somebody_else_there_is_told(settings: Settings, door: socket.socket, port: int) -> None:
    """Whatever they answer."""
    with served(PlainTextResponse("welcome"), door):
        (only,) = found(settings, port)
    assert only == f"FAIL something else answers at 127.0.0.1:{port}"


def test_a_web_of_another_name_is_told(settings: Settings, door: socket.socket, port: int) -> None:
    """It runs with settings of before; or what is before it does not pass the name on."""
    with served(web("http://localhost:1"), door):
        first, second = found(settings, port, url=f"http://localhost:{port}")
    assert first.startswith(f"FAIL the web at 127.0.0.1:{port} does not know the name")
    assert second.endswith("leads here under another name")


def test_what_does_not_speak_http_is_told(settings: Settings) -> None:
    """A TLS certificate in the settings, and nobody who speaks TLS."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=lambda: door.accept()[0].close())
        thread.start()
        (only,) = found(settings, port_of(door))
        thread.join(20)
    assert "does not answer as the web does" in only


def test_who_lets_only_its_proxies_in_cannot_be_asked_from_here(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is as it should be."""
    proxies = (ip_network("192.0.2.0/24"),)
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=lambda: door.accept()[0].close())
        thread.start()
        # Loopback is let in anywhere: this address is taken for another.
        monkeypatch.setattr("ipaddress.IPv4Address.is_loopback", False)
        (only,) = found(settings, port_of(door), proxies=proxies)
        thread.join(20)
    assert only.startswith("WARN the web at 127.0.0.1:")
    assert only.endswith("answers its `proxies` only, and this machine is none")


def test_a_url_that_leads_nowhere_is_a_warning(
    settings: Settings, door: socket.socket, port: int
) -> None:
    """Browsers elsewhere may get here all the same."""
    url = "http://localhost:1"
    with served(web(url), door):
        first, told = found(settings, port, url=url)
    assert first.startswith("OK")
    assert told.startswith(f"WARN `{url}` does not lead here: ")


def test_a_url_that_leads_elsewhere_is_a_warning(
    settings: Settings, door: socket.socket, port: int
) -> None:
    """With what was answered."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.setblocking(False)
        url = f"http://localhost:{port_of(other)}"
        with served(web(url), door), served(PlainTextResponse("moved", 404), other):
            _, told = found(settings, port, url=url)
    assert told == f"WARN `{url}` leads elsewhere: its answer is 404"


@pytest.mark.parametrize(
    ("good_for", "url_host", "expected"),
    [
        (MONTHS, "localhost", ["OK certificate is for every name, until "]),
        (timedelta(days=2), "127.0.0.1", ["WARN the web's certificate ends on ", "OK cert"]),
        (timedelta(hours=-1), "localhost", ["FAIL the web's certificate ended on "]),
        (MONTHS, "phones.example.org", ["FAIL the web's certificate is not for `phones.example"]),
    ],
    ids=["good", "ends soon", "is over", "another name"],
)
def test_its_certificate_is_looked_at(
    settings: Settings,
    door: socket.socket,
    port: int,
    tmp_path: Path,
    good_for: timedelta,
    url_host: str,
    expected: list[str],
) -> None:
    """The one that it shows, whoever made it: browsers may know its authority, if we do not."""
    make_certificates(tmp_path, good_for)
    url = f"https://{url_host}:{port}"
    with served(web(url), door, tmp_path):
        told = found(settings, port, url=url, certificate=tmp_path / "server.pem")
    assert told[0].startswith("OK web answers")
    assert [
        each[: len(begun)] for each, begun in zip(told[1:], expected, strict=False)
    ] == expected
    assert told[-1].startswith(f"WARN `{url}` does not lead here: ")
    assert len(told) == len(expected) + 2


def test_a_certificate_that_was_renewed_is_not_shown_yet(
    settings: Settings, door: socket.socket, port: int, tmp_path: Path
) -> None:
    """The service read it when it started."""
    make_certificates(tmp_path, MONTHS)
    url = f"https://localhost:{port}"
    with served(web(url), door, tmp_path):
        make_certificates(tmp_path, 2 * MONTHS)
        told = found(settings, port, url=url, certificate=tmp_path / "server.pem")
    assert told[1] == (
        f"WARN the web shows another certificate than `{tmp_path / 'server.pem'}` holds by now"
    )


@pytest.mark.parametrize(
    ("name", "is_for"),
    [("127.0.0.1", True), ("127.0.0.2", False), ("localhost", True), ("a.localhost", False)],
)
def test_names_and_addresses_are_told_apart(tmp_path: Path, name: str, *, is_for: bool) -> None:
    """As browsers do."""
    make_certificates(tmp_path)
    (made,) = x509.load_pem_x509_certificates((tmp_path / "server.pem").read_bytes())
    assert _is_for(made, name) is is_for


def test_names_that_lead_nowhere_are_told(
    settings: Settings, door: socket.socket, port: int
) -> None:
    """A site that is none; an address that is no place."""
    url = f"http://0.0.0.0:{port}"
    hosts = {"office.example.org": "office", "branch.example.org": "brunch"}
    with served(web(url), door):
        told = found(settings, port, url=url, hosts=hosts)
    assert told[0] == f"FAIL browsers would have to ask for `{url}`, which is no address"
    assert told[1].startswith("FAIL `branch.example.org` of `hosts` is to show the page of site")
    assert sum(each.startswith("FAIL") for each in told) == 2


def test_a_policy_that_cannot_be_read_is_told_of_elsewhere(
    dialguard: Dialguard, settings: Settings, door: socket.socket, port: int
) -> None:
    """The web is looked at all the same, at every address that it listens at."""
    dialguard.policy.write_text("[site]\n")
    url = f"http://localhost:{port}"
    everywhere = Listen(ip_address("0.0.0.0"), port)  # noqa: S104 - nobody listens there
    with served(web(url), door):
        told = found(settings, port, url=url, listen=everywhere, hosts={"a": "nowhere"})
    assert told[0] == f"OK web answers at 127.0.0.1:{port}"
