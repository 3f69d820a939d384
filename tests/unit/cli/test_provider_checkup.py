"""What `dialguard doctor` says of the OpenID provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from fastagi.cli import provider_checkup
from fastagi.cli.provider_checkup import provider_answers
from fastagi.cli.service import settings_of
from fastagi.console.operators.entitlement import Entitlement
from fastagi.console.operators.ports import SingleSignOn
from tests.doubles.identity_provider import ISSUER, REDIRECT, LyingProvider

if TYPE_CHECKING:
    from fastagi.cli.checkup import Finding
    from tests.unit.cli.conftest import Dialguard

OIDC = f'[console]\n[console.oidc]\nissuer = "{ISSUER}"\nclient_id = "dialguard"\n'


@pytest.fixture
def there(dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch) -> LyingProvider:
    """A provider that the settings name."""
    there = LyingProvider(lambda: 1_800_000_000.0)
    with dialguard.settings.open("a") as settings:
        settings.write(OIDC)
    monkeypatch.setattr(
        provider_checkup,
        "single_sign_on_of",
        lambda *_: SingleSignOn(there.provider(), Entitlement(), "x"),
    )
    return there


def found(dialguard: Dialguard) -> list[Finding]:
    """Return what the doctor finds."""
    return list(provider_answers(settings_of(dialguard.settings)))


def test_without_the_table_nothing_is_said(dialguard: Dialguard) -> None:
    """Nor without the web."""
    assert found(dialguard) == []
    with dialguard.settings.open("a") as settings:
        settings.write("[console]\n")
    assert found(dialguard) == []


def test_a_provider_that_answers_is_ok(dialguard: Dialguard, there: LyingProvider) -> None:
    """And what it must know is said."""
    (finding,) = found(dialguard)
    assert (finding.mark, f"know `{REDIRECT}`" in finding.what) == ("OK", True)


def test_a_wrong_issuer_is_told_with_the_right_one(
    dialguard: Dialguard, there: LyingProvider
) -> None:
    """A slash at the end will do."""
    there.description["issuer"] = f"{ISSUER}/"
    (finding,) = found(dialguard)
    assert finding.mark == "FAIL"
    assert f"calls itself '{ISSUER}/', and the settings `{ISSUER}`" in finding.what


def test_a_place_where_no_provider_is_is_told(dialguard: Dialguard, there: LyingProvider) -> None:
    """And what to look at; whoever has a password enters meanwhile."""
    there.answers["/.well-known/openid-configuration"] = httpx.Response(404)
    (finding,) = found(dialguard)
    assert (finding.mark, "answers 404" in finding.what) == ("FAIL", True)
    assert "is `issuer` of `[console.oidc]` right" in finding.cure


def test_a_provider_without_keys_is_told(dialguard: Dialguard, there: LyingProvider) -> None:
    """Before anybody stands before the door."""
    there.answers["/keys"] = httpx.Response(200, json={"keys": []})
    (finding,) = found(dialguard)
    assert (finding.mark, "keys" in finding.what) == ("FAIL", True)


def test_a_secret_that_cannot_be_read_is_told_once(dialguard: Dialguard) -> None:
    """By the settings' own check."""
    with dialguard.settings.open("a") as settings:
        settings.write(f'{OIDC}secret_file = "nowhere"\n')
    assert found(dialguard) == []
    said = dialguard.on_settings("doctor", "--asterisk", "/nowhere").stdout.replace("\n", " ")
    assert "nowhere: the shared secret cannot be read: no such file or directory" in said
