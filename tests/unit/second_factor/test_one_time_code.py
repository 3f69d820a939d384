"""`second_factor.one_time_code`: RFC 6238's vectors, drift, and constant work."""

from __future__ import annotations

import base64
import hmac
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.errors import VaultError
from fastagi.second_factor import one_time_code
from fastagi.second_factor.one_time_code import STEP_S, matching_step
from fastagi.second_factor.vault import Vault, new_key

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
"""The SHA-1 secret of RFC 6238's appendix B, and of RFC 4226's appendix D."""

RFC_6238 = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}
"""Time → code of eight digits; of six it is the last six."""

RFC_4226 = (
    *("755224", "287082", "359152", "969429", "338314"),
    *("254676", "287922", "162583", "399871", "520489"),
)
"""Codes of counters 0 to 9."""

NOW = 1_800_000_015.0
PRESENT = int(NOW) // STEP_S


@pytest.mark.parametrize(("now", "code"), list(RFC_6238.items()))
def test_the_vectors_of_rfc_6238(now: int, code: str) -> None:
    """A code is of the step that the RFC says."""
    assert matching_step(RFC_SECRET, code[-6:], now) == now // STEP_S


@pytest.mark.parametrize(("step", "code"), list(enumerate(RFC_4226)))
def test_the_vectors_of_rfc_4226(step: int, code: str) -> None:
    """TOTP is HOTP with the step as its counter."""
    assert matching_step(RFC_SECRET, code, step * STEP_S) == step


@given(st.integers(-5, 5), st.integers(0, 2**40))
def test_a_clock_may_be_off_by_one_step(drift: int, now: int) -> None:
    """The step before, this one and the next are taken; no other, unless its code is the same."""
    secret = one_time_code.new_secret()
    present = now // STEP_S
    if present + drift < 0:
        return
    code = pyotp.TOTP(secret).generate_otp(present + drift)
    found = matching_step(secret, code, now)
    if abs(drift) <= 1:
        assert found is not None
        assert found >= present + drift
    if found is not None:
        assert pyotp.TOTP(secret).generate_otp(found) == code
        assert abs(found - present) <= 1


def test_of_two_steps_with_one_code_the_later_is_burnt(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the same digits are not good a second time."""
    monkeypatch.setattr(pyotp.TOTP, "generate_otp", lambda self, step: "424242")
    assert matching_step(RFC_SECRET, "424242", NOW) == PRESENT + 1


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "*", "\ud800"])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    """Whatever is keyed, there is an answer."""
    assert matching_step(RFC_SECRET, code, NOW) is None


@given(st.text(), st.floats(0, 2**36))
def test_any_text_has_an_answer(code: str, now: float) -> None:
    """A step within the drift, or none; nothing is raised."""
    step = matching_step(RFC_SECRET, code, now)
    assert step is None or abs(step - int(now) // STEP_S) <= 1


@pytest.mark.parametrize("drift", [-1, 0, 1, 7])
def test_every_candidate_is_compared_in_constant_time(
    drift: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three comparisons by `compare_digest`, whichever fits, or none."""
    compared: list[bytes] = []

    def compare_digest(expected: bytes, keyed: bytes) -> bool:
        compared.append(expected)
        return hmac.compare_digest(expected, keyed)

    totp = pyotp.TOTP(RFC_SECRET)
    code = totp.generate_otp(PRESENT + drift)
    spied = type("hmac", (), {"compare_digest": staticmethod(compare_digest)})
    monkeypatch.setattr(one_time_code, "hmac", spied)
    matching_step(RFC_SECRET, code, NOW)

    steps = (PRESENT - 1, PRESENT, PRESENT + 1)
    assert compared == [totp.generate_otp(step).encode() for step in steps]


def test_secrets_are_long_and_never_the_same() -> None:
    """160 bits, as RFC 4226 recommends."""
    secrets = {one_time_code.new_secret() for _ in range(50)}

    assert len(secrets) == 50
    assert all(len(base64.b32decode(secret)) == 20 for secret in secrets)


@pytest.mark.parametrize("secret", ["", "JBSWY3DP", "not base 32!", "0" * 32])
def test_a_damaged_secret_is_an_error_and_not_shown(secret: str) -> None:
    """An empty secret, above all, must not make codes anybody can compute."""
    with pytest.raises(VaultError, match="enrol the phone anew") as caught:
        matching_step(secret, "000000", NOW)
    assert caught.value.__cause__ is None
    assert not secret or secret not in str(caught.value)


def test_the_uri_is_what_apps_read() -> None:
    """Key-URI format: type, label with issuer, secret, issuer; the rest are the apps' defaults."""
    uri = urlsplit(one_time_code.uri(RFC_SECRET, "101", "office"))

    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path) == "/dialguard office:101"
    assert parse_qs(uri.query) == {"secret": [RFC_SECRET], "issuer": ["dialguard office"]}
    parsed = pyotp.parse_uri(uri.geturl())
    assert isinstance(parsed, pyotp.TOTP)
    assert (parsed.secret, parsed.digits, parsed.interval) == (RFC_SECRET, 6, STEP_S)


def test_a_sealed_secret_is_of_one_extension_of_one_site() -> None:
    """A row copied to another extension does not open there, so nobody enrols for somebody."""
    vault = Vault([new_key()])
    sealed = one_time_code.seal(vault, "office", "101", RFC_SECRET)

    assert one_time_code.unseal(vault, "office", "101", sealed) == RFC_SECRET
    for site, extension in (("office", "102"), ("hotel", "101")):
        with pytest.raises(VaultError, match="another extension"):
            one_time_code.unseal(vault, site, extension, sealed)
    with pytest.raises(VaultError, match="none of the keys"):
        one_time_code.unseal(Vault([new_key()]), "office", "101", sealed)


def test_a_secret_is_sealed_anew_under_a_new_key_once() -> None:
    """It opens for its owner as before, then without the old key."""
    old, new, secret = new_key(), new_key(), one_time_code.new_secret()
    both = Vault([new, old])
    sealed = one_time_code.seal(Vault([old]), "office", "101", secret)
    fresh = one_time_code.resealed(both, "office", "101", sealed)

    assert fresh is not None
    assert one_time_code.unseal(Vault([new]), "office", "101", fresh) == secret
    assert one_time_code.resealed(both, "office", "101", fresh) is None
    with pytest.raises(VaultError, match="another extension"):
        one_time_code.resealed(both, "office", "102", sealed)
