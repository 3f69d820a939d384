"""Every error that dialguard raises on purpose, as one tree.

    DialguardError
    ├── ProtocolError            the FastAGI conversation (fastagi.agi, sans-I/O)
    │   ├── LocalProtocolError       we were about to say what the protocol forbids: our bug
    │   └── RemoteProtocolError      the peer said what Asterisk never says: its fault
    ├── ChannelError             the channel can no longer be asked (fastagi.call, fastagi.server)
    │   ├── ChannelGone              the caller hung up, or the connection was lost
    │   └── ChannelSilent            Asterisk did not answer a command before its deadline
    ├── ProblemsError            files an operator wrote, each problem with its file and line
    │   ├── PolicyError              a policy, its cases, its lists, its rate sheet
    │   ├── SettingsError            dialguard.toml or the environment
    │   ├── AcceptedError            the audit's findings that somebody accepts
    │   └── InstallError             files of FreePBX that the gate is to be put into
    ├── NotOnRecord              a decision of the past cannot be explained: the record lacks what
    │                            it hung on
    ├── VersionError             a policy that was once in force is not kept, or not whole
    ├── AuditError               there is no dialplan where one is to be audited
    ├── RecordsError             call records that cannot be read; says where, and what to do
    ├── TomlError                a text that is no TOML; loaders turn it into one of the above
    ├── LayoutError              a TOML text that no layout leaves as it is; it stays as it was
    ├── LearningError            no policy can be learnt from these calls; the message says why
    ├── BusyError                more is asked at once than this server does; refused, not queued
    ├── LinkError                Asterisk's manager interface is away, silent, or says no
    │   └── LoginRefused             it is there, and does not let us in
    ├── Forged                   an event of AMI that Asterisk never made: a caller wrote it
    ├── ProviderError            the OpenID provider says what cannot be trusted, or says no
    │   ├── ProviderAway             it does not answer, or not as a provider does
    │   └── WeakSignInError          it did not ask somebody for as much as the settings demand
    ├── LookupFailed             who reports numbers and addresses cannot be asked, or is no such
    ├── BanError                 a ban that would touch who is never banned, or is of nobody
    ├── FilterError              the packet filter cannot be asked, or does not do what was asked
    ├── StoreError               the store is away, slow or broken; the driver's error is its cause
    ├── VaultError               a key is missing, or none of ours opens what is stored
    └── EnrolmentError           what an operator asked of an enrolment cannot be done
        ├── WeakPinError             the PIN is one of those a thief tries first
        └── WeakPasswordError        an operator's password is short, common or easily guessed

A denial is a value (`fastagi.policy.model.Decision`), never an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class DialguardError(Exception):
    """The root of the tree: whatever dialguard raises on purpose is one of these."""


class ProtocolError(DialguardError):
    """The FastAGI conversation cannot go on; the connection has to be closed."""


class LocalProtocolError(ProtocolError):
    """A command that must not be sent: a control character, too long, out of turn. Our bug."""


class RemoteProtocolError(ProtocolError):
    """Bytes that no Asterisk sends; the first oddity ends the conversation."""


class ChannelError(DialguardError):
    """The channel can no longer be asked anything."""


class ChannelGone(ChannelError):
    """The caller hung up, or the connection to Asterisk was lost."""


class ChannelSilent(ChannelError):
    """Asterisk did not answer a command before its deadline."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file: where, and what (which says what to write instead).

    Attributes:
        file: The file as the operator named it.
        line: Line number from 1; 0 where the problem is the file as a whole.
        what: The message: lower-case, no final period, the operator's words in backticks.
    """

    file: Path
    line: int
    what: str

    @property
    def where(self) -> str:
        """The file, and the line where there is one: `office.toml:12`."""
        return f"{self.file}:{self.line}" if self.line else f"{self.file}"

    def __str__(self) -> str:
        """Show the problem as `file:line: what`, the form editors jump to."""
        return f"{self.where}: {self.what}"


class ProblemsError(DialguardError):
    """One or more problems in files an operator wrote.

    Attributes:
        problems: All of them, in the order of their lines.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda each: (str(each.file), each.line)))
        super().__init__("\n".join(str(each) for each in self.problems))


class PolicyError(ProblemsError):
    """A policy, its cases, one of its lists or its rate sheet cannot be used."""


class WhereError(DialguardError):
    """What was asked about is no number, and no word for many."""


class ManySituationsError(DialguardError):
    """A policy tells more situations of one call apart than can be looked at one by one."""


class SettingsError(ProblemsError):
    """The settings file, or a `DIALGUARD_…` variable, cannot be used."""


class AcceptedError(ProblemsError):
    """The file of the audit's accepted findings cannot be used."""


class InstallError(ProblemsError):
    """The gate cannot be put into the files of a FreePBX, or taken out of them."""


class NotOnRecord(DialguardError):
    """What a decision of the past hung on is not on record; the message says what is missing."""


class VersionError(DialguardError):
    """A policy that was once in force is not kept, or not whole; the message says which."""


class AuditError(DialguardError):
    """What is to be audited is not there: no such folder, no dialplan; the message says which."""


class RecordsError(DialguardError):
    """Call records cannot be read; the message says where, what is wrong and what to do."""


class BusyError(DialguardError):
    """More is asked at once than this server does; the newest is refused, others are served."""


class TomlError(DialguardError):
    """A text is no TOML.

    Attributes:
        line: Line number from 1; 0 where no single line is to blame.
        what: The message, by the rules of `Problem.what`.
    """

    def __init__(self, line: int, what: str) -> None:
        self.line = line
        self.what = what
        super().__init__(f"line {line}: {what}" if line else what)


class LayoutError(DialguardError):
    """A TOML text cannot be laid out, or changed, without changing more than that."""


class LearningError(DialguardError):
    """No policy can be learnt from these calls; the message says why, and what to give."""


class LinkError(DialguardError):
    """Asterisk's manager interface is away or silent, or does not do what was asked."""


class LoginRefused(LinkError):
    """Asterisk's manager interface does not let us in; the message says what it said."""


class Forged(DialguardError):
    """An event of AMI that Asterisk never made: whoever sent a request wrote some of it."""


class ProviderError(DialguardError):
    """The OpenID provider says no, or what cannot be trusted; the message says what."""


class ProviderAway(ProviderError):
    """The OpenID provider does not answer, or not as a provider does."""


class WeakSignInError(ProviderError):
    """The OpenID provider let somebody in by less than the settings demand: a password alone."""


class LookupFailed(DialguardError):
    """The service that is asked what is reported did not answer as it does; no call waits for it.

    Attributes:
        pause_s: For how long, in seconds, it asks to be left alone; None where it does not.
    """

    def __init__(self, what: str, pause_s: float | None = None) -> None:
        self.pause_s = pause_s
        super().__init__(what)


class BanError(DialguardError):
    """What was to be banned cannot be; the message says why, and what can be."""


class FilterError(DialguardError):
    """The machine's packet filter is not as it should be; the message says what nft said."""


class StoreError(DialguardError):
    """The store is away, too slow or broken; `__cause__` holds the driver's own error."""


class VaultError(DialguardError):
    """A secret cannot be encrypted or decrypted with the keys at hand."""


class EnrolmentError(DialguardError):
    """What was asked of an enrolment cannot be done; the message says what to do instead."""


class WeakPinError(EnrolmentError):
    """The PIN is one of those a thief tries first; the message says which kind, not the PIN."""


class WeakPasswordError(EnrolmentError):
    """The password is too easily guessed; the message says how, not the password."""
