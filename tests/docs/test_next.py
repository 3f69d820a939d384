"""Pages on a policy lead from one to the next, as somebody needs them who has none yet."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

DOCS: Final = Path(__file__).parents[2] / "docs"
IN_ORDER: Final = (
    *("records", "learn", "editing", "testing", "answers", "replay", "shadow", "explain"),
    "records",
)


@pytest.mark.parametrize(("page", "following"), [*pairwise(IN_ORDER)])
def test_a_page_ends_with_the_next(page: str, following: str) -> None:
    """Nobody who reads on comes to an end before the last, and from there to the first."""
    last = (DOCS / f"{page}.md").read_text().splitlines()[-1]
    assert re.findall(r"\]\((.*?)\)", last) == [f"{following}.md"]
