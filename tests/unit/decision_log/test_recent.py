"""The end of the record as it grows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from fastagi.decision_log import recent
from fastagi.decision_log.recent import SLOT_S, SLOTS, Recent, Slot

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_767_607_200.0
"""On a quarter of an hour."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the record is to be."""
    return tmp_path / "decisions.jsonl"


def line(reference: str = "4071", at: float = NOW, **parts: str) -> str:
    """Return a decision as it is written."""
    time = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    entry = {"time": time.replace("+00:00", "Z"), "site": "office", "node": "pbx"}
    entry |= {"verdict": "allow", "reason": "rule", "policy": "0123", "reference": reference}
    return json.dumps(entry | parts) + "\n"


def append(path: Path, *lines: str) -> None:
    """Write on."""
    with path.open("a") as file:
        file.writelines(lines)


def references(read: Recent) -> list[str]:
    """Return what it has, oldest first."""
    return [str(each["reference"]) for each in read.latest]


def test_what_is_new_is_read_once(path: Path) -> None:
    """Also what was there before it began; a file that is not there is an empty one."""
    read = Recent(path)
    assert read.catch_up(NOW) == 0
    append(path, line("0001"), line("0002"))
    assert read.catch_up(NOW) == 2
    append(path, line("0003"))
    assert read.catch_up(NOW) == 1
    assert read.catch_up(NOW) == 0
    assert references(read) == ["0001", "0002", "0003"]
    read.close()


def test_a_line_is_read_when_it_is_whole(path: Path) -> None:
    """A writer may be in the middle of it; what is no line of ours is passed over."""
    whole = line("0001")
    append(path, "rubbish\n", "[]\n", '{"time": "never"}\n', whole[:20])
    read = Recent(path)
    assert read.catch_up(NOW) == 0
    append(path, whole[20:])
    assert read.catch_up(NOW) == 1
    read.close()


def test_a_line_without_an_end_is_not_kept(path: Path) -> None:
    """Nor one that is longer than any of ours."""
    read = Recent(path)
    append(path, "x" * (recent.LINE_BYTES + 1))
    assert read.catch_up(NOW) == 0
    append(path, "\n", line("0001", channel="x" * recent.LINE_BYTES), line("0002"))
    assert read.catch_up(NOW) == 1
    assert references(read) == ["0002"]
    read.close()


def test_it_goes_on_in_the_file_that_follows(path: Path) -> None:
    """After the last line of the one that was rotated away."""
    read = Recent(path)
    append(path, line("0001"))
    read.catch_up(NOW)
    append(path, line("0002"))
    path.rename(path.with_suffix(".jsonl.1"))
    assert read.catch_up(NOW) == 1
    append(path, line("0003"))
    assert read.catch_up(NOW) == 1
    append(path, line("0004"))
    assert read.catch_up(NOW) == 1
    assert references(read) == ["0001", "0002", "0003", "0004"]
    read.close()


def test_a_file_that_is_gone_is_waited_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two looks, even."""
    read = Recent(path)
    append(path, line("0001"))
    read.catch_up(NOW)
    append(path, line("0002"))

    def gone(_: Recent, __: int) -> bool:
        path.unlink()
        return True

    monkeypatch.setattr(Recent, "_is_another", gone)
    assert read.catch_up(NOW) == 1
    monkeypatch.undo()
    assert read.catch_up(NOW) == 0
    append(path, line("0003"))
    assert read.catch_up(NOW) == 1


def test_a_file_that_was_cut_begins_anew(path: Path) -> None:
    """`copytruncate` of logrotate."""
    read = Recent(path)
    append(path, line("0001"), line("0002"))
    read.catch_up(NOW)
    path.write_text(line("0003"))
    assert read.catch_up(NOW) == 1
    assert references(read) == ["0001", "0002", "0003"]
    read.close()


def test_of_the_past_only_so_much_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And of what came while nobody looked: it begins anew, and says from when on."""
    monkeypatch.setattr(recent, "MOST_BYTES", 1000)
    append(path, *(line(f"{number:04}", NOW + number) for number in range(100)))
    read = Recent(path)
    read.catch_up(NOW + 100)
    assert 3 < len(read.latest) < 10
    assert references(read)[-1] == "0099"
    assert read.since == NOW + int(references(read)[0])
    append(path, *(line(f"{number:04}", NOW + number) for number in range(100, 200)))
    read.catch_up(NOW + 200)
    assert references(read)[-1] == "0199"
    assert 3 < len(read.latest) < 10
    assert read.since == NOW + int(references(read)[0])
    read.close()


def test_the_day_is_counted_by_quarters_of_an_hour(path: Path) -> None:
    """By site, verdict and reason; what is older than a day is counted no more."""
    append(
        path,
        line(at=NOW - SLOTS * SLOT_S - 1),
        line(at=NOW - 1),
        line(at=NOW),
        line(at=NOW + 1),
        line(at=NOW, verdict="deny", reason="wrong-code", site="branch"),
    )
    read = Recent(path)
    assert read.catch_up(NOW) == 5
    assert read.counts == {
        Slot(int(NOW) - SLOT_S, "office", "allow", "rule"): 1,
        Slot(int(NOW), "office", "allow", "rule"): 2,
        Slot(int(NOW), "branch", "deny", "wrong-code"): 1,
    }
    read.catch_up(NOW + (SLOTS + 1) * SLOT_S)
    assert read.counts == {}
    read.close()


def test_which_policy_judged_last_is_known_by_node(path: Path) -> None:
    """Of each site; decisions without a policy say nothing of it."""
    append(path, line(), line(policy="4567"), line(node="other"), line(policy=""))
    read = Recent(path)
    read.catch_up(NOW)
    assert {of: version for of, (version, _) in read.versions.items()} == {
        ("office", "pbx"): "4567",
        ("office", "other"): "0123",
    }
    read.close()


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """To whoever follows."""
    with pytest.raises(OSError):  # noqa: PT011 - whichever
        Recent(tmp_path).catch_up(NOW)


def test_a_call_that_is_over_was_counted_when_it_was_let_through(path: Path) -> None:
    """What it cost is among the latest, and no decision more."""
    append(path, line("0001"), line("0001", reason="settled", verdict="allow"))
    read = Recent(path)
    read.catch_up(NOW)
    assert references(read) == ["0001", "0001"]
    assert sum(read.counts.values()) == 1
