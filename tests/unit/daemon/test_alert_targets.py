"""Who is woken, as the settings have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.alerts.kind import Kind
from fastagi.daemon.alert_targets import MOST, targets_of
from fastagi.errors import SettingsError
from fastagi.settings.model import AlertSettings

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.settings import Settings

MAIL = "mailtos://me:hunter2@mail.example?to=admin@pbx.example"


def alert(tmp_path: Path, name: str, text: str, *, mode: int = 0o600) -> AlertSettings:
    """Return an `[[alert]]` with its file."""
    file = tmp_path / name
    file.write_text(text)
    file.chmod(mode)
    return AlertSettings(name=name, urls_file=file, kinds=("bypass",), again_s=60, per_hour=7)


def with_alerts(settings: Settings, *alerts: AlertSettings) -> Settings:
    """Return settings with them."""
    return settings.model_copy(update={"alert": alerts})


def test_each_line_is_somebody_who_is_told(settings: Settings, tmp_path: Path) -> None:
    """But for remarks; a label says which, and no secret."""
    given = alert(tmp_path, "on-call", f"# the team\n{MAIL}\n\n  TGRAM://hunter2/1  \n")
    mail, telegram = targets_of(with_alerts(settings, given))
    assert (mail.url, mail.label) == (MAIL, "on-call/1 mailtos")
    assert telegram.label == "on-call/2 tgram"
    assert (mail.alert, mail.kinds) == ("on-call", frozenset({Kind.BYPASS}))
    assert (mail.again_s, mail.per_hour) == (60.0, 7.0)
    assert "hunter2" not in repr((mail, telegram))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", ":0: a file of URLs has one or more"),
        ("# nobody\n", ":0: a file of URLs has one or more"),
        ("json://h/hunter2\nhunter2\n", ":2: this is no URL"),
        ("json://h/hunter2 json://h/hunter2\n", ":1: this is no URL"),
        ("json://h/hunter2\u00e9\n", ":1: this is no URL"),
        ("json://h/hunter2\njson://h/hunter2\n", ":2: this is the URL of on-call/1 json, too"),
        ("".join(f"json://h/{n}\n" for n in range(MOST + 1)), ":0: a file of URLs has one or"),
    ],
)
def test_what_is_wrong_is_told_by_its_line_and_not_by_its_text(
    settings: Settings, tmp_path: Path, text: str, what: str
) -> None:
    """The URL may be right but for a blank."""
    with pytest.raises(SettingsError) as refused:
        targets_of(with_alerts(settings, alert(tmp_path, "on-call", text)))
    (problem,) = refused.value.problems
    assert f":{problem.line}: {problem.what}".startswith(what)
    assert problem.file == tmp_path / "on-call"
    assert "hunter2" not in str(refused.value)


def test_every_file_that_is_wrong_is_named(settings: Settings, tmp_path: Path) -> None:
    """One that everybody can read, and one that is not there."""
    open_one = alert(tmp_path, "open", MAIL, mode=0o644)
    gone = alert(tmp_path, "gone", MAIL)
    gone.urls_file.unlink()
    with pytest.raises(SettingsError) as refused:
        targets_of(with_alerts(settings, open_one, gone))
    first, second = sorted(refused.value.problems, key=lambda each: each.what)
    assert first.what == (
        f"everybody can read the URLs, which are secrets; run `chmod o= {tmp_path / 'open'}`"
    )
    assert second.what == "the URLs of an alert cannot be read: no such file or directory"
