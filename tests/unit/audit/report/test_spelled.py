"""The report in words."""

from __future__ import annotations

from dataclasses import replace

from fastagi.audit.report.spelled import Tone, spell, summary
from tests.unit.audit.report.samples import ALL, HOSTILE, LOADED, UNGATED, WEAK, WHOLE_FILE

SAID = """\
HIGH: paid calls pass, or a stranger gets in (1)

sub/my dialplan.conf:12: endpoint `101` reaches `PJSIP/…@my-trunk` without the gate's yes \
[ungated-trunk]
  the way:
    pjsip.conf:3                            endpoint `101`: context = phones
    extensions.conf:7        phones,_9X.,1  Goto(outside,${EXTEN},1)
    sub/my dialplan.conf:12  outside,_X.,2  Dial(PJSIP/${EXTEN}@my-trunk)
  do this: ask the gate before this Dial

MEDIUM: it takes one more mistake (1)

manager.conf: `manager.conf` can be read by everybody [secrets-readable]
  do this: `chmod o= manager.conf`

LOW: worth a look (1)

the loaded dialplan: `Dial(${WHERE})` may be anything [cannot-be-known]
  the way:
    the loaded dialplan  inside,s,1  Dial(${WHERE})
  do this: name the context

ACCEPTED (1)

pjsip.conf:30: the password of `102` is the extension itself [weak-password]
  because: a lift's phone

"""


def test_the_worst_comes_first_and_ways_are_spelled() -> None:
    """In columns; what is accepted comes last, with the reason."""
    lines = list(spell(ALL, {WEAK: "a lift's phone"}))
    assert "".join(f"{each.text}\n" for each in lines) == SAID


def test_tones_tell_severities_apart() -> None:
    """What is to be done has one of its own."""
    tones = [each.tone for each in spell([UNGATED, LOADED, WHOLE_FILE], {})]
    assert {Tone.HEADING, Tone.HIGH, Tone.MEDIUM, Tone.LOW, Tone.CURE} <= set(tones)


def test_a_way_outside_the_dialplan_has_two_columns() -> None:
    """There is nothing to stand in the middle."""
    lines = [each.text for each in spell([replace(UNGATED, way=UNGATED.way[:1])], {})]
    assert "    pjsip.conf:3  endpoint `101`: context = phones" in lines


def test_nothing_that_was_read_steers_the_terminal() -> None:
    """Whatever a context, a file or a reason holds."""
    place = replace(UNGATED.place, file=HOSTILE)
    hop = replace(UNGATED.way[1], context=HOSTILE, text=HOSTILE, place=place)
    bad = replace(UNGATED, message=HOSTILE, advice=HOSTILE, place=place, way=(hop,))
    for reasons in ({}, {bad: HOSTILE}):
        assert all(each.text.isprintable() for each in spell([bad], reasons))


def test_ways_to_one_line_are_told_together() -> None:
    """The first is spelled; of the others it is said where they begin, each once."""
    other = replace(UNGATED.way[0], text="guests")
    alike = [
        replace(UNGATED, way=(other, *UNGATED.way[1:])),
        replace(UNGATED, way=(other, *UNGATED.way[2:])),
        replace(UNGATED, way=()),
    ]
    lines = [each.text for each in spell([UNGATED, *alike], {})]
    assert lines[0].endswith("(4)")
    assert lines.count("  the way:") == 1
    assert lines[-3:] == [
        "  and so from: guests",
        "  do this: ask the gate before this Dial",
        "",
    ]


def test_a_sum_is_told() -> None:
    """Of what is open, and how many are accepted."""
    assert summary([], {}) == "no findings"
    assert summary([UNGATED, WEAK, WHOLE_FILE, LOADED], {}) == "1 high, 2 medium, 1 low"
    assert summary([UNGATED, WEAK], {WEAK: "why"}) == "1 high; 1 accepted"
    assert summary([WEAK], {WEAK: "why"}) == "no findings; 1 accepted"
