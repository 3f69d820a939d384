"""How long Asterisk may take for each step of a conversation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long Asterisk may take.

    Attributes:
        environment_s: From the connection to the blank line.
        command_s: To answer a command that only sets or asks something.
        answer_s: To answer the channel; Asterisk waits for the phone's first audio.
        sounds_s: To play the sounds of one question; what the caller keys comes on top.
        session_s: The whole session. Longer than a caller's last try at the last prompt.
    """

    environment_s: float = 2.0
    command_s: float = 2.0
    answer_s: float = 5.0
    sounds_s: float = 30.0
    session_s: float = 300.0
