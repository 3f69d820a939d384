"""Which modules Asterisk loads: `modules.conf` (main/loader.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.audit.configuration.values import every, is_true, value

if TYPE_CHECKING:
    from fastagi.audit.configuration.files import Files


def is_loaded(files: Files, module: str) -> bool:
    """Whether a module is, where it is there; as it may be, where `modules.conf` is not read.

    Args:
        files: What was read.
        module: Without its ending: `chan_sip`.
    """
    sections = files.named("modules.conf", "modules")
    if not sections:
        return True

    def are(*words: str) -> set[str]:
        found = (each for section in sections for each in every(section, *words))
        return {each.value.strip().lower().removesuffix(".so") for each in found}

    if module in are("noload"):
        return False
    return any(is_true(value(each, "autoload")) for each in sections) or module in are(
        "load", "preload", "require", "preload-require"
    )
