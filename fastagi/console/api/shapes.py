"""What the API answers and takes: the words of its OpenAPI document."""

from __future__ import annotations

import base64
import binascii
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from fastagi.stores.sign_ins import SignedOff, Way

if TYPE_CHECKING:
    from fastagi.call.credentials import HandedOut
    from fastagi.stores.sign_ins import SignIn

SITE: Final = r"^[a-z0-9-]{1,64}$"
EXTENSION: Final = r"^[A-Za-z0-9_.@+-]{1,80}$"
ID: Final = r"^[A-Za-z0-9_-]{24}$"
KEY: Final = r"^[!-~]{1,128}$"
CURSOR: Final = r"^[A-Za-z0-9_-]{1,300}$"

PAGE_MAX: Final = 500
LONGEST_S: Final = 366 * 86400


class Answer(BaseModel):
    """What is answered: closed, so that the document tells all of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SignInAnswer(Answer):
    """A sign-in: somebody may dial from a phone, from where it is, until it is over."""

    model_config = ConfigDict(title="SignIn")

    id: Annotated[str, Field(description="names it within the extension")]
    site: str
    extension: Annotated[str, Field(description="the phone whose calls it opens")]
    person: Annotated[str, Field(description="the extension whose factors were shown")]
    way: Annotated[Way, Field(description="how it was opened")]
    address: Annotated[str, Field(description="of the phone; empty where it is not known")]
    transport: Annotated[str, Field(description="of the phone; empty where it is not known")]
    node: Annotated[str, Field(description="the Asterisk that the phone is registered at")]
    since: datetime
    until: Annotated[datetime, Field(description="when it is over in any case")]
    idle_seconds: Annotated[
        int, Field(description="how long it lives without a call; 0: for ever")
    ]
    used: Annotated[datetime, Field(description="when its last call was let through or released")]
    live: bool
    ended: Annotated[datetime | None, Field(description="when it was over")]
    why: Annotated[SignedOff | None, Field(description="why it is over")]


class SignInList(Answer):
    """The live sign-ins of an extension, oldest first."""

    sign_ins: list[SignInAnswer]


class SignInPage(Answer):
    """Live sign-ins of a site, oldest first."""

    sign_ins: list[SignInAnswer]
    next: Annotated[
        str | None, Field(description="give it as `after` for the next page; null: there is none")
    ]


class Opening(BaseModel):
    """What may be said of a sign-in that is to be opened."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: Annotated[
        int | None,
        Field(
            ge=1, le=LONGEST_S, description="how long, where that is less than the policy allows"
        ),
    ] = None


class Asking(BaseModel):
    """What is shown for a credential: the person's factors, and where their browser is."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    pin: Annotated[str, Field(min_length=1, max_length=64, repr=False)]
    code: Annotated[
        str,
        Field(min_length=1, max_length=64, repr=False, description="one-time, or for recovery"),
    ]
    address: Annotated[
        str,
        Field(
            min_length=2,
            max_length=45,
            description="of the browser, as you see it: its phone has to register from there",
            json_schema_extra={"anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]},
        ),
    ]
    seconds: Annotated[
        int | None,
        Field(
            ge=1, le=LONGEST_S, description="how long, where that is less than the policy allows"
        ),
    ] = None


class CredentialAnswer(Answer):
    """What a phone in a browser registers with, until its sign-in is over."""

    model_config = ConfigDict(title="Credential")

    sign_in: Annotated[str, Field(description="the id of its sign-in, which ends it")]
    site: str
    extension: str
    username: str
    password: Annotated[
        str | None, Field(description="told once; null where this is an answer told again")
    ]
    realm: str
    register_by: Annotated[
        datetime, Field(description="until when its phone has to register for the first time")
    ]
    until: Annotated[datetime, Field(description="when it is over in any case")]


def credential_of(made: HandedOut) -> CredentialAnswer:
    """Return what is told of a credential."""
    return CredentialAnswer(
        sign_in=made.sign_in.id,
        site=made.sign_in.site,
        extension=made.sign_in.extension,
        username=made.username,
        password=made.password,
        realm=made.realm,
        register_by=_moment(made.sign_in.until),
        until=_moment(made.until),
    )


def answer_of(sign_in: SignIn) -> SignInAnswer:
    """Return what is told of a sign-in; nothing of the digests that it is bound to."""
    return SignInAnswer(
        id=sign_in.id,
        site=sign_in.site,
        extension=sign_in.extension,
        person=sign_in.person,
        way=sign_in.way,
        address=sign_in.origin.address,
        transport=sign_in.origin.transport,
        node=sign_in.node,
        since=_moment(sign_in.since),
        until=_moment(sign_in.until),
        idle_seconds=sign_in.idle_s,
        used=_moment(sign_in.used),
        live=sign_in.ended is None,
        ended=None if sign_in.ended is None else _moment(sign_in.ended),
        why=sign_in.why,
    )


# ----------------------------------------------------------------------------- pages

Place = tuple[float, str, str]
"""Where a sign-in stands in the list of a site's: since, extension, id."""


def place_of(sign_in: SignIn) -> Place:
    """Return where a sign-in stands."""
    return (sign_in.since, sign_in.extension, sign_in.id)


def cursor_of(place: Place) -> str:
    """Write a place so that it passes through a URL; nobody is to make anything of it."""
    since, extension, id = place
    text = f"{since!r} {extension} {id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str) -> Place:
    """Read a place.

    Raises:
        ValueError: It is none of ours.
    """
    try:
        read = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except binascii.Error as error:
        raise ValueError("no cursor") from error
    since, extension, id = read.split(" ")
    if not math.isfinite(float(since)):
        raise ValueError("no cursor")
    return (float(since), extension, id)


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
