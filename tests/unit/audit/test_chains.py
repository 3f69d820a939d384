"""Steps become extensions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fastagi.audit.chains import HINT, ContextDraft, key_of, without_blanks
from fastagi.audit.dialplan import Include, Step, Switch
from fastagi.audit.place import Place

HERE = Place("extensions.conf", 1)
STEP = Step("100", "", 1, "", "NoOp", "", HERE)


@pytest.mark.parametrize(
    ("extension", "kept", "found_by"),
    [
        ("100", "100", "100"),
        ("1 0-0", "10-0", "100"),
        ("_1 -[2 3]-4", "_1-[2 3]-4", "_1[2 3]4"),
        ("1[2 3]", "1[23]", "1[23]"),
        ("", "", ""),
    ],
)
def test_blanks_are_left_out(extension: str, kept: str, found_by: str) -> None:
    """But not in the sets of a pattern; dashes are kept, and do not count."""
    assert without_blanks(extension) == kept
    assert without_blanks(extension, dashes=False) == found_by


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("1-00", "100", True),
        ("_nxz", "_NXZ", True),
        ("nxz", "NXZ", False),
        ("_[123]", "_[1-3]", True),
        ("_[321]", "_[1-3]", True),
        ("_a[xX]", "_a[Xx]", True),
        ("_a[x]", "_a[X]", False),
        ("_1[2", "_1[2", True),
        ("100", "_100", False),
    ],
)
def test_extensions_are_told_apart(one: str, other: str, alike: bool) -> None:
    """By what they match, not by how they are written."""
    assert (key_of(one, "") == key_of(other, "")) is alike
    assert (key_of("1", one) == key_of("1", other)) is alike
    assert key_of(one, "5") != key_of(one, "")


def test_the_first_of_a_priority_is_kept() -> None:
    """The other is told where that is; for other callers it is another extension."""
    draft = ContextDraft("inside", HERE)
    later = Place("extensions.conf", 9)
    assert draft.add(STEP) is None
    assert draft.add(replace(STEP, place=later)) == STEP
    assert draft.add(replace(STEP, caller_id="555", place=later)) is None
    assert [each.caller_id for each in draft.done().steps] == ["", "555"]


def test_a_label_is_an_extensions_only_once() -> None:
    """Asterisk drops the second, and keeps the step."""
    draft = ContextDraft("inside", HERE)
    draft.add(replace(STEP, label="a"))
    draft.add(replace(STEP, label="a", priority=2))
    draft.add(replace(STEP, label="a", extension="200"))
    assert [each.label for each in draft.done().steps] == ["a", "", "a"]
    assert draft.labelled(replace(STEP, label="a")) == replace(STEP, label="a")
    assert draft.labelled(replace(STEP, label="b")) is None


def test_a_label_is_looked_for_only_up_to_the_next_step() -> None:
    """Of one that stands further behind Asterisk takes no notice."""
    draft = ContextDraft("inside", HERE)
    draft.add(replace(STEP, label="a", priority=9))
    draft.add(replace(STEP, label="a", priority=7))
    draft.add(replace(STEP, priority=5))
    draft.add(replace(STEP, label="a", priority=3))
    labels = {each.priority: each.label for each in draft.done().steps}
    assert labels == {9: "a", 7: "", 5: "", 3: "a"}


def test_a_label_may_be_that_of_the_extension_for_all() -> None:
    """Where the one for some callers has none."""
    draft = ContextDraft("inside", HERE)
    draft.add(replace(STEP, label="a"))
    assert draft.labelled(replace(STEP, label="a", caller_id="5")) == replace(STEP, label="a")


def test_a_hint_is_no_step_and_names_its_extension() -> None:
    """It comes first, and a second is one too many."""
    draft = ContextDraft("inside", HERE)
    hint = replace(STEP, extension="1-00", priority=HINT)
    assert draft.add(STEP) is None
    assert draft.add(hint) is None
    assert draft.add(hint) == hint
    assert draft.done().steps == (replace(STEP, extension="1-00"),)


def test_an_extension_bears_one_name() -> None:
    """That of its lowest priority, as Asterisk lists it."""
    draft = ContextDraft("inside", HERE)
    draft.add(replace(STEP, extension="100", priority=2))
    draft.add(replace(STEP, extension="1-00", priority=1))
    assert [(each.extension, each.priority) for each in draft.done().steps] == [
        ("1-00", 2),
        ("1-00", 1),
    ]


def test_ways_elsewhere_are_kept_once() -> None:
    """An include is another with other hours."""
    draft = ContextDraft("inside", HERE)
    assert draft.include(Include("a", "", HERE))
    assert not draft.include(Include("A", "", HERE))
    assert draft.include(Include("a", "9:00-10:00,*,*,*", HERE))
    assert draft.switch(Switch("Realtime", "@", HERE))
    assert not draft.switch(Switch("realtime", "@", HERE))
    context = draft.done()
    assert len(context.includes) == 2
    assert len(context.switches) == 1
    assert (context.name, context.place) == ("inside", HERE)
