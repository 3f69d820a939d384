"""Asterisk's `.conf` files: files in files, and what is told of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.audit.conf import read_conf
from fastagi.audit.conf_lines import LINE_MAX
from fastagi.audit.finding import Kind, Severity

if TYPE_CHECKING:
    from fastagi.audit.conf import Conf
    from tests.unit.audit.conftest import Etc


def shown(conf: Conf) -> dict[str, list[str]]:
    """Return the settings by the names of their sections, as `name=value@file:line`."""
    return {
        each.name: [f"{own.name}={own.value}@{own.place}" for own in each.settings]
        for each in conf.sections
    }


def told(conf: Conf) -> list[str]:
    """Return where something is found, of what kind, and how bad."""
    return [f"{each.place} {each.kind.value} {each.severity.value}" for each in conf.findings]


def test_a_file_is_read(etc: Etc) -> None:
    """Sections, settings and their places; comments are no part of it."""
    conf = read_conf(
        etc({"x.conf": "; x\n[a]\nb = c ; d\n;-- e = f\n--;\ng => h\\;i\r\n"}), "x.conf"
    )
    assert shown(conf) == {"a": ["b=c@x.conf:3", "g=h;i@x.conf:6"]}
    assert conf.sections[0].place.line == 2
    assert conf.findings == ()
    assert conf.whole


def test_a_file_that_is_not_there_is_empty(tmp_path: Path) -> None:
    """Most modules do without theirs."""
    conf = read_conf(tmp_path, "x.conf")
    assert (conf.sections, conf.findings, conf.files, conf.whole) == ((), (), (), True)


def test_files_are_included(etc: Etc) -> None:
    """Whatever form the name has; the file that includes goes on in its own section."""
    folder = etc(
        {
            "x.conf": (
                "[a]\n#include y.conf\nd = 4\n#INCLUDE <d/*.conf>\n"
                '#tryinclude "missing.conf"\n\te = 5\n'
            ),
            "y.conf": "b = 2\n[c]\nf = 6\n",
            "d/1.conf": "g = 7\n[h]\n",
            "d/2.conf": "i = 8\n",
        }
    )
    conf = read_conf(folder, "x.conf")
    assert shown(conf) == {
        "a": ["b=2@y.conf:1", "d=4@x.conf:3", "e=5@x.conf:6"],
        "c": ["f=6@y.conf:3", "g=7@d/1.conf:1"],
        "h": ["i=8@d/2.conf:1"],
    }
    assert conf.findings == ()
    names = [str(each.relative_to(folder)) for each in conf.files]
    assert names == ["x.conf", "y.conf", "d/1.conf", "d/2.conf"]


def test_a_file_that_is_missing_ends_the_reading(etc: Etc) -> None:
    """Of the file itself Asterisk takes nothing then."""
    conf = read_conf(etc({"x.conf": "[a]\n#include y.conf\nb = 1\n"}), "x.conf")
    assert shown(conf) == {"a": []}
    assert told(conf) == ["x.conf:2 read-otherwise medium"]
    assert "`y.conf`" in conf.findings[0].message
    assert "takes nothing" in conf.findings[0].message
    assert not conf.whole


def test_a_file_that_breaks_off_lets_others_go_on(etc: Etc) -> None:
    """Whoever includes it is read to the end; others of its pattern are not."""
    folder = etc(
        {
            "x.conf": "[a]\n#include d/*\nb = 1\n",
            "d/1.conf": "c = 2\n[d\ne = 3\n",
            "d/2.conf": "f = 4\n",
        }
    )
    conf = read_conf(folder, "x.conf")
    assert shown(conf) == {"a": ["c=2@d/1.conf:1", "b=1@x.conf:3"]}
    assert told(conf) == ["d/1.conf:2 read-otherwise medium"]
    assert "reads no further" in conf.findings[0].message
    assert conf.whole


def test_a_folder_is_no_file(etc: Etc) -> None:
    """Asterisk leaves out what is none; it opens no device either."""
    folder = etc({"x.conf": "[a]\n#tryinclude d\n#tryinclude p\n", "d/1.conf": ""})
    os.mkfifo(folder / "p")
    conf = read_conf(folder, "x.conf")
    assert conf.findings == ()
    assert conf.files == (folder / "x.conf",)


def test_what_is_included_by_its_absolute_name_is_looked_for_in_the_folder(etc: Etc) -> None:
    """A copy of a configuration names what lay beside it; all else is where it is."""
    outside = etc({"z.conf": "c = 3\n"})
    folder = etc(
        {
            "e/x.conf": f"[a]\n#include /opt/pbx/y.conf\n#include {outside}/z.conf\n",
            "e/y.conf": "b = 1\n",
            "e/asterisk.conf": "[directories]\nastetcdir => /opt/pbx\n",
        }
    )
    conf = read_conf(folder / "e", "x.conf")
    assert shown(conf) == {"a": ["b=1@y.conf:1", f"c=3@{outside}/z.conf:1"]}


def test_programs_are_not_run(etc: Etc, tmp_path: Path) -> None:
    """What one would print is not known; that is told, and the rest is read."""
    conf = read_conf(etc({"x.conf": f"[a]\n#exec touch {tmp_path}/ran\nb = 1\n"}), "x.conf")
    assert shown(conf) == {"a": ["b=1@x.conf:3"]}
    assert told(conf) == ["x.conf:2 cannot-be-read medium"]
    assert not (tmp_path / "ran").exists()


def test_a_file_that_includes_itself_comes_to_an_end(etc: Etc) -> None:
    """Asterisk reads it eleven times; so do we."""
    conf = read_conf(etc({"x.conf": "[a]\nb = 1\n#include x.conf\nc = 2\n"}), "x.conf")
    assert len(conf.sections) == 11
    assert told(conf) == ["x.conf:3 cannot-be-read medium", "x.conf:3 read-otherwise medium"]


def test_files_that_include_each_other_many_times_come_to_an_end(etc: Etc) -> None:
    """Where Asterisk would read for days; what is left out may have been there."""
    conf = read_conf(etc({"x.conf": "[a]\nb = 1\n" + "#include x.conf\n" * 50}), "x.conf")
    assert "cannot-be-read" in told(conf)[0]
    conf = read_conf(etc({"x.conf": "#tryinclude x.conf\n" * 50}), "x.conf")
    assert "cannot-be-read" in told(conf)[0]
    assert conf.whole


def test_each_file_that_breaks_off_counts_as_one_level_of_depth(etc: Etc) -> None:
    """Asterisk counts files down only when they are read to their end."""
    files = {"b.conf": "[b\n", "c.conf": ""}
    ten = read_conf(etc({"x.conf": "#include b.conf\n" * 10, **files}), "x.conf")
    assert ten.whole
    more = read_conf(etc({"x.conf": "#include b.conf\n" * 10 + "#include c.conf\n"}), "x.conf")
    assert not more.whole
    assert "x.conf:11 cannot-be-read medium" in told(more)


def test_a_folder_of_many_files_is_read_to_its_end(
    etc: Etc, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what is read again and again is suspected of going in a circle."""
    monkeypatch.setattr("fastagi.audit.conf.AGAIN_MAX", 3)
    names = {f"d/{number}.conf": "b = 1\n" for number in range(9)}
    main = {"x.conf": "[a]\n#include d/*\n" + "#include e.conf\n" * 5, "e.conf": "c = 1\n"}
    conf = read_conf(etc({**names, **main}), "x.conf")
    assert len(conf.sections[0].settings) == len(names) + 5
    assert conf.findings == ()


