"""A list that changes while the service runs is in force soon after, wherever it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.running import NATIONAL, POLICY, Service

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

DENIED = '[[rule]]\nname = "listed"\nto = ["list:fraud"]\nthen = "deny"\n\n'
HEADER = "Country;Range start;Range end\r\n"


def test_a_list_that_changes_is_in_force_soon(
    tmp_path_factory: pytest.TempPathFactory, start: Callable[..., Service]
) -> None:
    """Written in place or put in its place, outside the policy's folder; no broken one."""
    place: Path = tmp_path_factory.mktemp("lists") / "fraud.lst"
    place.write_text(HEADER)
    lists = f'[lists]\nfraud = "{place}"\n\n'
    policy = POLICY.replace("[[rule]]", lists + DENIED + "[[rule]]", 1)
    service = start(policy=policy).ready()
    assert service.verdict("101", NATIONAL) == ("ALLOW", "allowed")
    place.write_text(f"{HEADER}GB;+44 20 7946 0000;+44 20 7946 0999\r\n")
    service.wait_for("policy-reloaded")
    assert service.verdict("102", NATIONAL) == ("DENY", "rule")
    place.write_text("<html>502 Bad Gateway</html>\n")
    assert str(service.wait_for("policy-refused")["where"]).endswith("fraud.lst:1")
    assert service.verdict("102", NATIONAL) == ("DENY", "rule")
    fresh = place.with_name("new")
    fresh.write_text("# none any more\n")
    fresh.rename(place)
    service.wait_for("policy-reloaded", times=2)
    assert service.verdict("102", NATIONAL) == ("ALLOW", "allowed")
