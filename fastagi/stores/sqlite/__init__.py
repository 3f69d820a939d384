"""The embedded store: SQLite in WAL mode, one file, one machine, any number of processes.

    embedded             the promises of `stores.store`, each one operation in a transaction
    leases failures enrolments memory moving tidying
                         the operations: plain functions on a connection, no thread, no clock
    transaction_thread   many operations in one transaction, so that they share one sync
    database             the file, its connection, its schema's version
    turnstile            which process is next to write
    schema               the tables, as migrations
    faults               what the driver says, in words for the operator

The driver is apsw, not the standard library's sqlite3, for one reason above all: it brings its own
SQLite. Up to 3.51.2, so also on Debian 12 (3.40.1), several processes that write one file in WAL
mode can lose what was committed, or damage the file (https://sqlite.org/wal.html#walresetbug);
and which SQLite the standard library finds is the machine's choice, not ours. Besides, apsw starts
no transactions of its own, has an exception for each of SQLite's results, and costs a fifth less.
"""

from fastagi.stores.sqlite.embedded import SQLiteStore, open_store

__all__ = ["SQLiteStore", "open_store"]
