"""All routes of the console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.console.operators import (
    acting,
    judging,
    live,
    login,
    looking_up,
    overriding,
    single_sign_on,
    trail,
)
from fastagi.console.operators.board import Board
from fastagi.console.operators.rendering import Renderer
from fastagi.console.operators.visits import Desk, Doors
from fastagi.console.operators.watching import Watchers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.console.assets import Asset
    from fastagi.console.front import Front
    from fastagi.console.operators.ports import Backstage


def open_console(backstage: Backstage, front: Front, assets: Mapping[str, Asset]) -> Doors:
    """Open every door of the console; `router` of what is returned has them."""
    renderer = Renderer(assets, backstage.web.policies)
    doors = Doors(Desk(backstage, front, renderer, Board(backstage), Watchers(backstage.web)))
    for room in (login, single_sign_on, live, acting, overriding, looking_up, judging, trail):
        room.open_doors(doors)
    return doors
