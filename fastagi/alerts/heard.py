"""Which words of the service's log are alerts, and what they say.

A new one is an entry of `HEARD`. Fields of the log that callers choose go through `foreign`.
A little longer than other files: one list of a word, and what it says, for each thing that breaks.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
import shlex
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from fastagi.alerts.alert import Alert, foreign, moment, own
from fastagi.alerts.kind import Kind
from fastagi.policy.model import Stage
from fastagi.signs.sign import Sign

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Said = Mapping[str, object]


class Phase(StrEnum):
    """What a word says of a trouble."""

    HAPPENS = "happens"
    BEGINS = "begins"
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class Heard:
    """One word of the log.

    Attributes:
        says: Puts it into an alert: its subject, what happened, what to do, and facts.
        phase: Whether it is of a trouble that lasts.
        by: Which processes say it, as their logs have it; any where empty. Of what every worker
            says, the first worker's counts.
    """

    kind: Kind
    says: Callable[[Said], Told]
    phase: Phase = Phase.HAPPENS
    by: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What a word says, in an alert's fields."""

    subject: str
    what: str
    do: str
    site: str = ""
    facts: tuple[tuple[str, str], ...] = ()


FIRST: Final = (("worker", 0),)

HEARERS: Final = (*FIRST, ("process", "lookout"))
"""Those who hear what Asterisk tells."""

SIGNS: Final[Mapping[str, str]] = {
    Sign.ENUMERATION: "Somebody looks for extensions",
    Sign.GUESSING: "Somebody guesses at passwords",
    Sign.SPRAYING: "Somebody tries passwords on many extensions",
    Sign.SUCCESS_AFTER_GUESSING: "Somebody guessed a password",
    Sign.NEW_ADDRESS: "A phone is where it never was",
    Sign.NEW_COUNTRY: "A phone is in a country where it never was",
    Sign.NEW_AGENT: "Another phone than ever registered",
    Sign.NEW_TRANSPORT: "A phone comes over what it never did",
    Sign.NOT_LET_IN: "Somebody comes from where nobody may",
    Sign.MALFORMED: "Somebody sends what no phone does",
    Sign.HONEYPOT: "Somebody touched a trap",
    Sign.GATE_PROBING: "Somebody tries the gate's own door",
    Sign.CODE_GUESSING: "Somebody guesses at PINs or codes",
}
"""What a sign is called for whoever is woken."""


def _bypass(said: Said) -> Told:
    caller, trunk = _endpoint(said.get("caller")), foreign(said.get("trunk"))
    ended = "it was hung up" if said.get("then") == "hang-up" else "it was left up"
    return Told(
        f"{said.get('site')} {caller} {trunk}",
        f"A call of {caller} reached trunk {trunk} without asking",
        "close that way in the dialplan; `dialguard doctor` on the Asterisk looks for it",
        own(said.get("site", "")),
        (
            ("Who", caller),
            ("Number", foreign(said.get("number"))),
            ("Asterisk", own(said.get("node"))),
            ("Channel", foreign(str(said.get("channel")))),
            ("Done", ended),
        ),
    )


def _attacked(said: Said) -> Told:
    """Say what was seen: a breach is told of as one, whatever else there is of that site."""
    site, watch, sign = own(said.get("site")), own(said.get("watch")), str(said.get("sign"))
    who = foreign(said["extension"]) if said.get("extension") else ""
    name = foreign(said["name"]) if said.get("name") else "the site"
    of = f" on {who}" if who else ""
    what = f"{SIGNS.get(sign, own(sign))}{of} at {site}"
    if said.get("shadow") is True:
        what += " (watch in shadow: nothing follows)"
    then = said.get("then")
    follows = ", ".join(own(each) for each in then) if isinstance(then, list) else ""
    so_far = foreign_list(said.get("so_far"))
    return Told(
        f"{site} {watch} {said.get('name')}",
        what,
        "is it them? if not, change the SIP password; what is held against whom, "
        f"`dialguard watch --site {shlex.quote(site)}` shows",
        site,
        (
            ("Watch", watch),
            ("Of", name),
            ("Address", foreign(said["address"]) if said.get("address") else ""),
            ("Count", f"{own(said.get('count'))} within {own(said.get('within_s'))} s"),
            ("Before", so_far),
            ("Follows", follows),
        ),
    )


def foreign_list(value: object) -> str:
    """Show networks or countries, with commas between them."""
    return ", ".join(foreign_network(each) for each in str(value or "").split(", ") if each)


def foreign_network(text: str) -> str:
    """Show a network as it is, and anything else as what somebody else chose."""
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        return foreign(text)


