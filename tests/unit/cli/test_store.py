"""`dialguard store copy`."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from fastagi.cli import store as commands
from fastagi.stores.opening import open_store
from fastagi.stores.store import Enrolment, Hold
from tests.contract.store_kinds import SITE, a_lease

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from fastagi.stores.store import Store
    from tests.unit.cli.conftest import Dialguard

FULL = Enrolment("101", "$argon2id$v=19$…", b"sealed", frozenset({"aa"}), since=5.0)
FOREVER = 1e11


def _in(url: str, *work: Callable[[Store], Awaitable[object]]) -> list[object]:
    async def do() -> list[object]:
        store = open_store(url)
        done = [await each(store) for each in work]
        await store.close()
        return done

    return asyncio.run(do())


@pytest.fixture
def old(dialguard: Dialguard) -> str:
    """Return the URL of a store that is lived in: that of the settings."""
    url = f"sqlite://{dialguard.folder}/dialguard.db"
    lease = a_lease("a", Hold("one", "101", 1), expires=FOREVER)
    _in(url, lambda store: store.enrol(SITE, FULL), lambda store: store.take(lease, 1.0))
    return url


@pytest.fixture
def new(tmp_path: Path) -> str:
    """Return the URL of a store that is not there yet."""
    return f"sqlite://{tmp_path}/new.db"


def test_everything_is_copied_and_counted(dialguard: Dialguard, old: str, new: str) -> None:
    """As often as it is asked; in a pipe without a heading."""
    for _ in range(2):
        done = dialguard("store", "copy", old, new)
        assert done.exit_code == 0, done.output
        assert done.stdout == "office\t1\t0\t1\t0\t0\t0\n"
        assert "stop the service first" in done.stderr
    assert _in(new, lambda store: store.enrolments(SITE)) == [[FULL]]
    assert len(_in(new, lambda store: store.live(SITE, 2.0))) == 1


def test_a_store_can_be_named_by_its_settings(dialguard: Dialguard, old: str, new: str) -> None:
    """So that no password is on the command line."""
    done = dialguard("store", "copy", f"settings:{dialguard.settings}", new, "--json")
    assert done.exit_code == 0, done.output
    counted = {
        "extensions": 1,
        "subjects": 0,
        "calls": 1,
        "sign_ins": 0,
        "records": 0,
        "charges": 0,
    }
    sites = [{"site": SITE, **counted}]
    assert json.loads(done.stdout) == {"dry_run": False, "sites": sites, "differs": []}
    wrong = dialguard("store", "copy", "settings:nowhere.toml", new)
    assert wrong.exit_code == 3


def test_a_dry_run_touches_nothing(
    dialguard: Dialguard, old: str, new: str, tmp_path: Path
) -> None:
    """Not even the file is made; nor is there need to stop anything."""
    done = dialguard("store", "copy", old, new, "--dry-run")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "office\t1\t0\t1\t0\t0\t0\n", "")
    assert not (tmp_path / "new.db").exists()


def test_what_differs_is_named_and_a_failure(dialguard: Dialguard, old: str, new: str) -> None:
    """Here the slot is another call's already."""
    other = a_lease("b", Hold("one", "101", 1), expires=FOREVER)
    _in(new, lambda store: store.take(other, 1.0))
    done = dialguard("store", "copy", old, new)
    assert done.exit_code == 1
    assert "differs: office: call a to +390612345678: its slots" in done.stderr


def test_what_cannot_be_copied_is_refused(
    dialguard: Dialguard, old: str, new: str, tmp_path: Path
) -> None:
    """A store that is not there, onto itself by any name, into what is no store."""
    missing = dialguard("store", "copy", new, old)
    assert missing.exit_code == 1
    assert "there is no store" in missing.stderr
    assert not (tmp_path / "new.db").exists()
    (tmp_path / "alias.db").symlink_to(tmp_path / "dialguard.db")
    for same in (old, f"sqlite://{tmp_path}/alias.db"):
        done = dialguard("store", "copy", old, same)
        assert done.exit_code == 1
        assert "the same store" in done.stderr


@pytest.mark.parametrize("place", ["first", "second"])
def test_a_password_is_never_shown(dialguard: Dialguard, old: str, place: str) -> None:
    """Whatever is wrong with the URL."""
    url = "nosuch://user:hush-hush@host:1/0?password=hush-hush"
    asked = (url, old) if place == "first" else (old, url)
    for more in ((), ("--json",)):
        done = dialguard("store", "copy", *asked, *more)
        assert done.exit_code == 1
        assert "hush" not in done.output + done.stderr


def test_in_a_terminal_it_says_that_all_is_well(
    dialguard: Dialguard, old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And there is a table."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    done = dialguard("store", "copy", old, new)
    assert done.exit_code == 0
    assert "copied, read back and the same" in done.stdout
    assert "subjects" in done.stdout


def test_the_help_names_the_columns() -> None:
    """In a pipe they have no heading."""
    assert f"Columns: {', '.join(commands.COUNTED)}." in (commands.copy_all.__doc__ or "")
