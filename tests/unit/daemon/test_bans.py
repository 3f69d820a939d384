"""The agent's process, in the tests' own event loop; and who is never banned by the settings."""

from __future__ import annotations

import asyncio
import os
import signal
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from fastagi import service_log
from fastagi.bans.agent import Agent
from fastagi.bans.filter import Fail2ban, Nftables, Nobody
from fastagi.daemon import bans
from fastagi.settings.model import (
    AgiSettings,
    AmiSettings,
    BansSettings,
    ConsoleSettings,
    MetricsSettings,
    StoreSettings,
)
from fastagi.stores.opening import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.settings import Settings

NOW = 1_800_000_000.0


@pytest.fixture
def dry(settings: Settings) -> Settings:
    """Return settings whose agent does nothing."""
    return settings.model_copy(update={"bans": BansSettings(dry_run=True)})


async def test_whatever_the_service_needs_is_never_banned(
    settings: Settings, tmp_path: Path
) -> None:
    """Asterisks, the store, proxies, whoever may ask or measure, and whom the settings name."""
    given = settings.model_copy(
        update={
            "bans": BansSettings(never=(ip_network("192.0.2.1"),)),
            "agi": AgiSettings(allow=(ip_network("192.0.2.2"),)),
            "ami": (AmiSettings(host="192.0.2.3", secret_file=tmp_path / "s"),),
            "console": ConsoleSettings(proxies=(ip_network("192.0.2.4"),)),
            "metrics": MetricsSettings(allow=(ip_network("192.0.2.5"),)),
            "store": StoreSettings(url="redis+sentinel://192.0.2.6,192.0.2.7:26380/mymaster"),
        }
    )
    store = open_store("sqlite://:memory:")
    never = await bans.never_of(given).list(store, NOW)
    await store.close()
    whys = [never.why(ip_network(f"192.0.2.{n}")) for n in range(1, 9)]
    assert whys == [
        "`[bans] never` says so",
        "`[agi] allow` lets it in",
        "`[[ami]]` is there",
        "it is in `[console] proxies`",
        "`[metrics] allow` lets it in",
        "the store is there",
        "the store is there",
        "",
    ]


@pytest.mark.parametrize(
    ("given", "who"),
    [
        (BansSettings(), Nftables),
        (BansSettings(backend="fail2ban"), Fail2ban),
        (BansSettings(dry_run=True), Nobody),
    ],
)
def test_the_settings_say_who_carries_bans_out(
    settings: Settings, given: BansSettings, who: type
) -> None:
    """Nobody does in a dry run."""
    assert isinstance(bans.carried_out_by(settings.model_copy(update={"bans": given})), who)


@pytest.mark.parametrize("word", [signal.SIGTERM, signal.SIGINT])
async def test_the_agent_runs_until_it_is_told_to_end(
    dry: Settings, word: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And warns where the allow list is everybody."""
    given = dry.model_copy(
        update={"bans": BansSettings(dry_run=True, never=(ip_network("0.0.0.0/0"),))}
    )
    applied = asyncio.Event()
    look = Agent.look

    async def looked(agent: Agent) -> None:
        await look(agent)
        applied.set()

    monkeypatch.setattr(Agent, "look", looked)
    with capture_logs() as logs:
        running = asyncio.create_task(bans._run(given))
        await applied.wait()
        os.kill(os.getpid(), word)
        assert await running == 0
    assert {each["event"] for each in logs} == {
        *("bans-touch-nobody", "bans-agent-started", "bans-would-apply", "bans-agent-ended")
    }


async def test_an_agent_that_breaks_ends_and_is_started_again(
    dry: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By systemd, which sees its status."""

    async def broken(_: Agent) -> None:
        raise ArithmeticError("a fault of ours")

    monkeypatch.setattr(Agent, "run", broken)
    with capture_logs() as logs:
        assert await bans._run(dry) == 1
    assert "chore-broke" in {each["event"] for each in logs}


def test_it_is_a_process_of_its_own(dry: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose log says which it is."""
    named = []
    monkeypatch.setattr(service_log, "configure", lambda **given: named.append(given))

    async def done(_: Settings) -> int:
        return 0

    monkeypatch.setattr(bans, "_run", done)
    assert bans.run(dry) == 0
    assert named == [{"process": "bans"}]
