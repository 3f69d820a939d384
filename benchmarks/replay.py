"""What `dialguard replay` costs: the command itself, on a company's `Master.csv` of any length.

The calls are those of `tests/doubles/office_month`, three months of them, made by as many offices
as it takes in one company, at slightly other times and to other numbers: a million are of a
company of 440 phones. What is measured is a process of its own and all that it starts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from tests.doubles import leaked_month

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES: Final = (10_000, 100_000, 1_000_000)
OFFICES_MOST: Final = 100
MONTHS: Final = 3
MONTH_S: Final = 35 * 86_400  # whole weeks, so that weekdays stay what they are
VARIANTS: Final = 20
"""Offices call so many different sets of numbers."""
LOOK_S: Final = 0.1
"""How often memory is looked at."""

POLICIES: Final = Path(__file__).parents[1] / "policies"


def policy(folder: Path, offices: int) -> Path:
    """Write the sample office's policy for a company of many: longer extensions, wider limits."""
    text = (POLICIES / "office.toml").read_text()
    for old, new in (
        ('["10X", "2XX"]', '["10XXX", "20XXX"]'),
        ('["10X"]', '["10XXX"]'),
        ('["2XX"]', '["20XXX"]'),
        ('["299", "admin"]', '["admin"]'),
        ('"100.00"', f'"{100 * offices}.00"'),
        ("calls = 8", f"calls = {8 * offices}"),
        ('"lists/', f'"{POLICIES}/lists/'),
        ('"rates/', f'"{POLICIES}/rates/'),
    ):
        assert old in text
        text = text.replace(old, new)
    file = folder / "company.toml"
    file.write_text(text)
    return file


def write(file: Path, count: int) -> int:
    """Write `Master.csv` with so many calls, in the order in which they ended; returns offices."""
    month = leaked_month.honest()
    offices = max(1, -(-count // (MONTHS * len(month))))
    rows: list[tuple[int, str]] = []
    for office in range(offices):
        for number in range(MONTHS):
            rows += _of(office, number, month)
    rows.sort()
    with file.open("w") as to:
        to.writelines(row for _, row in rows[:count])
    return offices


def _of(office: int, number: int, month: list[leaked_month.PastCall]) -> Iterator[tuple[int, str]]:
    """Return the rows of an office's month, each with the moment of its end."""
    for turn, each in enumerate(month):
        at = int(each.at) + office * 7 % 600 + number * MONTH_S
        answered = at + int(each.rings_s)
        ended = answered + each.talked_s
        extension, dialled = _desk(each.extension, office), each.dialled
        if len(dialled) == len(each.extension):
            dialled = _desk(dialled, office)
        elif len(dialled) > len("90808157000"):
            dialled = f"{dialled[:-2]}{(int(dialled[-2:]) + office % VARIANTS) % 100:02}"
        state = "ANSWERED" if each.talked_s else "NO ANSWER"
        yield (
            ended,
            f'"","{extension}","{dialled}","phones","<{extension}>",'
            f'"PJSIP/{extension}-{turn:08x}","PJSIP/trunk-{turn:08x}","Dial","",'
            f'"{_clock(at)}","{_clock(answered) if each.talked_s else ""}","{_clock(ended)}",'
            f'"{ended - at}","{each.talked_s}","{state}","DOCUMENTATION",'
            f'"{at}.{(office * MONTHS + number) * len(month) + turn}",""\n',
        )


def _desk(extension: str, office: int) -> str:
    """Return an extension in a company: 104 of office 7 is 10074."""
    return f"{extension[:2]}{office % OFFICES_MOST:02}{extension[2:]}"


def _clock(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


# ----------------------------------------------------------------------------- measuring


def measured(command: list[str]) -> tuple[float, float, int]:
    """Run a command; return its seconds, the CPU seconds of all of it, and the most bytes."""
    began, before = time.perf_counter(), os.times()
    most = 0
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while process.poll() is None:
            most = max(most, sum(_resident(each) for each in _tree(process.pid)))
            time.sleep(LOOK_S)
    after = os.times()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit status {process.returncode}")
    children = after.children_user + after.children_system
    spent = children - before.children_user - before.children_system
    return time.perf_counter() - began, spent, most


def _tree(pid: int) -> Iterator[int]:
    """Return a process and all that it started."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from _tree(int(child))


def _resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGESIZE")


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Print the table."""
    table = Table(
        *(
            "calls",
            "seconds",
            "CPU seconds",
            "microseconds a call",
            "MB at most",
            "and a page, CSV",
        ),
        title="dialguard replay",
    )
    dialguard = str(Path(sys.executable).with_name("dialguard"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in sizes:
            file = folder / "Master.csv"
            offices = write(file, size)
            command = [dialguard, "replay", str(policy(folder, offices)), str(file)]
            command += ["--timezone", "UTC"]
            seconds, spent, most = measured([*command, "--json"])
            page = ["--html", str(folder / "page.html"), "--csv", str(folder / "calls.csv")]
            with_page, _, _ = measured([*command, *page])
            table.add_row(
                *(f"{size:,}", f"{seconds:.1f}", f"{spent:.1f}"),
                *(f"{seconds * 1e6 / size:.1f}", f"{most / 1e6:.0f}", f"{with_page:.1f}"),
            )
    Console().print(table)


if __name__ == "__main__":
    main(tuple(int(each.replace("_", "")) for each in sys.argv[1:]) or SIZES)
