"""Costs of a scenario's network between the zones and gates of the demand model, in each spell of the day, and queues at gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.access.cost.departure import CostDeparture, Costing
from corridor.access.cost.gates import GateCosts, crossings
from corridor.access.search.cells import Cells
from corridor.access.search.departure import Departure
from corridor.demand.model import NetworkCosts
from corridor.demand.predict import Queue
from corridor.demand.segments import DIRECTIONS, Spell
from corridor.demand.zones import Zones
from corridor.network.loads import extra_wait_s, group_clearance_s
from corridor.network.service import Checkpoint, Network
from corridor.schema.rows import rows_of
from corridor.study import stages
from corridor.study.network import ScenarioNetwork

if TYPE_CHECKING:
    from corridor.study.study import Study

F64 = NDArray[np.float64]
LIMIT_S = 3 * 3600.0
"""Within which local buses reach the network."""


def spells_of(table: pd.DataFrame) -> tuple[Spell, ...]:
    """Spells of the day of a table of role demand_spells, in its order."""
    columns = ("departure_h", "share_outward", "share_return")
    return tuple(Spell(str(row["spell_id"]), *(float(row[c]) for c in columns)) for row in rows_of(table))


@dataclass(frozen=True)
class ZoneCosts:
    """Generalised minutes between zones and the gates of networks.

    The cost of a zone is the composite of its cells, fares and kilometres are means over them, weighted by their residents and
    jobs of the census. In each spell those ways count on which everything runs, and the control point is open, throughout half
    an hour from the spell's departure; so a control point that closes within it is closed.

    Attributes
    ----------
    study
        Networks, cells and fares.
    zones
        Of the demand model.
    site_of
        The site of each control point; one that is not in it is a site of its own.
    spells
        At least one; the first gives the costs, the others :attr:`NetworkCosts.other_spells`.
    scale_per_min
        Of the choice between sites (:meth:`corridor.demand.zones.Zones.composites`).
    clearance_part
        Generalised minutes for each minute by which a traveller group clears slower than all travellers; 0 leaves the groups
        alike.
    cells
        Those that costs are taken over, whose zones `zones` has; None for those of the study.
    """

    study: Study
    zones: Zones
    site_of: Mapping[str, str]
    spells: tuple[Spell, ...]
    scale_per_min: float
    clearance_part: float = 0.0
    cells: Cells | None = None

    def of_scenario(self, scenario_id: str) -> NetworkCosts:
        """Costs of a scenario's network, kept by what it runs: scenarios that run alike share them, spell by spell.

        Returns
        -------
        NetworkCosts
            (gate, zone) minutes, HKD and kilometres to and from each gate; infinite minutes where there is no service.
        """
        study, net = self.study, self.study.network(scenario_id)
        points = [
            (k, p.kind, p.clearance_s, p.clearance_by_group_s) for k, p in net.network.checkpoints.items()
        ]
        depends_on = [
            study.stages.mark(stages.COMPILED, scenario_id),
            study.stages.mark(stages.COSTING, scenario_id),
            repr((points, [net.network.lines[line].mode for line in net.compiled.pattern_line])),
            repr((study.parameters, self.scale_per_min, self.clearance_part)),
        ]

        def at(spell: Spell) -> NetworkCosts:
            def made() -> NetworkCosts:
                return self._at(spell, net, study.stages.of(stages.COSTING, scenario_id), release=True)

            return study.known(NetworkCosts, "demand costs", [*depends_on, repr(spell.departure_h)], made)

        first, *others = map(at, self.spells)
        return first.with_spells(others)

    def of(self, net: ScenarioNetwork, costing: Costing, *, release: bool = True) -> NetworkCosts:
        """Costs of a network that need not be a scenario's; they are not kept.

        Parameters
        ----------
        net, costing
            The network, and the fares and weights that it is searched at.
        release
            Whether tables of local buses are freed after each spell; otherwise they stay for what else needs them.
        """
        first, *others = (self._at(spell, net, costing, release) for spell in self.spells)
        return first.with_spells(others)

    def _at(self, spell: Spell, net: ScenarioNetwork, costing: Costing, release: bool) -> NetworkCosts:
        clock_s, fixed_wait = 3600 * spell.departure_h, self.study.parameters.fixed_wait
        departure = Departure(net.compiled, clock_s, LIMIT_S, fixed_wait)
        found = crossings(CostDeparture(departure, costing), net.network)
        if release:
            costing.base.release()  # no other spell needs these tables of local buses
        points = [net.network.checkpoints[gate.checkpoint_id] for gate in found.gates]
        gates = tuple(point.checkpoint_id for point in points)
        to_min, to_hkd, to_km = self._of_zones(found.to_gate)
        from_min, from_hkd, from_km = self._of_zones(found.from_gate)
        return NetworkCosts(
            gates,
            tuple(self.site_of.get(gate, gate) for gate in gates),
            np.array([point.kind == "hall" for point in points]),
            to_min,
            from_min,
            to_hkd,
            from_hkd,
            found.modes,
            to_km,
            from_km,
            _group_clearance_min(points, self.clearance_part),
        )

    def _of_zones(self, costs: GateCosts) -> tuple[F64, F64, F64]:
        """(gate, zone) minutes and HKD, and (mode, gate, zone) kilometres."""
        zones, weights = self.zones, self._weights
        return (
            zones.composites(costs.cost_s / 60, weights, self.scale_per_min),
            zones.means(costs.fare_hkd, weights),
            np.stack([zones.means(by_mode / 1000, weights) for by_mode in costs.ride_m]),
        )

    @cached_property
    def _weights(self) -> F64:
        cells = self.cells or self.study.cells
        return cells.people() + cells.people("census", "jobs")


def _group_clearance_min(points: Sequence[Checkpoint], part: float) -> dict[str, F64]:
    """By traveller group, (direction, gate): the part of its assumed difference in clearance that counts."""
    return {g: part * s / 60 for g, s in group_clearance_s(points, DIRECTIONS).items()} if part else {}


def queue_of(network: Network, gates: Sequence[str]) -> Queue:
    """Minutes of queue beyond the mean day of 2025, by direction and gate; none where the capacity is unknown.

    The wait is that of the busiest hour. Only those who cross in the busy spell meet it, so the mean traveller waits
    that share of it; and no relief takes a clearance below its low end.

    Parameters
    ----------
    network
        Its control points.
    gates
        Control point of each gate.

    Returns
    -------
    callable
        From passengers a day to minutes, both of shape (direction, gate).
    """
    assumed = network.clearance
    if assumed is None:
        return np.zeros_like
    busy = min(1.0, assumed.peak_hour_share * assumed.queue.period_s / 3600)
    points = [network.checkpoints[gate] for gate in gates]

    def wait_min(loads: F64) -> F64:
        found = np.zeros_like(loads)
        for d, direction in enumerate(DIRECTIONS):
            for k, point in enumerate(points):
                if direction not in point.loads:
                    continue
                load = float(loads[d, k]) / point.loads[direction].mean_pax_day
                extra_s = busy * (extra_wait_s(point, direction, assumed, load) or 0.0)
                found[d, k] = max(extra_s, point.clearance_low_s - point.clearance_s) / 60
        return found

    return wait_min
