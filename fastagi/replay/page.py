"""A replay as one page: no script, nothing from elsewhere, everything foreign escaped."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from fastagi.attacks.page import NOTHING_FROM_ELSEWHERE
from fastagi.replay import plots, text

if TYPE_CHECKING:
    from fastagi.replay.report import Report


def page(report: Report, style: str) -> str:
    """Return the page.

    Args:
        report: What it says.
        style: The console's style sheet, which goes into it whole; our own text.
    """
    return (
        _environment()
        .get_template("replay.html")
        .render(
            report=report,
            words=text,
            plots=plots,
            style=Markup(style),  # noqa: S704 - the package's file, no text of anybody else's
            policy=NOTHING_FROM_ELSEWHERE,
        )
    )


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("fastagi.replay", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["coded"] = _coded
    return environment


def _coded(text: str) -> Markup:
    """Mark up what stands between backticks; all of it is escaped."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one of them is without its other
        return Markup.escape(text)
    marked = (
        Markup("<code>{}</code>").format(part) if place % 2 else Markup.escape(part)
        for place, part in enumerate(parts)
    )
    return Markup("").join(marked)
