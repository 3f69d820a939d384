"""What the page says is recognised is what is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from fastagi.lookout.consequences import WAITING_MOST, WAITING_OF_SITE
from fastagi.lookout.telling import LINES_A_MINUTE
from fastagi.lookout.watch import CAME_MOST, CAME_OF_ACCOUNT
from fastagi.policy.watches import USUAL
from fastagi.signs.familiar import ADDRESSES_MAX, KEPT_S
from fastagi.signs.recogniser import MOMENTS_MAX, STEP_S
from fastagi.signs.sign import Sign
from fastagi.signs.windows import ACCOUNTS_MAX, WHOM

PAGE: Final = (Path(__file__).parents[2] / "docs" / "attack-signs.md").read_text()
ROW: Final = re.compile(r"^\| (`.+?`) \| .+ \| ([a-z, ]+) \| (\d+) \| (\d+|–) \|$", re.MULTILINE)


def test_every_sign_is_in_the_table_with_its_numbers() -> None:
    """And no other is."""
    rows = {
        name: (per, count, seconds)
        for names, per, count, seconds in ROW.findall(PAGE)
        for name in re.findall("`(.+?)`", names)
    }
    assert set(rows) == set(Sign)
    for sign, usual in USUAL.items():
        counted, said, seconds = rows[sign]
        within = str(usual.within_s) if usual.counts else "–"
        assert (set(counted.split(", ")), said, seconds) == (
            set(usual.per),
            str(usual.count),
            within,
        )


def test_numbers_in_the_text_are_the_code_s() -> None:
    """Of memory, of places, of clocks."""
    assert f"all watches | {MOMENTS_MAX:,} |" in PAGE
    assert f"one watch | {WHOM[1]:,}, less where" in PAGE
    assert f"never less than {WHOM[0]} |" in PAGE
    assert f"which exist | {ACCOUNTS_MAX:,} |" in PAGE
    assert (
        f"{ADDRESSES_MAX} addresses of each account are remembered for {KEPT_S / 86_400:g} days"
        in PAGE
    )
    assert f"back by more than {STEP_S:g} s" in PAGE


def test_what_waits_is_as_much_as_the_page_says() -> None:
    """Of evidence, and of phones."""
    assert f"{WAITING_OF_SITE} pieces of evidence of each\nsite and weight" in PAGE
    assert f"{WAITING_MOST:,} of each weight of all sites" in PAGE
    assert f"{CAME_MOST:,} of all; of what comes beyond" in PAGE
    assert CAME_OF_ACCOUNT == 8, "the page says it in a word"
    assert "Eight places of one account wait" in PAGE
    assert f"{LINES_A_MINUTE} lines a minute" in PAGE
