"""The cookies of a request and of its answer, for all pages: kept from scripts and other places.

`__Host-` stands before their names where all is encrypted (RFC 6265bis, 4.1.3.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from fastapi import Request, Response

    from fastagi.console.front import Front


RETURNING: Final = frozenset({"dialguard-oidc"})
"""Cookies of who is sent elsewhere, to come back from there."""


class _Desk(Protocol):
    @property
    def front(self) -> Front:
        """Return how browsers reach it."""
        ...


class Cookies:
    """What a visit has of cookies; whoever is a visit has these attributes.

    Attributes:
        cookies: What is set with the answer, by name; None removes one.

    A cookie is sent with nothing that begins elsewhere (SameSite=Strict); those of `RETURNING`
    also with a page that somebody is sent to from elsewhere, as who comes from a provider is.
    """

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def request(self) -> Request:
            """What came."""
            ...

        @property
        def desk(self) -> _Desk:
            """What all pages are made with."""
            ...

        @property
        def cookies(self) -> dict[str, str | None]:
            """What is set with the answer."""
            ...

    def cookie(self, name: str) -> str:
        """Return a cookie that came with it; empty where there is none."""
        return self.request.cookies.get(self._named(name), "")

    def keep(self, name: str, value: str | None) -> None:
        """Set a cookie with the answer; None removes it."""
        self.cookies[name] = value

    def _named(self, name: str) -> str:
        return f"__Host-{name}" if self.desk.front.is_encrypted else name

    def _with_cookies(self, response: Response) -> Response:
        for name, value in self.cookies.items():
            response.set_cookie(
                self._named(name),
                value or "",
                max_age=0 if value is None else None,
                secure=self.desk.front.is_encrypted,
                httponly=True,
                samesite="lax" if name in RETURNING else "strict",
            )
        return response
