"""The kinds there are."""

from __future__ import annotations

from fastagi.alerts.kind import MEANINGS, Kind
from fastagi.settings.model import KINDS


def test_each_has_a_meaning_and_the_settings_name_all_but_the_test() -> None:
    """A new kind is an entry, and a word of the settings."""
    assert list(MEANINGS) == list(Kind)
    assert tuple(each for each in Kind if each is not Kind.TEST) == KINDS
    assert Kind.BYPASS.meaning == "a call reached a guarded trunk without asking"
