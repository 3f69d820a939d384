"""Where things are: `dialguard.toml` and `DIALGUARD_…` variables, read once at start.

    model     the tables, their keys, what each may be, and what it is where left out
    loading   finds the file, reads it and the environment, and says what is wrong where

No rules here: those are the policy's. Nothing secret is a setting; secrets lie in files of their
own, which settings name.
"""

from fastagi.settings.loading import find, load, origin
from fastagi.settings.model import Listen, Settings

__all__ = ["Listen", "Settings", "find", "load", "origin"]
