"""By what a finding is known again, after lines were moved."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.audit.finding import Finding

LENGTH: Final = 32
"""Hexadecimal digits; two findings share them by chance as often as never."""


def fingerprints(findings: Sequence[Finding]) -> list[str]:
    """Return one for each, all different, and the same from run to run.

    They hang on what is written, not on where: neither lines nor priorities count. Of findings
    that say the very same, the second ends in `:2`, the third in `:3`.
    """
    seen: Counter[str] = Counter()
    found = []
    for each in findings:
        mark = _digest(each)
        seen[mark] += 1
        found.append(mark if seen[mark] == 1 else f"{mark}:{seen[mark]}")
    return found


def _digest(finding: Finding) -> str:
    hops = [(hop.context, hop.extension, hop.text, hop.place.file) for hop in finding.way]
    said = (finding.kind.value, finding.place.file, finding.message, hops)
    raw = json.dumps(said).encode()  # ASCII: a lone surrogate is spelled out
    return hashlib.sha256(raw).hexdigest()[:LENGTH]
