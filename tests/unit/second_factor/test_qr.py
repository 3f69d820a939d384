"""`second_factor.qr`: an independent reader (ZXing) reads back what was drawn."""

from __future__ import annotations

import io
import re

import zxingcpp
from PIL import Image

from fastagi.second_factor import one_time_code, qr

URI = one_time_code.uri("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "reception-101", "head-office")


def _read(image: Image.Image) -> str:
    """Read the one QR code in a picture."""
    (code,) = zxingcpp.read_barcodes(image)
    return code.text


def _picture(light: list[list[bool]]) -> Image.Image:
    """Paint modules, four pixels each."""
    rows = [[255 if each else 0 for each in row] for row in light]
    image = Image.new("L", (len(rows[0]), len(rows)))
    image.putdata([each for row in rows for each in row])
    return image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST)


def test_the_png_reads_back() -> None:
    """What a telephone sees is the URI."""
    assert _read(Image.open(io.BytesIO(qr.png(URI)))) == URI


def _half_blocks(text: str) -> list[list[bool]]:
    """Take the terminal's text apart: each character is two modules, drawn ones light."""
    halves = {" ": (False, False), "▀": (True, False), "▄": (False, True), "█": (True, True)}
    lines = [[halves[each] for each in line] for line in text.splitlines()]
    return [[pair[half] for pair in line] for line in lines for half in (0, 1)]


def test_the_terminal_reads_back() -> None:
    """Half blocks, on a dark ground."""
    assert _read(_picture(_half_blocks(qr.terminal(URI)))) == URI


def test_the_terminal_fits_a_screen() -> None:
    """80 columns, and no control characters that a pipe would not want."""
    lines = qr.terminal(URI).splitlines()

    assert max(map(len, lines)) <= 80
    assert set("".join(lines)) <= set(" ▀▄█")


def _strokes(svg: str) -> list[list[bool]]:
    """Paint the SVG's path by hand: strokes of one module's height, moved to and drawn."""
    size = int(re.findall(r"M0 0h(\d+)v", svg)[0])
    light = [[True] * size for _ in range(size)]
    (path,) = re.findall(r'class="qrline"[^>]* d="([^"]+)"', svg)
    x, y = 0.0, 0.0
    for command, arguments in re.findall(r"([Mmh])([^Mmh]*)", path):
        numbers = [float(each) for each in re.findall(r"-?[0-9.]+", arguments)]
        if command == "h":
            for column in range(int(x), int(x + numbers[0])):
                light[int(y)][column] = False
            x += numbers[0]
        elif command == "m":
            x, y = x + numbers[0], y + numbers[1]
        else:
            x, y = numbers
    return light


def test_the_svg_reads_back() -> None:
    """White ground, black strokes, the URI itself nowhere in clear."""
    svg = qr.svg(URI)

    assert svg.startswith("<?xml")
    assert _read(_picture(_strokes(svg))) == URI
    assert "otpauth" not in svg


def test_drawing_is_the_same_every_time() -> None:
    """The same URI, the same picture: golden files and diffs stay quiet."""
    assert qr.svg(URI) == qr.svg(URI)
    assert qr.png(URI) == qr.png(URI)
