"""Whoever tries the gate itself is seen: a real service with a lookout, and real attempts."""

from __future__ import annotations

import json
import socket
import time
from typing import TYPE_CHECKING

import pytest

from tests.integration.running import DEADLINE_S, NATIONAL, POLICY, ROME, Service, prepare
from tests.integration.test_calls import enrol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WATCHED = (
    POLICY
    + """
[honeypot]
extensions = ["299"]

[[watch]]
name   = "probed"
sign   = "gate-probing"
per    = "address"
count  = 5
within = "60s"
then   = ["tell"]

[[watch]]
name   = "probed-at-all"
sign   = "gate-probing"
per    = "site"
count  = 12
within = "60s"
then   = ["tell"]

[[watch]]
name   = "sprayed"
sign   = "code-guessing"
per    = "site"
count  = 3
within = "1h"
then   = ["tell"]

[[watch]]
name = "trapped"
sign = "honeypot"
per  = "account"
then = ["tell", "lock"]
for  = "1h"
to   = ["national"]
"""
)

STRANGER = "127.0.0.66"


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Service]:
    """Return a service that lets this machine's first address in, and looks for attackers."""
    port = prepare(tmp_path, policy=WATCHED, workers=2)
    settings = tmp_path / "dialguard.toml"
    agi = f'listen = "127.0.0.1:{port}"\n'
    text = settings.read_text().replace(agi, f'{agi}allow = ["127.0.0.1/32"]\n')
    settings.write_text(f"{text}\n[lookout]\n")
    service = Service(tmp_path, port).start()
    service.ready(2).wait_for("process-ready")
    yield service
    service.stop()


def knock(service: Service, source: str, said: bytes) -> bytes:
    """Connect from an address, say something, and return all that is answered."""
    with socket.create_connection(
        ("127.0.0.1", service.port), DEADLINE_S, source_address=(source, 0)
    ) as line:
        try:
            line.sendall(said)
            return b"".join(iter(lambda: line.recv(4096), b""))
        except ConnectionResetError:
            return b""


def seen(service: Service, watch: str) -> dict[str, object]:
    """Wait until a watch has seen something; return what."""
    while True:
        times = sum(each["event"] == "attack-seen" for each in service.log)
        found = [each for each in service.log if each.get("watch") == watch]
        if found:
            return found[0]
        service.wait_for("attack-seen", times=times + 1)


def test_strangers_are_seen_and_an_asterisk_of_ours_is_never_taken_for_one(
    watched: Service,
) -> None:
    """What it asks may be odd by the text of whoever calls it: that is told, of no address."""
    for _ in range(6):
        assert knock(watched, STRANGER, b"GET / HTTP/1.1\r\n\r\n") == b""
    probed = seen(watched, "probed")
    assert (probed["name"], probed["proven"]) == (STRANGER, True)
    for _ in range(12):
        assert knock(watched, "127.0.0.1", b"agi_network: no\n") == b""
    assert seen(watched, "probed-at-all")["sign"] == "gate-probing"
    assert watched.verdict("101", NATIONAL) == ("ALLOW", "allowed")
    names = {each["name"] for each in watched.log if each.get("watch") == "probed"}
    assert names == {STRANGER}


def test_one_code_at_each_of_many_extensions_is_seen(watched: Service) -> None:
    """No lockout is near, and whoever guesses was seen."""
    for extension in ("101", "102", "103"):
        enrol(watched.folder, extension)
        assert watched.verdict(extension, ROME, "1357#", "000000#")[0] == "DENY"
    sprayed = seen(watched, "sprayed")
    assert (sprayed["sign"], sprayed["per"], sprayed["count"]) == ("code-guessing", "site", 3)


def test_a_trap_that_is_dialled_locks_whoever_dialled_it(watched: Service) -> None:
    """The call is refused and on record; what follows does as soon as the lookout has seen it."""
    assert watched.verdict("101", NATIONAL) == ("ALLOW", "allowed")
    assert watched.verdict("101", "299") == ("DENY", "rule")
    trapped = seen(watched, "trapped")
    assert (trapped["sign"], trapped["extension"]) == ("honeypot", "101")
    by = time.monotonic() + DEADLINE_S
    while watched.verdict("101", NATIONAL) != ("DENY", "watched"):  # until it is in the store
        assert time.monotonic() < by
    assert watched.verdict("102", NATIONAL) == ("ALLOW", "allowed")
    records = [
        json.loads(line) for line in (watched.folder / "decisions.jsonl").read_text().splitlines()
    ]
    rules = [each["rule"] for each in records if each["extension"] == "101"]
    assert (rules[0], rules[1], rules[-1]) == ("at-home", "honeypot", "trapped")
