"""What the console needs of the world besides what the web does; the daemon gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.console.oidc.provider import Provider
    from fastagi.console.operators.entitlement import Entitlement
    from fastagi.console.ports import Ports


class EndCall(Protocol):
    """Hangs calls up at Asterisk."""

    async def __call__(self, site: str, call: str, number: str, node: str) -> Sequence[str]:
        """End the trunk legs of a call to a number at one Asterisk; the names of those ended.

        Raises:
            DialguardError: That Asterisk is not ours, away, silent, or says no.
        """
        ...


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """Operators who sign in at an OpenID provider.

    Attributes:
        entitlement: By what somebody there is an operator here.
        label: What stands on the button.
    """

    provider: Provider
    entitlement: Entitlement
    label: str


@dataclass(frozen=True, slots=True)
class Backstage:
    """All of it.

    Attributes:
        web: What all of the web has.
        decisions: The file of decisions.
        end_call: None where the settings have no `[ami]`.
        single_sign_on: None where operators enter by password alone.
        versions: Where policies are kept that were in force; None where none is.
    """

    web: Ports
    decisions: Path
    end_call: EndCall | None = None
    single_sign_on: SingleSignOn | None = None
    versions: Path | None = None
