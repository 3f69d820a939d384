"""`dialguard lockouts`."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import TYPE_CHECKING

from fastagi.cli import lockouts
from fastagi.stores.opening import open_store
from fastagi.stores.store import FailureKind, Penalty, Subject, SubjectKind

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard


def lock_out(dialguard: Dialguard) -> None:
    """Lock 101 out, by one failure of one that is allowed."""

    async def do() -> None:
        store = open_store(f"sqlite://{dialguard.folder}/dialguard.db")
        subject = Subject(SubjectKind.EXTENSION, "101", 1)
        penalty = Penalty(900, 86400)
        await store.begin_attempt("office", (subject,), FailureKind.CODE, penalty, time.time())
        await store.close()

    asyncio.run(do())


def test_lockouts_are_listed(dialguard: Dialguard) -> None:
    """With or without the word `list`."""
    lock_out(dialguard)
    for words in (("lockouts",), ("lockouts", "list")):
        told = dialguard.on_settings(*words).stdout
        assert re.fullmatch(
            r"office\textension\t101\t[-0-9]{10} [:0-9]{8}\t[-0-9]{10} [:0-9]{8}\t15\t1\n", told
        )
    (told,) = json.loads(dialguard.on_settings("lockouts", "--json").stdout)
    assert tuple(told) == lockouts.LISTED
    assert (told["name"], told["in_a_row"], told["minutes_left"]) == ("101", 1, 15)


def test_the_help_names_the_columns() -> None:
    """In a pipe they have no heading."""
    assert f"Columns: {', '.join(lockouts.LISTED)}." in (lockouts.list_all.__doc__ or "")


def test_a_lockout_is_ended(dialguard: Dialguard) -> None:
    """Once; then there is nothing held against the extension."""
    lock_out(dialguard)
    done = dialguard.on_settings("lockouts", "clear", "extension", "101")
    assert done.exit_code == 0, done.output
    assert dialguard.on_settings("lockouts").stdout == ""
    again = dialguard.on_settings("lockouts", "clear", "extension", "101")
    assert again.exit_code == 1
    assert "nothing is held against" in again.stderr


def test_a_kind_that_is_none_is_refused(dialguard: Dialguard) -> None:
    """By the words there are."""
    assert dialguard.on_settings("lockouts", "clear", "phone", "101").exit_code != 0
