"""Whose an account is: of the sites that have it among their phones, at their own Asterisk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.policy.decision import class_of, is_known
from fastagi.policy.traps import is_trap

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from fastagi.policy.model import Policy

MOST: Final = 20_000
"""Accounts that are remembered, with whose they are; an attacker names as many as he likes."""


class Whose:
    """Finds the sites of accounts.

    Args:
        sites: By node, the sites whose phones register there; any where none is named.
    """

    def __init__(self, sites: Mapping[str, Collection[str]]) -> None:
        self._sites = sites
        self._policies: Mapping[str, Policy] = {}
        self._found: dict[tuple[str, str], tuple[str, ...]] = {}
        self._traps: dict[tuple[str, str], tuple[str, ...]] = {}

    def change(self, policies: Mapping[str, Policy]) -> None:
        """Take in the policies in force, by site."""
        self._policies = dict(policies)
        self._found.clear()
        self._traps.clear()

    def of(self, node: str, account: str) -> tuple[str, ...]:
        """Return the sites that an account is of.

        Where it is nobody's, whoever tries it may be after any site of that Asterisk: all of
        these, or `("",)` for each and every site.
        """
        found = self._found.get((node, account))
        if found is None:
            if len(self._found) >= MOST:
                self._found.clear()
            found = self._found[node, account] = self._find(node, account)
        return found

    def laid_by(self, node: str, account: str) -> tuple[str, ...]:
        """Return the sites of an Asterisk to which an account is a trap (`[honeypot]`)."""
        found = self._traps.get((node, account))
        if found is None:
            if len(self._traps) >= MOST:
                self._traps.clear()
            found = self._traps[node, account] = tuple(
                site for site in self._sites_of(node) if is_trap(self._policies[site], account)
            )
        return found

    def knows(self, site: str, account: str) -> bool:
        """Whether a site has an account among its phones."""
        policy = self._policies.get(site)
        return (
            policy is not None
            and account != ""
            and is_known(policy, account, class_of(policy, account))
        )

    def _find(self, node: str, account: str) -> tuple[str, ...]:
        there = self._sites_of(node)
        known = tuple(each for each in there if self.knows(each, account))
        if known:
            return known
        is_any = len(there) == len(self._policies) > 1
        return ("",) if is_any else tuple(there)

    def _sites_of(self, node: str) -> list[str]:
        of_node = self._sites.get(node) or ()
        return [each for each in self._policies if not of_node or each in of_node]
