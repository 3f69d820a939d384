"""Counts and examples."""

from __future__ import annotations

from fastagi.cdr.tally import EXAMPLES, NAMES, WORDS, Kind, Tally, printable


def test_what_is_left_out_is_counted_and_shown() -> None:
    """A few of each kind."""
    tally = Tally()
    for number in range(EXAMPLES + 2):
        tally.skip(Kind.BROKEN, f"Master.csv:{number}", "x\x1b[31m")
    tally.skip(Kind.LOCAL, "Master.csv:9", "")
    assert tally.skipped == {Kind.BROKEN: EXAMPLES + 2, Kind.LOCAL: 1}
    assert tally.examples[Kind.BROKEN][0] == "Master.csv:0: x�[31m"
    assert len(tally.examples[Kind.BROKEN]) == EXAMPLES
    assert tally.examples[Kind.LOCAL] == ["Master.csv:9"]


def test_every_kind_has_its_words() -> None:
    """Whoever adds one says what it is called."""
    assert set(WORDS) == set(Kind)


def test_a_trunk_is_who_does_both() -> None:
    """Calls come in by it, and go out."""
    tally = Tally()
    tally.came_in_by("101")
    tally.came_in_by("my-trunk")
    tally.carried_by("my-trunk")
    tally.carried_by("102")
    assert tally.trunks == {"my-trunk"}


def test_made_up_names_fill_no_memory() -> None:
    """More endpoints than any machine has are not remembered."""
    tally = Tally()
    for number in range(NAMES + 5):
        tally.came_in_by(f"{number}")
        tally.carried_by(f"{number}")
    assert len(tally.trunks) == NAMES


def test_another_process_is_told_everything() -> None:
    """As plain values."""
    tally = Tally()
    tally.rows, tally.calls, tally.folded = 7, 5, 1
    tally.skip(Kind.LOCAL, "Master.csv:9", "Local/…")
    tally.note("an hour off")
    tally.note("an hour off")
    tally.untimed.append("small.csv")
    tally.came_in_by("my-trunk")
    tally.carried_by("my-trunk")
    other = Tally()
    other.take(tally.state())
    assert other.state() == tally.state()
    assert (other.rows, other.calls, other.folded, other.trunks) == (
        *(7, 5, 1),
        frozenset({"my-trunk"}),
    )
    assert (other.notes, other.untimed) == (["an hour off"], ["small.csv"])


def test_printable() -> None:
    """One line, short, and nothing that a terminal obeys."""
    assert printable("a\nb\x9b" + "c" * 200) == "a�b�" + "c" * 116 + "…"
