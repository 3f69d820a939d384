"""Extensions that Asterisk has from elsewhere than `extensions.conf`: told, and not read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.audit.conf import read_conf
from fastagi.audit.finding import Finding, Kind, Severity
from fastagi.audit.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastagi.audit.conf import Section

LANGUAGES: Final = {"extensions.ael": "pbx_ael", "extensions.lua": "pbx_lua"}
"""Files, and the module that reads each."""

CHANNELS: Final = ("hassip", "hasiax", "hash323")
"""What gives a user of `users.conf` something to ring (pbx_config.c pbx_load_users())."""


def other_dialplans(folder: Path) -> Iterator[Finding]:
    """Tell of each file that brings extensions besides those of `extensions.conf`."""
    for file, module in LANGUAGES.items():
        if not _is_there(folder / file):
            continue
        if is_loaded(folder, module):
            what = f"`{module}` loads extensions from this file, which the audit cannot read"
            advice = f"audit the dialplan that is loaded, over AMI, or `noload = {module}.so`"
            severity = Severity.MEDIUM
        else:
            what = f"this file is not loaded, as `{module}` is not; the audit could not read it"
            advice = "take it away"
            severity = Severity.LOW
        yield Finding(Kind.UNREADABLE, severity, what, advice, Place(file, 0))
    yield from _users(folder)


def is_loaded(folder: Path, module: str) -> bool:
    """Whether Asterisk loads a module; taken for true where `modules.conf` does not tell.

    Args:
        folder: Of the configuration.
        module: Without its `.so`.
    """
    conf = read_conf(folder, "modules.conf")
    section = next((each for each in conf.sections if each.name.lower() == "modules"), None)
    if section is None:
        return True
    orders = [(each.name.lower(), each.value) for each in section.settings]
    named = {order for order, value in orders if value.removesuffix(".so") == module}
    if "noload" in named:  # main/loader.c load_modules(): before all else
        return False
    autoload = next((value for order, value in orders if order == "autoload"), "no")
    return bool(named) or is_true(autoload)


def is_true(value: str) -> bool:
    """Whether Asterisk takes a value for yes (main/utils.c ast_true())."""
    return value.lower() in {"yes", "true", "y", "t", "1", "on"}


def _users(folder: Path) -> Iterator[Finding]:
    """Tell of users who are given extensions: one finding for all of them."""
    conf = read_conf(folder, "users.conf")
    sections = [each for each in conf.sections if not each.is_template]
    general = [each for each in sections if each.name.lower() == "general"]
    usual = _options(general[0]) if general else {}
    for section in sections:
        if section.name.lower() == "general":
            continue
        options = usual | _options(section)
        rings = any(is_true(options.get(each, "")) for each in CHANNELS)
        if (rings or options.get("dahdichan")) and is_true(options.get("hasexten", "yes")):
            what = "users of this file are given extensions, which the audit does not read"
            advice = "write them into `extensions.conf`, and say `hasexten = no`"
            yield Finding(Kind.UNREADABLE, Severity.MEDIUM, what, advice, section.place)
            return


def _options(section: Section) -> dict[str, str]:
    """Return a section's settings; of two of one name the first counts."""
    return {each.name.lower(): each.value for each in reversed(section.settings)}


def _is_there(file: Path) -> bool:
    try:
        return file.exists()
    except PermissionError:
        return True  # it may be