def _forged(said: Said) -> Told:
    node = own(said.get("node"))
    return Told(
        node,
        f"Somebody forges events of Asterisk {node}",
        "nothing was believed; see in Asterisk who sends INVITEs: `pjsip set logger on`",
        facts=(("Forged", own(said.get("what"))),),
    )


def _unlinked(said: Said) -> Told:
    node = own(said.get("node"))
    return Told(
        node,
        f"Asterisk {node} is not watched",
        "is Asterisk up, do port, user and secret fit? `dialguard doctor`",
        facts=(("Why", own(said.get("why", "the link was lost"))),),
    )


def _linked(said: Said) -> Told:
    return Told(own(said.get("node")), f"Asterisk {own(said.get('node'))} is watched again", "")


def _refused(said: Said) -> Told:
    where = own(said.get("where"))
    file = re.sub(r":\d+$", "", where)
    return Told(
        "policy",
        "A policy cannot come into force; the one in force stays",
        f"see what is wrong: `dialguard check {file}`",
        facts=(("Where", where),),
    )


def _valid_again(_said: Said) -> Told:
    return Told("policy", "The policies' files are valid again", "")


def _shadow_refused(said: Said) -> Told:
    where = own(said.get("where"))
    file = re.sub(r":\d+$", "", where)
    return Told(
        "shadow",
        "A policy cannot come into shadow; the one in force is untouched",
        f"see what is wrong: `dialguard check {file}`",
        facts=(("Where", where),),
    )


def _shadow_valid_again(_said: Said) -> Told:
    return Told("shadow", "The files of policies in shadow are valid again", "")


def _keys_refused(_said: Said) -> Told:
    return Told(
        "keys",
        "The key file cannot be used; the keys at hand stay",
        "owner, mode and content of `[keys] file`: `dialguard doctor`",
    )


def _unreadable(said: Said) -> Told:
    extension = foreign(said.get("extension", said.get("operator", "")))
    site = str(said.get("site", ""))
    at = f" at {own(site)}" if site else ""
    return Told(
        f"{site} {extension}".strip(),
        f"The PIN or code of {extension}{at} cannot be read with these keys",
        "is it the right key file? `dialguard doctor`; else enrol that phone anew",
        site,
        (("Who", extension),),
    )


def _unwritten(said: Said) -> Told:
    return Told(
        own(said.get("file")),
        "Decisions cannot be written down; calls go on",
        "is the disk full, or the folder gone? `dialguard doctor`",
        facts=(("File", own(said.get("file"))), ("Why", own(said.get("error")))),
    )


def _written_again(said: Said) -> Told:
    return Told(own(said.get("file")), "Decisions are written down again", "")


def _lost(said: Said) -> Told:
    return Told(
        f"lost {own(said.get('file'))}",
        f"{own(said.get('count'))} decisions are not on record",
        "is the disk full, or the folder gone? `dialguard doctor`",
        facts=(("File", own(said.get("file"))),),
    )


def _worker(said: Said) -> Told:
    number = own(said.get("worker"))
    hung = said.get("event") == "worker-silent"
    return Told(
        f"worker {number}",
        f"Worker {number} {'hung and was ended' if hung else 'died'}; another takes its place",
        "once: nothing; again and again: report it, with `journalctl -u dialguard -p warning`",
    )


def _process(said: Said) -> Told:
    name = own(said.get("process"))
    hung = said.get("event") == "process-silent"
    return Told(
        f"process {name}",
        f"The process {name} {'hung and was ended' if hung else 'died'}; calls go on",
        "once: nothing; again and again: `journalctl -u dialguard -p warning` says why",
    )


def _braked(said: Said) -> Told:
    site, stage, name = own(said.get("site")), str(said.get("stage")), str(said.get("name"))
    who = "the site" if stage == Stage.SITE else f"{stage} {foreign(name)}"
    lift = "dialguard brake"
    if stage == Stage.SITE:
        lift = f"{lift} lift site"
    elif foreign(name) == name and not name.startswith("-"):  # else it is no name to be typed
        lift = f"{lift} lift {stage} {shlex.quote(name)}"
    return Told(
        f"{site} {stage} {name}",
        f"The brake is on for {who} of {site}",
        f"ask whether it was them; if so: `{lift} --site {shlex.quote(site)}`; else leave it, and "
        "change the SIP password",
        site,
        (
            ("Who", who),
            ("Why", own(said.get("cause"))),
            ("Reference", own(said.get("reference"))),
            ("Call", foreign(said.get("call"))),
            ("Until", own(moment(float(str(said.get("until")))))),
        ),
    )


