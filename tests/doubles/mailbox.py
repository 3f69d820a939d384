"""A real mail server, in a thread: keeps what it takes in; may be ended and begun again."""

from __future__ import annotations

import threading
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller

if TYPE_CHECKING:
    from email.message import EmailMessage

    from aiosmtpd.smtp import SMTP, Envelope, Session

WITHIN_S = 60.0
"""For what takes a second or two: a process of its own is started for each message."""


class Mailbox:
    """At a port of this machine."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mails: list[EmailMessage] = []
        self._more = threading.Condition()
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        """As apprise reads it."""
        return f"mailto://127.0.0.1:{self.port}?from=gate@pbx.example&to=admin@pbx.example"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a mail in."""
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        with self._more:
            self.mails.append(mail)
            self._more.notify_all()
        return "250 OK"

    def begin(self) -> Mailbox:
        """Take mail in from now on."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()
        return self

    def end(self) -> None:
        """Take none in any more."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def wait_for(self, count: int) -> list[EmailMessage]:
        """Wait until there are so many."""
        with self._more:
            assert self._more.wait_for(lambda: len(self.mails) >= count, WITHIN_S), self.mails
            return list(self.mails)

    def titles(self) -> list[str]:
        """What the mails are about, in the order they came."""
        with self._more:
            return [str(each["Subject"]) for each in self.mails]


def text_of(mail: EmailMessage) -> str:
    """Return what a mail says, of whichever form."""
    body = mail.get_body(("plain", "html"))
    assert body is not None
    return str(body.get_content())
