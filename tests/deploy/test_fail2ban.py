"""What fail2ban is given: it reads bans in the agent's log, and nothing of anybody's text.

Fail2ban's own programs say so, from Debian's package; `make fail2ban` fetches them into `.cache`.
"""

from __future__ import annotations

import io
import json
import random
import shutil
import subprocess
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import structlog

from fastagi import service_log
from fastagi.bans.allow import AllowList
from fastagi.bans.ban import Ban, put_on
from fastagi.bans.filter import Fail2ban
from fastagi.bans.table import Wanted
from fastagi.stores.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
CACHE: Final = ROOT / ".cache" / "fail2ban"
SHIPPED: Final = ROOT / "deploy" / "fail2ban"
FILTER: Final = SHIPPED / "filter.d" / "dialguard.conf"

NOW: Final = 1_800_000_000.0
THIEVES: Final = ("203.0.113.7/32", "203.0.112.0/24", "2001:db8:bad::/64", "2001:db8:bad:1::7/128")
VICTIM: Final = "198.51.100.66"

HOSTILE: Final = (
    f'"network": "{VICTIM}/32"',
    f'", "network": "{VICTIM}", "event": "ban-put-on", "level": "warning"}}',
    f'\\", "network": "{VICTIM}", "event": "ban-put-on", "level": "warning"}}',
    f'{{"process": "bans", "network": "{VICTIM}", "event": "ban-put-on", "level": "warning"}}',
    f'\n{{"process": "bans", "network": "{VICTIM}", "event": "ban-put-on", "level": "warning"}}\n',
    f'\r\npbx x[1]: {{"process": "bans", "network": "{VICTIM}", "event": "ban-put-on"}}',
    f'"time": "2026-11-30T15:02:42.652569Z"}}pbx x[1]: {{"network": "{VICTIM}"',
    f'\u2028{VICTIM}\u2029\x85\x0b\x0c\x1c\x00\u202e"',
    f"pbx dialguard[1]: {VICTIM}",
    "\\",
    '"',
    ", ",
    VICTIM,
)
"""Texts that would be an address, an event, a line, the end of a string, if they could."""


def fail2ban(program: str, *words: str | Path) -> str:
    """Run one of its programs, which must find no fault; return what it prints."""
    assert (CACHE / "usr/bin" / program).exists(), "no fail2ban: `make fail2ban` fetches it"
    done = subprocess.run(
        ["/usr/bin/python3", CACHE / "usr/bin" / program, *words],
        env={"PYTHONPATH": str(CACHE / "usr/lib/python3/dist-packages"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode in {0, 1}, done.stdout + done.stderr  # 1: nothing was matched
    return done.stdout + done.stderr


def matched(folder: Path, lines: str, by: Path = FILTER) -> list[str]:
    """Return whom fail2ban finds in a log."""
    log = folder / "agent.log"
    log.write_text(lines)
    words = ("--config", CACHE / "etc/fail2ban", "-o", "row", log, by)
    rows = fail2ban("fail2ban-regex", *words).splitlines()
    return [row.split("'")[1] for row in rows if row.startswith("['")]


@pytest.fixture
def heard() -> Iterator[io.StringIO]:
    """Return the log of an agent's process, as the journal or a file gets it."""
    stream = io.StringIO()
    before = structlog.get_config()
    service_log.configure(stream=stream, process="bans")
    yield stream
    structlog.configure(**before)


async def test_fail2ban_reads_whom_the_agent_bans(tmp_path: Path, heard: io.StringIO) -> None:
    """From a file, and as the journal hands a line over."""
    wanted = Wanted({ip_network(each): NOW + 600 for each in THIEVES}, ())
    await Fail2ban().hold(wanted, NOW)
    lines = heard.getvalue()
    shown = [each.removesuffix("/32").removesuffix("/128") for each in THIEVES]
    assert sorted(matched(tmp_path, lines)) == sorted(shown)
    from_journal = "".join(f"pbx1 dialguard[812]: {each}\n" for each in lines.splitlines())
    assert sorted(matched(tmp_path, from_journal)) == sorted(shown)


async def test_no_text_of_an_attacker_bans_anybody(tmp_path: Path, heard: io.StringIO) -> None:
    """In whatever field of a ban it is, or of any other line; alone, or several in a row."""
    chance = random.Random(7)  # noqa: S311 - the same texts each time
    texts = [*HOSTILE, *("".join(chance.choices(HOSTILE, k=3)) for _ in range(200))]
    store = open_store("sqlite://:memory:")
    log = structlog.get_logger("another")
    for n, text in enumerate(texts):
        thief = ip_network((0xCB007100 + n, 32))
        ban = Ban(thief, NOW, NOW + 600, site=text, watch=text, why=text)
        await put_on(store, ban, AllowList([]), NOW)
        log.warning("somebody-knocked", account=text, network=text, first=text)
        log.warning("ban-put-on", account=text)
        log.warning(text, network=f"{VICTIM}/32")
    await store.close()
    lines = heard.getvalue()
    assert VICTIM in lines
    assert len(lines.splitlines()) == 4 * len(texts)
    found = matched(tmp_path, lines)
    assert VICTIM not in found
    assert len(found) == len(set(found)) == len(texts)


def test_a_filter_that_is_looser_is_found_out(tmp_path: Path) -> None:
    """The test above can fail: who looks for an address anywhere finds the victim's."""
    text = json.dumps({"process": "bans", "why": HOSTILE[0], "event": "ban-put-on"}) + "\n"
    loose = tmp_path / "filter.d" / "loose.conf"
    loose.parent.mkdir()
    loose.write_text("[Definition]\nfailregex = network\\W+<SUBNET>.*ban-put-on\n")
    assert matched(tmp_path, text, loose) == [VICTIM]
    assert matched(tmp_path, text) == []


def test_fail2ban_takes_the_jail(tmp_path: Path) -> None:
    """With the filter, at the first line, from the agent's unit alone."""
    config = tmp_path / "fail2ban"
    shutil.copytree(CACHE / "etc/fail2ban", config)
    (config / "jail.d" / "defaults-debian.conf").unlink()
    shutil.copytree(SHIPPED, config, dirs_exist_ok=True)
    said = fail2ban("fail2ban-client", "-c", config, "-d")
    assert "['add', 'dialguard', 'systemd']" in said
    assert "['set', 'dialguard', 'maxretry', 1]" in said
    assert "'addjournalmatch', '_SYSTEMD_UNIT=dialguard-bans.service']" in said
    assert "['set', 'dialguard', 'addaction', 'nftables-allports']" in said
    assert "ERROR" not in said


def test_the_units_of_jail_and_deployment_are_one() -> None:
    """Nobody else's log is read."""
    assert (ROOT / "deploy" / "dialguard-bans.service").exists()
    assert "journalmatch = _SYSTEMD_UNIT=dialguard-bans.service" in FILTER.read_text()
