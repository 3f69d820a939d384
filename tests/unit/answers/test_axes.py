"""`axes`: values fall into sets that no scope in question tells apart."""

from __future__ import annotations

from ipaddress import ip_address

from fastagi.answers import axes
from fastagi.answers.axes import Speaking
from fastagi.answers.moments import Cell
from fastagi.answers.networks import Network
from fastagi.policy.model import Limit, Rule, Then
from fastagi.policy.scope import Condition, Destinations, Novelty, Scope, Transport

PLAIN = Speaking(0, Rule("plain", Scope(), Then.ALLOW))


def _rule(scope: Scope, then: Then = Then.DENY) -> Speaking:
    return Speaking(0, Rule("r", scope, then))


def test_where_nothing_is_asked_nothing_is_told_apart() -> None:
    """One set of each."""
    cells = [Cell((frozenset({each}),)) for each in ("a", "b")]
    assert axes.of_cells(cells, [PLAIN]) == (tuple(cells),)
    assert axes.of_networks([None], [PLAIN]) == ((None,),)
    assert axes.of_transports([PLAIN]) == ((None,),)
    assert axes.of_novelty(frozenset(Novelty), [PLAIN]) == ((frozenset(),),)
    assert axes.of_reports([PLAIN]) == axes.of_sign_ins([PLAIN]) == ((False,),)
    assert axes.of_limits([PLAIN]) == ((frozenset(),),)


def test_moments_are_told_apart_by_what_when_makes_of_them() -> None:
    """`not office and night`: what is over is no moment."""
    cells = [
        Cell((frozenset(each),)) for each in ((), ("office",), ("night",), ("office", "night"))
    ]
    when = (Condition("office", negated=True), Condition("night"), Condition("over:l"))
    found = axes.of_cells(cells, [_rule(Scope(when=when))])
    assert found == ((cells[0], cells[1], cells[3]), (cells[2],))


def test_addresses_are_told_apart_by_network() -> None:
    """An unknown one by itself."""
    networks = [
        Network(ip_address("10.0.0.1"), (frozenset(each),)) for each in ((), ("floor",), ("desk",))
    ]
    asking = _rule(Scope(networks=(Condition("floor"),)))
    found = axes.of_networks([None, *networks], [PLAIN, asking])
    assert found == ((None,), (networks[0], networks[2]), (networks[1],))


def test_transports_are_told_apart_by_what_is_asked() -> None:
    """An unknown one by itself."""
    asking = _rule(Scope(transports=frozenset({Transport.UDP, Transport.TCP})))
    rest = (Transport.TLS, Transport.WS, Transport.WSS)
    assert axes.of_transports([asking]) == ((None,), (Transport.UDP, Transport.TCP), rest)


def test_what_is_new_is_told_apart_by_the_scopes_it_brings_a_call_into() -> None:
    """One of two is as good as both."""
    to = Destinations(("x",), novel=frozenset({Novelty.COUNTRY, Novelty.NUMBER}))
    found = axes.of_novelty(frozenset(Novelty), [_rule(Scope(to=to))])
    assert [len(each) for each in found] == [1, 3]
    assert axes.of_novelty(frozenset(), [_rule(Scope(to=to))]) == ((frozenset(),),)


def test_reports_sign_ins_and_limits_are_told_apart_where_somebody_asks() -> None:
    """A limit asks for no sign-in."""
    reported = _rule(Scope(to=Destinations(("reported",), reported=True)))
    assert axes.of_reports([PLAIN, reported]) == ((False,), (True,))
    limit = Speaking(0, Limit("l", Scope()))
    assert axes.of_sign_ins([limit]) == ((False,),)
    assert axes.of_sign_ins([limit, _rule(Scope(), Then.SIGN_IN)]) == ((False,), (True,))
    over = _rule(Scope(when=(Condition("over:a"), Condition("over:b", negated=True))))
    assert [each for (each,) in axes.of_limits([over])] == [
        frozenset(),
        frozenset({"a"}),
        frozenset({"b"}),
        frozenset({"a", "b"}),
    ]
