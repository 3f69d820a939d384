"""The policies in force, and why a call would be judged as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.unit.policy.samples import MINUTES, priced

if TYPE_CHECKING:
    from tests.unit.console.operators.backstage import Console

ABROAD = {"site": "office", "extension": "101", "dialled": "900390612345678"}


async def test_the_policy_in_force_is_shown(console: Console) -> None:
    """With its version, and those by which each Asterisk's calls were judged last."""
    policy = console.world.sites.by_site["office"]
    console.decide(policy=policy.version)
    console.decide(node="other", policy="0123456789ab")
    async with console.entered() as asking:
        page = (await asking.get("/console/policy")).text
    assert policy.version in page
    assert "at pbx" in page
    assert '<span class="hold deny"><code>0123456789ab</code> at other' in page
    assert "abroad" in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "nobody is signed in on `101`"),
        ({"signed_in": "yes"}, "ALLOW"),
        ({"signed_in": "yes", "locked_out": "yes"}, "is locked out"),
        ({"overridden": "yes"}, "ALLOW"),
        ({"overridden": "yes"}, 'name="overridden" value="yes" checked'),
        ({"overridden": "yes", "locked_out": "yes"}, "is locked out"),
        ({"at": "2026-01-05T10:10", "address": "10.0.0.5", "transport": "tls"}, "DENY"),
        ({"transferred": "yes", "new_country": "yes"}, "DENY"),
        ({"off_net": "yes"}, 'name="off_net" value="yes" checked'),
        ({"number_reported": "yes"}, 'name="number_reported" value="yes" checked'),
        ({"address_reported": "yes"}, 'name="address_reported" value="yes" checked'),
        ({"first-time-number": "yes"}, 'name="first-time-number" value="yes" checked'),
        ({"over": "burst, tests"}, 'name="over" value="burst, tests"'),
        ({"dialled": "0;rm"}, "means nothing"),
        ({"extension": "999"}, "is in no class"),
    ],
)
async def test_a_call_is_explained(console: Console, changed: dict[str, str], said: str) -> None:
    """As `dialguard explain` does; and nothing comes of it."""
    async with console.entered() as asking:
        answer = await console.send(asking, "/explain", **ABROAD | changed)
    assert answer.status_code == 200
    assert said in answer.text
    assert await console.store.live(None, console.now) == []


BUDGET: Final = """
[[rule]]
name = "all"
then = "allow"
[[limit]]
name = "day"
per = "extension"
spend = "20.00"
within = "24h"
"""


async def test_what_a_call_costs_is_explained(console: Console) -> None:
    """How long it may last, and how long a budget lasts it; of one that is denied, the price."""
    console.world.sites.by_site["office"] = priced(BUDGET, {"39": MINUTES})
    async with console.entered() as asking:
        page = (await console.send(asking, "/explain", **ABROAD)).text
        locked = {"locked_out": "yes"}
        denied = (await console.send(asking, "/explain", **ABROAD | locked)).text
    price = "Price: 1.20 GBP a minute: 60 s for 1.20, then 1.20 each 60 s"
    assert f"{price}; at most 19.20 for 16m." in page
    assert "May last: 16m at most." in page
    assert "at 1.20 GBP a minute, 20.00 GBP lasts 16m" in page
    assert f"{price}." in denied
    assert "May last" not in denied


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"site": "elsewhere"}, "no such site"),
        ({"extension": "1 0 1"}, "cannot be an extension"),
        ({"extension": ""}, "cannot be an extension"),
        ({"at": "yesterday"}, "is none"),
        ({"at": "2026-01-05T10:10+02:00"}, "as the site&#39;s clock shows it"),
        ({"address": "here"}, "is none"),
        ({"transport": "pigeon"}, "is none"),
    ],
)
async def test_what_cannot_be_is_told(
    console: Console, changed: dict[str, str], said: str
) -> None:
    """And what was filled in stays."""
    async with console.entered() as asking:
        answer = await console.send(asking, "/explain", **ABROAD | changed)
    assert answer.status_code == 400
    assert said in answer.text
    assert 'value="900390612345678"' in answer.text
