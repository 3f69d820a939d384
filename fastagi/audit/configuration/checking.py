"""All that is wrong in the files beside the dialplan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.audit.configuration.dangers import check_dangers
from fastagi.audit.configuration.databases import check_databases
from fastagi.audit.configuration.disa import check_disa
from fastagi.audit.configuration.duplicates import check_duplicates
from fastagi.audit.configuration.entries import check_entries
from fastagi.audit.configuration.features import check_features
from fastagi.audit.configuration.guests import check_guests
from fastagi.audit.configuration.mailboxes import check_voicemail
from fastagi.audit.configuration.manager import check_manager
from fastagi.audit.configuration.modes import check_modes
from fastagi.audit.configuration.passwords import check_passwords
from fastagi.audit.configuration.redirects import check_redirects
from fastagi.audit.configuration.transfers import check_transfers
from fastagi.audit.configuration.unlisted import check_unlisted
from fastagi.audit.configuration.web import check_web

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastagi.audit.configuration.files import Files
    from fastagi.audit.dialplan import Dialplan
    from fastagi.audit.finding import Finding


def check_configuration(
    files: Files, dialplan: Dialplan, modes: Mapping[str, int] | None = None
) -> Iterator[Finding]:
    """Find everything, file after file; what could not be read first.

    Args:
        files: Of `read_files`.
        dialplan: For DISA, and the global variables that say where transfers go.
        modes: Of `read_modes`, where the folder is Asterisk's own; those of a copy say nothing.
    """
    yield from files.findings
    yield from check_entries(files)
    yield from check_databases(files)
    yield from check_duplicates(files)
    yield from check_guests(files)
    yield from check_passwords(files)
    yield from check_transfers(files, dialplan.variables)
    yield from check_redirects(files)
    yield from check_unlisted(files)
    yield from check_features(files)
    yield from check_voicemail(files)
    yield from check_disa(dialplan)
    yield from check_manager(files)
    yield from check_web(files)
    yield from check_dangers(files)
    yield from check_modes(files, modes or {})
