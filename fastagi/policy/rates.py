"""`[rates]`: the sheet that a policy names, read or shared with the other workers.

What rate sheets look like, and how a price is found in one, is the rating room's.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from fastagi import __version__
from fastagi.policy.files import read_file
from fastagi.rating.rates import Rates, unknown_tariff
from fastagi.rating.reading import read_sheet
from fastagi.rating.shared import shared_sheet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fastagi.policy.document import RatesTable
    from fastagi.rating.sheet import RateSheet

BYTES_MAX: Final = 1 << 30  # sixteen million rows


def read_rates(
    table: RatesTable,
    folder: Path,
    shared: Path | None,
    instead: Mapping[Path, Path],
) -> tuple[Rates, bytes]:
    """Read the prices of a policy; also returns the SHA-256 of the sheet.

    Args:
        table: What the policy says of them.
        folder: The policy's.
        shared: Where the service's processes share their sheets; None for a process by itself.
        instead: For files as the policy names them, where they are now; others are there.

    Raises:
        PolicyError: The sheet cannot be read, or is wrong; with its lines.
    """
    file = folder / table.file
    raw = read_file(instead.get(file, file), BYTES_MAX)
    digest = sha256(raw).digest()

    def read() -> RateSheet:
        return read_sheet(raw, file, table.currency).sheet

    if shared is None:
        sheet = read()
    else:
        name = sha256(f"{__version__} {table.currency} {digest.hex()}".encode()).hexdigest()
        sheet = shared_sheet(shared, name, read)
    unknown = None if table.unknown is None else unknown_tariff(table.unknown)
    return Rates(file, table.currency, sheet, unknown), digest
