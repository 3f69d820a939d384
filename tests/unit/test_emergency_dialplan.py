"""`emergency_dialplan`: the text of `emergency.conf`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fastagi.emergency_dialplan import emergency_conf
from fastagi.errors import DialguardError
from fastagi.numbering.emergency import numbers_of

SHIPPED = Path(__file__).parents[2] / "dialplan" / "emergency.conf"
GOLDEN = Path(__file__).with_name("emergency_gb.conf")


def _extensions(text: str) -> list[str]:
    return re.findall(r"^exten => ([^,]+),1,", text, re.MULTILINE)


def test_the_text_is_the_golden_file() -> None:
    """Every line of it is read by a real Asterisk; a change is a change to somebody's dialplan."""
    assert emergency_conf("GB", "9", ("112", "999")) == GOLDEN.read_text()


def test_the_shipped_file_is_what_the_command_prints() -> None:
    """`dialplan/emergency.conf` is an example for Britain, and is not edited by hand."""
    assert SHIPPED.read_text() == emergency_conf("GB", "9", numbers_of("GB"))


def test_a_number_is_taken_with_the_outside_prefix_and_without() -> None:
    """Whoever is in need may not remember to dial for a line, or may do so out of habit."""
    assert _extensions(emergency_conf("US", "9", ("911",))) == ["911", "9911"]


def test_without_an_outside_prefix_there_is_one_extension_a_number() -> None:
    """A site that dials no prefix gets none."""
    text = emergency_conf("DE", "", ("110", "112"))
    assert _extensions(text) == ["110", "112"]
    assert "without" not in text
    assert "--outside-prefix" not in text


def test_no_extension_is_written_twice() -> None:
    """9112 is one extension, be it the prefix and 112 or a number of its own."""
    text = emergency_conf("XX", "9", ("112", "9112", "112"))
    assert _extensions(text) == ["112", "9112", "99112"]
    assert "exten => 9112,1,Dial(PJSIP/9112@" in text


@pytest.mark.parametrize("number", ["", "9", "_X.", "112,1", "112&1", "1 12", "112\n", "x" * 3])
def test_nothing_but_digits_reaches_the_dialplan(number: str) -> None:
    """A pattern or a separator in a number is refused, not repaired."""
    with pytest.raises(DialguardError, match="is no number for a dialplan"):
        emergency_conf("GB", "", (number,))


def test_the_outside_prefix_is_looked_at_too() -> None:
    """The prefix is written into the same place."""
    with pytest.raises(DialguardError, match="is no number for a dialplan"):
        emergency_conf("GB", "X", ("112",))


def test_a_country_without_numbers_is_an_error() -> None:
    """An empty file would look like protection and be none."""
    with pytest.raises(DialguardError, match="name those of the site"):
        emergency_conf("XX", "", ())
