"""What the driver says went wrong, in words for the operator; the driver's error is the cause."""

from __future__ import annotations

import apsw

from fastagi.errors import StoreError


def store_error(error: Exception, file: str, patience_s: float) -> StoreError:
    """Return the error to raise in place of the driver's.

    Args:
        error: What the driver raised: an `apsw.Error`, or the error of a value it cannot store;
            or what the file system said of the lock.
        file: The store, as the operator knows it.
        patience_s: How long a lock was waited for.
    """
    told = StoreError(_told(error, file, patience_s))
    told.__cause__ = error
    return told


def _told(error: Exception, file: str, patience_s: float) -> str:
    match error:
        case apsw.BusyError() | apsw.LockedError():
            return (
                f"`{file}` was locked by another process for more than {patience_s:g} s; "
                "see who holds it open with `fuser -v`"
            )
        case apsw.FullError():
            return f"the disk of `{file}` is full; make room on it"
        case apsw.ReadOnlyError():
            return f"`{file}` cannot be written; see its owner and mode, and those of its folder"
        case apsw.CantOpenError() | apsw.PermissionsError() | apsw.AuthError():
            return f"`{file}` cannot be opened; see its owner and mode, and those of its folder"
        case apsw.CorruptError() | apsw.NotADBError():
            return f"`{file}` is damaged, or no store; move it away and put a copy in its place"
        case apsw.IOError():
            return f"the disk of `{file}` fails; see the kernel's log"
        case OSError():
            return f"`{file}` cannot be locked: {error.strerror}; see the kernel's log"
        case OverflowError() | UnicodeError():
            return "a number too large, or text that is not Unicode, cannot be stored"
        case _:
            return f"`{file}` failed: {error}"
