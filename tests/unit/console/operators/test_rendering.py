"""Pages of the console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from fastagi.console import assets
from fastagi.console.operators.rendering import Renderer, iso, names, plain
from fastagi.console.operators.visits import names as read

if TYPE_CHECKING:
    from tests.unit.console.operators.backstage import Console


def test_moments_are_as_the_site_s_clock_shows_them(console: Console) -> None:
    """In summer an hour later than in UTC; of no site, as that of the only one."""
    renderer = Renderer(assets.load(), console.world.ports.policies)
    summer = 1_782_900_000.0
    written = Markup('<time datetime="2026-07-01T10:00:00+00:00">2026-07-01 11:00:00</time>')
    assert iso(summer) == "2026-07-01T10:00:00+00:00"
    assert renderer.moment(summer, "office") == renderer.moment(summer) == written
    assert "10:00:00<" in renderer.moment(summer, "elsewhere")
    assert renderer.hour(summer) == "11:00"
    assert renderer.written("2026-07-01T10:00:00.000Z", "office") == written
    assert renderer.written("<never>", "office") == "<never>"


def test_what_turns_text_around_is_shown_as_an_escape() -> None:
    """Of text; numbers, and what is a tag of ours, stay."""
    assert plain("a\u202eb\x1b") == "a\\u202eb\\x1b"
    assert plain(7) == 7
    assert plain(Markup("<b>\n</b>")) == Markup("<b>\n</b>")


def test_what_a_button_says_is_read_back_as_it_was() -> None:
    """Whatever it is; anything else is nothing."""
    odd = ['a"b', "<\u202e>", "\n", ""]
    assert read(names(odd), 4) == odd
    assert names(odd).isascii()
    for wrong in ("", "[]", '["a"]', '["a", 1, "b", "c"]', "{}", "x", "[" * 100_000):
        assert read(wrong, 4) is None