def test_what_is_hidden_is_told(etc: Etc, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asterisk may read it: nothing is taken for missing."""
    folder = etc(
        {"x.conf": "[a]\n#include y.conf\n#include d/*\nb = 1\n", "y.conf": "", "d/z": ""}
    )
    read, access = Path.read_bytes, os.access

    def refuse(path: Path) -> bytes:
        if path.name == "y.conf":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    monkeypatch.setattr(os, "access", lambda path, mode: "/d" not in str(path)[-2:])
    conf = read_conf(folder, "x.conf")
    assert shown(conf) == {"a": ["b=1@x.conf:4"]}
    assert told(conf) == ["x.conf:2 cannot-be-read medium", "x.conf:3 cannot-be-read medium"]
    assert access(folder, os.R_OK)


@pytest.mark.parametrize(
    ("text", "line", "severity"),
    [
        ("[a]\nb\n", 2, Severity.LOW),
        ("[a] (b)\n", 1, Severity.LOW),
        (f"[a]\nb = {'c' * LINE_MAX}\n", 2, Severity.LOW),
        (f"[a]\nb = {'ü' * (LINE_MAX // 2)}\n", 2, Severity.LOW),
        ("[a]\n;-- b\nc = d\n", 2, Severity.MEDIUM),
        ("[a]\nb = 1 --; c\nc = d\n", 2, Severity.MEDIUM),
        (";--" * 129, 1, Severity.MEDIUM),
        ("b = 1\n", 1, Severity.MEDIUM),
        ("[a](b)\n", 1, Severity.MEDIUM),
        ("\n# include x.conf\n", 2, Severity.LOW),
        ("#include\n", 1, Severity.LOW),
        ("#exec \n", 1, Severity.LOW),
        ("#secret=4711\n", 1, Severity.LOW),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_asterisk_reads_otherwise_is_told(
    etc: Etc, text: str, line: int, severity: Severity
) -> None:
    """With its line, and what to do about it."""
    conf = read_conf(etc({"x.conf": text}), "x.conf")
    finding = next(each for each in conf.findings if each.place.line == line)
    assert (finding.kind, finding.severity) == (Kind.MISREAD, severity)
    assert finding.advice
    assert "4711" not in finding.message
    assert not any(each.settings and each.settings[-1].name == "c" for each in conf.sections)


def test_a_line_of_the_greatest_length_is_read(etc: Etc) -> None:
    """Bytes are counted, not characters."""
    conf = read_conf(etc({"x.conf": f"[a]\nb={'c' * (LINE_MAX - 2)}\nd=1\n"}), "x.conf")
    assert [each.name for each in conf.sections[0].settings] == ["b", "d"]
    assert conf.findings == ()


def test_a_condition_that_is_not_known_is_told(etc: Etc) -> None:
    """The section that it chooses cannot be said."""
    conf = read_conf(etc({"x.conf": "[a]\n[a](+b=.*c)\n"}), "x.conf")
    assert "x.conf:2 cannot-be-read medium" in told(conf)


def test_bytes_that_are_no_utf_8_are_kept_apart(etc: Etc) -> None:
    """Asterisk takes bytes as they are; a NUL ends the line."""
    conf = read_conf(etc({"x.conf": b"[\xc3\xbc]\nb = \xfc\n\xfd = c\0d\n"}), "x.conf")
    assert shown(conf) == {"ü": ["b=ü@x.conf:2", "ý=c@x.conf:3"]}


def test_what_comes_from_a_database_is_told(etc: Etc) -> None:
    """`extconfig.conf` says so; it comes from none itself."""
    folder = etc(
        {
            "x.conf": "[a]\n#include y.conf\n",
            "y.conf": "b = 1\n",
            "extconfig.conf": "[settings]\nY.conf => odbc,asterisk,y\n#include x.conf\n",
        }
    )
    conf = read_conf(folder, "x.conf")
    assert shown(conf) == {"a": ["b=1@y.conf:1"]}
    assert told(conf) == ["extconfig.conf:2 cannot-be-read medium"]
    assert read_conf(folder, "extconfig.conf").findings == ()


TELLING = (
    *("[a]", "[a](+)", "[b](!)", "[c](a,b)", "[", "[x](", "[a](+b=c)", "a=b", "a+=c", "\\"),
    *(";--", "--;", ";", "#include x.conf", "#tryinclude {x,y}*.conf", "#exec x", "#include /"),
)
LINE = st.one_of(st.text(max_size=12), st.sampled_from(TELLING))


@given(st.lists(LINE, max_size=8), st.binary(max_size=40))
def test_no_text_makes_it_fail(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], noise: bytes
) -> None:
    """Whatever a file holds; each setting has a name and a place in the file."""
    folder = tmp_path_factory.getbasetemp() / "noise"
    folder.mkdir(exist_ok=True)
    text = "\n".join(lines).encode("utf-8", "replace") + b"\n" + noise
    (folder / "x.conf").write_bytes(text)
    conf = read_conf(folder, "x.conf")
    for section in conf.sections:
        for each in section.settings:
            assert each.name
            assert 1 <= each.place.line <= text.count(b"\n") + 1
