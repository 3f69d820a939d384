"""The listening socket, and who may knock at it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from fastagi import settings as settings_files
from fastagi.daemon.listening import (
    check_settings,
    listen,
    listen_for_browsers,
    listen_for_passwords,
    listen_for_scrapes,
)
from fastagi.errors import SettingsError
from tests.servers.certificates import make_certificates

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.settings import Settings


def written(folder: Path, tables: str) -> Settings:
    """Return the settings of a file with these tables."""
    file = folder / "dialguard.toml"
    file.write_text(f'[policy]\nfile = "policy.toml"\n{tables}')
    return settings_files.load(file)


@pytest.mark.parametrize(
    "tables",
    [
        "",
        '[agi]\nlisten = "[::1]:4573"\n',
        '[agi]\nlisten = "0.0.0.0:4573"\nallow = ["10.0.0.0/8"]\nsecret_file = "secret"\n',
    ],
    ids=["default", "loopback", "guarded"],
)
def test_a_door_that_is_guarded_is_opened(tmp_path: Path, tables: str) -> None:
    """Loopback is guarded by itself, any other by a list and a secret."""
    check_settings(written(tmp_path, tables))


@pytest.mark.parametrize(
    ("tables", "what"),
    [
        ('[agi]\nlisten = "10.0.0.2:4573"\nsecret_file = "secret"\n', "into `allow`"),
        (
            '[console]\nlisten = "10.0.0.2:8573"\nurl = "http://localhost:8573"\n',
            "would be in the clear",
        ),
        ('[console]\ncertificate = "c"\nprivate_key = "k"\n', "No such file"),
    ],
)
def test_settings_that_must_not_or_cannot_be_done_are_refused(
    tmp_path: Path, tables: str, what: str
) -> None:
    """Rather than ignored."""
    with pytest.raises(SettingsError, match=what) as error:
        check_settings(written(tmp_path, tables))
    assert error.value.problems[0].file == tmp_path / "dialguard.toml"


def test_a_webhook_that_could_not_be_signed_is_refused(tmp_path: Path) -> None:
    """The web would not start for it, which few would notice."""
    hook = '[console]\n[[webhook]]\nurl = "https://crm.example"\nsecret_file = "nowhere"\n'
    with pytest.raises(SettingsError, match="cannot be read") as error:
        check_settings(written(tmp_path, hook))
    assert error.value.problems[0].file == tmp_path / "nowhere"


def test_an_alert_that_could_not_be_told_is_refused(tmp_path: Path) -> None:
    """Nobody would notice until nobody was woken."""
    alert = '[[alert]]\nname = "on-call"\nurls_file = "nowhere"\n'
    with pytest.raises(SettingsError, match="cannot be read") as error:
        check_settings(written(tmp_path, alert))
    assert error.value.problems[0].file == tmp_path / "nowhere"


def test_a_variable_that_opens_the_door_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file says nothing of it."""
    monkeypatch.setenv("DIALGUARD_AGI__LISTEN", "10.0.0.2:4573")
    monkeypatch.setenv("DIALGUARD_CONSOLE__LISTEN", "10.0.0.2:1")
    monkeypatch.setenv("DIALGUARD_CONSOLE__URL", "http://localhost:1")
    with pytest.raises(SettingsError) as error:
        check_settings(written(tmp_path, '[agi]\nsecret_file = "secret"\n'))
    assert [problem.where for problem in error.value.problems] == [
        "$DIALGUARD_AGI__LISTEN",
        "$DIALGUARD_CONSOLE__LISTEN",
    ]


def test_without_a_secret_a_door_is_refused_too(tmp_path: Path) -> None:
    """Should the settings ever let it through."""
    guarded = written(
        tmp_path, '[agi]\nlisten = "10.0.0.2:4573"\nallow = ["10.0.0.1"]\nsecret_file = "s"\n'
    )
    agi = guarded.agi.model_copy(update={"secret_file": None})
    with pytest.raises(SettingsError, match="name a `secret_file`"):
        check_settings(guarded.model_copy(update={"agi": agi}))


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_it_listens(tmp_path: Path, host: str) -> None:
    """With a socket that does not block, as event loops want it."""
    with listen(written(tmp_path, f'[agi]\nlisten = "{host}:0"\n')) as door:
        assert not door.getblocking()
        socket.create_connection(door.getsockname()[:2], 5).close()


