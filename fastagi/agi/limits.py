"""How much of anything a peer may send; over it, the conversation is over."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings for one connection; Asterisk itself stays far below each.

    Attributes:
        line: Bytes of one line without its newline. A caller chooses some of them (name, number).
        environment: Bytes of the whole environment.
        arguments: AGI arguments; ours are fifteen.
        usage: Bytes of a 520 that explains a command, all its lines together.
        hangups: `HANGUP` lines; Asterisk sends one when the caller hangs up and one when we close.
        commands: Commands we send: our own ceiling, against a story that runs in circles.
    """

    line: int = 2048
    environment: int = 16_384
    arguments: int = 32
    usage: int = 16_384
    hangups: int = 2
    commands: int = 64

    @property
    def buffered(self) -> int:
        """Bytes that can lie unread before some other limit is broken for certain."""
        return max(self.environment, self.usage) + 2 * self.line + 8 * self.hangups
