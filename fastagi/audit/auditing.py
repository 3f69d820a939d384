"""The whole of it: from a folder, or what AMI told, to what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastagi.audit.conf_files import etc_of
from fastagi.audit.configuration.checking import check_configuration
from fastagi.audit.configuration.devices import read_devices
from fastagi.audit.configuration.entries import read_entries
from fastagi.audit.configuration.files import read_files
from fastagi.audit.configuration.modes import read_modes
from fastagi.audit.configuration.reach import read_reach
from fastagi.audit.dialplan_ami import dialplan_of
from fastagi.audit.dialplan_files import MAIN, read_dialplan
from fastagi.audit.drawn import drawn
from fastagi.audit.entry import Devices, Entry, Party
from fastagi.audit.finding import Kind, Severity
from fastagi.audit.ways.find import find_ways
from fastagi.audit.ways.moves import Lists
from fastagi.errors import AuditError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fastagi.audit.configuration.files import Files
    from fastagi.audit.configuration.reach import Rung
    from fastagi.audit.dialplan import Dialplan
    from fastagi.audit.finding import Finding
    from fastagi.audit.graph import Graph
    from fastagi.audit.place import Place

WORST_FIRST: Final = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Audit:
    """What came of it.

    Attributes:
        findings: The worst first; of one severity by file and line.
        graph: The ways to the trunks.
        lines: How many steps the dialplan has.
        contexts: How many contexts it has.
    """

    findings: tuple[Finding, ...]
    graph: Graph
    lines: int
    contexts: int


def audit(folder: Path, country: str = "") -> Audit:
    """Audit what Asterisk would load from a folder.

    Args:
        folder: `/etc/asterisk`, or a copy of it.
        country: Whose emergency numbers need not ask (ISO 3166-1 alpha-2), beside those that are
            such everywhere.

    Raises:
        ValueError: As `numbers_of`.
        AuditError: There is no such folder, or no dialplan in it that this user may read.
    """
    _check_folder(folder)
    try:
        with (folder / MAIN).open("rb"):
            pass
    except FileNotFoundError:
        what = f"there is no `{MAIN}` in `{folder}`; name the folder of Asterisk's configuration"
        raise AuditError(what) from None
    except OSError as error:
        what = f"`{folder / MAIN}` cannot be read; run this as root, or as Asterisk's user"
        raise AuditError(what) from error
    dialplan, findings = read_dialplan(folder)
    return _audited(dialplan, findings, folder, country)


def audit_loaded(
    events: Sequence[Mapping[str, str]], folder: Path | None, country: str = ""
) -> Audit:
    """Audit what Asterisk has loaded.

    Args:
        events: What AMI answered to `ShowDialPlan`.
        folder: Of its configuration, for all that is no dialplan: phones, trunks, global
            variables. Without one, every context is taken for one where anybody comes in, and
            everything that is dialled for a trunk.
        country: As for `audit`.

    Raises:
        ValueError: As `numbers_of`.
        AuditError: There is no such folder, or no dialplan in what AMI answered.
    """
    if folder is not None:
        _check_folder(folder)
    written = {} if folder is None else read_dialplan(folder)[0].variables
    dialplan = dialplan_of(events, written)
    if not dialplan.contexts:
        raise AuditError("Asterisk has loaded no dialplan; look at its log")
    return _audited(dialplan, (), folder, country)


def _check_folder(folder: Path) -> None:
    try:
        is_there = folder.is_dir()
    except PermissionError as error:
        what = f"`{folder}` is hidden from this user; run this as root, or as Asterisk's user"
        raise AuditError(what) from error
    if not is_there:
        raise AuditError(f"`{folder}` is no folder; name the one of Asterisk's configuration")


def _audited(
    dialplan: Dialplan, findings: Iterable[Finding], folder: Path | None, country: str
) -> Audit:
    if folder is None:
        entries: Sequence[Entry] = [
            Entry(each.name, None, Party.MACHINE, f"whoever is sent to `{each.name}`", each.place)
            for each in dialplan.contexts.values()
        ]
        devices, lists = Devices(), Lists()
        beside: Iterable[Finding] = ()
    else:
        files = read_files(folder)
        entries, devices, reach = read_entries(files), read_devices(files), read_reach(files)
        lists = Lists(queues=_dialled(reach.queues), followed=_dialled(reach.follow_me))
        beside = check_configuration(files, dialplan, _modes(files))
    ways = find_ways(dialplan, entries, devices, lists, country=country)
    # A dial tone that somebody gets to is told with the way; AMI knows no lines to compare.
    tones = {each.place for each in ways.findings if each.kind is Kind.DISA and each.place.line}
    beside = (each for each in beside if each.kind is not Kind.DISA or each.place not in tones)
    found = dict.fromkeys((*findings, *ways.findings, *beside))
    return Audit(
        findings=tuple(sorted(found, key=_order)),
        graph=drawn(ways.graph, ways.findings),
        lines=sum(len(each.steps) for each in dialplan.contexts.values()),
        contexts=len(dialplan.contexts),
    )


def _dialled(lists: Mapping[str, Sequence[Rung]]) -> Mapping[str, Sequence[str]]:
    return {name: [each.dialled for each in some] for name, some in lists.items()}


def _modes(files: Files) -> Mapping[str, int]:
    """Return who may read which file, where it is Asterisk's own: a copy's modes say nothing."""
    whole = files.folder.resolve()
    return read_modes(files) if whole == Path(etc_of(whole)) else {}


def _order(finding: Finding) -> tuple[int, Place, str]:
    return WORST_FIRST.index(finding.severity), finding.place, finding.message
