"""What a sign-in is; what stores promise of it is asked in tests/contract."""

from __future__ import annotations

from fastagi.stores.sign_ins import Origin, SignedOff, Way


def test_ways_and_ends_are_stable() -> None:
    """They are in stores, in webhooks and in pages' texts."""
    assert [*Way] == ["keypad", "page", "api"]
    ends = {"keypad", "page", "api", "operator", "expired", "idle", "lockout"}
    assert {*SignedOff} == ends | {"revoked", "elsewhere", "moved", "attack"}


def test_what_is_not_known_of_an_origin_is_empty() -> None:
    """Which is never the same as anything; see `call.sign_in`."""
    assert Origin() == Origin("", "", "", "")
