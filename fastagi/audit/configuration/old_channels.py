"""Where calls begin that do not come over PJSIP: chan_sip, IAX, DAHDI and others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.audit.configuration.modules import is_loaded
from fastagi.audit.configuration.values import every, is_true, last, value
from fastagi.audit.entry import Entry, Party

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.audit.conf import Section, Setting
    from fastagi.audit.configuration.files import Files

USUAL: Final = "default"  # the context of a call that is given none, in all of them

OTHERS: Final = (
    ("chan_mobile.conf", "chan_mobile", Party.OUTSIDE),
    ("console.conf", "chan_console", Party.MACHINE),
    ("mgcp.conf", "chan_mgcp", Party.PHONE),
    ("motif.conf", "chan_motif", Party.OUTSIDE),
    ("ooh323.conf", "chan_ooh323", Party.OUTSIDE),
    ("skinny.conf", "chan_skinny", Party.PHONE),
    ("unistim.conf", "chan_unistim", Party.PHONE),
)
"""Files in which every `context` is one that calls come into."""

LINES: Final = frozenset({"channel", "channels", "dahdichan"})


def read_old_entries(files: Files) -> tuple[Entry, ...]:
    """Return every context that calls of these channels come into.

    A file whose module is not loaded, by modules.conf, has none.
    """
    return tuple(dict.fromkeys((*_sip(files), *_iax(files), *_dahdi(files), *_others(files))))


def is_device(section: Section) -> bool:
    """Whether a section of sip.conf or iax.conf is of somebody who calls or is called."""
    return value(section, "type").lower() in {"friend", "user", "peer"}


def has_secret(section: Section) -> bool:
    """Whether somebody of sip.conf or iax.conf is asked for anything."""
    words = ("secret", "md5secret", "dbsecret", "inkeys", "remotesecret")
    return any(each.value.strip() for each in every(section, *words))


def sip_guests(files: Files) -> tuple[Setting | Section, str] | None:
    """Return what lets guests into chan_sip, and their context; None where they are refused.

    They come in unless `allowguest` says no (channels/chan_sip.c, DEFAULT_ALLOWGUEST).
    """
    general = files.named("sip.conf", "general")
    if not general or not is_loaded(files, "chan_sip"):
        return None
    said = [each for section in general for each in every(section, "allowguest")]
    if said and not is_true(said[-1].value):
        return None
    return (said[-1] if said else general[0]), value(general[0], "context", USUAL)


def _sip(files: Files) -> Iterator[Entry]:
    if not is_loaded(files, "chan_sip"):
        return
    if guests := sip_guests(files):
        what, context = guests
        yield Entry(context, None, Party.GUEST, "guests of chan_sip", what.place)
    general = files.named("sip.conf", "general")
    usual = value(general[0], "context", USUAL) if general else USUAL
    for section in files.sections("sip.conf"):
        if is_device(section):
            yield _device(section, "SIP", usual)


def _iax(files: Files) -> Iterator[Entry]:
    """Find IAX's users; a caller may choose any of several contexts."""
    if not is_loaded(files, "chan_iax2"):
        return
    for section in files.sections("iax.conf"):
        if not is_device(section) or value(section, "type").lower() == "peer":
            continue
        device = _device(section, "IAX2", USUAL)
        party = device.party if has_secret(section) else Party.GUEST
        contexts = every(section, "context")
        for each in contexts:
            yield Entry(each.value.strip() or USUAL, None, party, device.who, each.place)
        if not contexts:
            yield Entry(USUAL, None, party, device.who, section.place)


def _device(section: Section, technology: str, usual: str) -> Entry:
    """Return where one comes in: a phone, if it registers, else somebody outside."""
    found = last(section, "context")
    dynamic = value(section, "host").lower() == "dynamic"
    return Entry(
        (found.value.strip() if found else "") or usual,
        None,
        Party.PHONE if dynamic else Party.OUTSIDE,
        f"`{technology}/{section.name}`",
        found.place if found else section.place,
    )


def _dahdi(files: Files) -> Iterator[Entry]:
    """Find lines: what is written above a `channel` counts for it (channels/chan_dahdi.c).

    Where signalling is `fxo_…`, what is plugged in is a phone.
    """
    if not is_loaded(files, "chan_dahdi"):
        return
    for section in files.sections("chan_dahdi.conf"):
        context, signalling = USUAL, ""
        # A section of a line's own is read whole before the line is made.
        lines = every(section, *LINES)
        whole = section.name.lower() != "channels"
        for each in section.settings:
            match each.name.lower():
                case "context":
                    context = each.value.strip() or USUAL
                case "signalling":
                    signalling = each.value.strip().lower()
                case name if name in LINES and not whole:
                    yield _line(context, signalling, each)
        for each in lines if whole else ():
            yield _line(context, signalling, each)


def _line(context: str, signalling: str, line: Setting) -> Entry:
    party = Party.PHONE if signalling.startswith("fxo_") else Party.OUTSIDE
    return Entry(context, None, party, f"DAHDI channels `{line.value}`", line.place)


def _others(files: Files) -> Iterator[Entry]:
    for name, module, party in OTHERS:
        if not is_loaded(files, module):
            continue
        for section in files.sections(name):
            for each in every(section, "context"):
                who = f"`{section.name}` of {name}"
                yield Entry(each.value.strip() or USUAL, None, party, who, each.place)
