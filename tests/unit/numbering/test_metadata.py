"""phonenumbers' metadata has the fields that we read, and can be had all at once."""

from __future__ import annotations

import re
import sys

import phonenumbers
import pytest
from phonenumbers.re_util import re_compile

from fastagi.numbering import metadata


def test_a_country_is_known_by_its_code() -> None:
    """What we read of a country is there and says what is expected."""
    known = metadata.of("GB")
    assert (known.id, known.country_code, known.international_prefix) == ("GB", 44, "00")


@pytest.mark.parametrize("country", ["", "gb", "UK", "ZZ", "001", "GBR", "X" * 9000])
def test_what_is_no_country_is_refused_with_advice(country: str) -> None:
    """The message shows what was written, not more than a little of it, and what to write."""
    what = f"country `{country[:32]}` is not known; write its code of ISO 3166-1, such as `GB`"
    with pytest.raises(ValueError, match=re.escape(what)) as caught:
        metadata.of(country)
    assert str(caught.value) == what


def test_a_few_countries_have_no_short_codes() -> None:
    """Then there is nothing, which is no error."""
    known = metadata.of_short_numbers("GB")
    assert known is not None
    assert known.emergency is not None
    assert metadata.of_short_numbers("TK") is None


def test_preloading_leaves_nothing_to_load_or_compile() -> None:
    """After it every file is read, and patterns outlive the cache of `re`."""
    metadata.preload()
    regions = {f"phonenumbers.data.region_{each}" for each in phonenumbers.SUPPORTED_REGIONS}
    regions |= {
        f"phonenumbers.shortdata.region_{each}" for each in phonenumbers.SUPPORTED_SHORT_REGIONS
    }
    assert regions <= set(sys.modules)

    known = metadata.of("FR")
    assert known.mobile is not None
    pattern = known.mobile.national_number_pattern
    assert pattern is not None
    compiled = re_compile(pattern)
    re.purge()
    assert re_compile(pattern) is compiled
