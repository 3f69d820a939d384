"""How easily a secret is guessed. The secret itself is never told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from zxcvbn import zxcvbn

from fastagi.audit.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST: Final = 8
"""Characters. Whoever hears one log in tries billions a second at home (RFC 7616, section 5.6)."""

GUESSED: Final = 1  # of zxcvbn's scores: under 10^6 guesses, an hour's work over the network
WEAK: Final = 2  # under 10^8: hardly over the network, at once for whoever heard a log-in
LOOKED_AT: Final = 12, 32
"""Characters that zxcvbn is asked about, as its time grows with their square: where the first few
are strong alone, the whole is no weaker."""

NAME_SHORTEST: Final = 3  # shorter ones are in a good secret by chance
EXAMPLES: Final = re.compile(
    r"change.?(?:me|this)|example|your.?(?:secret|password)", re.IGNORECASE
)
WORDS: Final = ("asterisk", "freepbx", "pbx", "sip", "voip", "phone", "trunk", "admin", "manager")


@dataclass(frozen=True, slots=True)
class Weakness:
    """Why a secret is none.

    Attributes:
        what: To stand behind "the password of … ": "is the extension itself".
    """

    severity: Severity
    what: str


def weakness(secret: str, names: Iterable[str]) -> Weakness | None:
    """Return what is wrong with a secret; None for a good one.

    Args:
        secret: As it is written.
        names: What everybody knows of whom it guards: extension, user name.
    """
    known = [name.lower() for name in names if name]
    lower = secret.lower()
    if not secret:
        return Weakness(Severity.HIGH, "is empty")
    if lower in known:
        return Weakness(Severity.HIGH, "is the name it guards")
    if EXAMPLES.search(secret):
        return Weakness(Severity.MEDIUM, "is one of an example")
    if len(secret) < SHORTEST:
        return Weakness(Severity.HIGH, f"has fewer than {SHORTEST} characters")
    score = _score(secret, known)
    for name in known:
        if len(name) >= NAME_SHORTEST and name in lower:
            score = min(score, _score(lower.replace(name, ""), known))
            if score <= WEAK:
                return Weakness(Severity.HIGH, "contains the name it guards, and little else")
    if score <= GUESSED:
        return Weakness(Severity.HIGH, "is easily guessed")
    if score <= WEAK:
        return Weakness(Severity.MEDIUM, "is guessed by whoever hears one log-in")
    return None


def _score(secret: str, known: list[str]) -> int:
    score = 0
    for part in dict.fromkeys(secret[:length] for length in LOOKED_AT):
        if part and score <= WEAK:
            score = int(zxcvbn(part, [*known, *WORDS])["score"])
    return score
