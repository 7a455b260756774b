"""A scenario's network, and what travellers meet on it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from corridor.access.search.cells import Place
from corridor.network.compiled import CompiledNetwork
from corridor.network.loads import Travellers, for_travellers
from corridor.network.service import PERIODS, Network


@dataclass(frozen=True, eq=False)
class ScenarioNetwork:
    """A scenario's network: as a record, and compiled for computing."""

    network: Network
    compiled: CompiledNetwork

    def place(self, point: str) -> Place:
        """The place of a station or hall.

        Parameters
        ----------
        point
            A station_id, or ``checkpoint_id@side`` of a hall.

        Raises
        ------
        KeyError
            Where the scenario's network has no such point.
        """
        compiled, i = self.compiled, self.compiled.index[point]
        name = self.network.ends[point].names.en
        return Place(name, point, float(compiled.x_m[i]), float(compiled.y_m[i]), compiled.region[i])

    def for_travellers(self, travellers: Travellers, direction: str) -> ScenarioNetwork:
        """The same network with the clearance times of some travellers.

        Parameters
        ----------
        travellers
            Their group, and the passengers of the day over those of the mean day.
        direction
            "northbound", "southbound", or "both" for a journey on one side.

        Raises
        ------
        ScenarioError
            Where the study has no clearance times by group or load.
        """
        if travellers.are_all:
            return self
        network = for_travellers(self.network, travellers, direction)
        return replace(self, network=network, compiled=patched(self.compiled, network))


def patched(compiled: CompiledNetwork, network: Network) -> CompiledNetwork:
    """Another network of the same lines and stops: its headways, clearance times and hours.

    Parameters
    ----------
    compiled
        The one network, compiled.
    network
        The other; only headways, clearance times and hours may differ.
    """
    headways = {
        p.pattern_id: [p.headway_s.get(name, 0.0) for name, _, _ in PERIODS] for p in network.patterns
    }
    points = [network.checkpoints[c] for c in compiled.cp_ids]
    rows = np.array([headways[p] for p in compiled.board_pattern], dtype=np.float32)
    return replace(
        compiled,
        board_headway_s=rows.reshape(len(compiled.board_pattern), len(PERIODS)),
        cp_open_s=np.array([c.open_s for c in points], dtype=np.float32),
        cp_close_s=np.array([c.close_s for c in points], dtype=np.float32),
        cp_clear_s=np.array([c.clearance_s for c in points], dtype=np.float32),
    )
