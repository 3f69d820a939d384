"""The number of a policy's format, so that an old policy is known as one, and a new one, too."""

from __future__ import annotations

from typing import Final

FORMAT: Final = 1
"""The one that this dialguard reads. A policy without `format = …` is of the first, for ever."""


def why_not_this_format(written: object, known: int = FORMAT) -> str | None:
    """Say why a policy of this format cannot be read, and what to do; None where it can.

    Args:
        written: What is written as `format`; None where nothing is.
        known: The format that is read.
    """
    number = 1 if written is None else written
    if type(number) is not int or number < 1:  # `true` is an int in Python
        return f"`format` must be a whole number, such as `format = {known}`"
    if number > known:
        return (
            f"this policy is of format {number}, and this dialguard reads format {known}; "
            "upgrade dialguard"
        )
    if number < known:
        return f"this policy is of format {number}; `dialguard migrate` makes it format {known}"
    return None
