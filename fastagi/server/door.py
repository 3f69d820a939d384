"""Who may ask: addresses, and a secret shared with the dialplan."""

from __future__ import annotations

import hashlib
import hmac
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from fastagi.call.channel import Argument, Script

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from ipaddress import IPv4Address

    from fastagi.call.channel import Question


class Door:
    """Lets in whom the operator named.

    The token is SHA-1 because that is what a dialplan can compute (`func_sha1`), and it is bound
    to one call and number. SHA-1 of `secret:…` can be prolonged by who has seen one, but only with
    bytes that no argument may hold.
    """

    def __init__(
        self,
        allow: Iterable[str],
        secret: str = "",
        sites: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        """Take networks (`10.0.0.0/8`, `::1`), the secret, and which sites each may name.

        An empty secret asks for no token. Whoever is in no network of `sites` may name any.
        """
        self._networks = tuple(ip_network(each) for each in allow)
        self._sites = {ip_network(each, strict=False): of for each, of in (sites or {}).items()}
        self._secret = secret.encode()

    def admits(self, address: str) -> bool:
        """Say whether somebody from this address may connect."""
        ip = _read(address)
        return ip is not None and any(ip in network for network in self._networks)

    def may_name(self, address: str, site: str) -> bool:
        """Say whether somebody from this address may ask for a site; empty where none is named.

        An Asterisk that was taken over can so spend, lock out and release for its own sites only.
        """
        ip = _read(address)
        bonds = [of for network, of in self._sites.items() if ip is not None and ip in network]
        return not bonds or any(site in of for of in bonds)

    def trusts(self, question: Question) -> bool:
        """Say whether the question carries the token that only our dialplan can make."""
        if not self._secret:
            return True
        given = question.arguments.get(Argument.TOKEN, "")
        return hmac.compare_digest(self.token(question).encode(), given.encode())

    def token(self, question: Question) -> str:
        """Return the token that belongs to the question: SHA-1 of `secret:call:dialled`.

        In place of the number, every script but `outbound` says its name: so a token is good at
        one door only. A release says behind it for how long was talked: who has seen the token
        of one makes no other cost less.
        """
        call, about = question.arguments.get(Argument.CALL, ""), question.script
        if question.script == Script.OUTBOUND:
            about = question.arguments.get(Argument.DIALLED, "")
        elif question.script == Script.RELEASE and Argument.TALKED in question.arguments:
            about = f"{about}:{question.arguments[Argument.TALKED]}"
        text = b":".join((self._secret, call.encode(), about.encode()))
        return hashlib.sha1(text).hexdigest()  # noqa: S324 - see the class: func_sha1's is this


def _read(address: str) -> IPv4Address | IPv6Address | None:
    """Read an address; None where it is none. One of IPv4 in IPv6 is the former."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    return ip
