"""`destinations`: what each item of a `to` list means, and what was probably meant."""

from __future__ import annotations

import pytest

from fastagi.numbering.number import Category
from fastagi.policy.destinations import Destination, Kind, destinations, read_destination
from fastagi.policy.scope import Destinations, Novelty


@pytest.mark.parametrize(
    ("text", "destination"),
    [
        ("premium", Destination("premium", Kind.CATEGORY, "premium")),
        ("country:FR", Destination("country:FR", Kind.COUNTRY, "FR")),
        ("country:001", Destination("country:001", Kind.COUNTRY, "001")),
        ("prefix:+39", Destination("prefix:+39", Kind.PREFIX, "39")),
        ("list:irsf", Destination("list:irsf", Kind.LIST, "irsf")),
        ("reported", Destination("reported", Kind.REPORTED, "")),
        ("unallocated", Destination("unallocated", Kind.CATEGORY, "unallocated")),
        *((each, Destination(each, Kind.NOVEL, each)) for each in Novelty),
    ],
)
def test_an_item_is_what_it_means(text: str, destination: Destination) -> None:
    """A category, or something behind a colon."""
    assert read_destination(text) == destination


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("premum", "did you mean `premium`?"),
        ("reportd", "did you mean `reported`?"),
        ("FR", "did you mean `country:FR`?"),
        ("+39", "did you mean `prefix:+39`?"),
        ("country:UK", "did you mean `GB`?"),
        ("category:premium", "`category:premium` is no destination"),
        ("???", "write `emergency`, `internal`"),
    ],
)
def test_an_item_that_means_nothing_is_refused(text: str, message: str) -> None:
    """The message says what was probably meant."""
    with pytest.raises(ValueError, match=r".") as refused:
        read_destination(text)
    assert message in str(refused.value)


def test_items_are_put_together() -> None:
    """A `to` list keeps its text, and each kind of item finds its place."""
    texts = (
        *("premium", "mobile", "country:FR", "prefix:+39", "list:irsf"),
        *("first-time-country", "first-time-number-of-site", "reported"),
    )
    assert destinations([read_destination(each) for each in texts]) == Destinations(
        text=texts,
        categories=frozenset({Category.PREMIUM, Category.MOBILE}),
        countries=frozenset({"FR"}),
        prefixes=("39",),
        lists=("irsf",),
        novel=frozenset({Novelty.COUNTRY, Novelty.SITE_NUMBER}),
        reported=True,
    )
