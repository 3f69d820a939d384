"""What a policy in shadow counts: a name space of its own in the store, beside its site's.

No site can have such a name (`[a-z0-9-]`). What is kept under one is asked for by that name only:
whoever lists the live calls of all sites must never take one of these for a call.
"""

from __future__ import annotations

from typing import Final

SUFFIX: Final = "+shadow"


def shadow_of(site: str) -> str:
    """Return the name under which the shadow of a site counts."""
    return site + SUFFIX


def is_shadow(site: str) -> bool:
    """Whether a name in the store is that of a shadow."""
    return site.endswith(SUFFIX)
