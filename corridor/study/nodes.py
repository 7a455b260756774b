"""Nodes of the lines: who lives and works around each, what is planned, how near they are, and who travels between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.core.errors import LayerError
from corridor.schema.comparison import BUILDOUT, TODAY
from corridor.schema.rows import in_columns
from corridor.study import stages
from corridor.study.answer import answer
from corridor.study.around import CATCHMENTS as CATCHMENTS
from corridor.study.around import (
    WALK_MIN,
    Cells,
    catchments,
    facilities_near,
    land_use_mix,
    land_use_near,
    people_in,
)
from corridor.study.comparison import Comparison
from corridor.study.groups import CUTOFF_MIN, HOUR
from corridor.study.node_layer import Node, nodes_of
from corridor.study.study import Study

F64 = NDArray[np.float64]
T = TypeVar("T")


@dataclass(frozen=True)
class Nodes:
    """The nodes of a study, and scenarios that are compared at them; the first is what the others are compared with."""

    study: Study
    scenario_ids: tuple[str, ...]

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """In the order of the layer; none where the study has no such layer."""
        return nodes_of(self.study)

    @cached_property
    def catchments(self) -> dict[str, list[Cells]]:
        """As :func:`corridor.study.around.catchments`, in the order of the nodes."""
        places = [n.place for n in self.nodes]
        return self._known(dict, "cells near nodes", lambda: catchments(self.study, places))

    @cached_property
    def around(self) -> pd.DataFrame:
        """A row for each node and catchment.

        Returns
        -------
        pandas.DataFrame
            node_id, catchment, the columns of :func:`corridor.study.around.people_in`, and land_use_mix
            (:func:`corridor.study.around.land_use_mix`; NaN on a side without land use).
        """
        land = dict(list(self.land_use.groupby(["node_id", "catchment"])))
        nothing = self.land_use.iloc[:0]
        return self._known(pd.DataFrame, "people near nodes", lambda: pd.DataFrame(
            {"node_id": node.node_id, "catchment": name, **people_in(self.study, chosen[i]),
             "land_use_mix": land_use_mix(land.get((node.node_id, name), nothing))}
            for i, node in enumerate(self.nodes)
            for name, chosen in self.catchments.items()
        ))  # fmt: skip

    @cached_property
    def land_use(self) -> pd.DataFrame:
        """Land use around each node: node_id, and the columns of :func:`corridor.study.around.land_use_near` but place."""
        places = [n.place for n in self.nodes]
        found = self._known(pd.DataFrame, "land use near nodes", lambda: land_use_near(self.study, places))
        found.insert(0, "node_id", [self.nodes[i].node_id for i in found["place"]])
        return found.drop(columns="place")

    @cached_property
    def access(self) -> pd.DataFrame:
        """A row for each node and scenario: what the residents within 1 km reach at 08:30.

        Returns
        -------
        pandas.DataFrame
            node_id, scenario_id; jobs_60, jobs within 60 min, mean of these residents, on today's land (what rail brings
            before intake); jobs_60_planned on the build-out; jobs_60_across, of them on the other side, today.
        """
        rows = []
        for scenario_id in self.scenario_ids:
            reach, _ = self.study.stages.of(stages.REACH, scenario_id, hour=HOUR)
            for node, chosen in zip(self.nodes, self.catchments["1000m"], strict=True):
                other = next(s for s in self.study.cells.sides if s != node.place.region)
                weight = self.study.cells.people(TODAY)[chosen]
                rows.append({
                    "node_id": node.node_id, "scenario_id": scenario_id,
                    "jobs_60": _mean(reach.of(CUTOFF_MIN, "jobs", TODAY)[chosen], weight),
                    "jobs_60_across": _mean(reach.of(CUTOFF_MIN, "jobs", TODAY, other)[chosen], weight),
                    "jobs_60_planned": _mean(reach.of(CUTOFF_MIN, "jobs", BUILDOUT)[chosen], weight),
                })  # fmt: skip
        return pd.DataFrame(rows)

    @cached_property
    def times(self) -> pd.DataFrame:
        """Expected minutes from door to door between nodes at 08:30: scenario_id, from, to, minutes; NaN without service."""
        found = [self._times(i).assign(scenario_id=i) for i in self.scenario_ids]
        return pd.concat(found, ignore_index=True)[["scenario_id", "from", "to", "minutes"]]

    def _times(self, scenario_id: str) -> pd.DataFrame:
        from corridor.access.journeys.tables import travel_table
        from corridor.study.clock import service_clock

        study, places = self.study, [n.place for n in self.nodes]

        def made() -> pd.DataFrame:
            network = study.network(scenario_id).compiled
            return travel_table(network, study.base, places, places, service_clock(HOUR))

        return self._known(
            pd.DataFrame, "times between nodes", made, study.stages.mark(stages.COMPILED, scenario_id)
        )

    @cached_property
    def facilities(self) -> pd.DataFrame:
        """Facilities within 15 min on foot: node_id and a column for each kind; NaN on a side without such data."""
        places = [n.place for n in self.nodes]
        found = self._known(
            pd.DataFrame, "facilities near nodes", lambda: facilities_near(self.study, places)
        )
        found.insert(0, "node_id", [n.node_id for n in self.nodes])
        return found

    def _known(self, kind: type[T], what: str, make: Callable[[], T], network: str = "") -> T:
        """What an earlier run kept of these nodes (on a network of this mark), or made now."""
        depends_on = [repr([n.place for n in self.nodes]), repr(self.study.parameters), network]
        return self.study.known(kind, what, depends_on, make)

    def trips(self, of: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        """Trips a day across the boundary between the surroundings of nodes, by scenario.

        Parameters
        ----------
        of
            By scenario, as :func:`corridor.study.node_layer.trips_between`: of the last one at least, whose reference is the
            first.

        Returns
        -------
        pandas.DataFrame
            scenario_id, from (on the south side), to, trips_per_day, reference_per_day; for the first scenario, where it is
            not among them, what the last one has of it.
        """
        last = of[self.scenario_ids[-1]]
        reference = last.assign(trips_per_day=last["reference_per_day"])
        frames = {i: of.get(i, reference) for i in self.scenario_ids if i in of or i == self.scenario_ids[0]}
        return pd.concat([f.assign(scenario_id=i) for i, f in frames.items()], ignore_index=True)[
            ["scenario_id", "from", "to", "trips_per_day", "reference_per_day"]
        ]

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a node with everything but times and trips, as nodes.csv has it."""
        return pd.DataFrame(self._rows())

    def _rows(self) -> Iterator[dict[str, object]]:
        around = self.around.set_index(["node_id", "catchment"])
        access = self.access.set_index(["node_id", "scenario_id"])
        facilities = self.facilities.set_index("node_id")
        for node in self.nodes:
            row: dict[str, object] = {
                "node_id": node.node_id, **in_columns(node.name), "axis": node.axis, "region": node.place.region,
                "planned_residents": node.planned_residents, "planned_jobs": node.planned_jobs,
                "planned_in_buildout": int(node.in_buildout), "confidence": node.confidence,
            }  # fmt: skip
            for name in CATCHMENTS:
                row |= {f"{k}_{name}": v for k, v in around.loc[(node.node_id, name)].items()}
            row |= {f"{kind}_walk_{WALK_MIN}min": n for kind, n in facilities.loc[node.node_id].items()}
            for scenario_id in self.scenario_ids:
                row |= {f"{k} {scenario_id}": v for k, v in access.loc[(node.node_id, scenario_id)].items()}
            yield row


