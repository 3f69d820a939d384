"""Out of the shadow in one step: the text is edited, tried, and only then written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tomlkit.exceptions import TOMLKitError

from fastagi.errors import PolicyError
from fastagi.policy.loading import load
from fastagi.shadows import promoting
from fastagi.shadows.promoting import Named, Part

if TYPE_CHECKING:
    from pathlib import Path

POLICY = """\
# The office.
[site]
name = "office"      # as everywhere
country = "GB"
timezone = "Europe/London"
internal = ["1XX"]
outside_prefix = "9"

[classes]
staff = ["1XX"]

# Nobody calls these.
[[rule]]
name   = "dear"
to     = ["premium"]
shadow = true        # until Monday
then   = "deny"

[[rule]]
name = "all-else"
to = ["premium", "national"]
then = "allow"

[[limit]]  # of a thief
shadow = true
name = "two"
per = "extension"
calls = 2
# the end
"""
CASES = """\
[[case]]
name = "a 909 number"
call = { from = "101", dial = "909098790000", at = "2026-03-02T10:00:00" }
expect = { verdict = "allow", rule = "all-else" }
"""
DEAR = Named(Part.RULE, "dear")
TWO = Named(Part.LIMIT, "two")


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """The policy's file."""
    file = tmp_path / "office.toml"
    file.write_text(POLICY)
    file.chmod(0o640)
    return file


def test_one_rule_comes_into_force_and_nothing_else_changes(office: Path) -> None:
    """Comments, order, blanks and mode stay; it is in force once it is loaded."""
    edited = promoting.edit(office, [DEAR, DEAR], shadow=False)
    assert (edited.changed, office.read_text()) == ((DEAR,), POLICY)
    promoting.write(edited)
    without = POLICY.replace("shadow = true        # until Monday\n", "")
    assert office.read_text() == without
    assert [each.shadow for each in load(office).rules] == [False, False]
    assert office.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in office.parent.iterdir()] == ["office.toml"]


def test_all_that_is_in_shadow(office: Path) -> None:
    """By no name; and when that is nothing, that is said."""
    assert promoting.in_shadow(load(office)) == (DEAR, TWO)
    edited = promoting.edit(office, None, shadow=False)
    promoting.write(edited)
    assert (edited.changed, promoting.in_shadow(edited.policy)) == ((DEAR, TWO), ())
    assert "shadow" not in office.read_text()
    with pytest.raises(PolicyError, match="nothing in it is under `shadow`"):
        promoting.edit(office, None, shadow=False)


def test_back_into_the_shadow(office: Path) -> None:
    """To undo it is to do the other; what was in shadow is so again."""
    promoting.write(promoting.edit(office, None, shadow=False))
    promoting.write(promoting.edit(office, [DEAR, TWO], shadow=True))
    assert promoting.in_shadow(load(office)) == (DEAR, TWO)
    text = office.read_text()
    assert 'name   = "dear"\nshadow = true\nto' in text
    assert 'name = "two"\nshadow = true\nper' in text
    assert text.endswith("# the end\n")


@pytest.mark.parametrize(
    "rules",
    [
        'rule = [{ name = "dear", to = ["premium"], then = "deny" }]',
        "[[rule]]\nshadow = false\nname = 'dear'\nto = ['premium']\nthen = 'deny'",
        "[[rule]]\nto = ['premium']\nthen = 'deny'\nname = 'dear'",
        '[[rule]]\nname = """\ndear"""\nto = [\'premium\']\nthen = \'deny\'',
    ],
)
def test_however_it_is_written(office: Path, rules: str) -> None:
    """In one line, at the end of its entry, over several lines."""
    head = POLICY[: POLICY.index("# Nobody")]
    office.write_text(f"{rules}\n{head}" if rules.startswith("rule =") else f"{head}\n{rules}\n")
    before = office.read_text()
    promoting.write(promoting.edit(office, [DEAR], shadow=True))
    assert promoting.in_shadow(load(office)) == (DEAR,)
    promoting.write(promoting.edit(office, [DEAR], shadow=False))
    assert load(office).rules[0].shadow is False
    assert before.replace("shadow = false", "").split() == office.read_text().split()


