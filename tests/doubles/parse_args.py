"""A twin of `parse_args` in Asterisk's `res_agi.c`, character by character."""

from __future__ import annotations

MAX_ARGS = 128


def parse_args(line: bytes) -> list[bytes]:
    """Return the words Asterisk makes of a line without its newline."""
    words: list[bytearray] = []
    quoted = escaped = False
    between = True
    for code in line:
        if code == ord('"') and not escaped:
            quoted = not quoted
            if quoted and between:
                words.append(bytearray())
                between = False
        elif code in b" \t" and not quoted and not escaped:
            between = True
        elif code == ord("\\") and not escaped:
            escaped = True
        else:
            if between:
                if len(words) >= MAX_ARGS - 1:
                    break
                words.append(bytearray())
                between = False
            words[-1].append(code)
            escaped = False
    return [bytes(word) for word in words]
