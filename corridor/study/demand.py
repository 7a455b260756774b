"""Demand of a study: tables of the catalogue and costs of its networks -> trips by control point, and what changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.access.cost.departure import CostDeparture
from corridor.access.cost.gates import Crossings, GateCosts, crossings
from corridor.access.search.cells import LAND_STATES
from corridor.access.search.departure import Departure
from corridor.core.crs import WGS84, WORKING, project_xy
from corridor.core.errors import CorridorError, nearest
from corridor.demand.logit import Scales
from corridor.demand.model import Assumptions, Calibrated, Counts, Model, NetworkCosts, calibrate
from corridor.demand.predict import Demand, Queue, predict
from corridor.demand.segments import BASE_PERIOD, DIRECTIONS, Attraction, LandUse, Segment
from corridor.demand.zones import Zones
from corridor.network.fares import CostParameters
from corridor.network.loads import extra_wait_s
from corridor.network.service import Network
from corridor.schema.catalog_entry import Role
from corridor.schema.rows import rows_of
from corridor.study.demand_counts import ALL, counted, own_counts

if TYPE_CHECKING:
    from corridor.study.study import Study

F64 = NDArray[np.float64]
ROLES: tuple[Role, ...] = (
    "demand_crossings",
    "demand_periods",
    "demand_groups",
    "demand_purposes",
    "demand_parameters",
    "demand_sites",
)
LIMIT_S = 3 * 3600.0
DAY_TYPES = ("all", "weekday", "friday", "weekend", "holiday")
THIRDS = ("west", "middle", "east")
Worth = Callable[[str, str], float]
"""HKD an hour of a traveller group and purpose."""


@dataclass(frozen=True)
class Values:
    """Values of the table of parameters, by id."""

    table: pd.DataFrame

    def __getitem__(self, parameter: str) -> float:
        return self.ends(parameter)[1]

    def ends(self, parameter: str) -> tuple[float, float, float]:
        """Low end, value and high end of a parameter, in its unit.

        Raises
        ------
        CorridorError
            Where the table has no row for it.
        """
        rows = self.table[self.table["parameter"] == parameter]
        if rows.empty:
            where, what = "demand_parameters", f"row {parameter!r} is missing"
            raise CorridorError.at(where, what, "a row for it", "add it")
        low, value, high = (float(rows[c].iloc[0]) for c in ("low", "value", "high"))
        return low, value, high


class DemandStudy:
    """What the demand of all scenarios of a study shares: zones, segments, counts, and the costs of networks.

    Costs, land and calibrations are kept once computed, as each is a search over all cells or a fixed point.

    Raises
    ------
    CorridorError
        Where the catalogue lacks a layer of one of :data:`ROLES`.
    """

    def __init__(self, study: Study):
        missing = [role for role in ROLES if not study.catalog.having(role)]
        if missing:
            what, expected = f"no layer of role {', '.join(missing)}", "tables of demand"
            raise CorridorError.at("catalogue", what, expected, "add them, or extend the shipped catalogue")
        self.study = study
        self.parameters = Values(study.catalog.table("demand_parameters"))
        self._costs: dict[str, NetworkCosts] = {}
        self._calibrated: dict[tuple[object, ...], Calibrated] = {}
        self._land: dict[str, LandUse] = {}

    # --- zones and segments ---

    @cached_property
    def zones(self) -> Zones:
        """Squares of 2 km of one side each."""
        cells = self.study.cells
        return Zones.of(cells.x_m, cells.y_m, cells.side)

    @cached_property
    def segments(self) -> dict[str, tuple[Segment, ...]]:
        """Segments of travellers by day type: each group, for business and for other purposes.

        Business is a segment of its own because its value of time differs; `share` is of the passengers counted as the group.
        """
        catalog, sides = self.study.catalog, self.study.region.sides
        purposes = list(rows_of(catalog.table("demand_purposes")))
        found: dict[str, list[Segment]] = {day: [] for day in DAY_TYPES}
        for group in rows_of(catalog.table("demand_groups")):
            own = [row for row in purposes if row["group_id"] == group["group_id"]]
            for day in DAY_TYPES:
                found[day] += _segments_of(group, own, day, self._worth, sides.index(group["home_side"]))
        return {day: tuple(segments) for day, segments in found.items()}

    def _worth(self, group: str, purpose: str) -> float:
        """HKD an hour; business is worth more, whoever travels."""
        own = self._cost_parameters.of(group)
        return max(own, self.parameters["business_value_of_time_hkd_h"]) if purpose == "business" else own

    @property
    def _cost_parameters(self) -> CostParameters:
        fares = self.study.tables.fares
        return fares.cost if fares else CostParameters()

    @cached_property
    def site_of(self) -> dict[str, str]:
        """The crossing site of each control point."""
        table = self.study.catalog.table("demand_sites")
        return dict(zip(table["checkpoint_id"], table["site_id"], strict=True))

    def land(self, state: str) -> LandUse:
        """What there is in each zone in one land state.

        Parameters
        ----------
        state
            Land state of residents and jobs, such as "census"; commercial floor space and gateways are those of today.

        Returns
        -------
        LandUse
            (zone,) residents, jobs, commercial hectares (0 without such a layer), and the share of the trips from beyond the
            region that enter it here.
        """
        if state not in self._land:
            study, zones = self.study, self.zones
            cells, table = study.cells, study.cells.table
            commercial = np.zeros(len(table))
            if study.catalog.having("demand_commercial"):
                found = study.catalog.table("demand_commercial").set_index("cell_id")["commercial_ha"]
                commercial = table["cell_id"].map(found).fillna(0.0).to_numpy(float)
            self._land[state] = LandUse(
                zones.sums(cells.people(state)),
                zones.sums(cells.people(state, "jobs")),
                zones.sums(commercial),
                self._gateway(),
            )
        return self._land[state]

    def _gateway(self) -> F64:
        shares, catalog = np.zeros(len(self.zones)), self.study.catalog
        if not catalog.having("demand_gateways"):
            return shares
        stations, cells = self.study.tables.stations.set_index("station_id"), self.study.cells
        for row in catalog.table("demand_gateways").itertuples():
            station = stations.loc[str(row.station_id)]
            x_m, y_m = project_xy(float(station["lon"]), float(station["lat"]))
            away = np.hypot(cells.x_m - x_m, cells.y_m - y_m)
            # gateways lead to the rest of the mainland: they are on the north side
            away[cells.side == 0] = np.inf
            shares[self.zones.of_cell[int(away.argmin())]] += float(row.share)
        return shares / shares.sum() if shares.sum() > 0 else shares

    # --- costs ---

    def costs(self, scenario_id: str) -> NetworkCosts:
        """Generalised minutes between zones and the gates of a scenario's network.

        Every figure of a zone is the mean over its cells, weighted by their residents and jobs of the census. Departure is at
        `departure_h` of the table of parameters; services count that run up to :data:`LIMIT_S` later.

        Returns
        -------
        NetworkCosts
            (gate, zone) minutes, HKD and kilometres to and from each gate; infinite minutes where there is no service.
        """
        if scenario_id not in self._costs:
            study, net = self.study, self.study.network(scenario_id)
            clock_s = 3600 * self.parameters["departure_h"]
            departure = Departure(net.compiled, clock_s, LIMIT_S, study.parameters.fixed_wait)
            leaving = CostDeparture(departure, study.costing(scenario_id))
            self._costs[scenario_id] = self._by_zone(crossings(leaving, net.network), net.network)
        return self._costs[scenario_id]

    def _by_zone(self, found: Crossings, network: Network) -> NetworkCosts:
        gates = tuple(gate.checkpoint_id for gate in found.gates)
        cells = self.study.cells
        weights = cells.people() + cells.people("census", "jobs")

        def means(values: NDArray[np.floating]) -> F64:
            return self.zones.means(values, weights)

        def parts(costs: GateCosts) -> tuple[F64, F64, F64]:
            km = [means(by_mode / 1000) for by_mode in costs.ride_m]
            return means(costs.cost_s / 60), means(costs.fare_hkd), np.stack(km)

        to_min, to_hkd, to_km = parts(found.to_gate)
        from_min, from_hkd, from_km = parts(found.from_gate)
        return NetworkCosts(
            gates,
            tuple(self.site_of.get(gate, gate) for gate in gates),
            np.array([network.checkpoints[gate].kind == "hall" for gate in gates]),
            to_min,
            from_min,
            to_hkd,
            from_hkd,
            found.modes,
            to_km,
            from_km,
        )

    # --- counts ---

    def counts(self, period: str, day: str, gates: Sequence[str]) -> Counts:
        """Counted passengers.

        Parameters
        ----------
        period, day
            A period of the table, and one of :data:`DAY_TYPES`.
        gates
            Control points of a network, in the order of the columns wanted.

        Returns
        -------
        Counts
            Passengers a day by counted group, (direction, gate) each; northbound is direction 0.

        Raises
        ------
        CorridorError
            Where the period or the day type was not counted.
        """
        return counted(self.study.catalog.table("demand_crossings"), period, day, gates)

    def scenario_of(self, period: str) -> str:
        """The scenario whose network ran in a counted period.

        Raises
        ------
        CorridorError
            Where the period is not in the table of periods.
        """
        table = self.study.catalog.table("demand_periods")
        found = {str(row["period_id"]): str(row["scenario_id"]) for row in rows_of(table)}
        if period not in found:
            expected = f"one of {', '.join(found)}"
            raise CorridorError.at("period", f"{period!r} is not known", expected, nearest(period, found))
        return found[period]

    # --- the model ---

    @property
    def assumptions(self) -> Assumptions:
        """Sensitivities and the like, from the table."""
        value = self.parameters
        return Assumptions(
            Scales(
                value["choice_scale_per_min"],
                value["way_nest_coefficient"],
                value["destination_scale_per_min"],
            ),
            value["total_elasticity"],
            self._cost_parameters.of(None),
            value["new_line_constant_min"],
        )

    def model(self, day: str) -> Model:
        """The demand model of a day type, not yet calibrated.

        Parameters
        ----------
        day
            One of :data:`DAY_TYPES`; shares of groups and purposes are those of weekdays, of weekends or of all days.
        """
        return Model(
            self.segments[day], (self.zones.south, self.zones.north), self.third_of_zone, self.assumptions
        )

    @cached_property
    def third_of_zone(self) -> NDArray[np.int64]:
        """Third of the boundary in front of each zone, by the longitude of its centre.

        Returns
        -------
        numpy.ndarray
            (zone,) indices into :data:`THIRDS`. A zone far from the boundary has one too.
        """
        limits = [self.parameters["third_west_middle_lon"], self.parameters["third_middle_east_lon"]]
        lon, _ = project_xy(self.zones.centre_x_m, self.zones.centre_y_m, WORKING, WGS84)
        return np.asarray(np.digitize(lon, limits), dtype=np.int64)

    def calibrated(self, period: str = BASE_PERIOD, day: str = "all", own: Path | None = None) -> Calibrated:
        """The model with constants that reproduce counts: those of a period and day type, or one's own.

        The network is that of the period, and the queues are those of the counts.
        """
        scenario_id = self.scenario_of(period)
        costs, model = self.costs(scenario_id), self.model(day)
        if own:
            counts = own_counts(own, costs.gates, sorted({s.counted_as for s in model.segments}))
        else:
            counts = self.counts(period, day, costs.gates)
        key = (period, day, *((group, counted.tobytes()) for group, counted in counts.by_group.items()))
        if key not in self._calibrated:
            if set(counts.by_group) == {ALL}:
                model = _all_counted_together(model, self.counts(BASE_PERIOD, "all", costs.gates))
            queue_min = self.queue(scenario_id, costs.gates)(counts.passengers)
            self._calibrated[key] = calibrate(model, costs, self.land("census"), counts, queue_min)
        return self._calibrated[key]

    def queue(self, scenario_id: str, gates: Sequence[str]) -> Queue:
        """Minutes of queue beyond the mean day of 2025, by direction and gate; none where the capacity is unknown.

        The wait is that of the busiest hour. Only those who cross in the busy spell meet it, so the mean traveller waits
        that share of it; and no relief takes a clearance below its low end.
        """
        network = self.study.network(scenario_id).network
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

    def demand(
        self, scenario_id: str, *, period: str = BASE_PERIOD, day: str = "all", state: str = "census",
        own: Path | None = None, new_gate_min: float | None = None,
    ) -> Demand:  # fmt: skip
        """Trips a day on a scenario's network and a land state, from the counts of a period and day type.

        `new_gate_min` takes the place of the table's constant for new control points.
        """
        for what, value, known in (("day", day, DAY_TYPES), ("land state", state, LAND_STATES)):
            if value not in known:
                expected = f"one of {', '.join(known)}"
                raise CorridorError.at(what, f"{value!r} is not known", expected, nearest(value, known))
        base, costs = self.calibrated(period, day, own), self.costs(scenario_id)
        if new_gate_min is not None:
            assumptions = replace(base.model.assumptions, new_gate_min=new_gate_min)
            base = replace(base, model=replace(base.model, assumptions=assumptions))
        land = base.land if state == "census" else self.land(state)
        return predict(base, costs, land, self.queue(scenario_id, costs.gates))


def _segments_of(
    group: Mapping[str, Any], purposes: Sequence[Mapping[str, Any]], day: str, worth: Worth, home: int
) -> list[Segment]:
    """Those of one group who travel for business, and the others."""
    column = {"all": "share", "weekend": "share_weekend", "holiday": "share_weekend"}.get(
        day, "share_weekday"
    )
    whole = sum(float(row[column]) for row in purposes)
    found = []
    for name in ("business", "other"):
        part = dict.fromkeys(Attraction._fields, 0.0)
        for row in purposes:
            if (row["purpose"] == "business") == (name == "business"):
                part[str(row["attraction"])] += float(row[column])
        here = sum(part.values())
        if here > 0:
            found.append(
                Segment(
                    str(group["group_id"]),
                    str(group["counted_as"]),
                    name,
                    float(group["share_of_counted"]) * here / whole,
                    home,
                    float(group["outside_share"]),
                    worth(str(group["value_of_time_group"]), name),
                    Attraction(**{kind: share / here for kind, share in part.items()}),
                )
            )
    return found


def _all_counted_together(model: Model, counts: Counts) -> Model:
    """Segments for counts that tell no groups apart: those of `counts` share them out."""
    passengers = {group: float(counted.sum()) for group, counted in counts.by_group.items()}
    whole = sum(passengers.values())
    segments = (
        replace(s, counted_as="all", share=s.share * passengers[s.counted_as] / whole) for s in model.segments
    )
    return replace(model, segments=tuple(segments))
