"""What a brake is, and what follows from it; how it is written down is in `test_brakes`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fastagi.call.brake import (
    Brake,
    Hit,
    following,
    in_words,
    kept_on,
    key_of,
    names_of,
    put_on_by,
)
from fastagi.policy.loading import load
from fastagi.policy.model import Stage

if TYPE_CHECKING:
    from fastagi.policy.model import Policy

HOTEL = Path(__file__).parents[3] / "policies/hotel.toml"
GIVEN = Brake("hotel", Stage.EXTENSION, "201", "rooms", 100.0, 3_700.0, cause="burst", call="7")
BY_HAND = replace(GIVEN, cause="", call="", by="ada", why="looks odd", until=9_000.0)


@pytest.fixture(scope="module")
def policy() -> Policy:
    """One whose brake is on for an hour."""
    return load(HOTEL)


def test_a_hit_brakes_its_extension(policy: Policy) -> None:
    """For as long as the policy says, with what it was that was hit."""
    hit = Hit("201", "burst", "7", "1234", alone=True)
    assert put_on_by(policy, hit, 100.0) == replace(GIVEN, reference="1234", alone=True)
    assert put_on_by(replace(policy, brake=None), hit, 100.0).until == 100.0


def test_names(policy: Policy) -> None:
    """An extension falls under its own brake, its class's and the site's; so they are said."""
    assert names_of(policy, "201") == (
        *((Stage.SITE, ""), (Stage.CLASS, "rooms")),
        (Stage.EXTENSION, "201"),
    )
    assert names_of(policy, "nobody")[1] == (Stage.CLASS, "")
    assert (GIVEN.key, GIVEN.words) == ("extension/201", "extension 201")
    assert key_of(Stage.SITE, "") == "site/"
    said = [in_words(stage, "") for stage in (Stage.SITE, Stage.CLASS)]
    assert said == ["the site", "the extensions in no class"]


def _follows(given: Brake, *others: Brake) -> list[Stage]:
    return [each.stage for each in following(given, (given, *others))]


def test_what_follows() -> None:
    """Another of its class brakes the class; another class, or one beside a class, the site."""
    neighbour = replace(GIVEN, name="202")
    staff = replace(GIVEN, name="501", class_name="staff")
    rooms = replace(GIVEN, stage=Stage.CLASS, name="rooms")
    all_staff = replace(GIVEN, stage=Stage.CLASS, name="staff", class_name="staff")
    assert _follows(GIVEN) == []
    assert _follows(GIVEN, neighbour) == [Stage.CLASS]
    assert _follows(GIVEN, staff) == []
    assert _follows(GIVEN, rooms, staff) == [Stage.SITE]
    assert _follows(GIVEN, all_staff) == [Stage.SITE]


def test_what_leads_to_nothing_wider() -> None:
    """What an operator put on, and what comes of forwarded calls, on either side."""
    neighbour = replace(GIVEN, name="202")
    assert _follows(replace(GIVEN, alone=True), neighbour) == []
    assert _follows(GIVEN, replace(neighbour, alone=True)) == []
    assert _follows(GIVEN, replace(BY_HAND, name="202")) == []


def test_it_stays_on_for_longer_and_never_for_less() -> None:
    """Of two the later end counts, and the last hit; who put it on, and why, is kept."""
    later = replace(GIVEN, since=200.0, until=3_800.0, cause="trap", call="8")
    kept = kept_on(BY_HAND, later)
    assert (kept.since, kept.until, kept.cause, kept.call) == (100.0, 9_000.0, "trap", "8")
    assert (kept.by, kept.why) == ("ada", "looks odd")
    by_hand = kept_on(GIVEN, BY_HAND)
    assert (by_hand.cause, by_hand.call, by_hand.by) == ("burst", "7", "ada")


def test_one_that_somebody_hit_is_hit_by_more_than_forwarded_calls() -> None:
    """Only where all hits came of transfers and forwards it is alone."""
    alone = replace(GIVEN, alone=True)
    assert kept_on(alone, alone).alone
    assert not kept_on(GIVEN, alone).alone
    assert not kept_on(alone, GIVEN).alone
    assert kept_on(BY_HAND, alone).alone
