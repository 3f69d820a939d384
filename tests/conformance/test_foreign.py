"""pyst2, which others wrote, against our idea of Asterisk: the same conversation from both sides.

It is an AGI script over stdin and stdout, as Asterisk would start it; at the other end of its
pipes sits `tests.doubles.far_end`, to which the server's own tests talk. So whatever we have
misunderstood of Asterisk's side, we have not misunderstood alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from fastagi.agi import command
from tests.doubles.far_end import FarEnd, environment
from tests.doubles.parse_args import parse_args
from tests.doubles.scripted_channel import Does

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doubles.scripted_channel import Act

SCRIPT = """
import json, sys
from asterisk.agi import AGI
agi = AGI()
found = {"environment": agi.env}
agi.answer()
try:
    found["digits"] = agi.get_data("beep", 7000, 6)
except Exception as failed:
    found["failed"] = type(failed).__name__
else:
    agi.set_variable("GUARD_REF", "0427")
    agi.appexec("MSet", "GUARD_NUMBER=+39061,GUARD_VERDICT=ALLOW")
with open(sys.argv[1], "w") as out:
    json.dump(found, out)
"""


def converse(acts: list[Act], where: Path) -> tuple[dict[str, Any], FarEnd]:
    """Let pyst2 run its script; return what it understood, and the far end."""
    far_end = FarEnd(acts)
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(where / "found.json")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as script:
        assert script.stdin is not None
        assert script.stdout is not None
        script.stdin.write(environment())
        script.stdin.flush()
        for line in script.stdout:
            script.stdin.write(far_end.obey(line) or b"")
            script.stdin.flush()
    found: dict[str, Any] = json.loads((where / "found.json").read_text())
    return found, far_end


def test_pyst2_and_we_say_the_same(tmp_path: Path) -> None:
    """Asterisk reads the same words from its commands and from ours."""
    _, far_end = converse(["4711#"], tmp_path)
    ours = [
        command.answer(),
        command.get_data("beep", wait_s=7, most=6),
        command.set_variable("GUARD_REF", "0427"),
        command.mset({"GUARD_NUMBER": "+39061", "GUARD_VERDICT": "ALLOW"}),
    ]
    assert [parse_args(line.rstrip(b"\n")) for line in far_end.lines] == [
        parse_args(each.line.rstrip(b"\n")) for each in ours
    ]
    assert far_end.variables == {
        "GUARD_REF": "0427",
        "GUARD_NUMBER": "+39061",
        "GUARD_VERDICT": "ALLOW",
    }


@pytest.mark.parametrize(
    ("act", "digits"), [("4711#", "4711"), ("123456", "123456"), ("12", "12"), ("7*8#", "7*8")]
)
def test_pyst2_understands_our_far_end(act: Act, digits: str, tmp_path: Path) -> None:
    """It reads the environment, and the digits, that our tests' Asterisk sends."""
    found, _ = converse([act], tmp_path)
    assert found["digits"] == digits
    assert found["environment"]["agi_network_script"] == "outbound"
    assert found["environment"]["agi_arg_2"] == "dialled=00390612345678"
    assert len(found["environment"]) == 25


def test_pyst2_takes_a_hangup_for_a_failure(tmp_path: Path) -> None:
    """It cannot tell one from the other, and neither could we by `-1` alone."""
    found, _ = converse([Does.HANG_UP], tmp_path)
    assert "digits" not in found
    assert found["failed"] == "AGIAppError"
