"""Nothing may differ unseen: each key of the policy, changed by itself, is told of by `diff`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

import pytest
import tomlkit
from pydantic import BaseModel

from fastagi.answers.difference import differences
from fastagi.policy.document import Document
from fastagi.policy.loading import load
from tests.unit.answers.samples import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.policy.model import Policy

WHOLE: Final = """
[site]
name = "office"
country = "GB"
timezone = "Europe/London"
internal = ["10X", "2XX"]
outside_prefix = "9"
emergency = ["995"]
short_codes = ["188"]
languages = ["en"]
longest = "4h"
replicas = 0

[classes]
staff = ["10X"]
lobby = ["2XX"]
none-speaks-of = ["30X"]

[hours]
office = ["Mon-Fri 08:00-18:30"]
unused = ["Mon 08:00-09:00"]

[networks]
floor = ["10.0.0.0/8"]
desks = ["10.1.0.0/16"]

[lists]
bad = "bad.csv"
brake = "brake.csv"

[rates]
file = "rates.csv"
currency = "GBP"
unknown = "6.00"

[[rule]]
name = "bad"
to = ["list:bad"]
then = "deny"
brake = false

[[rule]]
name = "abroad"
from = ["staff"]
to = ["country:SH"]
when = "office and not over:seen"
network = ["floor"]
transport = ["tls"]
then = "pin"
remember = "30m"
shadow = false

[[rule]]
name = "free"
to = ["country:SH"]
then = "allow"
without_store = "deny"
off_net = false

[[rule]]
name = "never"
to = ["country:SH"]
then = "totp"
remember = "40m"

[[limit]]
name = "two"
from = ["staff"]
to = ["country:SH"]
when = "office"
network = ["floor"]
transport = ["tls"]
per = "extension"
calls = 2
shadow = false
then = "deny"

[[limit]]
name = "seen"
per = "extension"
attempts = 41
within = "1h"
then = "watch"

[[limit]]
name = "day"
per = "site"
spend = "20.00"
minutes = 71
within = "2h"

[[limit]]
name = "odd"
per = "site"
numbers = 42
countries = 43
short = 45
within = "3h"

[[limit]]
name = "many"
per = "number"
extensions = 44
within = "4h"

[[limit]]
name = "long"
duration = "31m"

[[limit]]
name = "dear"
price = "7.00"

[[watch]]
name = "guessing"
sign = "guessing"
per = "account"
count = 11
within = "10m"
then = ["step-up"]
for = "1h"
to = ["premium"]
ask = "pin"
shadow = false

[[watch]]
name = "scanner"
sign = "enumeration"
then = ["ban"]
unproven = false

[honeypot]
extensions = ["299"]
to = ["prefix:+29023"]

[brake]
to = ["list:brake"]
for = "1h"
then = "deny"
calls = "keep"

[bypass]
trunks = ["a"]
then = "alarm"

[sign-in]
factors = "pin"
for = "8h"
idle = "2h"
until = "20:00"
at_once = 1
bound_to = ["address"]
calls = "keep"
network = ["desks"]
anywhere = false

[challenge]
answer = true
tries = 3
wait = "7s"

[lockout]
wrong = 5
wrong_from_address = 21
invalid = 20
for = "15m"
at_most = "24h"
calls = "keep"

