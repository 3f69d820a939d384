"""The files of a configuration that this room asks, read once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.audit.conf import read_conf

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fastagi.audit.conf import Conf, Section
    from fastagi.audit.finding import Finding

NAMES: Final = (
    "acl.conf",
    "ari.conf",
    "asterisk.conf",
    "cdr_pgsql.conf",
    "chan_dahdi.conf",
    "chan_mobile.conf",
    "confbridge.conf",
    "console.conf",
    "extconfig.conf",
    "features.conf",
    "followme.conf",
    "http.conf",
    "iax.conf",
    "logger.conf",
    "manager.conf",
    "mgcp.conf",
    "modules.conf",
    "motif.conf",
    "ooh323.conf",
    "pjsip.conf",
    "pjsip_wizard.conf",
    "prometheus.conf",
    "queues.conf",
    "res_config_mysql.conf",
    "res_curl.conf",
    "res_odbc.conf",
    "res_parking.conf",
    "res_pgsql.conf",
    "rtp.conf",
    "sip.conf",
    "skinny.conf",
    "sorcery.conf",
    "unistim.conf",
    "voicemail.conf",
    "xmpp.conf",
)
"""All that say who calls, what is rung, what stands open, or a secret; not the dialplan itself."""


@dataclass(frozen=True, slots=True)
class Files:
    """What was read.

    Attributes:
        folder: Where the configuration lies.
        confs: By name; one that is not there is empty.
    """

    folder: Path
    confs: Mapping[str, Conf]

    def sections(self, name: str) -> tuple[Section, ...]:
        """Return the sections of a file as a module sees them: no templates."""
        conf = self.confs.get(name)
        return tuple(each for each in conf.sections if not each.is_template) if conf else ()

    def named(self, name: str, section: str) -> tuple[Section, ...]:
        """Return a file's sections of one name, whatever their case."""
        wanted = section.lower()
        return tuple(each for each in self.sections(name) if each.name.lower() == wanted)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What could not be read, or is read otherwise than it is written; each once."""
        told = (each for conf in self.confs.values() for each in conf.findings)
        return tuple(dict.fromkeys(told))


def read_files(folder: Path) -> Files:
    """Read a configuration; a file that is not there is empty, and nothing raises.

    Args:
        folder: `/etc/asterisk`, or a copy of it.
    """
    return Files(folder, {name: read_conf(folder, name) for name in NAMES})
