"""`dialguard emergency`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard


def test_a_countrys_numbers_become_a_dialplan(dialguard: Dialguard) -> None:
    """With the outside prefix and without, and the site's own."""
    done = dialguard("emergency", "--country", "gb", "--outside-prefix", "9", "--also", "2222")
    assert done.exit_code == 0, done.output
    for extension in ("999", "9999", "112", "9112", "2222"):
        assert f"exten => {extension},1," in done.stdout


def test_a_country_that_is_none_is_refused(dialguard: Dialguard) -> None:
    """Rather than given an empty dialplan."""
    done = dialguard("emergency", "--country", "XX")
    assert done.exit_code == 1
    assert "`XX` is not known" in done.stderr
    assert done.stdout == ""


def test_what_cannot_be_an_extension_is_refused(dialguard: Dialguard) -> None:
    """Nothing that means something to a dialplan gets into it."""
    done = dialguard("emergency", "--country", "GB", "--also", "_X.,1,Dial(x)")
    assert done.exit_code == 1
    assert done.stdout == ""
