"""Calls of the past as Asterisk, or others, put them on record: read in order of time.

    from fastagi.cdr.plan import Assumed, CsvFile, Database, Progress
    from fastagi.cdr.records import open_records

    open_records(
        sources: Sequence[CsvFile | Database | Path],
        assumed: Assumed | None = None,         # zone, since, until, trunks, address …
        *,
        told: Callable[[Progress], None] | None = None,
        folder: Path | None = None,
        beside: bool | None = None,
    ) -> Records

    with open_records([Path("Master.csv")], Assumed(zone="Europe/London")) as records:
        for call in records:                    # PastCall, in the order in which they began
            ...
    records.rows, records.calls, records.folded # rows read, calls given out, rows of other rows
    records.skipped                             # {"inbound": 3, …}: `Kind`, `WORDS` of tally
    records.examples                            # {"broken": ("Master.csv:17: …", …)}
    records.notes, records.trunks               # what else a person should be told

What cannot be read is a `RecordsError`. Commands take the options of `fastagi.cli.records`.
"""
