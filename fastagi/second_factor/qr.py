"""The enrolment URI as a QR code: for the terminal, as PNG, as SVG.

The picture is as secret as the URI; whoever saves it should delete it once it was scanned.
"""

from __future__ import annotations

import io
from typing import Final

import segno

QUIET_ZONE: Final = 4  # modules of white around: ISO/IEC 18004, section 9.1
PIXELS: Final = 8  # to a module of a PNG: legible from a screen at arm's length
CORRECTION: Final = "M"  # 15 % may be damaged


def terminal(uri: str) -> str:
    """Draw it in half blocks, two modules to a character: light ones are drawn, dark ones not.

    So it stands right on a dark terminal; on a light one it is reversed, which telephones read
    as well.
    """
    drawn = io.StringIO()
    _code(uri).terminal(drawn, border=QUIET_ZONE, compact=True)
    return drawn.getvalue()


def png(uri: str) -> bytes:
    """Return it as the bytes of a PNG file."""
    drawn = io.BytesIO()
    _code(uri).save(drawn, kind="png", border=QUIET_ZONE, scale=PIXELS)
    return drawn.getvalue()


def svg(uri: str) -> str:
    """Return it as the text of an SVG file."""
    drawn = io.BytesIO()
    _code(uri).save(drawn, kind="svg", border=QUIET_ZONE, scale=PIXELS, light="white")
    return drawn.getvalue().decode()


def _code(uri: str) -> segno.QRCode:
    return segno.make_qr(uri, error=CORRECTION)
