"""Demand of a study: tables of the catalogue and costs of its networks -> trips by control point, and what changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.access.search.cells import LAND_STATES
from corridor.core.crs import WGS84, WORKING, project_xy
from corridor.core.errors import CorridorError, nearest
from corridor.core.in_memory import Kept
from corridor.demand.calibration import calibrate
from corridor.demand.logit import Scales
from corridor.demand.model import Assumptions, Calibrated, Counts, Model, NetworkCosts, Settled
from corridor.demand.pairs import fitted
from corridor.demand.predict import Demand, Queue, predict, predict_loads
from corridor.demand.segments import BASE_PERIOD, LandUse, Segment, Spell, by_spell
from corridor.demand.zones import Zones
from corridor.network.fares import CostParameters
from corridor.schema.catalog_entry import Role
from corridor.schema.rows import rows_of
from corridor.study import stages
from corridor.study.demand_costs import ZoneCosts, queue_of, spells_of
from corridor.study.demand_counts import ALL, counted, own_counts
from corridor.study.demand_ends import EndNames, own_zones, place_points
from corridor.study.demand_own import OwnFiles
from corridor.study.demand_segments import Shares, all_counted_together, own_shares, segments_of
from corridor.study.demand_trips import OwnTrips, own_trips
from corridor.study.network import ScenarioNetwork

if TYPE_CHECKING:
    from corridor.study.study import Study

F64 = NDArray[np.float64]
Found = TypeVar("Found", Calibrated, Demand)
ROLES: tuple[Role, ...] = (
    "demand_crossings",
    "demand_periods",
    "demand_groups",
    "demand_purposes",
    "demand_parameters",
    "demand_sites",
    "demand_spells",
)
DAY_TYPES = ("all", "weekday", "friday", "weekend", "holiday")
APPLIED_LATER = ("total_elasticity", "new_line_constant_min")
"""Parameters on which no constant depends: they are applied to a scenario, not to the counted network."""
THIRDS = ("west", "middle", "east")
NO_FILES = OwnFiles()


@dataclass(frozen=True)
class Values:
    """Values of a table of parameters (parameter, low, value, high), by id."""

    table: pd.DataFrame
    role: str = "demand_parameters"
    """Of the table, for messages."""

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
            raise CorridorError.at(self.role, f"row {parameter!r} is missing", "a row for it", "add it")
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
        self._costs: Kept[tuple[object, ...], NetworkCosts] = Kept()
        self._calibrated: Kept[tuple[object, ...], Calibrated] = Kept()
        self._land: dict[str, LandUse] = {}

    # --- zones and segments ---

    @cached_property
    def zones(self) -> Zones:
        """Squares of 2 km of one side each."""
        cells = self.study.cells
        return Zones.of(cells.x_m, cells.y_m, cells.side)

    @cached_property
    def zone_ids(self) -> list[str]:
        """Ids of the zones, in their order."""
        return self.zones.ids(self.study.region.sides)

    def segments(self, day: str, shares: Path | None = None) -> tuple[Segment, ...]:
        """Segments of travellers on a type of day in each spell of it, with shares of the catalogue or of a user's own survey."""
        table = self.study.catalog.table
        tables = Shares(table("demand_groups"), table("demand_purposes"))
        found = own_shares(shares, tables) if shares else tables
        return by_spell(segments_of(found, day, self._worth, self.study.region.sides), self.spells)

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
        shares, cells = np.zeros(len(self.zones)), self.study.cells
        stations = self.study.tables.stations.set_index("station_id")
        for row in self.study.catalog.table_if_any("demand_gateways").itertuples():
            station = stations.loc[str(row.station_id)]
            x_m, y_m = project_xy(float(station["lon"]), float(station["lat"]))
            away = np.hypot(cells.x_m - x_m, cells.y_m - y_m)
            # gateways lead to the rest of the mainland: they are on the north side
            away[cells.side == 0] = np.inf
            shares[self.zones.of_cell[int(away.argmin())]] += float(row.share)
        return shares / shares.sum() if shares.sum() > 0 else shares

    # --- other assumptions ---

    def with_parameter(self, parameter: str, value: float) -> DemandStudy:
        """The same study with another value of a parameter; costs and land are shared, and constants that it does not move."""
        table = self.parameters.table
        other = copy(self)
        other.parameters = Values(
            table.assign(value=table["value"].mask(table["parameter"] == parameter, value))
        )
        other._calibrated = Kept()
        if parameter in APPLIED_LATER:
            for key, known in self._calibrated.items():
                model = replace(known.model, assumptions=other.assumptions)
                other._calibrated[key] = replace(known, model=model)
        return other

    def with_spells(self, spells: tuple[Spell, ...]) -> DemandStudy:
        """The same study with other spells of the day."""
        other = copy(self)
        other.spells = spells
        other._calibrated = Kept()
        return other

    def with_zones(self, size_m: float) -> DemandStudy:
        """The same study with zones of another size, in metres a side."""
        cells, other = self.study.cells, copy(self)
        for of_zones in ("zone_ids", "third_of_zone"):
            vars(other).pop(of_zones, None)
        vars(other)["zones"] = Zones.of(cells.x_m, cells.y_m, cells.side, size_m)
        other._costs, other._calibrated, other._land = Kept(), Kept(), {}
        return other

    # --- costs ---

    @cached_property
    def spells(self) -> tuple[Spell, ...]:
        """Spells of the day in which travellers cross; the first is the main one."""
        return spells_of(self.study.catalog.table("demand_spells"))

    def costs(self, scenario_id: str) -> NetworkCosts:
        """Generalised minutes between zones and the gates of a scenario's network, in all spells of the day."""
        ways = self.zone_costs
        key = (scenario_id, ways.spells, ways.scale_per_min, ways.clearance_part)
        return self._costs.known(key, lambda: ways.of_scenario(scenario_id))

    @property
    def zone_costs(self) -> ZoneCosts:
        """Works out costs between the zones and the gates of any network."""
        scale_per_min = self.parameters["choice_scale_per_min"]
        return ZoneCosts(
            self.study, self.zones, self.site_of, self.spells, scale_per_min, self._clearance_part
        )

    @property
    def _clearance_part(self) -> float:
        """Generalised minutes that count for each minute of a traveller group's difference in clearance."""
        return self.parameters["group_clearance_part"] * self._cost_parameters.clearance_weight

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

    def model(self, day: str, shares: Path | None = None) -> Model:
        """The demand model of a day type, not yet calibrated.

        Parameters
        ----------
        day
            One of :data:`DAY_TYPES`; shares of groups and purposes are those of weekdays, of weekends or of all days.
        shares
            A user's own shares (:func:`corridor.study.demand_segments.own_shares`).
        """
        segments, sides = self.segments(day, shares), (self.zones.south, self.zones.north)
        return Model(segments, sides, self.third_of_zone, self.assumptions)

    @cached_property
    def third_of_zone(self) -> NDArray[np.int64]:
        """Third of the boundary in front of each zone, by the longitude of its centre.

        Returns
        -------
        numpy.ndarray
            (zone,) indices into :data:`THIRDS`. A zone far from the boundary has one too.
        """
        lon, _ = project_xy(self.zones.centre_x_m, self.zones.centre_y_m, WORKING, WGS84)
        return self.third_at(np.asarray(lon))

    def third_at(self, lon: NDArray[np.float64]) -> NDArray[np.int64]:
        """Third of the boundary in front of places, by their longitudes in degrees: indices into :data:`THIRDS`."""
        return np.asarray(np.digitize(lon, self.third_limits_lon), dtype=np.int64)

    @property
    def third_limits_lon(self) -> tuple[float, float]:
        """Longitudes (degrees) between west and middle, and between middle and east."""
        return self.parameters["third_west_middle_lon"], self.parameters["third_middle_east_lon"]

    def calibrated(self, period: str = BASE_PERIOD, day: str = "all", own: OwnFiles = NO_FILES) -> Calibrated:
        """The model with constants that reproduce counts: those of a period and day type, or one's own.

        The network is that of the period, and the queues are those of the counts. With a user's own trips between zones the
        constants make these pass the control points in the counted shares.
        """
        key = (period, day, *own.hashes)
        return self._calibrated.known(key, lambda: self._calibrate(period, day, own))

    def _calibrate(self, period: str, day: str, own: OwnFiles) -> Calibrated:
        scenario_id = self.scenario_of(period)
        costs, model = self.costs(scenario_id), self.model(day, own.shares)
        if own.counts:
            counts = own_counts(own.counts, costs.gates, sorted({s.counted_as for s in model.segments}))
        else:
            counts = self.counts(period, day, costs.gates)
        trips = self._own_trips(own)
        if set(counts.by_group) == {ALL}:
            model = all_counted_together(model, self.counts(BASE_PERIOD, "all", costs.gates))
        if trips and own.trips:
            model = model.in_open_spells(costs, counts)
            model, counts = fitted(model, trips.of(model, counts, own.trips.name), costs, counts)
        queue_min = self.queue(scenario_id, costs.gates)(counts.passengers)

        def search(start: Settled | None) -> Calibrated:
            return calibrate(model, costs, self.land("census"), counts, queue_min, start)

        return self._settled("calibration", self._rests_on(period, day, own), search)

    def _settled(self, what: str, depends_on: list[str], search: Callable[[Settled | None], Found]) -> Found:
        """Search a fixed point, in one round where an earlier run found it.

        Only where it ended is kept, under all layers and what it depends on besides: trips between all zones take 170 MB.
        """
        found: list[Found] = []

        def made() -> Settled:
            found.append(search(None))
            return found[0].settled

        start = self.study.known(Settled, what, depends_on, made)
        return found[0] if found else search(start)

    def _rests_on(self, period: str, day: str, own: OwnFiles) -> list[str]:
        """All that a calibration depends on besides the layers as they are."""
        asked = repr((self.study.parameters, self.spells, period, day))
        network = self.study.stages.mark(stages.NETWORK, self.scenario_of(period))
        return [network, asked, repr(self.parameters.table.to_dict("list")), *own.hashes]

    def _own_trips(self, own: OwnFiles) -> OwnTrips | None:
        """Trips of a user's own file, between zones of the model or of a file of one's own."""
        if not own.trips:
            return None
        study, zones = self.study, self.zones
        ends = EndNames.of(study, zones)
        if own.zones:
            ends = own_zones(own.zones, study, ends)
        groups = [str(group) for group in study.catalog.table("demand_groups")["group_id"]]
        return own_trips(
            own.trips, groups, ends, lambda checks, columns: place_points(checks, columns, study, zones)
        )

    def queue(self, scenario_id: str, gates: Sequence[str]) -> Queue:
        """Minutes of queue at the gates of a scenario's network: see :func:`corridor.study.demand_costs.queue_of`."""
        return queue_of(self.study.network(scenario_id).network, gates)

    def demand(
        self, scenario_id: str, *, period: str = BASE_PERIOD, day: str = "all", state: str = "census",
        own: OwnFiles = NO_FILES, new_gate_min: float | None = None,
    ) -> Demand:  # fmt: skip
        """Trips a day on a scenario's network and a land state, from the counts of a period and day type.

        `own` are a user's files in place of tables; `new_gate_min` takes the place of the table's constant for new control points.
        """
        base, land = self.base(period, day, state, own, new_gate_min)
        costs, network = self.costs(scenario_id), self.study.stages.mark(stages.NETWORK, scenario_id)
        depends_on = [*self._rests_on(period, day, own), network, state, repr(new_gate_min)]

        def search(start: Settled | None) -> Demand:
            return predict(base, costs, land, self.queue(scenario_id, costs.gates), start=start)

        return self._settled("demand", depends_on, search)

    def base(
        self, period: str, day: str, state: str, own: OwnFiles = NO_FILES, new_gate_min: float | None = None
    ) -> tuple[Calibrated, LandUse]:
        """What a prediction starts from, and the land that it is for; parameters are those of :meth:`demand`."""
        own.check(state)
        for what, value, known in (("day", day, DAY_TYPES), ("land state", state, LAND_STATES)):
            if value not in known:
                expected = f"one of {', '.join(known)}"
                raise CorridorError.at(what, f"{value!r} is not known", expected, nearest(value, known))
        base = self.calibrated(period, day, own)
        if new_gate_min is not None:
            assumptions = replace(base.model.assumptions, new_gate_min=new_gate_min)
            base = replace(base, model=replace(base.model, assumptions=assumptions))
        return base, base.land if state == "census" else self.land(state)

    def loads(self, net: ScenarioNetwork, costs: NetworkCosts, base: Calibrated, land: LandUse) -> F64:
        """Trips a day through each gate of any network, (direction, gate): those of :meth:`demand` alone, in half its time.

        Parameters
        ----------
        net, costs
            The network, and its costs (:meth:`costs`, or :attr:`zone_costs` for one that is no scenario's).
        base, land
            From :meth:`base`.
        """
        return predict_loads(base, costs, land, queue_of(net.network, costs.gates))
