"""A report as one page: no script, nothing from elsewhere, everything foreign escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from fastagi.attacks import plots, text

if TYPE_CHECKING:
    from fastagi.attacks.report import Report

NOTHING_FROM_ELSEWHERE: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""What the page asks of a browser: its style is in it, and nothing else is fetched or run."""


def page(report: Report, style: str) -> str:
    """Return the page.

    Args:
        report: What it says.
        style: The console's style sheet, which goes into it whole; our own text.
    """
    environment = Environment(
        loader=PackageLoader("fastagi.attacks", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html").render(
        report=report,
        words=text,
        plots=plots.of_report(report),
        style=Markup(style),  # noqa: S704 - the package's file, no text of anybody else's
        policy=NOTHING_FROM_ELSEWHERE,
    )
