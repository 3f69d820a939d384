"""A longest-prefix table over E.164 prefixes, for lists of up to millions of them.

A prefix is kept as a machine integer in a sorted array of its length: eight bytes each and
nothing more, and a look-up is at most fifteen binary searches.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

E164_MAX: Final = 15  # digits; ITU-T E.164 (11/2010), 6.2.1


class PrefixTable:
    """A set of prefixes, asked for the longest that begins a number. It never changes.

    Args:
        prefixes: 1 to 15 digits each, with or without the plus of E.164; twice is once.

    Raises:
        ValueError: One of them is no prefix; the message says what to write instead.
    """

    __slots__ = ("_by_length",)

    def __init__(self, prefixes: Iterable[str]) -> None:
        heaps: dict[int, array[int]] = {}
        for prefix in prefixes:
            digits = prefix.removeprefix("+")
            if not (_is_digits(digits) and len(digits) <= E164_MAX):
                raise ValueError(
                    f"`{prefix[:32]}` is no prefix of E.164; write 1 to {E164_MAX} digits"
                )
            heaps.setdefault(len(digits), array("Q")).append(int(digits))
        self._by_length = tuple(
            (length, array("Q", sorted(set(heaps[length]))))
            for length in sorted(heaps, reverse=True)
        )

    def __len__(self) -> int:
        return sum(len(prefixes) for _, prefixes in self._by_length)

    def __iter__(self) -> Iterator[str]:
        for length, prefixes in self._by_length:
            for each in prefixes:
                yield f"{each:0{length}}"

    def __repr__(self) -> str:
        return f"<PrefixTable of {len(self)} prefixes>"

    def ranges(self, length: int) -> tuple[list[int], list[int]]:
        """Return the numbers of so many digits that begin with one of the prefixes, as integers.

        Returns:
            The first number of each range, in order, and the one after its last; none touches
            another.
        """
        found: list[tuple[int, int]] = []
        for digits, prefixes in self._by_length:
            if digits <= length:
                span = 10 ** (length - digits)
                found += [(each * span, each * span + span) for each in prefixes]
        found.sort()
        firsts: list[int] = []
        ends: list[int] = []
        for first, end in found:
            if ends and first <= ends[-1]:
                ends[-1] = max(ends[-1], end)
            else:
                firsts.append(first)
                ends.append(end)
        return firsts, ends

    def longest(self, digits: str) -> str | None:
        """Return the longest prefix that begins `digits`, or None where there is none.

        Args:
            digits: A number with or without its plus. What is no number begins with no prefix.
        """
        digits = digits.removeprefix("+")
        if not _is_digits(digits):
            return None
        for length, prefixes in self._by_length:
            if length <= len(digits):
                wanted = int(digits[:length])
                at = bisect_left(prefixes, wanted)
                if at < len(prefixes) and prefixes[at] == wanted:
                    return digits[:length]
        return None


def _is_digits(text: str) -> bool:
    """Tell whether a text is digits of ASCII and nothing else; `str.isdigit` takes `٣` for one."""
    return text.isascii() and text.isdigit()


def covering(first: str, last: str) -> Iterator[str]:
    """Return the fewest prefixes that begin every number of a range, and no other.

    Args:
        first: The first number of the range, digits alone and no zero before them.
        last: The last, as long as the first and not before it.
    """
    low, high = int(first), int(last)
    while low <= high:
        digits = 0  # of the end that may be any: as many as the range leaves free from here
        while low % 10 ** (digits + 1) == 0 and low + 10 ** (digits + 1) - 1 <= high:
            digits += 1
        yield str(low // 10**digits)
        low += 10**digits
