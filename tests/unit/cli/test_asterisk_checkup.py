"""What `dialguard doctor` looks at in Asterisk's folders."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fastagi.call.channel import Script, Variable
from fastagi.cli import asterisk_checkup
from fastagi.cli.asterisk_checkup import dialplan_is_wired, sounds_are_there
from fastagi.emergency_dialplan import emergency_conf
from fastagi.prompts.catalogue import PROMPTS, REFUSALS
from tests.unit.cli.test_checkup import marks

if TYPE_CHECKING:
    from collections.abc import Callable

EXTENSIONS = """\
[globals]
DIALGUARD_EMERGENCY_TRUNK = my-trunk
#include "dialguard.conf"
#include "emergency.conf"
[outside]
exten => _[+*0-9]!,1,Gosub(dialguard,outbound,1(${EXTEN}))
"""
WIRED = ["OK"] * 5


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    """Return a folder with an Asterisk's configuration."""
    folder = tmp_path / "asterisk"
    folder.mkdir()
    (folder / "extensions.conf").write_text(EXTENSIONS)
    words = " ".join(Variable)
    called = "".join(f"feature,1({each})" for each in Script if each is not Script.RELEASE)
    (folder / "dialguard.conf").write_text(f"{words} {called} ${{HOST}}/release")
    (folder / "emergency.conf").write_text(emergency_conf("GB", "9", ["999"]))
    (folder / "asterisk.conf").write_text(f"[directories]\nastdatadir => {tmp_path}\n")
    for files in (*PROMPTS.values(), *REFUSALS.values()):
        for sound in files:
            file = tmp_path / "sounds" / "en" / f"{sound}.gsm"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
    return folder


@pytest.fixture
def hide(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Return what hides a file, also from root."""
    read = Path.read_text

    def hide(hidden: Path) -> None:
        def reading(file: Path, encoding: str, errors: str) -> str:
            if file == hidden:
                raise PermissionError(13, "Permission denied", str(file))
            return read(file, encoding, errors)

        monkeypatch.setattr(Path, "read_text", reading)

    return hide


def rewrite(file: Path, old: str, new: str) -> None:
    """Put other words into a file."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_in_a_freepbx_its_own_routes_take_emergency_calls(etc: Path) -> None:
    """With no context of ours for them; where that is included, its trunk is needed as ever."""
    (etc / "emergency.conf").write_text("")
    assert marks(dialplan_is_wired(etc)) == ["OK", "OK", "FAIL", "OK", "OK"]
    rewrite(etc / "extensions.conf", "[outside]", "[macro-dialout-trunk-predial-hook]")
    rewrite(etc / "extensions.conf", "DIALGUARD_EMERGENCY_TRUNK", "X")
    assert marks(dialplan_is_wired(etc)) == ["OK"] * 4
    (etc / "emergency.conf").write_text("[dialguard-emergency]")
    assert marks(dialplan_is_wired(etc)) == ["OK", "OK", "OK", "FAIL", "OK"]


def test_the_dialplan_must_include_ours(etc: Path) -> None:
    """Of this version's contract."""
    assert marks(dialplan_is_wired(etc)) == WIRED
    (etc / "dialguard.conf").write_text("GUARD_VERDICT")
    assert "FAIL" in marks(dialplan_is_wired(etc))
    (etc / "dialguard.conf").unlink()
    assert "FAIL" in marks(dialplan_is_wired(etc))
    for nothing in (";#include dialguard.conf\n", ";-- \n#include dialguard.conf\n--;\n"):
        (etc / "extensions.conf").write_text(nothing)
        assert marks(dialplan_is_wired(etc)) == ["FAIL"]
    (etc / "extensions.conf").unlink()
    assert marks(dialplan_is_wired(etc)) == ["FAIL"]


@pytest.mark.parametrize("included", ['"dialguard/dialguard.conf"', "<dialguard/dial*.conf>"])
def test_the_dialplan_may_include_ours_from_a_folder(etc: Path, included: str) -> None:
    """As the example does, or by a pattern, or by a file that is included itself."""
    (etc / "dialguard").mkdir()
    (etc / "dialguard.conf").rename(etc / "dialguard" / "dialguard.conf")
    rewrite(etc / "extensions.conf", '"dialguard.conf"', included)
    assert marks(dialplan_is_wired(etc)) == WIRED
    (etc / "extensions.conf").rename(etc / "custom.conf")
    (etc / "extensions.conf").write_text(f"#tryinclude {etc}/custom.conf ; ours\n")
    assert marks(dialplan_is_wired(etc)) == WIRED


def test_files_that_include_each_other_end(etc: Path) -> None:
    """Asterisk stops at some depth, too."""
    with (etc / "emergency.conf").open("a") as file:
        file.write("#include extensions.conf\n")
    assert marks(dialplan_is_wired(etc)) == WIRED


def test_the_dialplan_we_ship_is_wired(etc: Path, request: pytest.FixtureRequest) -> None:
    """The routine has every word, and the example everything that it takes."""
    ours = request.config.rootpath / "dialplan"
    (etc / "dialguard").mkdir()
    (etc / "dialguard" / "dialguard.conf").write_text((ours / "dialguard.conf").read_text())
    (etc / "emergency.conf").rename(etc / "dialguard" / "emergency.conf")
    (etc / "extensions.conf").write_text((ours / "extensions.conf").read_text())
    assert marks(dialplan_is_wired(etc)) == [*WIRED, "OK"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("g", "no option of `Dial` stands in the way of ours"),
        ("${OWN}", "line 12: `M`, `p` of `Dial`, beside `${GUARD_DIAL}`, keeps a call"),
        ("U(mine)", "line 12: `U` of `Dial` is in `${GUARD_DIAL}`, too"),
    ],
)
def test_options_that_take_ours_away_are_told_of(etc: Path, options: str, told: str) -> None:
    """With file and line, whatever comments stand before; also those of a global variable."""
    rewrite(etc / "extensions.conf", "[globals]", ";--\na\nb --;\n\n[globals]\nOWN => gM(x)p")
    with (etc / "extensions.conf").open("a") as file:
        file.write(f" same => n,Dial(PJSIP/a@my-trunk,60,{options}${{GUARD_DIAL}})\n")
    *others, found = dialplan_is_wired(etc)
    assert marks(iter(others)) == WIRED
    assert told in found.what
    if "line" in told:
        assert found.what.startswith(f"`{etc / 'extensions.conf'}`")
        assert "leave it out" in found.cure


