"""The lines that go into FreePBX's dialplan."""

from __future__ import annotations

import pytest

from fastagi.errors import DialguardError
from fastagi.freepbx.hook import Shape, extensions, globals_


@pytest.mark.parametrize(
    ("shape", "comes_back", "never"),
    [(Shape.MACRO, "MacroExit()", "Return()"), (Shape.GOSUB, "Return()", "Macro")],
)
def test_it_comes_back_as_it_was_called(shape: Shape, comes_back: str, never: str) -> None:
    """A macro that returned, or a routine that left a macro, would end the call."""
    lines = extensions(shape, ("999",), own_emergency=False)
    assert sum(line.endswith(comes_back) for line in lines) == 2
    assert not any(never in line for line in lines)


def test_emergency_numbers_are_exact_and_dialled_by_freepbx() -> None:
    """What it dials is set to the number itself, whatever was dialled."""
    lines = extensions(Shape.GOSUB, ("112", "999", "112"), own_emergency=False)
    exact = [line for line in lines if line.startswith("exten => 112")]
    assert exact == ["exten => 112,1,Set(OUTNUM=${OUTPREFIX_${DIAL_TRUNK}}112)"]


def test_a_number_that_is_none_is_refused() -> None:
    """Nothing that means something to a dialplan gets into it."""
    with pytest.raises(DialguardError, match="no number for a dialplan"):
        extensions(Shape.GOSUB, ("_X.,1,Dial(x)",), own_emergency=False)


def test_an_emergency_trunk_of_its_own_comes_before_all_routes() -> None:
    """The context is included, and the trunk a global variable."""
    lines = extensions(Shape.GOSUB, ("999",), own_emergency=True)
    assert lines.index("include => dialguard-emergency") < lines.index(
        "include => dialguard-sign-in"
    )
    assert '#include "dialguard/emergency.conf"' in lines
    assert globals_("my-trunk") == ("DIALGUARD_EMERGENCY_TRUNK = my-trunk",)
