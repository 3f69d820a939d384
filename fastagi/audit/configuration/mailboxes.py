"""Voicemail: boxes, what each may dial, and how its digits guard it (apps/app_voicemail.c)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.audit.conf import Setting
from fastagi.audit.configuration.values import last, value
from fastagi.audit.finding import Finding, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastagi.audit.configuration.files import Files
    from fastagi.audit.place import Place

NO_BOXES: Final = frozenset({"general", "zonemessages"})
OPTIONS: Final = "dialout", "callback", "exitcontext"
DIGITS_MIN: Final = 6
"""Of a box that dials: a caller guesses three at a time, as often as they call."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One box.

    Attributes:
        name: `NUMBER@CONTEXT`.
        number: What is keyed for it.
        digits: What it is opened with; a leading `-`, which keeps the owner from changing them, is
            left out. None where they lie in the spool (`passwordlocation`).
        options: `dialout`, `callback` and `exitcontext`, its own or those of `[general]`.
    """

    name: str
    number: str
    digits: Setting
    options: Mapping[str, Setting]
    place: Place

    def option(self, name: str) -> Setting | None:
        """Return a context that it may go to; None for none."""
        found = self.options.get(name)
        return found if found and found.value else None


def read_mailboxes(files: Files) -> tuple[Mailbox, ...]:
    """Return every box: `NUMBER => DIGITS[,name[,mail[,pager[,option=value|…]]]]`."""
    usual: dict[str, Setting] = {}
    aliases = ""
    for section in files.named("voicemail.conf", "general"):
        aliases = value(section, "aliasescontext", aliases)
        for name in OPTIONS:
            if found := last(section, name):
                usual[name] = found
    boxes = []
    for section in files.sections("voicemail.conf"):
        if section.name.lower() in NO_BOXES or section.name == aliases:
            continue
        for each in section.settings:
            digits, *words = each.value.split(",", 4)
            options = dict(usual)
            for option in words[3].split("|") if len(words) > 3 else ():
                name, _, text = option.partition("=")
                if name.strip().lower() in OPTIONS:
                    setting = Setting(name.strip().lower(), text.strip(), each.place, each.arrow)
                    options[setting.name] = setting
            boxes.append(
                Mailbox(
                    name=f"{each.name}@{section.name}",
                    number=each.name,
                    digits=Setting("digits", digits.strip().lstrip("-"), each.place, each.arrow),
                    options=options,
                    place=each.place,
                )
            )
    return tuple(boxes)


def check_voicemail(files: Files) -> Iterator[Finding]:
    """Find boxes that dial, and such that are opened by digits everybody guesses."""
    dialling: dict[tuple[str, Setting], list[Mailbox]] = {}
    for box in read_mailboxes(files):
        for option in ("dialout", "callback"):
            if found := box.option(option):
                dialling.setdefault((option, found), []).append(box)
        yield from _check_digits(box)
    for (option, found), boxes in dialling.items():
        whose = f"mailbox `{boxes[0].name}`" if len(boxes) == 1 else f"{len(boxes)} mailboxes"
        does = {
            "dialout": "may dial any number",
            "callback": "may dial whatever number a message claims to come from",
        }[option]
        yield Finding(
            Kind.VOICEMAIL,
            Severity.MEDIUM,
            f"who has the digits of {whose} {does}, in context `{found.value}` (`{option}`)",
            f"take `{option}` away, or name a context that reaches extensions inside only",
            found.place,
        )


def _check_digits(box: Mailbox) -> Iterator[Finding]:
    digits = box.digits.value
    dials = box.option("dialout") or box.option("callback")
    same = f"the digits of mailbox `{box.name}` are"
    if digits == box.number:
        weak = f"{same} its own number"
    elif len(set(digits)) < 2 or digits in "01234567890" or digits in "09876543210":
        weak = f"{same} none, one digit again and again, or a row"
    elif dials and len(digits) < DIGITS_MIN:
        weak = f"{same} fewer than {DIGITS_MIN}, and it may dial out"
    else:
        return
    yield Finding(
        Kind.PASSWORD,
        Severity.MEDIUM if dials else Severity.LOW,
        weak,
        f"give it {DIGITS_MIN} or more digits by chance; `minpassword` makes people choose such",
        box.place,
    )
