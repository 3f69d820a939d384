"""The tables, as migrations: each brings a store from one version to the next, for good.

A migration that was released is never changed; what is to be different comes in another one. The
version of a store is its `user_version`: how many migrations it has seen.
"""

from __future__ import annotations

from typing import Final

FIRST: Final = """
CREATE TABLE lease (
  site      TEXT NOT NULL,
  call      TEXT NOT NULL,
  number    TEXT NOT NULL,
  extension TEXT NOT NULL,
  country   TEXT NOT NULL,
  category  TEXT NOT NULL,
  channel   TEXT NOT NULL,
  node      TEXT NOT NULL,
  rule      TEXT NOT NULL,
  reference TEXT NOT NULL,
  seconds   INTEGER NOT NULL,
  since     REAL NOT NULL,
  expires   REAL NOT NULL,
  PRIMARY KEY (site, call, number)
) STRICT, WITHOUT ROWID;

-- What leases hold. There is no counter: slots are counted where a call asks for one.
CREATE TABLE slot (
  site       TEXT NOT NULL,
  call       TEXT NOT NULL,
  number     TEXT NOT NULL,
  position   INTEGER NOT NULL,  -- in the lease's `holds`
  limit_name TEXT NOT NULL,
  key        TEXT NOT NULL,
  calls      INTEGER NOT NULL,
  shadow     INTEGER NOT NULL,
  expires    REAL NOT NULL,     -- its lease's
  PRIMARY KEY (site, call, number, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX slot_of_limit ON slot (site, limit_name, key, expires);

-- One row, and in it the id of the last attempt: ids are never used twice.
CREATE TABLE sequence (attempt INTEGER NOT NULL) STRICT;
INSERT INTO sequence VALUES (0);

CREATE TABLE failure (
  attempt INTEGER NOT NULL,
  site    TEXT NOT NULL,
  subject TEXT NOT NULL,  -- SubjectKind
  name    TEXT NOT NULL,
  kind    TEXT NOT NULL,  -- FailureKind
  at      REAL NOT NULL,
  forget  REAL NOT NULL,
  spent   INTEGER,        -- on the lockout that this attempt caused; it counts no longer
  PRIMARY KEY (attempt, subject, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX failure_of_subject ON failure (site, subject, name, kind, spent, at);

CREATE TABLE lockout (
  site    TEXT NOT NULL,
  subject TEXT NOT NULL,     -- SubjectKind
  name    TEXT NOT NULL,
  attempt INTEGER NOT NULL,  -- the one that caused it
  kind    TEXT NOT NULL,     -- FailureKind
  since   REAL NOT NULL,
  until   REAL NOT NULL,
  row     INTEGER NOT NULL,
  forget  REAL NOT NULL,
  PRIMARY KEY (site, subject, name, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE enrolment (
  site      TEXT NOT NULL,
  extension TEXT NOT NULL,
  pin       TEXT,
  totp      BLOB,
  step      INTEGER,  -- the last TOTP step that was claimed
  since     REAL NOT NULL,
  PRIMARY KEY (site, extension)
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery (
  site      TEXT NOT NULL,
  extension TEXT NOT NULL,
  digest    TEXT NOT NULL,
  PRIMARY KEY (site, extension, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE proof (
  site      TEXT NOT NULL,
  extension TEXT NOT NULL,
  scope     TEXT NOT NULL,
  factor    TEXT NOT NULL,
  at        REAL NOT NULL,
  until     REAL NOT NULL,
  PRIMARY KEY (site, extension, scope, factor)
) STRICT, WITHOUT ROWID;

-- Countries that an extension was let through to.
CREATE TABLE dialled (
  site      TEXT NOT NULL,
  extension TEXT NOT NULL,
  country   TEXT NOT NULL,
  since     REAL NOT NULL,
  PRIMARY KEY (site, extension, country)
) STRICT, WITHOUT ROWID;
"""

NODES: Final = """
-- Two Asterisks may give the same name to a call each: a lease has the node in its key.
DROP INDEX slot_of_limit;
ALTER TABLE lease RENAME TO lease_before;
ALTER TABLE slot RENAME TO slot_before;

CREATE TABLE lease (
  site      TEXT NOT NULL,
  call      TEXT NOT NULL,
  number    TEXT NOT NULL,
  node      TEXT NOT NULL,
  extension TEXT NOT NULL,
  country   TEXT NOT NULL,
  category  TEXT NOT NULL,
  channel   TEXT NOT NULL,
  rule      TEXT NOT NULL,
  reference TEXT NOT NULL,
  seconds   INTEGER NOT NULL,
  since     REAL NOT NULL,
  expires   REAL NOT NULL,
  PRIMARY KEY (site, call, number, node)
) STRICT, WITHOUT ROWID;

CREATE TABLE slot (
  site       TEXT NOT NULL,
  call       TEXT NOT NULL,
  number     TEXT NOT NULL,
  node       TEXT NOT NULL,
  position   INTEGER NOT NULL,  -- in the lease's `holds`
  limit_name TEXT NOT NULL,
  key        TEXT NOT NULL,
  calls      INTEGER NOT NULL,
  shadow     INTEGER NOT NULL,
  expires    REAL NOT NULL,     -- its lease's
  PRIMARY KEY (site, call, number, node, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX slot_of_limit ON slot (site, limit_name, key, expires);

INSERT INTO lease
SELECT site, call, number, node, extension, country, category, channel,
       rule, reference, seconds, since, expires
FROM lease_before;
INSERT INTO slot
SELECT site, call, number, node, position, limit_name, key, calls, shadow, slot_before.expires
FROM slot_before JOIN lease_before USING (site, call, number);
DROP TABLE slot_before;
DROP TABLE lease_before;
"""

