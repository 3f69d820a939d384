"""The listening sockets, and who may knock at them."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Final

from fastagi.daemon.alert_targets import targets_of
from fastagi.daemon.handed_over import choose, handed_over
from fastagi.daemon.hooks import hooks_of
from fastagi.daemon.keys import read_client_secret, read_secret
from fastagi.daemon.places import store_is_shared
from fastagi.errors import Problem, SettingsError
from fastagi.settings import origin

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    from fastagi.settings import Settings
    from fastagi.settings.model import Listen, Networks

BACKLOG: Final = 512
"""Callers whom the kernel keeps waiting while a worker is replaced."""


LOOPBACK_NODES: Final = frozenset({"127.0.0.1", "::1"})


def check_settings(settings: Settings) -> None:
    """Refuse a door that strangers can reach and nobody guards.

    The FastAGI port has no login: away from loopback it takes a list of peers and a secret.

    Raises:
        SettingsError: With everything that is to be put right.
    """
    problems = [
        *_unguarded(settings),
        *_confused(settings),
        *_bare(settings),
        *_unsigned(settings),
        *_unknown_to_provider(settings),
        *_untold(settings),
        *_unasked(settings),
    ]
    if problems:
        raise SettingsError(problems)


def _unguarded(settings: Settings) -> Iterator[Problem]:
    agi, metrics = settings.agi, settings.metrics
    if metrics is not None and _shuts_out_others(metrics.listen, metrics.allow):
        what = f"{_reached(metrics.listen)}: put the address of your Prometheus into `allow`"
        yield Problem(origin(settings, "metrics", "listen"), 0, what)
    if agi.listen.host.is_loopback:
        return
    place, reached = origin(settings, "agi", "listen"), _reached(agi.listen)
    if _shuts_out_others(agi.listen, agi.allow):
        yield Problem(place, 0, f"{reached}: put the address of your Asterisk into `allow`")
    if agi.secret_file is None:
        what = f"{reached}: name a `secret_file`, and give the dialplan the same secret"
        yield Problem(place, 0, what)


def _confused(settings: Settings) -> Iterator[Problem]:
    """Yield what would have one gate's watcher end what another gate's calls hold."""
    if not store_is_shared(settings):
        return
    for each in settings.ami:
        if each.node in LOOPBACK_NODES:
            what = (
                f"node `{each.node}` may be any Asterisk's that shares this store, and watchers "
                "would free each other's slots: give it a `node` of its own, and its dialplan the "
                "same DIALGUARD_NODE"
            )
            yield Problem(origin(settings, "ami"), 0, what)


def _reached(listen: Listen) -> str:
    return f'`listen = "{listen}"` can be reached from other machines'


def _shuts_out_others(listen: Listen, allow: Networks) -> bool:
    """Whether others can knock, and nobody of them may enter: that is not what was meant."""
    return not listen.host.is_loopback and all(network.is_loopback for network in allow)


def _bare(settings: Settings) -> Iterator[Problem]:
    """Yield what would have the web speak in the clear, or not at all."""
    console = settings.console
    if console is None:
        return
    if console.certificate is None or console.private_key is None:
        if not console.listen.host.is_loopback and not console.proxies:
            what = (
                f"{_reached(console.listen)}, and what is sent would be in the clear: give a "
                "`certificate`, or name the proxy that has one in `proxies`"
            )
            yield Problem(origin(settings, "console", "listen"), 0, what)
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            console.certificate, console.private_key, lambda: ""
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        what = f"certificate and private key cannot be used: {why}"
        yield Problem(origin(settings, "console", "certificate"), 0, what)


def _unsigned(settings: Settings) -> Iterator[Problem]:
    """Yield why a webhook could not be signed: the web would not start, and few would notice."""
    try:
        hooks_of(settings)
    except SettingsError as error:
        yield from error.problems


def _unknown_to_provider(settings: Settings) -> Iterator[Problem]:
    """Yield why the OpenID provider would not know us, likewise."""
    oidc = None if settings.console is None else settings.console.oidc
    if oidc is not None and oidc.secret_file is not None:
        try:
            read_client_secret(oidc.secret_file)
        except SettingsError as error:
            yield from error.problems


def _untold(settings: Settings) -> Iterator[Problem]:
    """Yield why alerts could not be told: nobody would notice until nobody was woken."""
    try:
        targets_of(settings)
    except SettingsError as error:
        yield from error.problems


def _unasked(settings: Settings) -> Iterator[Problem]:
    """Yield why Asterisk could not show who it is when it asks for a password."""
    if settings.credentials is not None:
        try:
            read_secret(settings.credentials.secret_file)
        except SettingsError as error:
            yield from error.problems


def listen(
    settings: Settings, environment: MutableMapping[str, str] | None = None
) -> socket.socket:
    """Open the listening socket, or take the one that systemd handed over.

    All workers accept on this one socket. With one of each worker's own (SO_REUSEPORT, socket(7))
    the kernel would deal callers out to the workers' queues by a hash of their addresses, whoever
    lives: those in the queue of a worker that dies are reset, and those in that of one that hangs
    wait until it is killed. Of a shared queue any worker that lives takes the next caller.

    Args:
        settings: With the address.
        environment: Where systemd says what it hands over; that is removed from it.

    Raises:
        OSError: The address is not this machine's, or the port is taken.
        SettingsError: What was handed over is not what the settings say.
    """
    handed = handed_over({} if environment is None else environment)
    if handed:
        door = choose(handed, settings)
        door.setblocking(False)
        return door
    return _open(settings.agi.listen)


def listen_for_scrapes(settings: Settings) -> socket.socket | None:
    """Open the listening socket for Prometheus; None where the settings have none.

    Raises:
        OSError: The address is not this machine's, or the port is taken.
    """
    return None if settings.metrics is None else _open(settings.metrics.listen)


def listen_for_browsers(settings: Settings) -> socket.socket | None:
    """Open the listening socket for the web; None where the settings have none.

    Raises:
        OSError: The address is not this machine's, or the port is taken.
    """
    return None if settings.console is None else _open(settings.console.listen)


def listen_for_passwords(settings: Settings) -> socket.socket | None:
    """Open the socket at which Asterisk asks for passwords; None where the settings have none.

    Raises:
        OSError: The port is taken.
    """
    return None if settings.credentials is None else _open(settings.credentials.listen)


def _open(address: Listen) -> socket.socket:
    door = socket.create_server(
        (str(address.host), address.port),
        family=socket.AF_INET6 if address.host.version == 6 else socket.AF_INET,
        backlog=BACKLOG,
    )
    door.setblocking(False)
    return door
