"""What a traveller does on the way of least generalised cost, ready to be simulated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from corridor.access.cost.price import CostWay
from corridor.access.cost.router import CostRouter
from corridor.access.journeys.moves import Move, Policy, Walk, policy_of
from corridor.access.journeys.soonest import Way, by_strategy


def cheapest_policy(router: CostRouter) -> Policy | None:
    """What the traveller of the cheapest way does at each point.

    Parameters
    ----------
    router
        Between the two places.

    Returns
    -------
    Policy or None
        Its expected time is that of :meth:`CostRouter.solve`; None where there is no way.
    """
    way = router.solve()
    if way is None:
        return None
    if way.windows is not None:
        return _along(router, way)
    soonest = router.soonest
    if not any(leg.kind in {"ride", "clear"} for leg in way.legs):
        return policy_of(Way(way.time_s), soonest.compiled)
    return soonest.policy()


def _along(router: CostRouter, way: CostWay) -> Policy:
    """One policy an edge, joined where the next one begins; the nodes of edge e are its points plus e times their number."""
    points = len(router.soonest.names)
    moves: dict[int, Move] = {}
    order: list[int] = []
    for e, edge in enumerate(way.chain):
        beyond = (e + 1) * points + edge[1]
        done = _ride_moves(router, way, edge) if edge[2] < 0 else _link_moves(router, edge)
        nodes = {p: beyond if p == edge[1] else e * points + p for p in (*done, edge[1])}
        moves |= {nodes[p]: _renamed(move, nodes) for p, move in done.items()}
        order += [nodes[p] for p in done]
    access_s, egress_s = (
        sum(leg.time_s for leg in way.legs if leg.kind == kind) for kind in ("access", "egress")
    )
    start = way.chain[0][0] if way.chain else 0
    last = len(way.chain) * points + way.chain[-1][1] if way.chain else 0
    return Policy(float(way.time_s), access_s, start, (*order, last), moves, {last: egress_s})


def _ride_moves(router: CostRouter, way: CostWay, edge: tuple[int, int, int]) -> dict[int, Move]:
    """The strategy inside the gates, in the order in which anyone can pass its points."""
    assert way.windows is not None
    start, end, via = edge
    strategy = router.leaving.inside(-1 - via, end, *way.windows, None)
    inside = by_strategy(strategy, (np.array([start], np.int32), np.zeros(1, np.float32)))
    assert inside is not None
    policy = policy_of(inside, router.leaving.network)
    return {p: policy.moves[p] for p in policy.order if p in policy.moves}


def _link_moves(router: CostRouter, edge: tuple[int, int, int]) -> dict[int, Move]:
    start, end, k = edge
    leg = router.link_leg(k, (start, end), router.soonest.clock_s)
    return {start: Walk(end, leg.time_s - leg.clearance_s, int(router.leaving.network.link_cp[k]))}


def _renamed(move: Move, nodes: Mapping[int, int]) -> Move:
    if isinstance(move, Walk):
        return replace(move, to=nodes[move.to])
    return tuple(replace(boarding, to=nodes[boarding.to]) for boarding in move)
