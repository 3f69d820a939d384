"""Foreign text, safe to show: whoever names a context does not write to anybody's terminal."""

from __future__ import annotations


def plain(text: str) -> str:
    r"""Return a text with all that does not print spelled out: `\x1b`, `\u202e`, `\udc80`.

    Escape sequences would steer a terminal, marks of direction show a line as another, and XML
    cannot hold control characters at all.
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _spelled(each) for each in text)


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode()
