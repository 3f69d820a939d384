"""What `dialguard doctor` looks at of whoever looks for signs of an attack."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from fastagi.cli.checkup import fail, ok, warn
from fastagi.daemon.manager_logins import logins_of
from fastagi.daemon.places import means_of, policy_place
from fastagi.daemon.reload import load_policies
from fastagi.errors import DialguardError, PolicyError, SettingsError
from fastagi.lookout.countries import countries_in
from fastagi.lookout.hearing import CLASSES
from fastagi.signs.sign import Sign
from fastagi.watcher.link import connected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.cli.checkup import Finding
    from fastagi.policy.model import Policy
    from fastagi.settings import Settings
    from fastagi.settings.model import LookoutSettings
    from fastagi.watcher.link import Login

HEARD_S: Final = 2.0
"""How long Asterisk may take to tell of a login that it has just let in."""

OUR_LOGIN: Final = b"Event: SuccessfulAuth\r\n"


def attacks_are_seen(settings: Settings) -> Iterator[Finding]:
    """Whether what policies watch for is looked for, and can be seen."""
    try:
        policies = load_policies(policy_place(settings).resolve(), means_of(settings))
    except PolicyError:  # which is told of with the policies
        return
    watching = [each for each in policies.values() if each.watches]
    if settings.lookout is None:
        for policy in watching:
            yield warn(
                f"`{policy.site.name}` watches for attacks, and nobody looks for them",
                "put `[lookout]` into the settings (docs/attack-signs.md)",
            )
        return
    if not watching:
        yield warn(
            "`[lookout]` looks for attacks, and no policy says what is one",
            "write `[[watch]]` into the policy (docs/attack-signs.md)",
        )
    yield from _countries_are_known(settings.lookout, watching)
    if not settings.ami:
        yield warn(
            "`[lookout]` hears no Asterisk, and sees only who tries the gate's own door",
            "put `[ami]` into the settings (docs/install.md)",
        )
    for login in logins_of(settings):
        yield asyncio.run(_hears(login))


def _countries_are_known(lookout: LookoutSettings, watching: list[Policy]) -> Iterator[Finding]:
    """Whether a country can ever be new."""
    try:
        countries_in(lookout.geoip)
    except SettingsError as error:
        yield fail(
            str(error), "the lookout does not start like this; leave `geoip` out, or mend it"
        )
        return
    for policy in watching:
        named = [each.name for each in policy.watches if each.sign is Sign.NEW_COUNTRY]
        if named and lookout.geoip is None:
            which = ", ".join(f"`{name}`" for name in named)
            yield warn(
                f"no country is known: {which} of `{policy.site.name}` never sees a new one",
                "name a database of countries: `[lookout] geoip` (docs/attack-signs.md)",
            )


async def _hears(login: Login) -> Finding:
    """Whether Asterisk tells us of security events: of a login of our own, say."""
    heard = asyncio.Event()

    def take(block: bytes) -> bool:
        if block.startswith(OUR_LOGIN):
            heard.set()
        return block.startswith(b"Event: ")

    try:
        async with connected(login, lambda _: None, classes=CLASSES, first=take):
            async with connected(login):
                pass
            async with asyncio.timeout(HEARD_S):
                await heard.wait()
    except TimeoutError:
        return fail(
            f"Asterisk `{login.node}` tells `{login.username}` of no security events: no attack "
            "on its phones is seen",
            f"`[{login.username}]` in manager.conf: `read = system,call,user,security`",
        )
    except DialguardError as error:
        return fail(str(error), "see `[ami]` in docs/install.md")
    return ok(f"Asterisk `{login.node}` tells of security events")
