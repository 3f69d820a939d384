"""AMI: who reaches it, with what secret, and what it lets them do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.audit.configuration.addresses import Reach, lets_everybody_in, reach_of
from fastagi.audit.configuration.strength import weakness
from fastagi.audit.configuration.values import every, is_true, last, listed, value
from fastagi.audit.configuration.web import web_reach
from fastagi.audit.finding import Finding, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.audit.conf import Section
    from fastagi.audit.configuration.files import Files

ANY: Final = "::"  # main/manager.c, where there is no `bindaddr`: all addresses

DIALS: Final = frozenset({"all", "originate", "system", "command", "config", "agi"})
"""Classes that dial, run a program, or write what Asterisk does: configs/samples/manager.conf."""

KEYS: Final = frozenset({"all", "dtmf"})
"""Classes of events that tell every key that is pressed, a PIN's too."""


def manager_reach(files: Files) -> Reach | None:
    """Return who reaches AMI, over TCP or the web; None where it is off, as it is by default."""
    general = files.named("manager.conf", "general")
    if not general or not is_true(value(general[0], "enabled")):
        return None
    bind = value(general[0], "bindaddr")
    reached = [reach_of(bind, ANY)]
    if is_true(value(general[0], "tlsenable")):
        reached.append(reach_of(value(general[0], "tlsbindaddr", bind), ANY))
    if is_true(value(general[0], "webenabled")):
        reached += web_reach(files)
    return max(reached, key=list(Reach).index)


def check_manager(files: Files) -> Iterator[Finding]:
    """Find users of AMI that strangers may try, whose secret is weak, or who may do too much."""
    reach = manager_reach(files)
    if reach is None:
        return
    for section in files.sections("manager.conf"):
        if section.name.lower() == "general":
            continue
        yield from _secret(section, reach)
        yield from _rights(files, section, reach)


def _secret(section: Section, reach: Reach) -> Iterator[Finding]:
    secret = last(section, "secret")
    found = weakness(secret.value.strip(), [section.name]) if secret else None
    if secret and found:
        yield Finding(
            Kind.PASSWORD,
            found.severity if reach is not Reach.MACHINE else Severity.MEDIUM,
            f"the secret of AMI user `{section.name}` {found.what}",
            "write 16 or more characters that a program chose",
            secret.place,
        )


def _rights(files: Files, section: Section, reach: Reach) -> Iterator[Finding]:
    """Find what a user may do, worse the more people may try to be that user."""
    write = {word for each in every(section, "write") for word in listed(each.value.lower())}
    read = {word for each in every(section, "read") for word in listed(each.value.lower())}
    who, dials = f"AMI user `{section.name}`", write & DIALS
    if reach is not Reach.MACHINE and lets_everybody_in(files, [section]):
        may = ", and dials past the gate" if dials else ""
        severity = Severity.HIGH if dials else Severity.MEDIUM
        yield Finding(
            Kind.OPEN_DOOR,
            severity if reach is Reach.WORLD else Severity.LOW,
            f"who has the secret of {who} comes in from wherever AMI is reached{may}",
            "set `bindaddr = 127.0.0.1`, and `deny = 0.0.0.0/0` with a `permit` for each user",
            section.place,
        )
    elif dials:
        yield Finding(
            Kind.OPEN_DOOR,
            Severity.LOW,
            f"{who} may `{'`, `'.join(sorted(dials))}`: who has its secret dials past the gate",
            "leave in `write` what its program needs; `call` is enough for dialguard",
            every(section, "write")[-1].place,
        )
    if read & KEYS:
        yield Finding(
            Kind.OPEN_DOOR,
            Severity.LOW,
            f"{who} is told every key that is pressed, PINs too",
            "leave `all` and `dtmf` out of its `read`",
            every(section, "read")[-1].place,
        )
