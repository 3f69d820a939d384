"""`settings.loading`: found, read from file and environment, and complained about by line."""

from __future__ import annotations

import os
import re
from ipaddress import ip_network
from pathlib import Path

import pytest

from fastagi.errors import SettingsError
from fastagi.settings import find, load, loading, origin
from fastagi.settings.model import OidcSettings

SAMPLE = """\
[policy]
file = "policies/office.toml"

[agi]
listen      = "127.0.0.1:4573"
allow       = ["127.0.0.1", "::1"]
secret_file = ""
workers     = 2

[store]
url = "sqlite:///var/lib/dialguard/dialguard.db"

[keys]
file = "/var/lib/dialguard/keys"

[ami]
host        = "127.0.0.1"
port        = 5038
username    = "dialguard"
secret_file = "ami-secret"

[console]
listen = "127.0.0.1:8573"

[log]
decisions = "/var/log/dialguard/decisions.jsonl"
mask      = 4
"""


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of whoever runs the tests, and a folder without any."""
    for name in list(os.environ):
        if name.upper().startswith("DIALGUARD_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The sample, in a folder of its own."""
    path = tmp_path / "etc" / "dialguard.toml"
    path.parent.mkdir()
    path.write_text(SAMPLE)
    return path


def _problems(path: Path | None, text: str | None = None) -> list[str]:
    """Load what must not load, and return what is said."""
    if path is not None and text is not None:
        path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load(path)
    folder = "" if path is None else f"{path.parent}/"
    return [str(each).removeprefix(folder) for each in caught.value.problems]


# ----------------------------------------------------------------------------- what is right


def test_the_sample_loads(path: Path) -> None:
    """Every key, and paths of the file relative to its folder."""
    settings = load(path)

    assert settings.source == path
    assert settings.policy.file == path.parent / "policies/office.toml"
    assert settings.agi.workers == 2
    assert settings.agi.secret_file is None
    assert settings.keys.file == Path("/var/lib/dialguard/keys")
    assert [each.secret_file for each in settings.ami] == [path.parent / "ami-secret"]
    assert [each.node for each in settings.ami] == ["127.0.0.1"]
    assert settings.console is not None
    assert settings.log.mask == 4


def test_one_key_is_enough(path: Path) -> None:
    """All else has its default; AMI and console are left out to do without."""
    path.write_text('[policy]\nfile = "office.toml"\n')
    settings = load(path)

    assert str(settings.agi.listen) == "127.0.0.1:4573"
    assert settings.store.url.startswith("sqlite:///")
    assert settings.ami == ()
    assert settings.console is None


def test_a_variable_wins_over_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In either case; lists by commas; its paths are relative to the current folder."""
    monkeypatch.setenv("DIALGUARD_AGI__LISTEN", "[::1]:4574")
    monkeypatch.setenv("dialguard_agi__allow", "10.0.0.0/8, 192.0.2.7,")
    monkeypatch.setenv("DIALGUARD_KEYS__FILE", "my-keys")
    monkeypatch.setenv("DIALGUARD_LOG__MASK", "0")
    settings = load(path)

    assert str(settings.agi.listen) == "[::1]:4574"
    assert settings.agi.allow == (ip_network("10.0.0.0/8"), ip_network("192.0.2.7"))
    assert settings.agi.workers == 2
    assert settings.keys.file == Path("my-keys")
    assert settings.log.mask == 0


def test_variables_alone_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container there may be no file."""
    monkeypatch.setenv("DIALGUARD_POLICY__FILE", "office.toml")
    settings = load(None)

    assert settings.source is None
    assert settings.policy.file == Path("office.toml")


