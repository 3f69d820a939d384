"""What the pages say, as templates have it."""

from __future__ import annotations

from importlib.resources import files

from babel.messages.extract import extract_from_dir


def messages() -> set[str]:
    """Return every message that is to be translated."""
    found = extract_from_dir(
        str(files("fastagi.console")),
        method_map=[("pages/**.html", "jinja2")],
        options_map={"pages/**.html": {"trimmed": "true", "silent": "false"}},
    )
    return {message for _, _, message, _, _ in found if isinstance(message, str)}
