"""`dialguard diff`: what changed in calls, each proven; status 1 where something did."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.unit.policy.samples import SITE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Dialguard

RULE = """
[[rule]]
name = "abroad"
from = ["staff"]
to = ["country:JM", "first-time-number"]
when = "office"
network = ["floor"]
transport = ["tls"]
then = "{}"
"""
LIMIT = '[[limit]]\nname = "two"\nper = "extension"\ncalls = {}\n'
NIGHT = """
[[rule]]
name = "n"
from = ["night"]
when = "over:tries"
to = ["reported"]
then = "allow"
[[limit]]
name = "tries"
per = "extension"
attempts = 5
within = "1h"
then = "watch"
"""
HOME = '[[rule]]\nname = "home"\nto = ["national"]\nthen = "{}"\n'


def _written(folder: Path, name: str, text: str, site: str = SITE) -> str:
    file = folder / name
    file.write_text(f"{site}\n{text}")
    return str(file)


def test_nothing_differs_from_itself(dialguard: Dialguard, tmp_path: Path) -> None:
    """Comments aside."""
    old = _written(tmp_path, "a.toml", RULE.format("deny"))
    new = _written(tmp_path, "b.toml", "# the same\n" + RULE.format("deny"))
    done = dialguard("diff", old, new)
    assert (done.exit_code, done.stdout) == (0, "nothing differs\n")


def test_what_differs_is_said_and_proven(dialguard: Dialguard, tmp_path: Path) -> None:
    """In calls, with one of them."""
    old = _written(
        tmp_path, "a.toml", RULE.format("deny") + HOME.format("allow") + LIMIT.format(2)
    )
    new = _written(tmp_path, "b.toml", RULE.format("pin") + HOME.format("allow") + LIMIT.format(3))
    done = dialguard("diff", old, new)
    assert done.exit_code == 1
    assert "`staff` (10X) may now call " in done.stdout
    assert (
        "  before: refused: rule `abroad`\n  after:  after PIN, by rule `abroad`\n" in done.stdout
    )
    assert ", from 10." in done.stdout
    assert ", by tls" in done.stdout
    assert ", first-time-number" in done.stdout
    assert ": DENY (abroad) → PIN (abroad)\n" in done.stdout
    assert "have other limits when they call " in done.stdout
    assert "  as before: allowed, by rule `home`\n" in done.stdout
    assert "  limit `two`: 2 at a time per extension → 3 at a time per extension\n" in done.stdout


def test_programs_get_each_call(dialguard: Dialguard, tmp_path: Path) -> None:
    """As cases write it."""
    old = _written(tmp_path, "a.toml", HOME.format("allow"))
    new = _written(tmp_path, "b.toml", HOME.format("sign-in") + "[lockout]\nwrong = 3\n")
    done = dialguard("diff", old, new, "--json")
    found = json.loads(done.stdout)
    assert found["differs"] is True
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", found["prices_of"])
    first = found["calls"][0]
    assert first["change"] == "refused"
    assert first["example"]["verdicts"] == ["allow", "deny"]
    assert first["example"]["dial"][0].startswith("+44")
    assert first["before"]["rule"] == first["after"]["rule"] == "home"
    assert {"name": "lockout.wrong", "before": "5", "after": "3"} in found["settings"]


def test_settings_and_sites_are_compared(dialguard: Dialguard, tmp_path: Path) -> None:
    """And callers that are of another class."""
    old = _written(tmp_path, "a.toml", HOME.format("allow"))
    site = SITE.replace('prefix = "9"', 'prefix = "8"').replace(
        'staff = ["10X"]', 'staff = ["10X"]\nnight = ["109"]'
    )
    rules = HOME.format("allow") + NIGHT
    new = _written(tmp_path, "b.toml", rules, site)
    done = dialguard("diff", old, new)
    assert done.exit_code == 1
    assert "`site.outside_prefix`: 9 → 8\n" in done.stdout
    assert "The sites read digits otherwise." in done.stdout
    assert "`night` (109), before `staff` (10X), may now call " in done.stdout
    assert ", a reported number" in done.stdout
    assert ", over `tries`" in done.stdout


def test_sign_ins_and_transfers_are_shown(dialguard: Dialguard, tmp_path: Path) -> None:
    """And addresses that others report."""
    sign_in = _written(tmp_path, "a.toml", HOME.format("sign-in"))
    allow = HOME.format("sign-in").replace('"home"', '"other"')
    bad = '[[rule]]\nname = "bad"\nnetwork = ["reported"]\nthen = "allow"\n'
    other = _written(tmp_path, "b.toml", bad + allow)
    done = dialguard("diff", sign_in, other)
    assert ", signed in" in done.stdout
    assert ", transferred: " in done.stdout
    assert ", which is reported" in done.stdout


@pytest.mark.parametrize("count", [12, 16])
def test_too_many_conditions_are_refused(dialguard: Dialguard, tmp_path: Path, count: int) -> None:
    """At once, not after minutes; status 1, as nothing was compared."""
    rule = '[[rule]]\nname = "r{0}"\nwhen = "office and over:l{0}"\nthen = "deny"\n'
    limit = (
        '[[limit]]\nname = "l{0}"\nper = "extension"\nattempts = 5\nwithin = "1h"\n'
        'then = "watch"\n'
    )
    text = "".join((rule + limit).format(each) for each in range(count))
    files = [_written(tmp_path, each, text + HOME.format("allow")) for each in ("a", "b")]
    commands = [
        ("diff", *files),
        ("who-can", files[0], "--to", "+442079460000"),
        ("what-can", files[0], "101"),
    ]
    for words in commands[: None if count > 14 else 1]:
        done = dialguard(*words)
        assert done.exit_code == 1
        assert ("situations of calls of" if count < 14 else "16 limits by `over:`") in done.stderr


def test_prices_of_the_day_are_compared_and_later_ones_told(
    dialguard: Dialguard, tmp_path: Path
) -> None:
    """As the sheets have them."""
    sheets = {"a": "prefix,price,effective\n39,1.00,\n"}
    sheets["b"] = sheets["a"] + "39,5.00,2099-01-01\n"
    for name, sheet in sheets.items():
        (tmp_path / f"{name}.csv").write_text(sheet)
    rates = '[rates]\nfile = "{}.csv"\ncurrency = "GBP"\n'
    old, new = (_written(tmp_path, f"{each}.toml", rates.format(each)) for each in "ab")
    done = dialguard("diff", old, new)
    assert done.exit_code == 1
    told, day = done.stdout.splitlines()
    assert told.startswith("`rates.file`: (none) → +39… 5.00 for ")
    assert re.fullmatch(r"Calls are compared at the prices of 20\d\d-\d\d-\d\d\.", day)


def test_a_policy_that_is_invalid_ends_it(dialguard: Dialguard, tmp_path: Path) -> None:
    """With status 3."""
    old = _written(tmp_path, "a.toml", HOME.format("allow"))
    new = _written(tmp_path, "b.toml", HOME.format("perhaps"))
    assert dialguard("diff", old, new).exit_code == 3
