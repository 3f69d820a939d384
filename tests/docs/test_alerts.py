"""docs/alerts.md says what there is, and what it shows works."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from fastagi.alerts.alert import Untold, message
from fastagi.alerts.found import of_lockout
from fastagi.alerts.kind import MEANINGS, Kind
from fastagi.alerts.lasting import LASTS_S
from fastagi.alerts.ledger import MOST
from fastagi.alerts.sending import WITHIN_S
from fastagi.daemon.alert_targets import targets_of
from fastagi.events import event
from fastagi.settings import load
from fastagi.stores.store import FailureKind, Lockout, SubjectKind

PAGE = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text()


def block(after: str) -> str:
    """Return the block of code that begins with these words."""
    return PAGE.partition(f"```{after}")[2].partition("```")[0]


def test_every_kind_is_documented_and_no_other() -> None:
    """With its meaning; the one of the test command aside."""
    rows = re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", PAGE, re.MULTILINE)
    assert rows == [(str(each), MEANINGS[each]) for each in Kind if each is not Kind.TEST]


def test_the_settings_and_the_file_shown_are_good(tmp_path: Path) -> None:
    """What is copied from the page works."""
    urls = block("sh\n(umask").partition("<<'END'\n")[2].partition("END\n")[0]
    (tmp_path / "on-call.urls").touch(0o640)
    (tmp_path / "on-call.urls").write_text(urls)
    shown = block("toml\n").replace("/etc/dialguard", str(tmp_path))
    settings = tmp_path / "dialguard.toml"
    for text in (shown, re.sub("^# ", "", shown, flags=re.MULTILINE)):
        settings.write_text(f'[policy]\nfile = "policy.toml"\n{text}')
        labels = [each.label for each in targets_of(load(settings))]
        assert labels == ["on-call/1 mailtos", "on-call/2 tgram"]


def test_the_message_shown_is_what_is_sent() -> None:
    """But for its reference."""
    at = datetime.fromisoformat("2026-01-05T09:00:12Z").timestamp()
    lockout = Lockout("office", SubjectKind.EXTENSION, "101", at, at + 900, 1, FailureKind.CODE)
    alert = of_lockout(event.of_lockout(lockout))
    since = datetime.fromisoformat("2026-01-05T08:44:00Z").timestamp()
    sent = message([Untold(alert, 15, since)])
    shown = PAGE.partition("## What a message says\n\n```\n")[2].partition("\n```")[0]
    shown = re.sub("Reference: .*", f"Reference: {alert.id[:8]}", shown)
    assert shown == f"{sent.title}\n\n{sent.body}"


def test_numbers_in_the_text_are_the_code_s() -> None:
    """Those that somebody relies on."""
    assert (LASTS_S[Kind.STORE], LASTS_S[Kind.AMI]) == (10.0, 30.0)
    assert "told after ten seconds, `ami` after thirty" in PAGE
    assert f"Of one kind {MOST} subjects wait" in PAGE
    assert f"with {WITHIN_S} seconds to live" in PAGE