def test_a_case_that_fails_then_keeps_it_out_of_force(office: Path) -> None:
    """Which, and where it stands; nothing is written."""
    (office.parent / "office.cases.toml").write_text(CASES)
    said = r"office\.cases\.toml:1: case `a 909 number` fails then: verdict is `deny`"
    with pytest.raises(PolicyError, match=said):
        promoting.edit(office, [DEAR], shadow=False)
    assert office.read_text() == POLICY
    promoting.edit(office, [TWO], shadow=False)


@pytest.mark.parametrize(
    ("wanted", "shadow", "said"),
    [
        (Named(Part.RULE, "x"), False, "there is no rule `x`; there is `dear`, `all-else`"),
        (Named(Part.WATCH, "x"), False, "there is no watch `x`; there is none"),
        (Named(Part.RULE, "all-else"), False, r"toml:19: rule `all-else` is in force, and not"),
        (DEAR, True, r"toml:13: rule `dear` is in shadow already"),
    ],
)
def test_what_cannot_be_done_is_said(office: Path, wanted: Named, shadow: bool, said: str) -> None:
    """With the line, and what there is."""
    with pytest.raises(PolicyError, match=said):
        promoting.edit(office, [wanted], shadow=shadow)


def test_what_is_broken_is_not_edited(office: Path) -> None:
    """It is told as by `check`."""
    office.write_bytes(b"\xff" + POLICY.encode())
    with pytest.raises(PolicyError, match="no UTF-8"):
        promoting.edit(office, [DEAR], shadow=False)
    office.write_text(POLICY.replace("[[rule]]", "[[rul]]", 1))
    with pytest.raises(PolicyError, match="rul"):
        promoting.edit(office, [DEAR], shadow=False)


def test_who_changed_it_meanwhile_is_not_overwritten(office: Path) -> None:
    """It is to be done again."""
    edited = promoting.edit(office, [DEAR], shadow=False)
    office.write_text(POLICY + "# mine\n")
    with pytest.raises(PolicyError, match="somebody else has changed it meanwhile"):
        promoting.write(edited)
    assert office.read_text().endswith("# mine\n")


def test_line_ends_of_windows_stay(office: Path) -> None:
    """Also of the line that is added."""
    office.write_bytes(POLICY.replace("\n", "\r\n").encode())
    promoting.write(promoting.edit(office, [DEAR], shadow=False))
    promoting.write(promoting.edit(office, [DEAR], shadow=True))
    assert not re.search(rb"(?<!\r)\n", office.read_bytes())
    assert promoting.in_shadow(load(office)) == (DEAR, TWO)


def test_only_a_change_of_shadow_is_ever_written(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An editor of TOML that changes more is found out."""
    dumps = tomlkit.dumps
    monkeypatch.setattr(tomlkit, "dumps", lambda read: dumps(read).replace('"premium"', '"pager"'))
    with pytest.raises(PolicyError, match="cannot be edited without changing more"):
        promoting.edit(office, [DEAR], shadow=False)


def test_what_the_editor_cannot_read_is_said(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads less than the service does, perhaps."""

    def fail(_: str) -> None:
        raise TOMLKitError("no")

    monkeypatch.setattr(tomlkit, "parse", fail)
    with pytest.raises(PolicyError, match="this cannot be edited: no; change `shadow` by hand"):
        promoting.edit(office, [DEAR], shadow=False)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    st.lists(st.sampled_from(["", "# why", "\t# tab"]), min_size=6, max_size=6),
    st.sets(st.sampled_from([DEAR, TWO]), min_size=1),
)
def test_there_and_back_is_the_same_policy(
    office: Path, comments: list[str], wanted: set[Named]
) -> None:
    """Wherever comments stand."""
    text = POLICY
    for comment, at in zip(comments, ("shadow = true\n", 'name = "two"', "then "), strict=False):
        text = text.replace(at, f"{comment}\n{at}", 1)
    office.write_text(text)
    chosen = sorted(wanted, key=str)
    before = load(office)
    promoting.write(promoting.edit(office, chosen, shadow=False))
    promoting.write(promoting.edit(office, chosen, shadow=True))
    after = load(office)
    assert [each.shadow for each in after.rules] == [each.shadow for each in before.rules]
    assert [each.shadow for each in after.limits] == [each.shadow for each in before.limits]