@pytest.mark.parametrize(
    ("file", "old", "new", "mark"),
    [
        ("emergency.conf", "[dialguard-emergency]", "[emergency]", "FAIL"),
        ("extensions.conf", "DIALGUARD_EMERGENCY_TRUNK = my-trunk", "", "FAIL"),
        ("extensions.conf", "[globals]", "[general]", "FAIL"),
        ("extensions.conf", "= my-trunk", "= ; my-trunk", "FAIL"),
        ("extensions.conf", "Gosub(dialguard,outbound", "Dial(PJSIP/${EXTEN}@my-trunk", "WARN"),
        ("extensions.conf", "exten => _[", ";exten => _[", "WARN"),
    ],
)
def test_what_the_routine_cannot_do_alone_is_looked_for(
    etc: Path, file: str, old: str, new: str, mark: str
) -> None:
    """An emergency number needs a context and a trunk, and a call has to ask."""
    rewrite(etc / file, old, new)
    found = marks(dialplan_is_wired(etc))
    assert (found.count(mark), found.count("OK")) == (1, 4)


def test_globals_may_be_in_a_file_of_their_own(etc: Path) -> None:
    """Its lines stand in the section that includes it."""
    (etc / "globals.conf").write_text("DIALGUARD_EMERGENCY_TRUNK => my-trunk\n")
    own = "#include globals.conf"
    rewrite(etc / "extensions.conf", "DIALGUARD_EMERGENCY_TRUNK = my-trunk", own)
    assert marks(dialplan_is_wired(etc)) == WIRED


@pytest.mark.parametrize("hidden", ["extensions.conf", "dialguard.conf", "emergency.conf"])
def test_what_is_hidden_from_us_is_a_warning(
    etc: Path, hide: Callable[[Path], None], hidden: str
) -> None:
    """On Debian the service's user may not read it, and nothing is wrong with it."""
    hide(etc / hidden)
    found = list(dialplan_is_wired(etc))
    assert {"WARN"} <= set(marks(iter(found))) <= {"OK", "WARN"}
    assert ["as root" in each.cure for each in found if each.cure] == [True]


def test_no_asterisk_here_is_a_warning(tmp_path: Path) -> None:
    """It may be another machine."""
    assert marks(dialplan_is_wired(tmp_path / "nowhere")) == ["WARN"]


def test_a_folder_that_is_hidden_is_a_warning(etc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the other checks go on."""

    def hidden(folder: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(Path, "is_dir", hidden)
    assert marks(dialplan_is_wired(etc)) == ["WARN"]
    assert marks(sounds_are_there(etc, ("en",))) == ["WARN"]


def test_sounds_are_looked_for_in_every_language(
    etc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Callers of a language without them would hear another."""
    assert marks(sounds_are_there(etc, ("en", "es"))) == ["OK", "WARN"]
    (etc / "asterisk.conf").unlink()
    monkeypatch.setattr(asterisk_checkup, "DATA_FOLDERS", (tmp_path / "nowhere", tmp_path))
    assert marks(sounds_are_there(etc, ("en",))) == ["OK"]
    monkeypatch.setattr(asterisk_checkup, "DATA_FOLDERS", ())
    assert marks(sounds_are_there(etc, ("en",))) == ["WARN"]


def test_sounds_that_are_hidden_are_not_called_missing(
    etc: Path,
    tmp_path: Path,
    hide: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where they are usually, they are looked for all the same."""
    hide(etc / "asterisk.conf")
    monkeypatch.setattr(asterisk_checkup, "DATA_FOLDERS", (tmp_path,))
    assert marks(sounds_are_there(etc, ("en",))) == ["OK"]
    monkeypatch.setattr(asterisk_checkup, "DATA_FOLDERS", ())
    (hidden,) = sounds_are_there(etc, ("en",))
    assert "asterisk.conf" in hidden.what
    monkeypatch.setattr(asterisk_checkup, "DATA_FOLDERS", (tmp_path,))
    monkeypatch.setattr(os, "access", lambda *_: False)
    (hidden,) = sounds_are_there(etc, ("en",))
    assert "as root" in hidden.cure
