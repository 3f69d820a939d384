"""Where the settings say that things are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi import settings as settings_files
from fastagi.daemon.places import (
    policy_folder,
    policy_place,
    store_file,
    store_is_shared,
    store_url,
    versions_folder,
)

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.settings import Settings


def written(folder: Path, text: str) -> Settings:
    """Return the settings of a file with this text."""
    file = folder / "dialguard.toml"
    file.write_text(text)
    return settings_files.load(file)


def test_a_policy_is_a_file_or_a_folder(tmp_path: Path) -> None:
    """What is watched is a folder in both cases."""
    one = written(tmp_path, '[policy]\nfile = "sites/office.toml"\n')
    assert policy_place(one) == tmp_path / "sites" / "office.toml"
    many = written(tmp_path, '[policy]\nfolder = "sites"\n')
    assert policy_place(many) == tmp_path / "sites"
    assert policy_folder(one) == policy_folder(many) == tmp_path / "sites"


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("sqlite:///var/lib/d.db", "sqlite:///var/lib/d.db"),
        ("sqlite://d.db", "sqlite://{folder}/d.db"),
        ("sqlite://:memory:", "sqlite://:memory:"),
        ("sqlite://", "sqlite://"),
        ("redis://h/0", "redis://h/0"),
    ],
)
def test_a_relative_store_lies_beside_the_settings(tmp_path: Path, url: str, meant: str) -> None:
    """As every path in them, so that commands find it from any folder."""
    settings = written(tmp_path, f'[policy]\nfile = "p.toml"\n[store]\nurl = "{url}"\n')
    assert store_url(settings) == meant.format(folder=tmp_path)


@pytest.mark.parametrize(
    ("url", "name"), [("sqlite://d.db", "d.db"), ("sqlite://:memory:", ""), ("redis://h/0", "")]
)
def test_only_some_stores_are_a_file(tmp_path: Path, url: str, name: str) -> None:
    """Whose owner matters."""
    settings = written(tmp_path, f'[policy]\nfile = "p.toml"\n[store]\nurl = "{url}"\n')
    assert store_file(settings) == (tmp_path / name if name else None)


def test_without_a_file_a_relative_store_lies_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no other folder to be meant."""
    monkeypatch.setenv("DIALGUARD_POLICY__FILE", "p.toml")
    monkeypatch.setenv("DIALGUARD_STORE__URL", "sqlite://d.db")
    assert store_url(settings_files.load(None)) == "sqlite://d.db"


@pytest.mark.parametrize(
    ("url", "shared"),
    [("sqlite://d.db", False), ("sqlite://:memory:", False), ("redis://h/0", True)],
)
def test_a_store_is_shared_unless_it_is_this_machines(
    tmp_path: Path, url: str, shared: bool
) -> None:
    """Gates that share one share its keys."""
    text = f'[policy]\nfile = "p.toml"\n[store]\nurl = "{url}"\n'
    assert store_is_shared(written(tmp_path, text)) is shared


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('[keys]\nfile = "state/keys"\n', "state/versions"),
        ('[versions]\nfolder = "elsewhere"\n', "elsewhere"),
    ],
)
def test_versions_lie_in_the_service_s_own_state(tmp_path: Path, text: str, meant: str) -> None:
    """Unless the settings say where."""
    settings = written(tmp_path, f'[policy]\nfile = "p.toml"\n{text}')
    assert versions_folder(settings) == tmp_path / meant
