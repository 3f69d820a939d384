"""A rate sheet in a real service: once in memory, reloaded, and kept when it is broken."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.running import NATIONAL, POLICY, Service, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

RATES = '\n[rates]\nfile = "{sheet}"\ncurrency = "GBP"\nunknown = "3.00"\n'


@pytest.fixture
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a sheet outside the policy's folder, as somebody's download leaves it."""
    sheet: Path = tmp_path_factory.mktemp("rates") / "sheet.download"
    sheet.write_text("prefix,price\n44,0.01\n")
    return sheet


@pytest.fixture
def service(tmp_path: Path, sheet: Path) -> Iterator[Service]:
    """Return a service of two workers with a sheet."""
    port = prepare(tmp_path, policy=POLICY + RATES.format(sheet=sheet), workers=2)
    service = Service(tmp_path, port).start().ready(2)
    yield service
    service.stop()


def mapped(pid: int) -> set[str]:
    """Return the sheets that a process has mapped, by their inode."""
    maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return {line.split()[4] for line in maps if ".rates" in line}


def test_workers_share_a_sheet_and_reload_it(service: Service, sheet: Path) -> None:
    """It is one file in memory for both; a new one takes its place, a broken one does not."""
    first, second = (mapped(pid) for pid in service.workers)
    assert len(first) == 1
    assert first == second
    assert service.verdict("101", NATIONAL) == ("ALLOW", "allowed")

    sheet.write_text("prefix,price\n44,0.02\n")
    service.wait_for("policy-reloaded", times=2)
    renewed = [mapped(pid) for pid in service.workers]
    assert renewed[0] & renewed[1]
    assert all(each - first for each in renewed)

    sheet.write_text('prefix,price\n44,"0,02"\n')
    refused = service.wait_for("policy-refused", times=2)
    assert str(refused["where"]).endswith("sheet.download:2")
    assert "has a decimal comma" in str(refused["what"])
    assert service.verdict("102", NATIONAL) == ("ALLOW", "allowed")


def test_a_successor_takes_the_sheet_in_force_while_the_file_is_broken(
    service: Service, sheet: Path
) -> None:
    """As it takes the policy: from memory, the sheet's own included."""
    before = mapped(service.workers[0])
    sheet.write_text("prefix,price\n44,x\n")
    service.wait_for("policy-refused", times=2)
    service.signal_worker(signal.SIGKILL)
    service.wait_for("worker-ready", times=3)
    assert mapped(service.workers[-1]) == before
    assert service.verdict("101", NATIONAL) == ("ALLOW", "allowed")
