"""Which channels are up, by events and by lists."""

from __future__ import annotations

import pytest

from fastagi.watcher.channels import Channel, Channels, Mark, endpoint_of, read_mark
from fastagi.watcher.dialled import Dialled
from tests.unit.watcher.samples import (
    CALLER,
    LEG,
    MARKED,
    NUMBER,
    begins,
    dials,
    ends,
    marks,
    row,
)


def heard(*events: dict[str, str]) -> Channels:
    """Return the channels after some events."""
    channels = Channels()
    for each in events:
        channels.hear(each, 10.0)
    return channels


@pytest.mark.parametrize(
    ("written", "mark"),
    [
        (MARKED, Mark(CALLER, NUMBER, "")),
        ("a:b-1.2:+44:branch", Mark("a:b-1.2", "+44", "branch")),
        ("(null)", None),
        ("", None),
        ("1.0:abc:", None),
        ("1.0:+44:\n", None),
    ],
)
def test_a_mark_is_read_or_is_none(written: str, mark: Mark | None) -> None:
    """A system's name may hold colons; a number and a site do not."""
    assert read_mark(written) == mark


def test_an_endpoint_is_told_by_the_channel_s_name() -> None:
    """Only PJSIP has any."""
    assert endpoint_of("PJSIP/my-trunk-0000002a") == "my-trunk"
    assert endpoint_of("Local/s@x-0000002a;1") == ""


def test_a_leg_is_followed_from_its_beginning() -> None:
    """Begun, dialled, marked."""
    channel = heard(begins(), marks(), dials()).of(LEG)
    assert channel is not None
    assert (channel.outgoing, channel.born) == (True, True)
    assert channel.dialled == Dialled(NUMBER, plain=True)
    assert (channel.caller, channel.caller_id) == ("PJSIP/101-00000000", CALLER)
    assert channel.mark == Mark(CALLER, NUMBER, "")
    assert channel.endpoint == "my-trunk"


def test_a_call_that_comes_in_is_not_outgoing() -> None:
    """It begins ringing."""
    channel = heard(begins(state="4")).of(LEG)
    assert channel is not None
    assert not channel.outgoing


@pytest.mark.parametrize(
    ("string", "number"),
    [
        ("112@my-trunk", "112"),
        ("my-trunk/sip:112@192.0.2.1:5060", "112"),
        ("my-trunk", ""),
    ],
)
def test_the_number_dialled_is_read(string: str, number: str) -> None:
    """In either way to dial by an endpoint."""
    channel = heard(begins(), dials(string)).of(LEG)
    assert channel is not None
    assert channel.dialled is not None
    assert channel.dialled.number == number


def test_a_leg_that_rings_before_it_is_said_to_be_dialled() -> None:
    """The far end is faster than Asterisk's own news; the first moment counts."""
    channels = heard(begins(), {"Event": "Newstate", "Uniqueid": LEG, "ChannelState": "0"})
    channel = channels.of(LEG)
    assert channel is not None
    assert channel.dialled_at is None
    for at, state in ((11.0, "5"), (12.0, "6")):
        channels.hear({"Event": "Newstate", "Uniqueid": LEG, "ChannelState": state}, at)
    channels.hear(dials(), 13.0)
    assert channel.dialled_at == 11.0


def test_a_renamed_channel_is_the_same() -> None:
    """In a transfer channels swap names."""
    channels = heard(begins(), {"Event": "Rename", "Uniqueid": LEG, "Newname": "PJSIP/x-00000009"})
    channel = channels.of(LEG)
    assert channel is not None
    assert channel.name == "PJSIP/x-00000009"
    assert channel.was == {"my-trunk"}


@pytest.mark.parametrize(
    "event",
    [
        {"Event": "Newchannel", "Uniqueid": "", "Channel": "x"},
        {"Event": "Newchannel", "Uniqueid": "1.1"},
        {"Event": "Rename", "Uniqueid": "9", "Newname": "x"},
        {"Event": "Newstate", "Uniqueid": "9", "ChannelState": "6"},
        dials(leg="9"),
        marks(leg="9"),
        ends("9"),
        {"Event": "UserEvent", "UserEvent": "other", "Uniqueid": LEG},
        {"Event": "VarSet"},
        {},
    ],
)
def test_what_is_about_nothing_known_changes_nothing(event: dict[str, str]) -> None:
    """Channels that were never told of, events that are not ours."""
    channels = heard(begins())
    assert channels.hear(event, 11.0) is None
    assert len(channels) == 1


