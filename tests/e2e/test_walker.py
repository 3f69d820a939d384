"""The walker that the audit is held against walks as the real Asterisk does, step by step."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from fastagi.audit.entry import Devices
from tests.audit.calls import Call
from tests.audit.steps import judged
from tests.audit.walker import walk
from tests.audit.written import dialplan
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.stand_in import Conversation, StandIn
    from tests.e2e.rig.trunk import FarEnd

NASTY: Final = Path(__file__).parents[1] / "audit" / "nasty.conf"
EXECUTED: Final = re.compile(
    r'Executing \[(.*?)@(walk[^:]*):(\d+)\] (\w+)\("([^"]*)", "(.*)"\)(?: in new stack)?$', re.M
)
UNIQUEID: Final = re.compile(r"(?:rig\w+-\d+\.\d+|call-\d+)")

KEYING: Final = """
[keying]
exten => none,1,Wait(1.5)
exten => _X.,1,SendDTMF(${EXTEN},100)
 same => n,Wait(1.5)
"""
"""The caller's end: who keys, and who only waits."""

ALLOW, DENY, ANSWERED, SILENT = True, False, True, False
CALLS: Final = [
    Call("walk-patterns", "12345"),
    Call("walk-patterns", "1299"),
    Call("walk-patterns", "129"),
    Call("walk-patterns", "95"),
    Call("walk-patterns", "s"),
    Call("walk-patterns", "7"),
    Call("walk-order", "2000"),
    Call("walk-order", "2001"),
    Call("walk-order", "3000"),
    Call("walk-order", "4000"),
    Call("walk-order", "4001"),
    Call("walk-twice", "1234"),
    Call("walk-words", "0049301234"),
    Call("walk-going", "1"),
    Call("walk-going", "2"),
    Call("walk-going", "3"),
    Call("walk-going", "4"),
    Call("walk-going", "5"),
    Call("walk-going", "6"),
    Call("walk-subs", "100"),
    Call("walk-subs", "101"),
    Call("walk-subs", "102"),
    Call("walk-subs", "103"),
    Call("walk-subs", "104"),
    Call("walk-local", "100"),
    Call("walk-local", "200", answers=(SILENT, ANSWERED)),
    Call("walk-keys", "100"),
    Call("walk-keys", "100", keyed=("12",)),
    Call("walk-keys", "100", keyed=("77",)),
    Call("walk-keys", "100", keyed=("13",)),
    Call("walk-keys", "100", keyed=("3456",)),
    Call("walk-keys", "100", keyed=("34",)),
    Call("walk-keys", "100", keyed=("56",)),
    Call("walk-out", "0049301234", verdicts=(ALLOW,), answers=(ANSWERED,)),
    Call("walk-out", "0049301234", verdicts=(DENY,)),
    Call("walk-out", "*200301234", verdicts=(ALLOW, ALLOW), answers=(SILENT, ANSWERED)),
    Call("walk-out", "*300301234", answers=(ANSWERED,)),
    Call("walk-out", "*400301234", verdicts=(ALLOW,), answers=(SILENT, ANSWERED)),
]


@pytest.fixture
def nasty(asterisk: Asterisk) -> Iterator[str]:
    """The dialplan of these tests, loaded beside that of the rig."""
    conf = asterisk.home / "etc" / "extensions.conf"
    before, text = conf.read_text(), NASTY.read_text()
    conf.write_text(f"{before}\n{text}\n{KEYING}")
    asterisk.cli("dialplan reload")
    yield text
    conf.write_text(before)
    asterisk.cli("dialplan reload")


@pytest.mark.parametrize(
    "call", CALLS, ids=lambda call: "-".join([call.context, call.dialled, *call.keyed])
)
def test_the_walker_walks_as_asterisk_does(
    call: Call, nasty: str, asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """Each channel takes the same steps with the same words, and the same reaches the trunk."""
    verdicts = iter(call.verdicts)

    def answer(asked: Conversation) -> None:
        if asked.script != "outbound":
            asked.tell(GUARD_RELEASED="yes")
        elif next(verdicts, False):
            asked.allow(judged(asked.arguments["dialled"]))
        else:
            asked.tell(GUARD_CALL=asked.uniqueid, GUARD_VERDICT="DENY", GUARD_CAUSE="21")

    stand_in.answer = answer
    walked = walk(dialplan(nasty), Devices(frozenset({"101"}), frozenset({"my-trunk"})), call)
    before = len(asterisk.log)
    keys = call.keyed[0] if call.keyed else "none"
    caller = f"Local/{call.dialled}@{call.context}/n"
    asterisk.cli(f"channel originate {caller} extension {keys}@keying")
    if walked.trail:
        until(lambda: EXECUTED.search(asterisk.log, before) is not None)
    asterisk.wait_idle()
    trails: dict[str, list[tuple[str, ...]]] = {}
    for extension, context, priority, application, channel, words in EXECUTED.findall(
        asterisk.log[before:]
    ):
        said = UNIQUEID.sub("ID", words)
        trails.setdefault(channel, []).append((context, extension, priority, application, said))
    expected: dict[int, list[tuple[str, ...]]] = {}
    for trod in walked.trail:
        said = UNIQUEID.sub("ID", trod.arguments)
        step = (trod.context, trod.extension, str(trod.priority), trod.application, said)
        expected.setdefault(trod.channel, []).append(step)
    assert sorted(trails.values()) == sorted(expected.values())
    users = [each.device.partition("/")[2].partition("@")[0] for each in walked.reached]
    assert sorted(trunk.calls) == sorted(users)
