"""`configuration.modules`: which modules Asterisk loads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.audit.configuration.modules import is_loaded

if TYPE_CHECKING:
    from tests.unit.audit.configuration.conftest import Read


@pytest.mark.parametrize(
    ("text", "loaded"),
    [
        ("", True),
        ("[modules]\nautoload=yes\n", True),
        ("[modules]\nautoload=yes\nnoload => chan_sip.so\n", False),
        ("[modules]\nautoload=yes\nnoload = chan_sip\n", False),
        ("[modules]\nautoload=no\n", False),
        ("[modules]\nload = chan_sip.so\n", True),
        ("[modules]\nrequire = chan_sip.so\n", True),
        ("[modules]\nautoload=yes\nnoload => chan_iax2.so\n", True),
    ],
)
def test_a_module_is_loaded_unless_it_is_said(read: Read, text: str, *, loaded: bool) -> None:
    """`noload` wins over `autoload`; without a file it may be."""
    assert is_loaded(read({"modules.conf": text}), "chan_sip") is loaded