[prompts]
pin = "custom/pin"
"""
FILES: Final = {
    "bad.csv": "29021\n",
    "brake.csv": "29022\n",
    "other.csv": "29023\n",
    "rates.csv": "prefix,price\n290,0.50\n44,0.01\n",
    "later.csv": "prefix,price,effective\n290,0.50,\n44,0.01,\n290,0.60,2031-01-01\n",
}

# Of each key of the document: where it stands in `WHOLE`, and what else it may hold.
CHANGES: Final[dict[str, list[tuple[str, object]]]] = {
    "site": [
        ("site.name", "other"),
        ("site.country", "IE"),
        ("site.region", "ENG"),
        ("site.timezone", "Europe/Paris"),
        ("site.internal", ["10X", "2XX", "3XX"]),
        ("site.outside_prefix", "8"),
        ("site.emergency", ["996"]),
        ("site.short_codes", ["189"]),
        ("site.languages", ["en", "es"]),
        ("site.longest", "3h"),
        ("site.replicas", 1),
    ],
    "classes": [("classes.staff", ["10X", "11X"]), ("classes.silent", ["31X"])],
    "hours": [("hours.office", ["Mon-Fri 08:00-18:31"]), ("hours.unused", ["Mon 08:00-09:30"])],
    "networks": [("networks.floor", ["10.0.0.0/9"]), ("networks.desks", ["10.2.0.0/16"])],
    "lists": [("lists.bad", "other.csv"), ("lists.brake", "other.csv")],
    "rates": [("rates.file", "later.csv"), ("rates.currency", "EUR"), ("rates.unknown", "5.00")],
    "rule": [
        ("rule.1.name", "far"),
        ("rule.1.from", ["lobby"]),
        ("rule.1.to", ["country:SH", "prefix:+2903"]),
        ("rule.1.when", "not over:seen"),
        ("rule.1.network", ["not floor"]),
        ("rule.1.transport", ["wss"]),
        ("rule.1.then", "pin+totp"),
        ("rule.1.remember", "31m"),
        ("rule.3.remember", "41m"),  # of a rule that no call reaches
        ("rule.1.shadow", True),
        ("rule.2.without_store", "allow"),
        ("rule.0.brake", True),
        ("rule.2.off_net", True),
    ],
    "limit": [
        ("limit.0.name", "pair"),
        ("limit.0.from", ["lobby"]),
        ("limit.0.to", ["premium"]),
        ("limit.0.when", "not office"),
        ("limit.0.network", ["desks"]),
        ("limit.0.transport", ["wss"]),
        ("limit.0.per", "site"),
        ("limit.0.calls", 3),
        ("limit.0.shadow", True),
        ("limit.1.then", "brake"),
        ("limit.1.attempts", 40),
        ("limit.2.spend", "20.01"),
        ("limit.2.minutes", 70),
        ("limit.2.within", "3h"),
        ("limit.3.numbers", 41),
        ("limit.3.countries", 42),
        ("limit.3.short", 44),
        ("limit.4.extensions", 43),
        ("limit.5.duration", "32m"),
        ("limit.6.price", "5.50"),
    ],
    "watch": [
        ("watch.0.name", "other"),
        ("watch.1.sign", "honeypot"),
        ("watch.1.per", "network"),
        ("watch.0.count", 12),
        ("watch.0.within", "11m"),
        ("watch.0.then", ["step-up", "lock"]),
        ("watch.0.for", "2h"),
        ("watch.0.to", ["satellite"]),
        ("watch.0.ask", "totp"),
        ("watch.1.unproven", True),
        ("watch.0.shadow", True),
    ],
    "honeypot": [("honeypot.extensions", ["298"]), ("honeypot.to", ["prefix:+29024"])],
    "brake": [
        ("brake.to", ["premium"]),
        ("brake.for", "2h"),
        ("brake.then", "pin"),
        ("brake.calls", "end"),
    ],
    "bypass": [("bypass.trunks", ["b"]), ("bypass.then", "hang-up")],
    "sign-in": [
        ("sign-in.factors", "totp"),
        ("sign-in.for", "7h"),
        ("sign-in.idle", "1h"),
        ("sign-in.until", "21:00"),
        ("sign-in.at_once", 2),
        ("sign-in.bound_to", ["transport"]),
        ("sign-in.calls", "end"),
        ("sign-in.network", ["floor"]),
        ("sign-in.anywhere", True),
    ],
    "challenge": [
        ("challenge.answer", False),
        ("challenge.tries", 2),
        ("challenge.wait", "8s"),
    ],
    "lockout": [
        ("lockout.wrong", 4),
        ("lockout.wrong_from_address", 22),
        ("lockout.invalid", 21),
        ("lockout.for", "16m"),
        ("lockout.at_most", "23h"),
        ("lockout.calls", "end"),
    ],
    "prompts": [("prompts.pin", "custom/other")],
}
EVERY: Final = [each for some in CHANGES.values() for each in some]


def _keys(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def _tables() -> Iterator[tuple[str, set[str]]]:
    """Return the tables of a policy, each with its keys; none where these are names."""
    for name, field in Document.model_fields.items():
        kinds = [field.annotation, *get_args(field.annotation)]
        table = next((e for e in kinds if isinstance(e, type) and issubclass(e, BaseModel)), None)
        yield field.alias or name, set() if table is None else _keys(table)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with lists and prices."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def _policy(folder: Path, text: str) -> Policy:
    (folder / "p.toml").write_text(text)
    return load(folder / "p.toml")


def test_every_key_is_tried() -> None:
    """A key that is new has to be tried here."""
    for name, keys in _tables():
        if name != "format":  # which says nothing of calls
            tried = {each.rpartition(".")[2] for each, _ in CHANGES[name]}
            assert tried >= keys, name


@pytest.mark.parametrize(("where", "value"), EVERY, ids=[where for where, _ in EVERY])
def test_a_key_by_itself_makes_a_difference(folder: Path, where: str, value: object) -> None:
    """Also where no call shows it."""
    before = _policy(folder, WHOLE)
    document = tomlkit.parse(WHOLE)
    *path, key = where.split(".")
    table: Any = document
    for each in path:
        table = table[int(each) if each.isdigit() else each]
    table[key] = value
    assert differences(before, _policy(folder, tomlkit.dumps(document)), NOW, "2902")


@pytest.mark.parametrize("name", ["bad.csv", "brake.csv", "rates.csv"])
def test_a_file_beside_by_itself_makes_a_difference(folder: Path, name: str) -> None:
    """The policy reads the same, and a list or the prices are others."""
    before = _policy(folder, WHOLE)
    (folder / name).write_text((folder / name).read_text().replace("290", "291"))
    assert differences(before, _policy(folder, WHOLE), NOW, "2902")


def test_the_whole_does_not_differ_from_itself(folder: Path) -> None:
    """Wherever it lies, and whatever its comments say."""
    before = _policy(folder, WHOLE)
    assert not differences(before, _policy(folder, f"# the same\n{WHOLE}"), NOW, "2902")