def test_a_door_for_scrapes(tmp_path: Path) -> None:
    """One more socket, where the settings have the table."""
    assert listen_for_scrapes(written(tmp_path, "")) is None
    scrapes = listen_for_scrapes(written(tmp_path, '[metrics]\nlisten = "127.0.0.1:0"\n'))
    assert scrapes is not None
    with scrapes:
        assert not scrapes.getblocking()


def test_metrics_that_nobody_may_read_are_refused(tmp_path: Path) -> None:
    """Listening for others, and letting none in, is a mistake."""
    listens = '[metrics]\nlisten = "0.0.0.0:9573"\n'
    with pytest.raises(SettingsError, match="address of your Prometheus into `allow`"):
        check_settings(written(tmp_path, listens))
    check_settings(written(tmp_path, f'{listens}allow = ["10.0.0.9"]\n'))


@pytest.mark.parametrize(
    ("tables", "refused"),
    [
        ('[ami]\nsecret_file = "s"\n', True),
        ('[ami]\nhost = "::1"\nsecret_file = "s"\n', True),
        ('[ami]\nnode = "pbx1"\nsecret_file = "s"\n', False),
        ('[ami]\nhost = "192.0.2.7"\nsecret_file = "s"\n', False),
    ],
)
def test_watchers_of_one_store_tell_their_asterisks_apart(
    tmp_path: Path, tables: str, refused: bool
) -> None:
    """Two that are both `127.0.0.1` would free each other's slots."""
    shared = written(tmp_path, f'[store]\nurl = "redis://db.example"\n{tables}')
    if refused:
        with pytest.raises(SettingsError, match="would free each other's slots"):
            check_settings(shared)
    else:
        check_settings(shared)
    check_settings(written(tmp_path, tables))


def test_it_takes_the_socket_that_was_handed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is opened then; it need not have been made as event loops want it."""
    with socket.create_server(("127.0.0.1", 0)) as handed:
        monkeypatch.setattr("fastagi.daemon.listening.handed_over", lambda _: [handed])
        port = handed.getsockname()[1]
        settings = written(tmp_path, f'[agi]\nlisten = "127.0.0.1:{port}"\n')
        assert listen(settings, {"LISTEN_FDS": "1"}) is handed
        assert not handed.getblocking()


def test_a_web_with_its_own_certificate_may_be_reached(tmp_path: Path) -> None:
    """What is sent is encrypted; so it is behind a proxy, that has one."""
    make_certificates(tmp_path)
    own = 'certificate = "server.pem"\nprivate_key = "server.key"\n'
    check_settings(written(tmp_path, f'[console]\nlisten = "10.0.0.2:8443"\n{own}'))
    behind = 'url = "https://a.example"\nproxies = ["10.0.0.1"]\n'
    check_settings(written(tmp_path, f'[console]\nlisten = "10.0.0.2:8573"\n{behind}'))


def test_a_certificate_that_is_none_is_refused(tmp_path: Path) -> None:
    """At the start, and not in front of the first browser."""
    for name in ("c", "k"):
        (tmp_path / name).write_text("x")
    tables = '[console]\ncertificate = "c"\nprivate_key = "k"\n'
    with pytest.raises(SettingsError, match="certificate and private key cannot be used"):
        check_settings(written(tmp_path, tables))


def test_the_web_has_a_socket_where_it_is_wanted(tmp_path: Path) -> None:
    """And none elsewhere."""
    assert listen_for_browsers(written(tmp_path, "")) is None
    door = listen_for_browsers(written(tmp_path, '[console]\nlisten = "127.0.0.1:0"\n'))
    assert door is not None
    with door:
        assert not door.getblocking()


LENDS = (
    '[console]\n[ami]\nsecret_file = "s"\n'
    '[credentials]\nlisten = "127.0.0.1:0"\nsecret_file = "c"\n'
)


def test_a_door_at_which_asterisk_asks_for_passwords(tmp_path: Path) -> None:
    """One more socket, where the settings have the table."""
    assert listen_for_passwords(written(tmp_path, "")) is None
    door = listen_for_passwords(written(tmp_path, LENDS))
    assert door is not None
    with door:
        assert not door.getblocking()


def test_a_secret_of_asterisks_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """At the start, and not when the first phone wants to register."""
    with pytest.raises(SettingsError, match="c"):
        check_settings(written(tmp_path, LENDS))
    secret = tmp_path / "c"
    secret.touch(0o600)
    secret.write_text("asterisk-asks-for-passwords\n")
    check_settings(written(tmp_path, LENDS))
