"""What `dialguard doctor` looks at of the OpenID provider that operators sign in at."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from fastagi.cli.checkup import fail, ok
from fastagi.daemon.single_sign_on import single_sign_on_of
from fastagi.errors import DialguardError, ProviderAway, ProviderError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.cli.checkup import Finding
    from fastagi.console.oidc.provider import Provider
    from fastagi.settings import Settings


def provider_answers(settings: Settings) -> Iterator[Finding]:
    """Whether the provider of the settings is there, is the one they name, and has keys."""
    if settings.console is None:
        return
    try:
        found = single_sign_on_of(settings.console, time.time)
    except DialguardError:
        return  # of its secret, which is said with the settings
    if found is not None:
        yield asyncio.run(_try(found.provider))


async def _try(provider: Provider) -> Finding:
    client = provider.client
    try:
        await provider.description()
        await provider.keys()
    except ProviderAway as error:
        return fail(
            f"the OpenID provider does not answer as one: {error}",
            "is `issuer` of `[console.oidc]` right, can this machine reach it, and does it trust "
            "its certificate? Until then operators log in with passwords only",
        )
    except ProviderError as error:
        return fail(f"operators cannot sign in at the provider: {error}", "see docs/console.md")
    finally:
        await provider.close()
    return ok(
        f"OpenID provider `{client.issuer}` answers; it must know `{client.redirect_uri}` as a "
        f"redirect URI of `{client.client_id}`"
    )
