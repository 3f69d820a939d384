"""One message by apprise, in a process of its own that is ended in time.

Apprise speaks to a hundred services, each in its own way, and blocks: so nobody but this process
waits for it, has its half-second of imports, or runs its code. The URL goes in through stdin,
where no list of processes shows it. What comes out is why a message was not taken in, in words
chosen here: what apprise says, or a server answers, may have the URL, and so the secret, in it.

    python -m fastagi.alerts.sending  < {"url": …, "title": …, "body": …}
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import resource
import signal
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fastagi.alerts.alert import Message

WITHIN_S: Final = 45
"""How long one message may take, its process's start with it: a busy machine takes seconds."""

SERVER_S: Final = 20.0
"""How long a server may be silent."""

MEMORY_MOST: Final = 512 << 20
"""Bytes: an answer without end fills no more."""

WORDS: Final = {
    "ConnectionRefusedError": "nobody listens there",
    "ConnectionResetError": "it hung up",
    "gaierror": "its name is not known",
    "NameResolutionError": "its name is not known",
    "TimeoutError": "it did not answer in time",
    "ConnectTimeout": "it did not answer in time",
    "ReadTimeout": "it did not answer in time",
    "SSLCertVerificationError": "its certificate is not good",
    "SMTPAuthenticationError": "user or password is wrong",
    "SMTPRecipientsRefused": "it does not know the recipient",
    "SMTPSenderRefused": "it does not take mail from the sender",
    "SMTPServerDisconnected": "it hung up",
}
"""What errors mean, by the names of their classes."""

NO_SERVICE: Final = "no service that apprise knows has a URL of this form"
NOT_TAKEN: Final = "it was not taken in"


async def send(url: str, message: Message, within_s: float = WITHIN_S) -> str:
    """Send a message; return why it was not taken in, or nothing.

    Args:
        url: Where to.
        message: What.
        within_s: How long that may take; then the process is killed.
    """
    asked = json.dumps({"url": url, "title": message.title, "body": message.body})
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "fastagi.alerts.sending"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:  # no memory, no more processes
        return f"it could not be tried: {os.strerror(error.errno or 0).lower()}"
    try:
        async with asyncio.timeout(within_s):
            said, _ = await process.communicate(asked.encode())
    except TimeoutError:
        return f"it did not answer within {within_s:.0f} s"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == 0 and said:
        return str(json.loads(said))
    return f"its process ended with status {process.returncode}"


# ----------------------------------------------------------------------------- the process


def main() -> int:
    """Send one message; say what came of it; returns the exit status."""
    signal.alarm(2 * WITHIN_S)  # also where whoever started it was killed
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    most = MEMORY_MOST if most == resource.RLIM_INFINITY else min(most, MEMORY_MOST)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asked = json.load(sys.stdin)
    said = os.dup(1)
    os.dup2(2, 1)  # what a service's module prints is no answer of ours
    why = told(asked["url"], asked["title"], asked["body"])
    os.write(said, json.dumps(why).encode())
    return 0


def told(url: str, title: str, body: str) -> str:
    """Tell apprise; return why it was not taken in, or nothing."""
    import apprise  # half a second, and memory: of this process only

    overheard = Overheard()
    logger = logging.getLogger("apprise")
    logger.addHandler(overheard)
    logger.propagate = False
    logger.setLevel(logging.WARNING)
    asset = apprise.AppriseAsset(
        app_id="dialguard",
        app_desc="dialguard",
        app_url="",
        plugin_paths=[],
        async_mode=False,
        allow_templates=False,
        interpret_emojis=False,
        interpret_escapes=False,
        http_redirects=False,  # it would lead what is sent to one to another
        pgp_autogen=False,
        pem_autogen=False,
        service_timeout=SERVER_S,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    service = apprise.Apprise.instantiate(url, asset=asset)
    if service is None:
        return NO_SERVICE
    sender = apprise.Apprise(asset=asset)
    sender.add(service)
    taken_in = sender.notify(
        body, title, apprise.NotifyType.WARNING, body_format=apprise.NotifyFormat.TEXT
    )
    return "" if taken_in else overheard.why or NOT_TAKEN


class Overheard(logging.Handler):
    """Makes out, of what apprise warns of, why; and keeps nothing of its text.

    Attributes:
        why: The last reason that could be made out.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.why = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Look at a warning: its number of HTTP, or the error that is being handled."""
        answered = re.search(r"\berror=(\d{3})\b", record.getMessage())
        error = sys.exc_info()[1]
        if error is not None:
            self.why = _in_words(error)
        elif answered is not None:
            self.why = f"it answered {answered[1]}"


def _in_words(error: BaseException) -> str:
    """Name an error by what is known of it or of what it came of; never by its text."""
    names: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(names) < 10:
        names.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    return next((WORDS[each] for each in names if each in WORDS), names[0])


if __name__ == "__main__":  # pragma: no cover - as a process of its own
    sys.exit(main())
