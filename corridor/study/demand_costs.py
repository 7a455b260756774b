"""Costs of a scenario's network between the zones and gates of the demand model, in each spell of the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.access.cost.departure import CostDeparture
from corridor.access.cost.gates import Crossings, GateCosts, crossings
from corridor.access.search.departure import Departure
from corridor.demand.model import NetworkCosts
from corridor.demand.segments import DIRECTIONS
from corridor.demand.spells import Spell
from corridor.demand.zones import Zones
from corridor.network.loads import group_clearance_s
from corridor.network.service import Checkpoint, Network
from corridor.schema.rows import rows_of

if TYPE_CHECKING:
    from corridor.study.study import Study

F64 = NDArray[np.float64]
LIMIT_S = 3 * 3600.0
"""Within which local buses reach the network."""


def spells_of(table: pd.DataFrame) -> tuple[Spell, ...]:
    """Spells of the day of a table of role demand_spells, in its order."""
    columns = ("departure_h", "share_outward", "share_return")
    return tuple(Spell(str(row["spell_id"]), *(float(row[c]) for c in columns)) for row in rows_of(table))


def network_costs(
    study: Study, scenario_id: str, zones: Zones, site_of: Mapping[str, str], spells: Sequence[Spell],
    scale_per_min: float, clearance_part: float = 0.0,
) -> NetworkCosts:  # fmt: skip
    """Generalised minutes between zones and the gates of a scenario's network.

    The cost of a zone is the composite of its cells, fares and kilometres are means over them, weighted by their residents and
    jobs of the census. In each spell those ways count on which everything runs, and the control point is open, throughout half
    an hour from the spell's departure; so a control point that closes within it is closed.

    Parameters
    ----------
    study
        Networks, cells and fares.
    scenario_id
        The scenario.
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

    Returns
    -------
    NetworkCosts
        (gate, zone) minutes, HKD and kilometres to and from each gate; infinite minutes where there is no service.
    """
    net, costing = study.network(scenario_id), study.costing(scenario_id)
    of_zone = _OfZone(zones, study.cells.people() + study.cells.people("census", "jobs"), scale_per_min)

    def at(spell: Spell) -> NetworkCosts:
        clock_s = 3600 * spell.departure_h
        departure = Departure(net.compiled, clock_s, LIMIT_S, study.parameters.fixed_wait)
        found = crossings(CostDeparture(departure, costing), net.network)
        costing.base.release()  # no other spell needs these tables of local buses
        return _by_zone(found, net.network, of_zone, site_of, clearance_part)

    first, *others = (at(spell) for spell in spells)
    return first.with_spells(others)


def _group_clearance_min(points: Sequence[Checkpoint], part: float) -> dict[str, F64]:
    """By traveller group, (direction, gate): the part of its assumed difference in clearance that counts."""
    return {g: part * s / 60 for g, s in group_clearance_s(points, DIRECTIONS).items()} if part else {}


class _OfZone(NamedTuple):
    """Figures of cells as figures of zones."""

    zones: Zones
    weights: F64
    scale_per_min: float

    def parts(self, costs: GateCosts) -> tuple[F64, F64, F64]:
        """(gate, zone) minutes and HKD, and (mode, gate, zone) kilometres."""
        return (
            self.zones.composites(costs.cost_s / 60, self.weights, self.scale_per_min),
            self.zones.means(costs.fare_hkd, self.weights),
            np.stack([self.zones.means(by_mode / 1000, self.weights) for by_mode in costs.ride_m]),
        )


def _by_zone(
    found: Crossings, network: Network, of_zone: _OfZone, site_of: Mapping[str, str], clearance_part: float
) -> NetworkCosts:
    gates = tuple(gate.checkpoint_id for gate in found.gates)
    to_min, to_hkd, to_km = of_zone.parts(found.to_gate)
    from_min, from_hkd, from_km = of_zone.parts(found.from_gate)
    return NetworkCosts(
        gates,
        tuple(site_of.get(gate, gate) for gate in gates),
        np.array([network.checkpoints[gate].kind == "hall" for gate in gates]),
        to_min,
        from_min,
        to_hkd,
        from_hkd,
        found.modes,
        to_km,
        from_km,
        _group_clearance_min([network.checkpoints[gate] for gate in gates], clearance_part),
    )
