"""`configuration.service_entries`: where mailboxes, queues, conferences, parking send people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.audit.configuration.service_entries import read_service_entries
from fastagi.audit.entry import Party

if TYPE_CHECKING:
    from fastagi.audit.configuration.files import Files
    from tests.unit.audit.configuration.conftest import Read


def seen(files: Files) -> list[tuple[str, str | None, str, str]]:
    """Return what was found, with its line."""
    found = read_service_entries(files)
    assert {each.party for each in found} <= {Party.TRANSFER}
    return [(each.context, each.extension, each.who, str(each.place)) for each in found]


def test_a_mailbox_dials_out_and_back_and_is_left_by_keys(read: Read) -> None:
    """`*` goes to extension a, `0` to o, and the menus to any number."""
    text = "[default]\n101 => 1234,Name,,,dialout=out|callback=back|exitcontext=exit\n102 => 1\n"
    assert seen(read({"voicemail.conf": text})) == [
        ("out", None, "calls out of mailbox `101@default`", "voicemail.conf:2"),
        ("back", None, "calls back of mailbox `101@default`", "voicemail.conf:2"),
        ("exit", "a", "keys in mailbox `101@default`", "voicemail.conf:2"),
        ("exit", "o", "keys in mailbox `101@default`", "voicemail.conf:2"),
    ]


def test_keys_lead_out_of_a_queue(read: Read) -> None:
    """Where its `context` is named; `[general]` is no queue."""
    text = "[general]\ncontext=no\n[a]\ncontext=keys\n[b]\ncontext=\n[c]\n"
    assert seen(read({"queues.conf": text})) == [
        ("keys", None, "keys in queue `a`", "queues.conf:4")
    ]


def test_routines_run_on_members(read: Read) -> None:
    """As they answer; nobody keys anything."""
    text = "[a]\nmembergosub=greet,x\nmembermacro=old\n[b]\nmembergosub=\n"
    found = read_service_entries(read({"queues.conf": text}))
    assert [(each.context, each.extension, each.party) for each in found] == [
        ("greet", "s", Party.MACHINE),
        ("macro-old", "s", Party.MACHINE),
    ]


def test_keys_run_the_dialplan_in_a_conference(read: Read) -> None:
    """`dialplan_exec`, among other actions of a key, of menus only."""
    text = (
        "[m]\ntype=menu\n*5=playback(x),dialplan_exec(ctx, 5, 1)\n6=toggle_mute\n"
        "7=dialplan_exec(ctx)\n[u]\ntype=user\n8=dialplan_exec(no,1,1)\n"
    )
    assert seen(read({"confbridge.conf": text})) == [
        ("ctx", "5", "key `*5` in conferences (menu `m`)", "confbridge.conf:3"),
        ("ctx", "s", "key `7` in conferences (menu `m`)", "confbridge.conf:5"),
    ]


def test_a_parked_call_nobody_takes_goes_where_it_is_said(read: Read) -> None:
    """Unless it goes back to who parked it, as it does by default."""
    files = read(
        {
            "pjsip.conf": "[101]\ntype=endpoint\n",
            "res_parking.conf": "[general]\n[default]\n[a]\ncomebacktoorigin=no\n"
            "[b]\ncomebacktoorigin=no\ncomebackcontext=back\n",
        }
    )
    assert seen(files) == [
        ("parkedcallstimeout", "s", "parked calls nobody takes (`a`)", "res_parking.conf:3"),
        (
            "parkedcallstimeout",
            "PJSIP_101",
            "parked calls nobody takes (`a`)",
            "res_parking.conf:3",
        ),
        ("back", "s", "parked calls nobody takes (`b`)", "res_parking.conf:7"),
        ("back", "PJSIP_101", "parked calls nobody takes (`b`)", "res_parking.conf:7"),
    ]


def test_feature_codes_run_routines(read: Read) -> None:
    """Gosub and Local channels lead into the dialplan; a place only Asterisk knows does not."""
    text = (
        "[applicationmap]\na => *1,self,Gosub(ctx,s,1)\nb => *2,peer,Dial(Local/5@in)\n"
        "c => *3,self,Dial(PJSIP/1@t)\nd => *4,self,Gosub(label)\n"
    )
    assert seen(read({"features.conf": text})) == [
        ("ctx", "s", "feature code `a`", "features.conf:2"),
        ("in", "5", "feature code `b`", "features.conf:3"),
    ]


def test_without_files_there_is_nothing(read: Read) -> None:
    """Nobody is sent anywhere."""
    assert seen(read({})) == []
