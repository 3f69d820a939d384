"""The kinds of alerts, closed and stable: settings and metrics name them.

A new kind is one entry here, and whatever finds it: a word of the log in `heard`, mostly.
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What an administrator is woken for; of two that wait, the first here is told first."""

    BYPASS = "bypass"
    ATTACK = "attack"
    FORGERY = "forgery"
    BRAKE = "brake"
    LOCKOUT = "lockout"
    NEW_ADDRESS = "new-address"
    BUDGET = "budget"
    STORE = "store"
    AMI = "ami"
    POLICY = "policy"
    SECRETS = "secrets"
    RECORD = "record"
    PROCESS = "process"
    TEST = "test"
    """Of `dialguard alert test` only."""

    @property
    def meaning(self) -> str:
        """What it tells of, in words for people."""
        return MEANINGS[self]


MEANINGS: dict[Kind, str] = {
    Kind.BYPASS: "a call reached a guarded trunk without asking",
    Kind.ATTACK: "somebody attacks an extension, or the site",
    Kind.FORGERY: "somebody forges events of Asterisk's manager interface",
    Kind.BRAKE: "the brake was put on, for an extension, a class or the site",
    Kind.LOCKOUT: "an extension, an address or an operator is locked out",
    Kind.NEW_ADDRESS: "somebody signed in from where they never did before",
    Kind.BUDGET: "80 % of a budget is used",
    Kind.STORE: "the store is away, and is back",
    Kind.AMI: "an Asterisk is not watched, and is again",
    Kind.POLICY: "a policy cannot come into force, and can again",
    Kind.SECRETS: "PINs and codes cannot be read",
    Kind.RECORD: "decisions are not on record, and are again",
    Kind.PROCESS: "a process of the service died or hung",
    Kind.TEST: "somebody tries whether alerts arrive",
}