def at_nodes(study: Study, scenario_ids: Sequence[str]) -> Nodes:
    """The nodes of a study in some scenarios.

    Parameters
    ----------
    study
        With a layer of role ``nodes``.
    scenario_ids
        The first is what the others are compared with.

    Raises
    ------
    LayerError
        Where the study has no such layer.

    Examples
    --------
    >>> nodes = at_nodes(Study.bundled(), ["committed-2030", "western-full-2046"])  # doctest: +SKIP
    >>> nodes.times.pivot_table("minutes", "from", ["scenario_id", "to"])  # doctest: +SKIP
    """
    if not study.catalog.having("nodes"):
        where, what, remedy = "catalog.yaml", "has no layer of role nodes", "add one; see docs/nodes.md"
        raise LayerError.at(where, what, "the nodes of the lines", remedy)
    return Nodes(study, tuple(scenario_ids))


def nodes_compared(study: Study, comparison: Comparison) -> Nodes | None:
    """The nodes in the scenarios of a comparison that its answer sets side by side: the lines, and those together at the end.

    None where the study has no layer of nodes, or one scenario alone was compared.
    """
    ids = side_by_side(comparison)
    return at_nodes(study, ids) if len(ids) > 1 and study.catalog.having("nodes") else None


def side_by_side(comparison: Comparison) -> list[str]:
    """The scenarios that its answer sets side by side: the reference, the lines one by one, and last those together, or the one
    that maps open on; only what was compared."""
    found = answer(comparison)
    last = found.together.scenario_id if found.together else comparison.opens_on
    ids = [i for i in dict.fromkeys([comparison.reference_id, *found.lines, last]) if i in comparison.results]
    return [*(i for i in ids if i != last), last] if last in ids else ids


def _mean(values: NDArray[np.floating[Any]], weight: F64) -> float:
    """Mean over residents, or over cells where nobody lives; NaN where there is no cell."""
    if not len(values):
        return float("nan")
    return float(np.average(values, weights=weight if weight.sum() > 0 else None))
