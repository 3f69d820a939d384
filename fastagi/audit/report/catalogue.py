"""What each kind of finding is, why it costs money, and how it is put right: for all who ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.audit.finding import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a kind.

    Attributes:
        title: In a few words, without a full stop.
        why: What can happen, in a sentence or two.
        cure: What to do about it, in a sentence or two.
    """

    title: str
    why: str
    cure: str


CATALOGUE: Final[Mapping[Kind, About]] = {
    Kind.UNGATED: About(
        "A way to a trunk goes past the gate",
        "Whoever comes in where the way begins makes paid calls that nobody judged, counted or "
        "bounded.",
        "Have the extension ask before it dials: `Gosub(dialguard,outbound,1(${EXTEN}))`, then "
        "`Dial(PJSIP/${GUARD_NUMBER}@my-trunk,60,${GUARD_DIAL})`.",
    ),
    Kind.UNCHECKED: About(
        "The gate is asked, and its verdict is not looked at",
        "A refusal changes nothing then. `AGISTATUS` is no verdict: Asterisk says SUCCESS when "
        "the service accepts and dies, and goes on when it cannot connect.",
        "Ask by `Gosub(dialguard,outbound,1(…))`, which comes back only with a yes; or go on only "
        "if `GUARD_VERDICT` is `ALLOW` and `GUARD_CALL` is this call's `UNIQUEID`.",
    ),
    Kind.STALE: About(
        "One yes is used for more than one call",
        "The second call is neither judged nor counted, and its leg has no bound.",
        "Ask the gate again before each Dial to a trunk.",
    ),
    Kind.OTHER_DIGITS: About(
        "Other digits are dialled than were judged",
        "The gate said yes to one number, and Asterisk dials another, or another channel "
        "altogether: `&` and `/` in what was dialled name channels.",
        "Dial `${GUARD_NUMBER}`, and nothing of `${EXTEN}`.",
    ),
    Kind.NAMED: About(
        "A phone calls on another's account",
        "`on-behalf` names who is judged and charged, and nobody is asked for a code. A phone "
        "that gets to it with digits of its own, stolen or not, spends what the other may.",
        "Let no phone dial, transfer or forward into a context that names somebody, and include "
        "it nowhere: it is for forwards, queues and call files.",
    ),
    Kind.UNBOUND: About(
        "The trunk leg is not bound to its slot",
        "Without `${GUARD_DIAL}` the leg lasts as long as it likes, and its slot is given back "
        "when the caller's leg ends. Asterisk runs only the last of two options `b`, `B` or `U`.",
        "Put `${GUARD_DIAL}` at the end of Dial's options, and leave `b B i U A G m M P p` out.",
    ),
    Kind.UNFILTERED: About(
        "What was dialled goes unfiltered into an application",
        "A pattern like `_X.` takes any characters behind the first digit: commas, `&` and `/` "
        "change what the application does.",
        "Use `${FILTER(0-9+*#,${EXTEN})}`, or a pattern of a known length.",
    ),
    Kind.UNKNOWN: About(
        "A way leads where nothing can be said of it",
        "What a script, a switch or a variable of the channel decides may be a trunk. It is not "
        "shown that it is, and not that it is not.",
        "Lead it to a context by name, or accept the finding with the reason why it is safe.",
    ),
    Kind.UNREADABLE: About(
        "Asterisk reads what the audit cannot",
        "A part of the dialplan was not looked at, and may lead anywhere.",
        "Let the audit read the file, or audit the loaded dialplan with `--ami`; write what "
        "`#exec` makes into a file.",
    ),
    Kind.MISREAD: About(
        "Asterisk reads something otherwise than it is written",
        "Of two lines with one number it keeps the first, and behind a comment that is not closed "
        "it reads nothing: what stands there is not what runs.",
        "Mend the line; `dialplan show CONTEXT` on Asterisk's command line says what it has.",
    ),
    Kind.ROUTINE: About(
        "The gate's own routine is not as it was shipped",
        "All that is shown here rests on `dialguard.conf`: a changed routine may say yes to all.",
        "Put the shipped `dialguard.conf` back; what a site sets are global variables.",
    ),
    Kind.TRANSFER: About(
        "A party may transfer where it should not",
        "A transfer runs the dialplan again, for somebody else: an outside party, or a stolen "
        "phone, makes a call abroad out of it.",
        "Set `allow_transfer = no` where nobody transfers, and `TRANSFER_CONTEXT` to a context "
        "that asks the gate.",
    ),
    Kind.REDIRECT: About(
        "A phone's 302 is dialled without the dialplan",
        "`redirect_method = uri_core` or `uri_pjsip` dials what the phone answers, and no context "
        "is asked.",
        "Set `redirect_method = user`, and `FORWARD_CONTEXT` to a context that asks the gate.",
    ),
    Kind.PASSWORD: About(
        "A secret is easily guessed",
        "Scanners try the extension itself, short and common passwords first, day and night.",
        "Set a random one of at least 16 characters: `openssl rand -base64 18`.",
    ),
    Kind.GUEST: About(
        "Whoever comes without a name is let in",
        "Anybody on the network reaches the context of guests.",
        "Remove the endpoint `anonymous`, or lead it to a context that only rings phones inside.",
    ),
    Kind.OPEN_DOOR: About(
        "A door of Asterisk's is open to the world",
        "Who gets in by AMI, ARI or HTTP starts calls, and with some rights runs commands.",
        "Bind it to 127.0.0.1, or have `deny` and `permit` leave only those who need it.",
    ),
    Kind.NO_ACL: About(
        "A password is enough from anywhere",
        "A stolen or guessed password works from every address in the world.",
        "Set `deny` and `permit`, or an `acl`, to the networks where the phones are.",
    ),
    Kind.READABLE: About(
        "A file with secrets can be read by everybody on the machine",
        "Any program that runs on it, a web server's included, has every password.",
        "`chmod o= FILE`, and leave it to Asterisk's user and group.",
    ),
    Kind.VOICEMAIL: About(
        "Voicemail dials out",
        "Whoever guesses a mailbox's PIN, from outside too, has Asterisk call back, or dial.",
        "Leave `callback`, `dialout`, `operator` and `exitcontext` out, or lead them to a context "
        "that asks the gate.",
    ),
    Kind.DISA: About(
        "A dial tone for strangers",
        "DISA lets whoever has its code, or nobody stops from guessing it, dial as if inside.",
        "Remove it, or give it a context of its own that asks the gate.",
    ),
    Kind.FEATURE: About(
        "A feature reaches out",
        "What a feature code, a parking lot, follow-me or a conference dials is dialled in a "
        "context of its own, for whoever presses the keys.",
        "Lead it to a context that asks the gate, or only to phones inside.",
    ),
}
"""Every kind has its entry."""
