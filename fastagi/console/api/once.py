"""The same request sent twice is done once: `Idempotency-Key`.

A client that hears no answer sends its request again, and cannot know whether the first was done.
With the key of the first it gets the answer of the first. The key is the token's own, and goes
with the path and the body; it is kept for a day, in the store, so that any machine knows it.

Whoever comes first puts a claim down, in one step of the store, then does the work, and puts the
answer in the claim's place. A claim that nobody answers, as its process died, is void after a
minute: what is done twice then is to open a sign-in for the same phone, and the second takes the
place of the first. What was refused is not kept: nothing was done, and it may be asked anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.call.ports import soon
from fastagi.console.api.problems import Code, Refused
from fastagi.errors import StoreError
from fastagi.stores.records import Record

if TYPE_CHECKING:
    from fastagi.stores.records import Records
    from fastagi.tokens import Token

KIND: Final = "idempotency"
KEPT_S: Final = 86400.0
CLAIMED_S: Final = 60.0
"""How long the work may take: more than all that it waits for, together."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do a request's work, and to answer for it."""

    site: str
    record: Record
    body: str


async def claim(
    records: Records, token: Token, path: str, key: str, body: str, now: float
) -> Claim | str:
    """Claim a request's work; or return the answer of the first such request.

    Args:
        records: Where it is kept.
        token: Whose request.
        path: Of what.
        key: The `Idempotency-Key`.
        body: What was sent, in the one way in which it is written.
        now: The moment.

    Raises:
        Refused: The key came with another body, or its first request is not answered yet.
        StoreError: It is unknown whether it was claimed; a claim is void after a minute.
    """
    name = _digest(token.digest, path, key)
    mine = json.dumps({"body": _digest(body), "by": secrets.token_hex(8), "answer": None})
    record = Record(name, mine, now + CLAIMED_S)
    if await soon(records.put_record(token.site, KIND, record, None, now)):
        return Claim(token.site, record, _digest(body))
    found = await soon(records.record(token.site, KIND, name, now))
    if found is None:  # it was given up in this very moment
        raise Refused(Code.IN_PROGRESS, headers={"Retry-After": "1"})
    read = json.loads(found.text)
    if read["body"] != _digest(body):
        raise Refused(Code.OTHER_BODY)
    if read["answer"] is None:
        raise Refused(Code.IN_PROGRESS, headers={"Retry-After": "1"})
    return str(read["answer"])


async def answer(records: Records, claim: Claim, answer: str, now: float) -> None:
    """Keep the answer for whoever asks again.

    Where the store fails in this very moment there is no answer to keep, and the claim ends by
    itself: what was done is done, and is answered.
    """
    text = json.dumps({"body": claim.body, "answer": answer})
    kept = Record(claim.record.key, text, now + KEPT_S)
    with contextlib.suppress(StoreError):
        await soon(records.put_record(claim.site, KIND, kept, claim.record.text, now))


async def give_up(records: Records, claim: Claim, now: float) -> None:
    """Take the claim back: nothing was done, and the request may be sent again."""
    gone = Record(claim.record.key, claim.record.text, now)  # is not there from `now` on
    with contextlib.suppress(StoreError):  # it ends by itself
        await soon(records.put_record(claim.site, KIND, gone, claim.record.text, now))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
