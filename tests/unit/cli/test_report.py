"""`dialguard report`."""

from __future__ import annotations

import asyncio
import email
import gzip
import json
import time
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fastagi.alerts import sending
from fastagi.attacks import book
from fastagi.decision_log.record import line
from fastagi.stores.opening import open_store
from fastagi.stores.store import FailureKind, Penalty, Subject, SubjectKind
from tests.doubles import attacked_month
from tests.unit.attacks.samples import a_line

if TYPE_CHECKING:
    from fastagi.alerts.alert import Message
    from tests.unit.cli.conftest import Dialguard

RATES = '\n[rates]\nfile = "rates.csv"\ncurrency = "GBP"\n'
SHEET = "Prefix,Destination,Rate\n390,Italy,0.20\n"


@pytest.fixture
def office(dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch) -> Dialguard:
    """The command on the day after a month with attacks."""

    async def write() -> None:
        store = open_store(f"sqlite://{dialguard.folder}/dialguard.db")
        try:
            await attacked_month.write_book(store)
        finally:
            await store.close()

    asyncio.run(write())
    attacked_month.write_log(dialguard.folder / "decisions.jsonl")
    monkeypatch.setattr(time, "time", lambda: attacked_month.NOW)
    return dialguard


def test_the_report_is_printed(office: Dialguard) -> None:
    """What was let through comes first."""
    done = office.on_settings("report")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "Attacks on office, 2026-11-01 to 2026-12-01"
    assert lines[3] == "Let through, from whom was attacked"
    assert "success-after-guessing of extension 104" in lines[6]
    assert "1052.50 GBP for 66 refused calls" in done.stdout


def test_so_many_days_are_reported(office: Dialguard) -> None:
    """Counted from now."""
    said = json.loads(office.on_settings("report", "--days", "7", "--json").stdout)
    assert [each["day"] for each in said["days"]] == [f"2026-11-{day}" for day in range(24, 31)]
    assert [sign for sign, _ in said["by_sign"]] == ["malformed"]
    assert said["through_count"] == 0
    assert office.on_settings("report", "--days", "0").exit_code != 0


def test_the_page_is_written(office: Dialguard) -> None:
    """And nothing else; or it is said why it could not be."""
    file = office.folder / "report.html"
    done = office.on_settings("report", "--html", str(file))
    assert (done.exit_code, done.stdout) == (0, f"written to `{file}`\n")
    html = file.read_text()
    assert "success-after-guessing of extension 104" in html
    assert "--allow:" in html  # the console's style
    failed = office.on_settings("report", "--html", str(file / "x"))
    assert failed.exit_code == 1
    assert "cannot be written: not a directory" in failed.stderr


def test_a_mail_is_printed(office: Dialguard) -> None:
    """For `sendmail -t`, to everybody who is named."""
    words = ("report", "--mail", "anna@example.org", "--mail", "bert@example.org")
    done = office.on_settings(*words)
    assert done.exit_code == 0, done.output
    mail = email.message_from_string(done.stdout, policy=default)
    assert mail["To"] == "anna@example.org, bert@example.org"
    assert [each.get_content_type() for each in mail.walk()][1:] == ["text/plain", "text/html"]
    wrong = office.on_settings("report", "--mail", "anna")
    assert wrong.exit_code == 1
    assert "'anna' is no mail address; write `anna@example.org`" in wrong.stderr
    both = office.on_settings("report", "--json", "--mail", "anna@example.org")
    assert both.exit_code == 1
    assert "leave one of them out" in both.stderr


