"""A scenario's network, and what travellers meet on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from corridor.access.search.cells import Place
from corridor.network.compiled import CompiledNetwork
from corridor.network.graph import build_graph
from corridor.network.loads import Travellers, for_travellers
from corridor.network.service import Network
from corridor.network.walk import Ground

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, eq=False)
class ScenarioNetwork:
    """A scenario's network: as a record, as a graph to read, and compiled for computing."""

    network: Network
    ground: Ground
    """What a walker may cross."""
    compiled: CompiledNetwork

    @cached_property
    def graph(self) -> nx.MultiDiGraph:
        """The network as a graph that a person can read and walk through with NetworkX."""
        return build_graph(self.network, self.ground)

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
        # clearance times alone differ: the rest need not be compiled anew
        clear = [network.checkpoints[c].clearance_s for c in self.compiled.cp_ids]
        compiled = replace(self.compiled, cp_clear_s=np.array(clear, dtype=np.float32))
        return replace(self, network=network, compiled=compiled)