SIGN_INS: Final = """
CREATE TABLE sign_in (
  site      TEXT NOT NULL,
  extension TEXT NOT NULL,
  id        TEXT NOT NULL,
  person    TEXT NOT NULL,
  way       TEXT NOT NULL,  -- Way
  address   TEXT NOT NULL,
  transport TEXT NOT NULL,
  agent     TEXT NOT NULL,
  contact   TEXT NOT NULL,
  node      TEXT NOT NULL,
  since     REAL NOT NULL,
  until     REAL NOT NULL,
  idle_s    INTEGER NOT NULL,
  used      REAL NOT NULL,
  lived     REAL NOT NULL,  -- when the last of its leases was over that nobody released
  ended     REAL,           -- when somebody ended it; what time ends is not written down
  why       TEXT,           -- SignedOff
  attempt   INTEGER,        -- whose lockout ended it, while that may be taken back
  PRIMARY KEY (site, extension, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_of_extension ON sign_in (site, extension)
  WHERE ended IS NULL OR attempt IS NOT NULL;
CREATE INDEX sign_in_of_person ON sign_in (site, person)
  WHERE ended IS NULL OR attempt IS NOT NULL;
CREATE INDEX sign_in_of_attempt ON sign_in (site, attempt) WHERE attempt IS NOT NULL;

CREATE TABLE record (
  site  TEXT NOT NULL,
  kind  TEXT NOT NULL,
  key   TEXT NOT NULL,
  text  TEXT NOT NULL,
  until REAL,
  PRIMARY KEY (site, kind, key)
) STRICT, WITHOUT ROWID;

ALTER TABLE lease ADD COLUMN sign_in TEXT NOT NULL DEFAULT '';
CREATE INDEX lease_of_sign_in ON lease (site, extension, sign_in, expires) WHERE sign_in <> '';
"""

BUDGETS: Final = """
ALTER TABLE lease ADD COLUMN longest_s INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lease ADD COLUMN least_s INTEGER NOT NULL DEFAULT 1;
ALTER TABLE lease ADD COLUMN first_s INTEGER;  -- these four are the tariff; NULL where it is free
ALTER TABLE lease ADD COLUMN first_cost INTEGER;
ALTER TABLE lease ADD COLUMN next_s INTEGER;
ALTER TABLE lease ADD COLUMN next_cost INTEGER;

-- What leases are charged to.
CREATE TABLE charged (
  site       TEXT NOT NULL,
  call       TEXT NOT NULL,
  number     TEXT NOT NULL,
  node       TEXT NOT NULL,
  position   INTEGER NOT NULL,  -- in the lease's `budgets`
  limit_name TEXT NOT NULL,
  key        TEXT NOT NULL,
  unit       TEXT NOT NULL,     -- Unit
  most       INTEGER NOT NULL,
  within_s   INTEGER NOT NULL,
  shadow     INTEGER NOT NULL,
  item       TEXT NOT NULL,
  charge     TEXT NOT NULL,     -- the id of its charge
  expires    REAL NOT NULL,     -- its lease's
  PRIMARY KEY (site, call, number, node, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX charged_to ON charged (site, limit_name, key, unit, charge);

-- What counts in a window, whether a lease has it still or not.
CREATE TABLE charge (
  site       TEXT NOT NULL,
  limit_name TEXT NOT NULL,
  key        TEXT NOT NULL,
  unit       TEXT NOT NULL,     -- Unit
  id         TEXT NOT NULL,
  amount     INTEGER NOT NULL,
  until      REAL NOT NULL,
  within_s   INTEGER NOT NULL,
  PRIMARY KEY (site, limit_name, key, unit, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX charge_of_window ON charge (site, limit_name, key, unit, until);

-- What all charges of a window come to: kept by what follows, so that it is never anything else.
CREATE TABLE spent (
  site       TEXT NOT NULL,
  limit_name TEXT NOT NULL,
  key        TEXT NOT NULL,
  unit       TEXT NOT NULL,     -- Unit
  used       INTEGER NOT NULL,
  most       INTEGER NOT NULL,  -- as it was asked last
  shortest_s INTEGER NOT NULL,  -- no charge in it has a shorter `within_s`
  PRIMARY KEY (site, limit_name, key, unit)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER charge_is_new AFTER INSERT ON charge BEGIN
  UPDATE spent SET used = used + new.amount WHERE site = new.site
  AND limit_name = new.limit_name AND key = new.key AND unit = new.unit;
END;
CREATE TRIGGER charge_is_other AFTER UPDATE OF amount ON charge BEGIN
  UPDATE spent SET used = used + new.amount - old.amount WHERE site = new.site
  AND limit_name = new.limit_name AND key = new.key AND unit = new.unit;
END;
CREATE TRIGGER charge_is_gone AFTER DELETE ON charge BEGIN
  UPDATE spent SET used = used - old.amount WHERE site = old.site
  AND limit_name = old.limit_name AND key = old.key AND unit = old.unit;
END;
"""

MIGRATIONS: Final = (FIRST, NODES, SIGN_INS, BUDGETS)
