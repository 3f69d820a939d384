"""What Asterisk's own sound files say, for those who read prompts instead of hearing them.

The words are those of Asterisk's list of core sounds (`core-sounds-en.txt`), for the files that
`catalogue` names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS: Final[Mapping[str, str]] = {
    "agent-loggedoff": "Agent logged off.",
    "agent-loginok": "Agent logged in.",
    "agent-pass": "Please enter your password followed by the pound key.",
    "agent-user": "Agent login. Please enter your agent number followed by the pound key.",
    "all-circuits-busy-now": "All circuits are busy now.",
    "cannot-complete-as-dialed": "Your call cannot be completed as dialed.",
    "check-number-dial-again": "Please check the number and dial again.",
    "confbridge-pin": (
        "Please enter your personal identification number followed by the pound, or hash key."
    ),
    "confbridge-pin-bad": ("You have entered too many invalid personal identification numbers."),
    "digits/0": "zero",
    "digits/1": "one",
    "digits/2": "two",
    "digits/3": "three",
    "digits/4": "four",
    "digits/5": "five",
    "digits/6": "six",
    "digits/7": "seven",
    "digits/8": "eight",
    "digits/9": "nine",
    "feature-not-avail-line": "That feature is not available on this line.",
    "number": "Number.",
    "please-try-again": "Please try again.",
    "please-try-call-later": "Please try your call again later.",
    "simul-call-limit-reached": "Simultaneous call limit reached.",
    "vm-goodbye": "Goodbye",
    "vm-incorrect": "Login incorrect.",
    "vm-youhave": "You have",
}


def transcript(sound: str) -> str:
    """Return what a sound file says; of one that is not Asterisk's own, its name in brackets."""
    return WORDS.get(sound, f"[{sound}]")
