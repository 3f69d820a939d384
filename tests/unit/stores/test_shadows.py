"""What a policy in shadow counts is kept under a name that no site can have."""

from __future__ import annotations

from pathlib import Path

import pytest

from fastagi.errors import PolicyError
from fastagi.policy.loading import load_text
from fastagi.stores.shadows import is_shadow, shadow_of
from tests.unit.call.conftest import POLICY


def test_a_shadow_has_a_name_of_its_own() -> None:
    """By which it is known again."""
    assert shadow_of("office") == "office+shadow"
    assert is_shadow(shadow_of("office"))
    assert not is_shadow("office")
    assert not is_shadow("office-shadow")


def test_no_site_can_be_called_so() -> None:
    """Else whoever writes one site's policy could count into another's shadow."""
    text = POLICY.replace('name = "office"', f'name = "{shadow_of("office")}"')
    with pytest.raises(PolicyError):
        load_text(text, Path("office.toml"))
