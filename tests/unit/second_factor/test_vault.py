"""`second_factor.vault`: keys rotate, nothing opens without them, and none is ever shown."""

from __future__ import annotations

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.errors import VaultError
from fastagi.second_factor.vault import DIGEST_SIZE, Vault, new_key, parse_keys

OLD, NEW = new_key(), new_key()
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@given(st.text(alphabet=st.characters(codec="utf-8")), st.text())
def test_what_is_sealed_opens_again(secret: str, owner: str) -> None:
    """Any text comes back as it was, for its owner."""
    vault = Vault([NEW])
    assert vault.open(vault.seal(secret, owner), owner) == secret


def test_a_sealed_secret_does_not_show() -> None:
    """What goes to the store does not hold the secret."""
    assert SECRET.encode() not in Vault([NEW]).seal(SECRET)


def test_a_secret_opens_for_its_owner_only() -> None:
    """A row copied to another extension is worth nothing there."""
    vault = Vault([NEW])
    sealed = vault.seal(SECRET, "101")

    with pytest.raises(VaultError, match="belongs to another extension"):
        vault.open(sealed, "102")


def test_the_first_key_encrypts_and_all_decrypt() -> None:
    """While keys rotate old secrets still open, and new ones need the new key."""
    before, during, after = Vault([OLD]), Vault([NEW, OLD]), Vault([NEW])
    sealed = before.seal(SECRET)

    assert during.open(sealed) == SECRET
    assert during.needs_reseal(sealed)
    resealed = during.seal(during.open(sealed))
    assert not during.needs_reseal(resealed)
    assert after.open(resealed) == SECRET
    with pytest.raises(VaultError, match="none of the keys"):
        after.open(sealed)


@pytest.mark.parametrize("sealed", [b"", b"nonsense", b"\xff\xfe", b"gAAAAA=="])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    """A damaged row is a VaultError, and nothing else."""
    vault = Vault([NEW])

    with pytest.raises(VaultError):
        vault.open(sealed)
    assert vault.needs_reseal(sealed)


def test_a_changed_secret_does_not_open() -> None:
    """One bit is enough."""
    vault = Vault([NEW])
    sealed = bytearray(vault.seal(SECRET))
    sealed[20] ^= 1

    with pytest.raises(VaultError):
        vault.open(bytes(sealed))


def test_digests_depend_on_key_purpose_and_text() -> None:
    """Change any of the three and it is another digest."""
    vault = Vault([NEW])
    digest = vault.digest("pin", "4711")

    assert len(digest) == DIGEST_SIZE
    assert digest == Vault([NEW, OLD]).digest("pin", "4711")
    assert digest not in {
        vault.digest("pin", "4712"),
        vault.digest("recovery", "4711"),
        Vault([OLD]).digest("pin", "4711"),
    }


def test_digests_come_under_every_key() -> None:
    """What was digested before a rotation is found after it."""
    vault = Vault([NEW, OLD])

    assert vault.digests("pin", "1") == (vault.digest("pin", "1"), Vault([OLD]).digest("pin", "1"))
    new_id, old_id = vault.key_ids
    assert vault.digest_under(new_id, "pin", "1") == vault.digest("pin", "1")
    assert vault.digest_under(old_id, "pin", "1") == Vault([OLD]).digest("pin", "1")
    assert vault.digest_under("nobody", "pin", "1") is None


def test_a_digest_takes_any_text() -> None:
    """Even half a surrogate pair, which has no UTF-8."""
    assert Vault([NEW]).digest("pin", "\ud800")


def test_a_vault_shows_no_key() -> None:
    """Neither repr nor str nor the names of the keys give them away."""
    vault = Vault([NEW, OLD])
    shown = f"{vault!r} {vault} {vault.key_ids}"

    assert repr(vault) == "Vault(2 keys)"
    assert NEW.decode() not in shown
    assert OLD.decode() not in shown


def test_a_vault_needs_a_key() -> None:
    """No keys, no vault."""
    with pytest.raises(VaultError, match="no key"):
        Vault([])


@pytest.mark.parametrize(
    "key",
    [b"short", b"!" * 44, NEW + b"A", b"\xff" * 44],
    ids=["short", "no-base64", "long", "no-ascii"],
)
def test_a_malformed_key_is_refused_and_not_shown(key: bytes) -> None:
    """The error names its place, and nothing of it."""
    with pytest.raises(VaultError) as caught:
        Vault([NEW, key])
    told = "".join(traceback.format_exception(caught.value))
    assert "key 2" in str(caught.value)
    assert key.decode("ascii", "replace") not in told


def test_a_key_file_has_one_key_a_line() -> None:
    """Blank lines and comments may stand between."""
    text = f"# newest first\n{NEW.decode()}\n\n  {OLD.decode()}  # of 2025\r\n"

    assert parse_keys(text) == (NEW, OLD)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "there is no key"),
        ("# nothing\n", "there is no key"),
        (f"{NEW.decode()}\nhunter2\n", "line 2: this is no key"),
        (f"{NEW.decode()}\n{NEW.decode()}\n", "line 2: this key stands here twice"),
    ],
    ids=["empty", "comment", "no-key", "twice"],
)
def test_a_bad_key_file_is_told_by_its_line(text: str, what: str) -> None:
    """The line is named, the key is not."""
    with pytest.raises(VaultError, match=what) as caught:
        parse_keys(text)
    assert "hunter2" not in str(caught.value)
    assert NEW.decode() not in str(caught.value)


# ----------------------------------------------------------------------------- renewal


def test_a_key_that_is_not_at_hand_is_looked_for_once_more() -> None:
    """Another process rotated the keys: what it sealed and digested is read all the same."""
    now = [OLD]
    vault = Vault(now, lambda: tuple(now))
    rotated = Vault([NEW, OLD])
    now.insert(0, NEW)

    assert vault.open(rotated.seal(SECRET)) == SECRET
    assert vault.key_ids == rotated.key_ids

    vault = Vault([OLD], lambda: tuple(now))
    assert vault.digest_under(rotated.key_ids[0], "pin", "1") == rotated.digest("pin", "1")


def test_what_is_at_hand_is_not_read_again() -> None:
    """A file is read once a rotation, not once a call."""

    def never() -> tuple[bytes, ...]:
        raise AssertionError

    vault = Vault([NEW, OLD], never)
    assert vault.open(Vault([OLD]).seal(SECRET)) == SECRET
    assert vault.digest_under(vault.key_ids[1], "pin", "1")


def test_a_key_that_is_nowhere_is_an_error() -> None:
    """Looked for, and not found."""
    vault = Vault([NEW], lambda: (NEW,))

    with pytest.raises(VaultError, match="none of the keys"):
        vault.open(Vault([OLD]).seal(SECRET))
    assert vault.digest_under("nobody", "pin", "1") is None


def test_renewing_says_whether_anything_is_new() -> None:
    """A new key, or another one first."""
    now = [OLD]
    vault = Vault([OLD], lambda: tuple(now))

    assert not Vault([OLD]).renew()
    assert not vault.renew()
    now.insert(0, NEW)
    assert vault.renew()
    assert vault.needs_reseal(Vault([OLD]).seal(SECRET))


def test_keys_that_cannot_be_read_leave_those_at_hand() -> None:
    """Half a file is no reason to forget a key."""
    now: list[bytes] = []
    vault = Vault([NEW], lambda: tuple(now))

    with pytest.raises(VaultError, match="no key"):
        vault.renew()
    assert vault.open(vault.seal(SECRET)) == SECRET
