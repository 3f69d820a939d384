"""One Asterisk watched: lists, leases and lockouts, and what goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.stores.store import FailureKind, Lockout, SubjectKind
from tests.unit.watcher.samples import NODE, NUMBER, begins, dials, lease, policy, row, until
from tests.unit.watcher.world import NOW, turns

if TYPE_CHECKING:
    from structlog.typing import EventDict

    from tests.unit.watcher.world import World


async def test_what_the_list_shows_to_be_over_is_released(world: World) -> None:
    """As it connects; and what is up and ends soon is renewed."""
    world.manager.rows = [row("9", "PJSIP/my-trunk-00000009", f"up:{NUMBER}:")]
    world.shelf.leases = [lease("gone"), lease("up", expires=NOW + 60)]
    await until(lambda: len(world.shelf.leases) == 1)
    await until(lambda: world.shelf.renewed != [])
    assert world.shelf.renewed == [("up", NOW + 300)]


async def test_a_call_that_ended_unheard_is_released_by_the_next_list(world: World) -> None:
    """The link was down while it ended, and its lease is too young for the list to tell."""
    world.manager.rows = [row()]
    await world.listed()
    world.shelf.leases = [lease(since=NOW)]
    await turns()
    world.manager.rows = []
    world.manager.drop()
    await until(lambda: world.shelf.leases == [])


async def test_a_leg_without_its_bound_gets_one_or_ends(
    world: World, service_said: list[EventDict]
) -> None:
    """By what is left of its lease; an emergency call, and a stranger's, need none."""
    world.manager.rows = [
        row("1", "PJSIP/my-trunk-00000001", until="0"),
        row("2", "PJSIP/my-trunk-00000002", f"over:{NUMBER}:", until="0"),
        row("3", "PJSIP/my-trunk-00000003", "emergency:112:", until="0"),
        row("4", "PJSIP/my-trunk-00000004", f"theirs:{NUMBER}:branch", until="0"),
    ]
    world.shelf.leases = [lease(since=NOW, seconds=500)]
    await until(lambda: world.hung_up != [])
    bound = world.manager.asked("AbsoluteTimeout")
    assert [(each["Channel"], each["Timeout"]) for each in bound] == [("1", "500")]
    assert world.hung_up == ["2"]
    assert [each["event"] for each in service_said].count("leg-without-bound") == 2


# ------------------------------------------------------------------------- lockouts


def lockout(name: str = "101", kind: SubjectKind = SubjectKind.EXTENSION) -> Lockout:
    """Return a lockout."""
    return Lockout("office", kind, name, NOW, NOW + 900, 1, FailureKind.CODE)


async def test_a_locked_out_extension_loses_its_calls_where_asked_for(
    world: World, service_said: list[EventDict]
) -> None:
    """Its own only."""
    world.policies = [policy('[lockout]\ncalls = "end"\n')]
    world.manager.rows = [
        row("1", "PJSIP/my-trunk-00000001"),
        row("2", "PJSIP/my-trunk-00000002", f"other:{NUMBER}:"),
    ]
    world.shelf.leases = [lease(since=NOW), lease("other", since=NOW, extension="102")]
    await world.listed()
    world.shelf.locked = [lockout("10.0.0.5", SubjectKind.ADDRESS)]
    await turns()
    assert world.hung_up == []
    world.shelf.locked.append(lockout())
    await until(lambda: world.hung_up != [])
    assert set(world.hung_up) == {"1"}
    await until(lambda: "call-ended" in [each["event"] for each in service_said])


async def test_elsewhere_they_go_on(world: World) -> None:
    """The policy says nothing of it."""
    world.manager.rows = [row()]
    world.shelf.leases = [lease(since=NOW)]
    world.shelf.locked = [lockout()]
    await world.listed()
    await turns()
    assert world.hung_up == []


# ------------------------------------------------------------------------- what goes wrong


async def test_trouble_is_told_once_while_it_stays_the_same(
    world: World, service_said: list[EventDict]
) -> None:
    """A refused login, no Asterisk, a secret that cannot be read."""
    await world.listed()
    world.secret = "wrong"
    world.manager.drop()

    def told() -> list[object]:
        return [each["why"] for each in service_said if each["event"] == "ami-not-linked"]

    await until(lambda: len(told()) == 1)
    await until(lambda: len(world.manager.asked("Login")) > 4)
    assert len(told()) == 1
    assert "refuses" in str(told()[0])
    world.secret = ""
    await until(lambda: len(told()) == 2)
    world.manager.actions.clear()
    world.secret = world.manager.secret
    await world.listed()


async def test_a_store_that_is_away_or_broken_ends_no_watch(
    world: World, service_said: list[EventDict]
) -> None:
    """It is asked again; bypasses are named meanwhile."""
    world.shelf.down = True
    await until(lambda: "watch-failed" in [each["event"] for each in service_said])
    world.hears(begins(), dials())
    await until(lambda: world.bypasses != [])


async def test_a_fault_of_ours_ends_no_watch(world: World, service_said: list[EventDict]) -> None:
    """It is told with its trace."""
    world.shelf.broken = True
    await until(lambda: "watch-broke" in [each["event"] for each in service_said])


async def test_it_links_again_after_asterisk_was_away(
    world: World, service_said: list[EventDict]
) -> None:
    """And lists anew."""
    await world.listed()
    await world.manager.stop()
    await until(lambda: "ami-not-linked" in [each["event"] for each in service_said])
    world.manager.actions.clear()
    await world.manager.start()
    await world.listed()
    linked = [each["event"] for each in service_said]
    assert "ami-link-lost" in linked
    ups = [up for node, up in world.links if node == NODE]
    assert [ups[0], *ups[-2:]] == [False, False, True]
    assert ups.index(True) < ups.index(False, 1)
