"""`lists`: prefixes by the million, and every line that is none is told."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Final

import pytest

from fastagi.errors import PolicyError
from fastagi.policy.lists import PROBLEMS_MAX, read_list


def _list(folder: Path, text: str | bytes) -> Path:
    file = folder / "l.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def _problems(file: Path) -> list[str]:
    with pytest.raises(PolicyError) as refused:
        read_list(file)
    return [f"{each.line}: {each.what}" for each in refused.value.problems]


def test_a_list_is_one_prefix_a_line(tmp_path: Path) -> None:
    """With a plus or without, with remarks, empty lines, and the line ends of any system."""
    file = _list(tmp_path, "\ufeff# a list\n+88213\r\n\n  8835110  # iNum\n+53#Cuba\n53\n")
    table, digest = read_list(file)
    assert len(table) == 3
    assert table.longest("88213999") == "88213"
    assert table.longest("5371234567") == "53"
    assert digest == sha256(file.read_bytes()).digest()


@pytest.mark.parametrize("text", ["", " \n\n", "\ufeff\n"])
def test_a_file_with_nothing_in_it_is_refused(tmp_path: Path, text: str) -> None:
    """A download that failed, or a file being written, would else open what the list closes."""
    (told,) = _problems(_list(tmp_path, text))
    assert told.startswith("0: nothing is in this file")


def test_a_list_can_be_meant_to_be_empty(tmp_path: Path) -> None:
    """That it is odd is for `checking` to say."""
    assert len(read_list(_list(tmp_path, "# none yet\n"))[0]) == 0


@pytest.mark.parametrize(
    "text",
    [
        "prefix\n5355\n3906\n",
        "prefix\r5355\r3906\r",
        "Country,Prefix,Date\r\nCuba,5355,2026-01-05\r\nItaly,3906,2026-01-05\r\n",
        "Country;Prefix;Rate\nCuba;+53 55;0,25\n;;\nItaly;0039 06;0,01\n",
        "Préfixe\tPays\n5355\tCuba\n3906\tItalie # Rome\n".encode("utf-16"),
        b"prefix|land\n5355|S\xe3o Tom\xe9\n3906|x\n",
        "sep=;\nMSISDN;remark\n5355;a,b\n3906;c\n",
        '"Number","remark"\n"+5355","a ""b"", c"\n="+3906",d\n',
        "#,Country,Test Number\n1,Cuba,5355\n2,Italy,3906\n",
        "1,+5355,Cuba,2026-01-05\n2,+3906,Italy,2026-01-05\n",
        "Cuba,5355\n# Europe\nItaly,3906\n",
        "5355  # Cuba, and others\n3906\n",
        "from,to\n5355000000,5355999999\n3906000000,3906999999\n",
        "Range start;Range end;Country\n5355000;5355999;Cuba\n3906;;Italy\n",
        "CC,NDC\n53,55\n39,06\n".replace("39,06", "390,6"),
        "Country code,Number\n53,+5355\nIT,3906\n",
    ],
)
def test_a_list_is_read_as_it_is_published(tmp_path: Path, text: str | bytes) -> None:
    """With a header or without, whatever is between the columns, whatever wrote it."""
    table, _ = read_list(_list(tmp_path, text))
    assert table.longest("5355123456") == "5355"
    assert table.longest("390612345678") == "3906"
    assert len(table) == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("44\n039\n", "2: `039` is no prefix of E.164; write the country code first"),
        ("++44", "1: `++44` is no prefix of E.164"),
        ("1234567890123456", "1: `1234567890123456` is no prefix of E.164"),
        ("٣٩", "1: `٣٩` is no prefix of E.164"),
        (b"44\n\xff", "2: `�` is no prefix of E.164"),
        ("prefix,x\n53,a\n,b\n", "3: `,b` has no number in column 1"),
        ('44\n"39\n', '2: the quotes of `"39` cannot be read'),
        ("1,53,Cuba\n2,39,Italy\n", "1: `1,53,Cuba`: more than one column may hold"),
        ("a,b\nc,d\n", "1: `a,b`: no column may hold the numbers; write a header line above"),
    ],
)
def test_a_line_that_is_no_prefix_is_told(tmp_path: Path, text: str | bytes, problem: str) -> None:
    """By its own line, not that of the policy; of unknown columns, once."""
    (told,) = _problems(_list(tmp_path, text))
    assert told.startswith(problem)


def test_a_file_of_another_kind_is_not_told_line_by_line(tmp_path: Path) -> None:
    """A wrong file has a million wrong lines; the first twenty say enough."""
    told = _problems(_list(tmp_path, "x\n" * 1000))
    assert len(told) == PROBLEMS_MAX + 1
    assert told[-1] == "21: and 980 more lines are wrong"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With the words of the system."""
    assert _problems(tmp_path / "nowhere.csv") == [
        "0: this file cannot be read: no such file or directory"
    ]


def test_a_link_and_an_absolute_path_are_fine(tmp_path: Path) -> None:
    """Lists are often kept elsewhere."""
    link = tmp_path / "link.csv"
    link.symlink_to(_list(tmp_path, "44\n"))
    assert len(read_list(link)[0]) == 1


READING: Final = """\
import sys
from pathlib import Path
from fastagi.policy.lists import read_list
print(len(read_list(Path(sys.argv[1]))[0]))
"""


@pytest.mark.parametrize(
    ("header", "line"), [("", "{}\n"), ("Country;Number;Date\n", '"Cuba";"{}";2026-01-05\n')]
)
def test_a_million_prefixes_are_a_list(tmp_path: Path, header: str, line: str) -> None:
    """A carrier's whole list can be used as it is; in a process whose coverage nobody measures."""
    text = header + "".join(map(line.format, range(1_000_000_000, 1_001_000_000)))
    file = _list(tmp_path, text)
    done = subprocess.run([sys.executable, "-c", READING, file], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("1000000\n", "")
