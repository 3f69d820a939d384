"""A call that was made, as far as its record tells."""

from __future__ import annotations

from typing import NamedTuple


class PastCall(NamedTuple):
    """One call of the past.

    A tuple, as there may be millions: they are made, sorted and passed on quickly.

    Attributes:
        at: When it began, in seconds since the epoch, UTC.
        extension: Who called: the endpoint of its channel (`101` of `PJSIP/101-0000002a`).
        dialled: What was dialled, as the record has it.
        rings_s: How long it rang until it was answered or given up, in seconds.
        talked_s: How long it was answered, in seconds; 0 where nobody answered.
        call: Asterisk's `uniqueid`; empty where the record has none.
        node: Which Asterisk; empty where the record does not tell.
        trunk: The endpoint or trunk that carried it; empty where the record does not tell.
        address: Where the phone's SIP came from; empty where the record does not tell.
        transport: How; empty where the record does not tell.
        place: Where the record stands, for messages: `Master.csv:17`.
    """

    at: float
    extension: str
    dialled: str
    rings_s: float = 0.0
    talked_s: int = 0
    call: str = ""
    node: str = ""
    trunk: str = ""
    address: str = ""
    transport: str = ""
    place: str = ""
