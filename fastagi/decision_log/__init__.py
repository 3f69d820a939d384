"""Decisions on record: one JSON line for every call that was judged.

    record   what is put on record of a decision, and which digits of it are not shown
    writer   the lines into the file: own thread, bounded queue, rotation, many processes
    lookup   the lines out of it again, by the reference a refused caller hears
    following  the lines as they come, from where somebody left off
    recent   the latest decisions, and how many of the last day, for who looks

What the machinery itself does goes to the service's log on stderr, not here.
"""

from fastagi.decision_log.lookup import lookup
from fastagi.decision_log.record import Record
from fastagi.decision_log.writer import DecisionLog

__all__ = ["DecisionLog", "Record", "lookup"]
