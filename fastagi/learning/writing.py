"""The proposal as a policy file, with why of everything beside it."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from fastagi.policy.document import Document
from fastagi.policy.format import FORMAT
from fastagi.policy.wording import printable
from fastagi.toml_layout.layout import laid_out
from fastagi.toml_layout.order import order_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastagi.learning.proposal import Entry, Proposal
    from fastagi.learning.suspects import Suspicion

SUSPICIONS_MAX: Final = 20  # lines in the head of the file


def policy_text(proposal: Proposal, name: str, left_out: Sequence[Suspicion]) -> str:
    """Return the policy, laid out.

    Args:
        proposal: What is proposed.
        name: Of the site.
        left_out: What looks like an attack, and was not learnt from.
    """
    lines = [
        *_head(proposal, left_out),
        f"format = {FORMAT}",
        "",
        *_site(proposal, name),
        *_classes(proposal),
    ]
    for entry in proposal.entries:
        lines += _entry(entry)
    return laid_out("\n".join(lines).encode(), order_of(Document))


def toml_value(value: object) -> str:
    """Return a value as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml_value(each) for each in value)}]"
    if isinstance(value, dict):
        inside = ", ".join(f"{key} = {toml_value(each)}" for key, each in value.items())
        return f"{{ {inside} }}"
    if isinstance(value, StrEnum):
        value = str(value)
    # What JSON escapes, TOML does too, and in the same way; DEL it wants escaped as well.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _head(proposal: Proposal, left_out: Sequence[Suspicion]) -> Iterator[str]:
    habits, site = proposal.habits, proposal.site
    yield (
        f"# Learnt from {habits.calls:,} calls of {len(site.extensions)} phones, "
        f"{habits.begin:%Y-%m-%d} to {habits.end:%Y-%m-%d}. Read it before it takes force."
    )
    yield (
        "# Rules are read from top to bottom; the first that fits decides. A call that fits none "
        "is denied."
    )
    if left_out:
        yield "#"
        yield "# Not learnt from, as it looks like an attack:"
    for each in left_out[:SUSPICIONS_MAX]:
        yield f"# - {suspicion_text(each)}"
    if len(left_out) > SUSPICIONS_MAX:
        yield f"# - and {len(left_out) - SUSPICIONS_MAX} more"
    yield ""


def suspicion_text(found: Suspicion) -> str:
    """Say in a line what looks like an attack; nothing in it acts on a terminal."""
    where = ", ".join(found.countries)
    return printable(
        f"{found.day}: {found.calls} call{'s' * (found.calls != 1)} of {found.extension} to "
        f"{where} ({found.why})"
    )


def _site(proposal: Proposal, name: str) -> Iterator[str]:
    site = proposal.site
    yield "[site]"
    yield f"name = {toml_value(name)}"
    yield f"country = {toml_value(site.country)}"
    yield f"timezone = {toml_value(site.timezone.key)}"
    if site.internal:
        yield f"internal = {toml_value(site.internal)} # who calls, and what is called inside"
    if site.outside_prefix:
        yield (
            f"outside_prefix = {toml_value(site.outside_prefix)} # with it, "
            f"{site.understood:.1%} of what was dialled is some number"
        )
    yield ""


def _classes(proposal: Proposal) -> Iterator[str]:
    yield "[classes]"
    for name, (patterns, what) in proposal.classes.items():
        yield f"{name} = {toml_value(patterns)} # {what}"
    yield ""
    if proposal.hours:
        yield "[hours]"
        yield f"office = {toml_value(proposal.hours)} # 98% of the calls outside on these days"
        yield ""
    if (prices := proposal.prices) is not None:
        yield "[rates]"
        yield f"file = {toml_value(prices.file)}"
        yield f"currency = {toml_value(prices.currency)}"
        yield (
            f"unknown = {toml_value(prices.unknown)} # a minute of what the sheet does not "
            "list: as dear as the dearest of it"
        )
        yield ""


def _entry(entry: Entry) -> Iterator[str]:
    yield f"[[{entry.table}]]"
    for key, value in entry.keys.items():
        why = f" # {printable(entry.why)}" if key == "name" else ""
        yield f"{key} = {toml_value(value)}{why}"
    yield ""