def test_a_mark_that_cannot_be_read_takes_none_away() -> None:
    """It stays the leg it was."""
    channels = heard(begins(), marks(), marks(mark="odd"))
    assert len(channels.legs()) == 1


def test_a_call_lives_while_its_caller_or_a_leg_of_it_does() -> None:
    """A transfer ends the caller, and not the leg."""
    channels = heard(begins(CALLER, "PJSIP/101-00000000", "4"), begins(), marks())
    assert channels.is_alive(CALLER)
    ended = channels.hear(ends(CALLER), 11.0)
    assert ended is not None
    assert channels.is_alive(CALLER)
    channels.hear(ends(LEG), 12.0)
    assert not channels.is_alive(CALLER)


def test_legs_are_found_by_call_and_number() -> None:
    """One call may have several."""
    channels = heard(
        begins("1"), marks("1"), begins("2"), marks("2", f"{CALLER}:112:"), begins("3")
    )
    assert [each.uniqueid for each in channels.legs()] == ["1", "2"]
    assert [each.uniqueid for each in channels.legs(CALLER, "112")] == ["2"]
    assert channels.legs("other") == []


def test_a_list_adds_what_is_new_and_takes_what_is_gone() -> None:
    """What began after it was asked for stays."""
    channels = Channels()
    channels.hear(begins("old"), 1.0)
    channels.hear(begins("young"), 3.0)
    new = channels.list(
        [row(), row("5", mark="(null)", until="0", data=""), {"Uniqueid": "6"}], 2.0
    )
    assert [each.uniqueid for each in new] == [LEG, "5"]
    assert channels.of("old") is None
    assert channels.of("young") is not None
    assert [(each.outgoing, each.born, each.bounded) for each in new] == [
        (True, False, True),
        (False, False, False),
    ]
    assert [each.uniqueid for each in channels.legs()] == [LEG]


def test_a_list_again_tells_of_nothing_new() -> None:
    """And a bound that cannot be read is not known; a mark that is missing is kept."""
    channels = heard(begins(), marks())
    assert channels.list([row(mark="", until="soon")], 20.0) == []
    channel = channels.of(LEG)
    assert channel is not None
    assert channel.bounded is None
    assert channel.mark is not None
    channels.list([{**row(), "Variable": "OTHER=1"}], 21.0)
    assert channel.mark is not None


def test_a_list_that_is_not_whole_takes_nothing() -> None:
    """Somebody tore it."""
    channels = heard(begins())
    channels.list([], 20.0, whole=False)
    assert channels.of(LEG) is not None


def test_a_row_that_says_no_direction_is_taken_for_outgoing() -> None:
    """It was torn, and mended."""
    torn = {"Channel": "PJSIP/my-trunk-00000001", "Uniqueid": LEG}
    assert [each.outgoing for each in Channels().list([torn], 0.0)] == [True]


def test_a_channel_that_begins_twice_is_looked_at_as_both() -> None:
    """One of the two may be forged; or a list was faster than the news."""
    channels = heard(begins(name="PJSIP/101-00000001", state="4"), begins())
    channel = channels.of(LEG)
    assert channel is not None
    assert (channel.outgoing, channel.endpoint, channel.was) == (True, "my-trunk", {"101"})
    assert len(channels) == 1


def test_a_channel_that_is_not_gone_is_put_back() -> None:
    """With what was known of it; one that is there stays as it is."""
    channels = heard(begins(), marks())
    gone = channels.hear(ends(), 11.0)
    assert gone is not None
    channels.put_back(gone)
    assert channels.legs(CALLER) == [gone]
    channels.put_back(Channel(LEG, "x", 0.0, outgoing=False, born=False))
    assert channels.of(LEG) is gone
