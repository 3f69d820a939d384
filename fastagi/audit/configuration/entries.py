"""Where calls begin, and where people are sent, as all files but the dialplan say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.audit.configuration.old_channels import read_old_entries
from fastagi.audit.configuration.pjsip_entries import read_pjsip_entries
from fastagi.audit.configuration.service_entries import read_service_entries

if TYPE_CHECKING:
    from fastagi.audit.configuration.files import Files
    from fastagi.audit.entry import Entry


def read_entries(files: Files) -> tuple[Entry, ...]:
    """Return every way into the dialplan that is written down.

    Not among them: programs with a login to AMI or ARI, and call files. They name a context of
    their own, or a trunk without any, so no context is theirs; `check_configuration` tells who has
    such a login.
    """
    return (*read_pjsip_entries(files), *read_old_entries(files), *read_service_entries(files))