def test_other_variables_are_let_be(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kubernetes makes some up for a service of that name."""
    monkeypatch.setenv("DIALGUARD_PORT", "tcp://10.0.0.1:4573")
    monkeypatch.setenv("DIALGUARD_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("DIALGUARD_SETTINGS", "elsewhere.toml")

    assert load(path).agi.workers == 2


# ----------------------------------------------------------------------------- what is wrong


def test_every_problem_is_told_with_its_line(path: Path) -> None:
    """All at once, in the order of the file."""
    text = """\
[policy]
file = "a.toml"
[agi]
lsten = "127.0.0.1:1"
workers = "two"
allow = ["pbx"]
[ami]
port = 0
[log]
mask = 99
decisions = 3
[store]
url = 7
[console]
listen = "x"
[keys]
file = ""
"""
    assert _problems(path, text) == [
        "dialguard.toml:4: there is no `lsten` in `[agi]`; did you mean `listen`?",
        "dialguard.toml:5: `workers` must be a whole number",
        "dialguard.toml:6: `pbx` is no IP address or network; write `192.0.2.7` or `192.0.2.0/24`",
        "dialguard.toml:7: `secret_file` is missing in `[ami]`",
        "dialguard.toml:8: `port` must be 1 or more",
        "dialguard.toml:10: `mask` must be 15 or less",
        "dialguard.toml:11: `decisions` must be text in quotes",
        "dialguard.toml:13: `url` must be text in quotes",
        "dialguard.toml:15: `x` is no IP address and port; write `127.0.0.1:4573` or `[::1]:4573`",
        "dialguard.toml:17: this is empty; name a file",
    ]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", '`[policy]` is missing; write `[policy]` and below it `file = "policy.toml"`'),
        ("policy = 3\n", "`policy` is a table; write `[policy]` and its keys below"),
        ("[policy]\nfile='a'\n[agi]\nallow = 3\n", "`allow` must be a list"),
        ("[policy]\nfile='a'\n[log]\nkep = 3\n", "there is no `kep` in `[log]`; did you mean"),
        ("[policy]\nfile='a'\n[ami]\nx = 3\n", "there is no `x` in `[ami]`; there is `host`, "),
        ("[polcy]\n", "there is no table `[polcy]`; did you mean `policy`?"),
        ("_env_file = 'a'\n", "there is no table `[_env_file]`; there is `policy`, `agi`, "),
        ("[policy\n", "expected ']'"),
    ],
)
def test_a_problem_says_what_to_write(path: Path, text: str, what: str) -> None:
    """What is wrong, and what was probably meant."""
    assert any(what in each for each in _problems(path, text))


def test_a_wrong_variable_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is to blame, not the file."""
    monkeypatch.setenv("DIALGUARD_AGI__WORKERS", "many")
    monkeypatch.setenv("dialguard_agi__allow", "pbx")
    monkeypatch.setenv("DIALGUARD_LOG__MSK", "3")

    assert _problems(path) == [
        "$DIALGUARD_AGI__WORKERS: `workers` must be a whole number",
        "$DIALGUARD_LOG__MSK: there is no `msk` in `[log]`; did you mean `mask`?",
        "$dialguard_agi__allow: `pbx` is no IP address or network; "
        "write `192.0.2.7` or `192.0.2.0/24`",
    ]


def test_a_variable_that_spoils_a_table_is_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table is complained about as a whole; what the file says of it was right."""
    monkeypatch.setenv("DIALGUARD_AGI__LISTEN", "0.0.0.0:4573")
    monkeypatch.setenv("DIALGUARD_POLICY__FOLDER", "policies")

    agi, policy = _problems(path)
    assert agi.startswith("$DIALGUARD_AGI__LISTEN: `listen = ")
    assert policy.startswith("$DIALGUARD_POLICY__FOLDER: give either `file = ")


def test_a_setting_has_an_origin(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its variable, else the file; for complaints that come later than loading."""
    path.write_text(SAMPLE)
    settings = load(path)
    assert origin(settings, "agi", "listen") == origin(settings, "ami") == path
    monkeypatch.setenv("DIALGUARD_AMI__HOST", "10.0.0.1")
    assert origin(settings, "ami") == Path("$DIALGUARD_AMI__HOST")
    assert origin(settings, "ami", "port") == path
    monkeypatch.delenv("DIALGUARD_AMI__HOST")
    monkeypatch.setenv("DIALGUARD_POLICY__FILE", "policy.toml")
    assert origin(load(None), "agi") == loading.PLACES[0]


@pytest.mark.parametrize(
    "name",
    [
        "DIALGUARD_AGI_LISTEN",
        "DIALGUARD_AGI",
        "DIALGUARD_AGI__",
        "DIALGUARD_AGI__ALLOW__0",
        "DIALGUARD_AIG__LISTEN",
    ],
)
def test_a_variable_that_names_no_setting_is_refused(
    path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A setting that somebody believes to have set must not be overlooked."""
    monkeypatch.setenv(name, "{")

    assert _problems(path) == [f"${name}: this names no setting; write `DIALGUARD_TABLE__KEY`"]


def test_values_are_not_quoted(path: Path) -> None:
    """Somebody may have written the secret itself where its file belongs."""
    text = SAMPLE.replace('secret_file = "ami-secret"', 'secret = "hunter2"')

    assert "hunter2" not in "".join(_problems(path, text))


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """By its name."""
    missing = tmp_path / "missing.toml"

    assert _problems(missing) == [
        "missing.toml: the settings cannot be read: no such file or directory"
    ]


def test_without_a_file_the_policy_is_missing() -> None:
    """The message says where was looked, and how to name another."""
    assert _problems(None) == [
        "dialguard.toml: this file is not here, nor is `/etc/dialguard/dialguard.toml`; "
        "name the settings with `--settings` or `$DIALGUARD_SETTINGS`"
    ]


# ----------------------------------------------------------------------------- finding


def test_the_file_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable, then this folder, then `/etc`; else there is none."""
    here, etc = Path("dialguard.toml"), tmp_path / "etc.toml"
    monkeypatch.setattr(loading, "PLACES", (here, etc))
    assert find() is None
    etc.touch()
    assert find() == etc
    here.touch()
    assert find() == here
    monkeypatch.setenv("DIALGUARD_SETTINGS", "named.toml")
    assert find() == Path("named.toml")


def test_etc_is_the_last_place() -> None:
    """As documented."""
    assert Path("/etc/dialguard/dialguard.toml") == loading.PLACES[-1]


# ----------------------------------------------------------------------------- several Asterisks


TWO = """\
[policy]
file = "office.toml"
[[ami]]
host = "192.0.2.1"
secret_file = "a"
[[ami]]
host = "pbx2.example"
node = "two"
secret_file = "/etc/b"
"""


def test_there_may_be_several_asterisks(path: Path) -> None:
    """Each by a node of its own."""
    path.write_text(TWO)
    found = [(each.node, each.host, each.secret_file) for each in load(path).ami]
    assert found == [
        ("192.0.2.1", "192.0.2.1", path.parent / "a"),
        ("two", "pbx2.example", Path("/etc/b")),
    ]


def test_one_asterisk_may_come_from_variables(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alone, or over what the file says; its path is relative to the current folder."""
    monkeypatch.setenv("DIALGUARD_AMI__SECRET_FILE", "mine")
    monkeypatch.setenv("DIALGUARD_AMI__NODE", "pbx")
    (found,) = load(path).ami
    assert (found.node, found.secret_file, found.port) == ("pbx", Path("mine"), 5038)
    path.write_text('[policy]\nfile = "office.toml"\n')
    assert [each.node for each in load(path).ami] == ["pbx"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"two"', '"192.0.2.1"', "dialguard.toml:3: two `[[ami]]` are node `192.0.2.1`"),
        (
            'node = "two"',
            "",
            "dialguard.toml:6: `host` is `pbx2.example`, which is no address",
        ),
        ('node = "two"', 'node = "x"\nport = 0', "dialguard.toml:9: `port` must be 1 or more"),
        ('node = "two"', 'user = "x"', "dialguard.toml:8: there is no `user` in `[ami]`"),
        ('secret_file = "a"', "", "dialguard.toml:3: `secret_file` is missing in `[ami]`"),
    ],
)
def test_what_is_wrong_of_several_is_told_by_its_line(
    path: Path, old: str, new: str, problem: str
) -> None:
    """As of one."""
    (found,) = _problems(path, TWO.replace(old, new))
    assert found.startswith(problem)


def test_two_of_one_node_would_end_each_other_s_calls(path: Path) -> None:
    """An empty node is none."""
    (found,) = _problems(path, TWO.replace('node = "two"', 'node = ""'))
    assert "give its `node`" in found


HOOKED = """\
[policy]
file = "office.toml"
[console]
[[webhook]]
url = "https://crm.example/a"
secret_file = "a"
[[webhook]]
url = "https://crm.example/b"
secret_file = "/etc/b"
events = ["denial"]
"""


def test_there_may_be_several_webhooks(path: Path) -> None:
    """Each with a secret of its own, which lies beside the file; or one alone."""
    path.write_text(HOOKED)
    found = [(each.events[-1], each.secret_file) for each in load(path).webhook]
    assert found == [("brake", path.parent / "a"), ("denial", Path("/etc/b"))]
    path.write_text(HOOKED.partition('[[webhook]]\nurl = "https://crm.example/b')[0])
    assert len(load(path).webhook) == 1
    path.write_text(path.read_text().replace("[[webhook]]", "[webhook]"))
    assert len(load(path).webhook) == 1


LENDING = """[policy]
file = "office.toml"
[console]
[ami]
secret_file = "ami"
[credentials]
listen = "127.0.0.1:8574"
secret_file = "asks"
unused_s = 300
"""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[console]\n", "", "dialguard.toml:5: page and API hand them out; write `[console]`"),
        ('[ami]\nsecret_file = "ami"\n', "", "dialguard.toml:4: they are bound to a phone"),
        ("127.0.0.1:8574", "0.0.0.0:8574", "dialguard.toml:7: what Asterisk is told is for"),
        ('secret_file = "asks"', "", "dialguard.toml:6: `secret_file` is missing"),
        ("= 300", "= 5", "dialguard.toml:9: "),
        ("unused_s", "unused", "dialguard.toml:9: there is no `unused` in `[credentials]`"),
    ],
)
def test_what_is_wrong_of_credentials_is_told_by_its_line(
    path: Path, old: str, new: str, problem: str
) -> None:
    """Whoever asks for passwords is on this machine; and there has to be who hands them out."""
    path.write_text(LENDING)
    lends = load(path).credentials
    assert lends is not None
    assert (lends.secret_file, lends.unused_s) == (path.parent / "asks", 300)
    assert _problems(path, LENDING.replace(old, new, 1))[0].startswith(problem)


def test_a_webhook_may_come_from_variables(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its path is relative to the current folder then."""
    path.write_text("[policy]\nfile = 'office.toml'\n[console]\n")
    monkeypatch.setenv("DIALGUARD_WEBHOOK__URL", "https://crm.example")
    monkeypatch.setenv("DIALGUARD_WEBHOOK__SECRET_FILE", "mine")
    monkeypatch.setenv("DIALGUARD_WEBHOOK__EVENTS", "denial,lockout")
    (found,) = load(path).webhook
    assert (found.secret_file, found.events) == (Path("mine"), ("denial", "lockout"))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[console]\n", "", "dialguard.toml:3: webhooks are the web's to serve"),
        ("example/b", "example/a", "dialguard.toml:4: two `[[webhook]]` have one `url`"),
        ('url = "https://crm.example/a"', "", "dialguard.toml:4: `url` is missing in `[webhook]`"),
        ('"denial"', '"denials"', "dialguard.toml:10: there is `sign-in`"),
        ("events", "event", "dialguard.toml:10: there is no `event` in `[webhook]`"),
        ("[console]", "[console]\nurl = 'x'", "dialguard.toml:4: this is no URL of a page"),
    ],
)
def test_what_is_wrong_of_webhooks_is_told_by_its_line(
    path: Path, old: str, new: str, problem: str
) -> None:
    """The first problem is the one that was made."""
    assert _problems(path, HOOKED.replace(old, new, 1))[0].startswith(problem)


ALERTED = """\
[policy]
file = "office.toml"
[[alert]]
name = "on-call"
urls_file = "a"
[[alert]]
name = "team"
urls_file = "/etc/b"
kinds = ["bypass"]
"""


def test_there_may_be_several_alerts(path: Path) -> None:
    """Each with a file of its own, which lies beside the settings."""
    path.write_text(ALERTED)
    found = [(each.name, each.kinds[0], each.urls_file) for each in load(path).alert]
    assert found == [
        ("on-call", "bypass", path.parent / "a"),
        ("team", "bypass", Path("/etc/b")),
    ]


def test_an_alert_may_come_from_variables(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its path is relative to the current folder then."""
    path.write_text("[policy]\nfile = 'office.toml'\n")
    monkeypatch.setenv("DIALGUARD_ALERT__NAME", "on-call")
    monkeypatch.setenv("DIALGUARD_ALERT__URLS_FILE", "mine")
    monkeypatch.setenv("DIALGUARD_ALERT__KINDS", "bypass,lockout")
    (found,) = load(path).alert
    assert (found.urls_file, found.kinds) == (Path("mine"), ("bypass", "lockout"))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("team", "on-call", "dialguard.toml:3: two `[[alert]]` are called `on-call`"),
        ('"team"', '"The Team"', "dialguard.toml:7: a `name` is made of"),
        ('urls_file = "a"', "", "dialguard.toml:3: `urls_file` is missing in `[alert]`"),
        ('"bypass"', '"bypasses"', "dialguard.toml:9: there is `bypass`"),
        ('["bypass"]', "[]", "dialguard.toml:9: there is `bypass`"),
        ("kinds", "kind", "dialguard.toml:9: there is no `kind` in `[alert]`; did you mean"),
        ('"team"', '"team"\nagain_s = 1', "dialguard.toml:8: `again_s` must be 60 or more"),
        ('"team"', '"team"\nper_hour = 0', "dialguard.toml:8: `per_hour` must be 1 or more"),
    ],
)
def test_what_is_wrong_of_alerts_is_told_by_its_line(
    path: Path, old: str, new: str, problem: str
) -> None:
    """The first problem is the one that was made."""
    assert _problems(path, ALERTED.replace(old, new, 1))[0].startswith(problem)


PROVIDER = """
[policy]
file = "office.toml"
[console]
[console.oidc]
issuer      = "https://id.example.org"
client_id   = "dialguard"
secret_file = "oidc-secret"
[console.oidc.roles]
admin = ["gate-admins"]
"""


def test_a_table_within_another_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its paths are the file's, too, and variables win over it."""
    path.write_text(PROVIDER)
    oidc = _oidc(path)
    assert oidc.secret_file == path.parent / "oidc-secret"
    assert oidc.roles == {"admin": ("gate-admins",)}
    monkeypatch.setenv("DIALGUARD_CONSOLE__OIDC__SECRET_FILE", "mine")
    monkeypatch.setenv("DIALGUARD_CONSOLE__OIDC__SCOPES", "openid,email")
    oidc = _oidc(path)
    assert (oidc.secret_file, oidc.scopes) == (Path("mine"), ("openid", "email"))
    assert oidc.issuer == "https://id.example.org"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("issuer  ", "isuer", "there is no `isuer` in `[console.oidc]`; did you mean `issuer`?"),
        ('client_id   = "dialguard"\n', "", "`client_id` is missing in `[console.oidc]`"),
        ('"dialguard"', '""', "`client_id` is empty"),
        ("https:", "http:", "whoever listens on the way could be any operator"),
        ("admin =", "root =", "there is no role `root`"),
        ('["gate-admins"]', "7", "`admin` must be a list"),
    ],
)
def test_what_is_wrong_within_another_is_told(
    path: Path, old: str, new: str, problem: str
) -> None:
    """By the table's whole name, and its line."""
    said = _problems(path, PROVIDER.replace(old, new, 1))
    assert any(problem in each for each in said), said
    assert all(re.match(r"dialguard.toml:\d+: ", each) for each in said)


