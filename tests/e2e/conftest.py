"""Real Asterisk, a counted trunk and phones, for every test of this folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import pytest

from tests.e2e.rig.asterisk import Asterisk, english_sounds
from tests.e2e.rig.doors import DOORS_POLICY, Doors
from tests.e2e.rig.hunt import found, written
from tests.e2e.rig.phone import Phone
from tests.e2e.rig.roots import RECIPES
from tests.e2e.rig.service import Service
from tests.e2e.rig.stand_in import StandIn
from tests.e2e.rig.trunk import trunk_of
from tests.e2e.rig.waiting import until
from tests.e2e.second_look import SecondLook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.e2e.rig.trunk import FarEnd


class Evidence:
    """Every folder that a service wrote to, and every secret it was given, of the whole run."""

    def __init__(self) -> None:
        self.folders: list[Path] = []
        self.secrets: set[str] = set()

    def keep(self, service: Service) -> None:
        """Remember a service that is about to be forgotten."""
        keys = service.folder / "keys"
        if keys.exists():
            self.secrets |= set(keys.read_text().split())
        for known in service.known:
            self.secrets |= {known.pin, known.secret, *known.recovery, *known.shown}

    def hunt(self, asterisk: Asterisk) -> list[str]:
        """Return where any secret was written: by the services, or by Asterisk."""
        asterisks = (asterisk.home / name for name in ("log", "db", "spool"))
        return found(self.secrets, written([*asterisks, *self.folders], but=frozenset({"keys"})))


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    """What the hunt for secrets looks through, and looks for."""
    return Evidence()


VERSIONS = ["own"] if os.environ.get("DIALGUARD_ASTERISK") else list(RECIPES)


LANES: Final = (
    {"test_calls", "test_emergency"},
    {"test_dialplan", "test_faults", "test_transfers"},
    {"test_web", "test_signing_in", "test_moved", "test_api", "test_credentials"},
    {"test_watcher", "test_money", "test_brake", "test_shapes"},
    {"test_doors_transfers", "test_doors_forwards", "test_doors_applications"},
    {"test_freepbx", "test_webrtc", "test_walker", "test_reading"},
)
"""Files of tests that share a rig; those that are named nowhere share the last one. Each lane
takes about as long as the others."""


def pytest_configure(config: pytest.Config) -> None:
    """Say what of this run may be looked at again; xdist's workers leave that to their head."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(SecondLook())


@pytest.hookimpl(tryfirst=True)  # before xdist looks for the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let three rigs run side by side, of 14 lanes, seven a version: `-n 3 --dist loadgroup`.

    Calls mostly wait: for prompts, for digits, for the end of a call. Two cores carry three; with
    more the store answers too late now and then. Whoever has done one lane takes another.
    """
    for item in items:
        lane = next((n for n, files in enumerate(LANES) if item.path.stem in files), len(LANES))
        for version in VERSIONS:
            if f"[asterisk-{version}" in item.name or f"-asterisk-{version}]" in item.name:
                item.add_marker(pytest.mark.xdist_group(f"{version}-{lane}"))


@pytest.fixture(scope="session", params=VERSIONS, ids=lambda version: f"asterisk-{version}")
def running(request: pytest.FixtureRequest, evidence: Evidence) -> Iterator[Asterisk]:
    """One Asterisk for all tests of a version; when they are over, no secret was written."""
    with Asterisk(request.param) as asterisk:
        yield asterisk
        assert evidence.hunt(asterisk) == []


@pytest.fixture
def asterisk(running: Asterisk) -> Iterator[Asterisk]:
    """Asterisk with no call up, and none left up afterwards."""
    running.wait_idle()
    yield running
    running.wait_idle()
    running.give_up_releases()


@pytest.fixture(scope="session")
def far_end(running: Asterisk) -> Iterator[FarEnd]:
    """One trunk for all tests of a version."""
    with trunk_of(running) as trunk:
        yield trunk


@pytest.fixture
def trunk(far_end: FarEnd, asterisk: Asterisk) -> FarEnd:
    """The far end of the trunk; nothing has reached it yet."""
    far_end.forget()
    return far_end


@pytest.fixture
def phone(asterisk: Asterisk) -> Callable[[str], Phone]:
    """A phone by its extension."""
    return lambda extension: Phone(asterisk, extension)


@pytest.fixture
def stand_in(asterisk: Asterisk) -> Iterator[StandIn]:
    """A FastAGI server that allows everything, until told otherwise."""
    with StandIn(asterisk.ports.agi) as server:
        yield server
        asterisk.wait_idle()


@pytest.fixture
def service(running: Asterisk, trunk: FarEnd, evidence: Evidence) -> Iterator[Service]:
    """dialguard, fresh, with no phone enrolled; afterwards it holds no slot."""
    folder = running.root.scratch(f"service-{len(evidence.folders)}")
    with Service(folder, running.ports.agi) as fresh:
        evidence.folders.append(folder)
        yield fresh
        evidence.keep(fresh)
        if fresh.serves:
            running.wait_idle()
            until(lambda: fresh.slots == [])


@pytest.fixture(scope="module")
def doors_gate(running: Asterisk, evidence: Evidence) -> Iterator[Service]:
    """dialguard, one for all tests of a file about doors; afterwards it holds no slot."""
    folder = running.root.scratch(f"service-{len(evidence.folders)}")
    with Service(folder, running.ports.agi, DOORS_POLICY) as gate:
        evidence.folders.append(folder)
        yield gate
        evidence.keep(gate)
        running.wait_idle()
        until(lambda: gate.slots == [])


@pytest.fixture
def doors(doors_gate: Service, asterisk: Asterisk, trunk: FarEnd) -> Iterator[Doors]:
    """What comes of a call that no phone dialled by itself; the next test finds no slot taken."""
    yield Doors(doors_gate, asterisk, trunk)
    asterisk.wait_idle()
    until(lambda: doors_gate.slots == [], 60)  # else a release on its way would be given up


@pytest.fixture
def sound(running: Asterisk) -> Callable[[str], Path]:
    """The file of one of Asterisk's sounds."""
    return lambda name: english_sounds(running.root) / f"{name}.wav"
