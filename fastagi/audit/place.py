"""Where something of a configuration is written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a file.

    Attributes:
        file: As it is told to people: relative to the folder that was read. Empty where Asterisk
            told it over AMI, which knows of no files.
        line: From 1; 0 where it is not known.
    """

    file: str
    line: int

    def __str__(self) -> str:
        """Say it as compilers do: `extensions.conf:12`."""
        if not self.file:
            return "the loaded dialplan"
        return f"{self.file}:{self.line}" if self.line else self.file
