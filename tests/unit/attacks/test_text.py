"""A report in plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.attacks import attacked, text
from fastagi.attacks.tally import Tally
from fastagi.signs.sign import Sign
from tests.unit.attacks.samples import NOW, a_line, an_entry, month, of_hostile

QUIET = """\
Attacks on office, 2026-11-30 to 2026-12-01
Attacks: the book of all gates that share the store. Calls: the record of decisions of this gate, \
0 files, 0 calls, 0 refused.

Let through, from whom was attacked
There is no attack in the book, so no call is one of an attack.

Attacks
None in the book.

Day by day (UTC)
                     per day  most
  calls refused       |       0
  calls let through   |       0

From where
Nothing.

What was tried
Nothing.

What it would have cost
0 calls refused whose price nobody knows; 0 calls refused that would have cost nothing.
An estimate: 10 minutes for each refused call, at its price a minute when it was refused. Who is \
refused tries again, and each try counts; a thief talks for longer where he can. Calls without a \
known price are counted, and cost nothing here.

What held
Locked out at this moment: 0.
"""

ATTACKED = """\
Attacks on office, 2026-11-30 to 2026-12-01
Attacks: the book of all gates that share the store. Calls: the records of decisions of 2 gates, \
3 files, 3 calls, 2 refused.

Let through, from whom was attacked
1 outside call, during an attack on the extension or from the address, or within a day after it. \
Ask whose they were.
  when                 site    extension  to             country  by rule  \
showed    cost     ref.  because of
  2026-11-30 23:50:00  office  101        +39021234xxxx  IT       abroad   \
pin+totp  unknown  4071  guessing of extension 101

Attacks
  sign      entries
  guessing  1

  when                    site    watch      seen                                 country  done
  2026-11-30 23:00–23:30  office  passwords  10 wrong passwords from 203.0.113.7  NL       told of

Day by day (UTC)
                     per day  most
  guessing           █|       1
  calls refused      █|       2
  calls let through  █|       1

From where
  address, proven  times
  203.0.113.7      1
  network         times
  203.0.113.0/24  1
  country  times
  NL       1

What was tried
  account  times
  101      1
  number, of whom was attacked  times
  +39021234xxxx                 2
  destination of refused calls  times
  international IT              2

What it would have cost
2.50 GBP for 1 refused call; of these 2.50 GBP for 1 of whom was attacked, or attacked.
1 call refused whose price nobody knows; 0 calls refused that would have cost nothing.
An estimate: 10 minutes for each refused call, at its price a minute when it was refused. Who is \
refused tries again, and each try counts; a thief talks for longer where he can. Calls without a \
known price are counted, and cost nothing here.

What held
  refused because  by      calls
  rule             abroad  2

  done about attacks  entries
  told of             1
Locked out at this moment: 4.
"""


def written(tally: Tally, **said: int) -> str:
    """Return the text of a report."""
    return "".join(f"{each.text}\n" for each in text.lines(tally.report(**said)))


def test_a_day_without_an_attack() -> None:
    """Says so, in each of its parts."""
    assert written(Tally(["office"], NOW - 86_400, NOW, mask=4)) == QUIET


def test_a_day_with_one() -> None:
    """To the letter."""
    tally = Tally(["office"], NOW - 86_400, NOW, mask=4)
    tally.note(an_entry(countries=("NL",)))
    tally.take(a_line(verdict="allow", reason="allowed", shown=["pin", "totp"]))
    tally.take(a_line())
    tally.take(a_line(price=""))
    assert written(tally, files=3, gates=2, locked_out=4) == ATTACKED


def test_names_that_were_forgotten_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their calls were not looked at."""
    monkeypatch.setattr(attacked, "WINDOWS", 1)
    tally = Tally(["office"], NOW - 86_400, NOW, mask=4)
    tally.note(an_entry())
    assert "the calls of 1 attacked names were not looked at." in written(tally)


def test_what_is_not_listed_is_counted() -> None:
    """Calls, entries, evidence without an entry, and who was forgotten."""
    tally = Tally(["a", "b", "c", "d"], NOW - 86_400, NOW, mask=4)
    for n in range(12):
        tally.note(an_entry(name=f"{n}", site="a"))
    tally.note(an_entry(site="a", watch="", others=5))
    for n in range(60):
        tally.take(a_line(verdict="allow", site="a", call=f"{n}"))
    for n in range(20):
        tally.take(a_line(site="a", rule=f"{n}"))
    said = written(tally)
    assert "Attacks on a, b, c and others, " in said
    assert "60 outside calls, of which 50 are listed, during" in said
    assert "2 more entries of the book are not listed; 5 pieces of evidence had no entry" in said
    assert "\nothers: 10 calls\n" in said


def test_no_call_let_through_is_good_news() -> None:
    """Where there was an attack."""
    tally = Tally(["office"], NOW - 86_400, NOW, mask=4)
    tally.note(an_entry(Sign.ENUMERATION))
    assert "None: no outside call of an attacked extension" in written(tally, files=1)
    assert "There is no record of decisions, so nobody knows" in written(tally)


def test_the_summary_is_short() -> None:
    """For a chat: what was let through, what there was, what it would have cost."""
    said = text.summary(month())
    assert len(said) < 1_500
    for part in ("17 outside calls", "success-after-guessing: 1", "1052.50 GBP", "10 minutes"):
        assert part in said
    quiet = text.summary(Tally(["office"], NOW - 86_400, NOW, mask=4).report())
    assert "There is no attack in the book" in quiet
    assert "estimate" not in quiet


def test_each_bar_that_is_not_nothing_shows() -> None:
    """Also beside a very high one."""
    days = [line.text for line in text.lines(month()) if line.text.startswith("  calls refused ")]
    (line,) = days
    assert line.split()[-1] == "42"
    assert "▁" in line
    assert "█" in line


@given(hostile=st.text(max_size=80))
def test_no_hostile_text_breaks_a_line(hostile: str) -> None:
    """Whatever an attacker calls himself, there are as many lines, all of them fit to be shown."""
    usual = [each.text for each in text.lines(of_hostile("x"))]
    lines = [each.text for each in text.lines(of_hostile(hostile or "x"))]
    assert all(line.isprintable() for line in lines)
    assert [each for each in lines if not each.startswith("  ")][:3] == usual[:3]
    assert all(line.isprintable() for line in text.summary(of_hostile(hostile)).split("\n"))