def test_a_long_label_is_told(path: Path) -> None:
    """A button has a width."""
    label = f'secret_file = "x"\nlabel = "{"x" * 61}"'
    (said,) = _problems(path, PROVIDER.replace('secret_file = "oidc-secret"', label))
    assert said.endswith("`label` must have 60 characters or fewer")


def test_a_table_that_is_none_is_told_by_its_whole_name(path: Path) -> None:
    """What to write is what is right."""
    (said,) = _problems(path, "[policy]\nfile = 'office.toml'\n[console]\noidc = 7\n")
    assert said.endswith("`oidc` is a table; write `[console.oidc]` and its keys below")


def test_a_variable_within_another_is_blamed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or told to name no setting."""
    path.write_text(PROVIDER)
    monkeypatch.setenv("DIALGUARD_CONSOLE__OIDC__ISSUER", "nowhere")
    (said,) = _problems(path)
    assert said.startswith("$DIALGUARD_CONSOLE__OIDC__ISSUER: this is no issuer")
    monkeypatch.setenv("DIALGUARD_CONSOLE__ODIC__ISSUER", "nowhere")
    assert any("names no setting" in each for each in _problems(path))


def _oidc(path: Path) -> OidcSettings:
    console = load(path).console
    assert console is not None
    assert console.oidc is not None
    return console.oidc
