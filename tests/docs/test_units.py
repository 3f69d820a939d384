"""The units that ship: systemd understands them, and the service may do what it needs, no more."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from fastagi.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

DEPLOY: Final = Path(__file__).parents[2] / "deploy"

EXPOSURE: Final = 15
"""The most that `systemd-analyze security` may say, in tenths (1.5 of 10, "OK", systemd 252). What
is left is the network, which is its duty, the host's own files and users, and setpriority."""

AGENTS_EXPOSURE: Final = 17
"""The same of the agent, which may change the packet filter."""


def systemd_analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Ask systemd's own judge, which needs no systemd that runs."""
    return subprocess.run(
        ["systemd-analyze", *words], capture_output=True, text=True, check=False, timeout=60
    )


def values(unit: str, key: str) -> Sequence[str]:
    """Return what a unit says of a key, each time it says something."""
    return re.findall(rf"^{key}=(.*)$", _shipped(unit), re.MULTILINE)


def _shipped(unit: str) -> str:
    return (DEPLOY / unit).read_text()


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """Return copies of the units, with a command that every machine has."""
    copies = []
    for unit in (
        *("dialguard.service", "dialguard.socket", "webrtc/dialguard-webrtc.service"),
        "dialguard-bans.service",
    ):
        program = r"/usr/local/bin/dialguard (serve|bans run)|/sbin/ip"
        text = re.sub(program, "/bin/true", _shipped(unit))
        copies.append(tmp_path / Path(unit).name)
        copies[-1].write_text(text)
    return copies


def test_systemd_understands_the_units(units: list[Path]) -> None:
    """Every key, every value."""
    done = systemd_analyze("verify", *units)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_key_that_systemd_does_not_know_is_found(units: list[Path]) -> None:
    """The test above can fail."""
    units[0].write_text(units[0].read_text().replace("ProtectClock", "ProtectClocks"))
    assert "ProtectClocks" in systemd_analyze("verify", *units).stderr


def test_the_unit_gives_no_more_than_it_needs(units: list[Path]) -> None:
    """The exposure level is at most the stated one, and without one of its bounds it is above."""
    unit = units[0]
    judge = ("security", "--offline=true", f"--threshold={EXPOSURE}", unit)
    done = systemd_analyze(*judge)
    assert done.returncode == 0, done.stdout[-200:] + done.stderr
    unit.write_text(unit.read_text().replace("CapabilityBoundingSet=\n", ""))
    assert systemd_analyze(*judge).returncode == 1


def test_the_agent_has_one_right_and_the_service_none(units: list[Path]) -> None:
    """Bans are carried out by a process that may do that, and hardly anything else."""
    assert values("dialguard.service", "CapabilityBoundingSet") == [""]
    assert values("dialguard.service", "AmbientCapabilities") == [""]
    for each in ("CapabilityBoundingSet", "AmbientCapabilities"):
        assert values("dialguard-bans.service", each) == ["CAP_NET_ADMIN"]
    agent = next(each for each in units if each.name == "dialguard-bans.service")
    judge = ("security", "--offline=true", f"--threshold={AGENTS_EXPOSURE}", agent)
    done = systemd_analyze(*judge)
    assert done.returncode == 0, done.stdout[-200:] + done.stderr
    agent.write_text(agent.read_text().replace("CapabilityBoundingSet=CAP_NET_ADMIN\n", ""))
    assert systemd_analyze(*judge).returncode == 1


def test_the_socket_is_where_the_settings_are_by_default() -> None:
    """Whoever installs both and sets nothing has a service that starts."""
    default = Settings.model_fields["agi"].get_default(call_default_factory=True)
    assert values("dialguard.socket", "ListenStream") == [str(default.listen)]


def test_the_folders_of_the_settings_are_the_units() -> None:
    """With `ProtectSystem=strict` there is nothing else that it may write."""
    assert values("dialguard.service", "ProtectSystem") == ["strict"]
    state = f"/var/lib/{values('dialguard.service', 'StateDirectory')[0]}/"
    logs = f"/var/log/{values('dialguard.service', 'LogsDirectory')[0]}/"
    fields = {
        name: Settings.model_fields[name].get_default(call_default_factory=True)
        for name in ("store", "keys", "log")
    }
    assert fields["store"].url.startswith(f"sqlite://{state}")
    assert str(fields["keys"].file).startswith(state)
    assert str(fields["log"].decisions).startswith(logs)