def _nearly_used_up(said: Said) -> Told:
    site, limit = own(said.get("site")), own(said.get("limit"))
    whose = foreign(said["whose"]) if said.get("whose") else ""
    of = f" of {whose}" if whose else ""
    return Told(
        f"{site} {limit} {said.get('whose')} {said.get('unit')}",
        f"80 % of budget {limit}{of} is used at {site}",
        "is it them? the decision log says what was called; when all is used calls are refused",
        site,
        (
            ("Limit", limit),
            ("Of", whose or "(all, or not shown)"),
            ("Used", f"{own(said.get('used'))} of {own(said.get('most'))}"),
        ),
    )


HEARD: Final[Mapping[str, Heard]] = {
    "attack-seen": Heard(Kind.ATTACK, _attacked, by=(("process", "lookout"),)),
    "bypass": Heard(Kind.BYPASS, _bypass),
    "brake-on": Heard(Kind.BRAKE, _braked),
    "budget-nearly-used-up": Heard(Kind.BUDGET, _nearly_used_up),
    "ami-forged": Heard(Kind.FORGERY, _forged, by=HEARERS),
    "ami-link-lost": Heard(Kind.AMI, _unlinked, Phase.BEGINS, FIRST),
    "ami-not-linked": Heard(Kind.AMI, _unlinked, Phase.BEGINS, FIRST),
    "ami-linked": Heard(Kind.AMI, _linked, Phase.ENDS, FIRST),
    "policy-refused": Heard(Kind.POLICY, _refused, Phase.BEGINS, FIRST),
    "policy-valid-again": Heard(Kind.POLICY, _valid_again, Phase.ENDS, FIRST),
    "shadow-refused": Heard(Kind.POLICY, _shadow_refused, Phase.BEGINS, FIRST),
    "shadow-valid-again": Heard(Kind.POLICY, _shadow_valid_again, Phase.ENDS, FIRST),
    "key-file-refused": Heard(Kind.SECRETS, _keys_refused, by=FIRST),
    "secret-unreadable": Heard(Kind.SECRETS, _unreadable),
    "decision-log-not-written": Heard(Kind.RECORD, _unwritten, Phase.BEGINS),
    "decision-log-written-again": Heard(Kind.RECORD, _written_again, Phase.ENDS),
    "decisions-not-on-record": Heard(Kind.RECORD, _lost),
    "worker-died": Heard(Kind.PROCESS, _worker),
    "worker-silent": Heard(Kind.PROCESS, _worker),
    "process-died": Heard(Kind.PROCESS, _process),
    "process-silent": Heard(Kind.PROCESS, _process),
}
"""By the word."""

ENTERED: Final = "operator-did"
"""An operator's deed; the one of entering is looked at, whether it is from a new address."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was understood: an alert, and what it says of a trouble that lasts."""

    alert: Alert
    phase: Phase


@dataclass(frozen=True, slots=True)
class Entered:
    """An operator entered the console."""

    operator: str
    address: str
    at: float


def understood(said: Said, gate: str) -> Word | Entered | None:
    """Return what a word of the log means; None where it is no alert.

    Args:
        said: The fields of its line.
        gate: The name of this machine.

    Raises:
        ValueError: It says no moment.
    """
    event = str(said.get("event"))
    at = datetime.fromisoformat(str(said.get("time"))).timestamp()
    if event == ENTERED and said.get("deed") == "entered":
        return Entered(str(said.get("operator")), str(said.get("address")), at)
    heard = HEARD.get(event)
    if heard is None:
        return None
    if heard.by and not any(said.get(name) == who for name, who in heard.by):
        return None
    told = heard.says(said)
    if heard.kind is Kind.BYPASS:  # two gates that watch one Asterisk both see it
        subject, named = told.subject, [event, str(said.get("node")), str(said.get("channel"))]
    else:
        subject, named = f"{told.subject} @{gate}", [gate, json.dumps(dict(said), sort_keys=True)]
    alert = Alert(
        kind=heard.kind,
        subject=subject,
        id=id_of(heard.kind, *named),
        at=at,
        what=told.what,
        do=told.do,
        site=told.site,
        facts=(*told.facts, ("Gate", own(gate))),
    )
    return Word(alert, heard.phase)


def id_of(*names: str) -> str:
    """Return an alert's id, of what names what happened."""
    return hashlib.sha256("\0".join(names).encode()).hexdigest()[:32]


def _endpoint(channel: object) -> str:
    """Return the endpoint of a channel's name: each call has a channel of its own."""
    return foreign(re.sub(r"-[0-9a-f]{8}(;\d)?\Z", "", str(channel)))
