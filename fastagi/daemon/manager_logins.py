"""How to log in to the manager interface of each Asterisk, by the settings."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from fastagi.daemon.keys import read_secret
from fastagi.watcher.link import Login

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.settings import Settings


def logins_of(settings: Settings) -> Sequence[Login]:
    """Return the logins, in the order of the settings; none where there is no `[ami]`."""
    return [
        Login(
            node=each.node,
            host=each.host,
            port=each.port,
            username=each.username,
            secret=functools.partial(read_secret, each.secret_file),
        )
        for each in settings.ami
    ]
