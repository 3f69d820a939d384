"""The command: a module for each group of commands, none of which decides anything itself."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run the command, and end with its exit status."""
    from fastagi.cli.app import start  # what a command needs is imported when one is run

    start()
