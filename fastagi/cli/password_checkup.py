"""What `dialguard doctor` looks at of passwords that are handed out: whether Asterisk is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx

from fastagi.cli.checkup import fail, ok
from fastagi.console.passwords import NAME, PATH
from fastagi.daemon.keys import read_secret
from fastagi.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.cli.checkup import Finding
    from fastagi.settings import Settings

PATIENCE_S: Final = 5.0
NOBODY: Final = {"id": "-"}
"""A question to which there is no answer."""

LOG: Final = (
    "`systemctl status dialguard`, and the service's log: until then no such phone registers"
)


def asterisk_is_told(settings: Settings) -> Iterator[Finding]:
    """Whether who asks as Asterisk does is answered, and who shows another secret is not."""
    lent = settings.credentials
    if lent is None:
        return
    try:
        secret = read_secret(lent.secret_file)
    except SettingsError:
        return  # which is said with the settings
    url = f"http://{lent.listen}{PATH}"
    try:
        with httpx.Client(timeout=PATIENCE_S, trust_env=False) as client:
            right, wrong = (
                client.post(url, data=NOBODY, auth=httpx.BasicAuth(NAME, shown))
                for shown in (secret, "")
            )
    except httpx.HTTPError as error:
        why = str(error) or type(error).__name__
        yield fail(f"nobody tells Asterisk passwords at {lent.listen}: {why}", LOG)
        return
    told = (right.status_code, right.content, wrong.status_code)
    if told == (httpx.codes.OK, b"", httpx.codes.FORBIDDEN):
        yield ok(f"passwords that are handed out are told to Asterisk at {lent.listen}")
    else:
        cure = (
            "give `[credentials] listen` another port, or restart the service: is its secret new?"
        )
        yield fail(f"something else answers at {lent.listen}, or knows another secret", cure)
