"""Look-ups as the settings have them, and the chore that does them beside the calls."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Final

from fastagi.call.ports import NoLookups
from fastagi.daemon.chores import begin_chore, end_chores
from fastagi.daemon.keys import read_secret
from fastagi.lookups.desk import Desk
from fastagi.lookups.findings import Findings
from fastagi.lookups.pacing import Pace
from fastagi.lookups.service import Credentials, Place, Service
from fastagi.lookups.shared import Shared
from fastagi.lookups.subject import Kind

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from fastagi.call.ports import Lookups
    from fastagi.lookups.subject import LookupMeter
    from fastagi.settings import Settings
    from fastagi.settings.model import LookupSettings
    from fastagi.stores.records import Records

HOUR_S: Final = 3600.0


def begin_lookups(
    settings: Settings, store: Records, meter: LookupMeter, opened: AsyncExitStack
) -> Lookups:
    """Begin to look up what calls ask for, until the stack is left.

    Raises:
        SettingsError: The secret cannot be read, everybody can read it, or it is too short.
    """
    wanted = settings.lookups
    if wanted is None:
        return NoLookups()
    service = Service(place_of(wanted), Pace(wanted.per_minute), time.monotonic)
    opened.push_async_callback(service.close)
    found_s, not_found_s = wanted.keep_found_h * HOUR_S, wanted.keep_not_found_h * HOUR_S
    findings = Findings(found_s, not_found_s, random.random)
    shared = Shared(store, time.time)
    desk = Desk(service, findings, time.monotonic, meter, shared)
    opened.push_async_callback(end_chores, [begin_chore("lookups", desk.run())])
    return desk


def place_of(wanted: LookupSettings) -> Place:
    """Return where the service is, and how it is asked.

    Raises:
        SettingsError: As `begin_lookups`.
    """
    credentials = None
    if wanted.secret_file is not None:
        secret = read_secret(wanted.secret_file)
        credentials = Credentials(wanted.token_url, wanted.client_id, secret, wanted.audience)
    urls = {Kind.NUMBER: wanted.numbers, Kind.ADDRESS: wanted.addresses}
    return Place(urls, wanted.before, credentials)