def test_a_summary_is_sent_to_those_who_are_woken(
    office: Dialguard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the house's own sending; status 1 if anybody was not reached."""
    none = office.on_settings("report", "--alert")
    assert none.exit_code == 1
    assert "there is no `[[alert]]` to send it to" in none.stderr
    for name in ("on-call", "boss"):
        secret = office.folder / name
        secret.touch(0o600)
        secret.write_text(f"json://{name}/hunter2\n")
        with office.settings.open("a") as settings:
            settings.write(f'\n[[alert]]\nname = "{name}"\nurls_file = "{name}"\n')
    sent: list[Message] = []

    async def send(url: str, message: Message) -> str:
        sent.append(message)
        return "" if len(sent) == 1 or len(sent) > 2 else "nobody listens there"

    monkeypatch.setattr(sending, "send", send)
    failed = office.on_settings("report", "--alert")
    assert failed.exit_code == 1
    assert "it was taken in" in failed.stderr
    assert "nobody listens there" in failed.stderr
    assert sent[0].title == "dialguard: Attacks on office, 2026-11-01 to 2026-12-01"
    assert "17 outside calls" in sent[0].body
    assert office.on_settings("report", "--alert").exit_code == 0
    (office.folder / "boss").unlink()
    assert office.on_settings("report", "--alert").exit_code == 3


def test_who_is_told_of_some_sites_gets_the_report_of_one_of_these(
    office: Dialguard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never that of all: it would tell one customer of another."""
    secret = office.folder / "urls"
    secret.touch(0o600)
    secret.write_text("json://customer/hunter2\n")
    with office.settings.open("a") as settings:
        settings.write('\n[[alert]]\nname = "x"\nurls_file = "urls"\nsites = ["office"]\n')
    sent: list[str] = []

    async def send(url: str, message: Message) -> str:
        sent.append(message.title)
        return ""

    monkeypatch.setattr(sending, "send", send)
    assert office.on_settings("report", "--alert").exit_code == 1
    assert office.on_settings("report", "--alert", "--site", "home").exit_code == 1
    assert sent == []
    assert office.on_settings("report", "--alert", "--site", "office").exit_code == 0
    assert len(sent) == 1


def test_several_gates_have_several_records(office: Dialguard) -> None:
    """With what each was rotated to; the report says of how many it is."""
    other = office.folder / "other"
    other.mkdir()
    first = a_line(time="2026-11-28T10:00:00.000Z", rule="other-gate")
    (other / "decisions.jsonl.1.gz").write_bytes(gzip.compress(first))
    (other / "decisions.jsonl").write_bytes(a_line(rule="other-gate"))
    logs = (f"--log={office.folder}/decisions.jsonl", f"--log={other}/decisions.jsonl")
    done = office.on_settings("report", *logs)
    assert done.exit_code == 0, done.output
    assert "of 2 gates, 3 files, 1331 calls, 78 refused." in done.stdout
    only = json.loads(office.on_settings("report", logs[1], "--json").stdout)
    assert (only["gates"], only["files"], only["denied"]) == (1, 2, 2)


def test_prices_that_are_not_on_record_are_of_the_sheet(office: Dialguard) -> None:
    """Of calls that were refused before anybody asked what they cost."""
    (office.folder / "rates.csv").write_text(SHEET)
    office.policy.write_text(office.policy.read_text() + RATES)
    said = json.loads(office.on_settings("report", "--json").stdout)
    assert said["unpriced"] == 0
    (estimate,) = said["estimates"]
    assert (estimate["calls"], estimate["money"]) == (76, 1_052_500_000 + 10 * 10 * 200_000)
    other = office.folder / "other.jsonl"
    other.write_bytes(
        a_line(price="", number="+4499")
        + a_line(price="", number="3902")
        + a_line(price="", site="home")
    )
    said = json.loads(office.on_settings("report", "--json", "--log", str(other)).stdout)
    assert (said["unpriced"], said["estimates"]) == (2, [])


def test_a_site_is_reported_without_its_policy(office: Dialguard) -> None:
    """While somebody mends it; of all sites a report needs the policies, to know them."""
    office.policy.write_text("broken")
    done = office.on_settings("report", "--site", "office")
    assert done.exit_code == 0, done.output
    assert "no policy can be loaded" in done.stderr
    assert "1052.50 GBP" in done.stdout
    assert office.on_settings("report").exit_code == 3


def test_a_site_that_is_not_there_is_said_to_be_none(office: Dialguard) -> None:
    """Yet what is on record of one that was is reported."""
    done = office.on_settings("report", "--site", "home")
    assert done.exit_code == 0
    assert "there is no site `home`" in done.stderr
    assert "None in the book." in done.stdout


def test_a_record_that_cannot_be_read_is_named(
    office: Dialguard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is reported of a part of it."""
    file = office.folder / "decisions.jsonl"

    def denied(self: Path, *words: object, **more: object) -> object:
        raise PermissionError(13, "Permission denied", str(self))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "iterdir", denied)
        done = office.on_settings("report")
    assert done.exit_code == 1
    assert f"`{file.parent}` cannot be read: Permission denied" in done.stderr


def test_a_record_that_is_not_there_is_no_good_news(office: Dialguard) -> None:
    """One that is named ends it; where the settings' own is not there, nobody knows."""
    done = office.on_settings("report", "--log", "nosuch.jsonl")
    assert done.exit_code == 1
    assert "there is no record of decisions `nosuch.jsonl`" in done.output
    (office.folder / "decisions.jsonl").unlink()
    done = office.on_settings("report")
    assert done.exit_code == 0, done.output
    assert "There is no record of decisions, so nobody knows" in done.stdout
    assert "None: no outside call" not in done.stdout


def test_who_is_locked_out_is_counted(office: Dialguard) -> None:
    """And an entry of no site is in the report of all sites, and of no other."""

    async def write() -> None:
        store = open_store(f"sqlite://{office.folder}/dialguard.db")
        try:
            (noted, *_) = attacked_month.seen()
            what = attacked_month.evidence(
                noted.evidence.sign, noted.evidence.per, "10.9.9.9", attacked_month.NOW - 60
            )
            nobodys = type(what)(
                *("", "doors", what.sign, what.per, what.name, "", "10.9.9.9"),
                *(20, 1.0, 1, True, what.at),
            )
            await book.note(store, nobodys, ["told"], attacked_month.NOW)
            for site in ("office", "home"):
                who, penalty = Subject(SubjectKind.EXTENSION, "101", 1), Penalty(900, 86_400)
                moment = attacked_month.NOW - 10
                await store.begin_attempt(site, (who,), FailureKind.CODE, penalty, moment)
        finally:
            await store.close()

    asyncio.run(write())
    said = json.loads(office.on_settings("report", "--json").stdout)
    assert said["locked_out"] == 1
    assert ["10.9.9.9", 1] in said["addresses"]["names"]
    of_one = json.loads(office.on_settings("report", "--json", "--site", "office").stdout)
    assert ["10.9.9.9", 1] not in of_one["addresses"]["names"]


def test_a_hostile_record_moves_no_terminal(office: Dialguard) -> None:
    """Not even as JSON."""
    bad = "\x1b]0;x\x07\u202e\u009b2J"
    file = office.folder / "decisions.jsonl"
    file.write_bytes(a_line(rule=bad, number=bad, country=bad, reason=bad, currency=bad))
    for words in ((), ("--json",)):
        said = office.on_settings("report", *words).stdout
        assert all(each.isprintable() for each in said.split("\n"))


def test_the_record_of_the_double_is_the_services() -> None:
    """One line of it, as the service writes one."""
    record = next(attacked_month.decisions())
    assert json.loads(line(record, 4))["verdict"] in {"allow", "deny"}
