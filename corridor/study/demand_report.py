"""What the demand of a scenario says against its reference: tables of crossings, relief, thirds, benefit and CO2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.core.notebook import html_table
from corridor.demand.benefit import Benefit, benefits
from corridor.demand.pairs import GivenTrips, PairModel
from corridor.demand.predict import Demand
from corridor.demand.segments import DIRECTIONS
from corridor.network.service import Checkpoint
from corridor.schema.comparison import TODAY
from corridor.study.demand import THIRDS, DemandStudy
from corridor.study.demand_own import OwnFiles
from corridor.study.demand_ranges import ranges
from corridor.study.node_layer import nodes_of, trips_between
from corridor.study.travellers import ALL, Crossed, Travellers

F64 = NDArray[np.float64]
OUTSIDE = "outside"


@dataclass(frozen=True)
class DemandReport:
    """Trips a day of one scenario beside those of a reference, on the same counts, day type and land state.

    Frames are worked out when first asked for. A `trips_per_day` is of the scenario, a `reference_per_day` of the reference.
    """

    demand_study: DemandStudy
    scenario_id: str
    reference_id: str
    period: str
    day: str
    state: str
    own: OwnFiles
    """A user's own files, if they took the place of ours."""
    demand: Demand
    reference: Demand
    with_ranges: bool = False
    """Whether files and pages contain :attr:`ranges`."""

    @property
    def build_out(self) -> str:
        """The share of the planned build-out that counts, by its id; empty for all of it, and on today's people."""
        parameters = self.demand_study.study.parameters
        return "" if self.state == TODAY else parameters.build_out

    @property
    def counted(self) -> str:
        """The period, or the name of the file of one's own counts."""
        return self.own.counts.name if self.own.counts else self.period

    @property
    def given_trips(self) -> GivenTrips | None:
        """What became of a user's own trips between zones; None without them."""
        model = self.demand.base.model
        return model.given if isinstance(model, PairModel) else None

    @property
    def checkpoints(self) -> dict[str, Checkpoint]:
        """Control points of both networks by id."""
        study = self.demand_study.study
        networks = [study.network(i).network for i in (self.reference_id, self.scenario_id)]
        return {str(key): point for network in networks for key, point in network.checkpoints.items()}

    @cached_property
    def travellers(self) -> Travellers:
        """All tables in a record that can be kept without the model."""
        return Travellers(
            self.loads, self.ends, self.third_of_gate, self.benefit, self.new_crossings, self.scenario_id, self.reference_id,
            self.state, self.crossings, self.ends_xy_m, self.benefit_by_district, self.co2, self.by_zone, self.node_trips,
        )  # fmt: skip

    @property
    def crossed(self) -> Crossed:
        """What criteria are read from, with the central constant of new control points alone."""
        new = float(self.demand.loads()[:, self.demand.new_gates].sum())
        return Crossed(self.loads, self.ends, self.third_of_gate, self.benefit, (new, new, new))

    # --- crossings ---

    @cached_property
    def crossings(self) -> pd.DataFrame:
        """A row for each control point, direction and traveller group (and `all`).

        Columns checkpoint_id, direction, group, trips_per_day, reference_per_day and change_per_day.
        """
        rows = pd.concat(
            [_trips(self.demand), _trips(self.reference)], axis=1, keys=["trips_per_day", "reference_per_day"]
        )
        rows = rows.fillna(0.0).assign(change_per_day=lambda t: t["trips_per_day"] - t["reference_per_day"])
        return rows.reset_index()

    @cached_property
    def loads(self) -> pd.DataFrame:
        """A row for each control point and direction: trips_per_day, load_of_capacity, queue_min, reference_queue_min.

        `load_of_capacity` is the busiest hour over the effective capacity (both are a tenth of a day: the load over that of
        the highest day observed). The queues are minutes beyond those of the mean day of 2025, as the mean traveller of the day
        meets them; NaN where the capacity is unknown, since no queue is modelled there.
        """
        network, gates = self.demand_study.study.network(self.scenario_id).network, self.demand.gates
        points, assumed = [network.checkpoints[g] for g in gates], network.clearance
        loads = self.demand.loads()
        capacity = np.array([[point.capacity_pax_hour(d) for point in points] for d in DIRECTIONS])
        before = dict(zip(self.reference.gates, self.reference.queue_min.T, strict=True))
        queue_before = np.array([before.get(g, np.full(len(DIRECTIONS), np.nan)) for g in gates]).T
        known = np.isfinite(capacity)
        columns = {
            "trips_per_day": loads,
            "load_of_capacity": loads * (assumed.peak_hour_share if assumed else np.nan) / capacity,
            "queue_min": np.where(known, self.demand.queue_min, np.nan),
            "reference_queue_min": np.where(known, queue_before, np.nan),
        }
        rows = pd.MultiIndex.from_product([gates, DIRECTIONS], names=["checkpoint_id", "direction"])
        return pd.DataFrame({name: of.T.ravel() for name, of in columns.items()}, rows).reset_index()

    def matrix(self, group: str, direction: int) -> F64:
        """Trips a day between all zones, of the scenario.

        Parameters
        ----------
        group
            A traveller group, business and other purposes together.
        direction
            0 northbound, 1 southbound.

        Returns
        -------
        numpy.ndarray
            (zone, zone), origins by row; 0 within a side, as only trips across the boundary are modelled.
        """
        zones, sides = len(self.demand_study.zones), self.demand.base.model.sides
        found = np.zeros((zones, zones))
        for (segment, d), flow in self.demand.flows.items():
            if segment.group == group and d == direction:
                found[np.ix_(sides[d], sides[1 - d])] += flow.trips
        return found

    def trips_by_zone(self, demand: Demand) -> F64:
        """Trips a day that begin or end in each zone.

        Parameters
        ----------
        demand
            That of the scenario or of the reference.

        Returns
        -------
        numpy.ndarray
            (zone,). Each trip counts at both its ends, so the sum is twice the trips.
        """
        sides, found = demand.base.model.sides, np.zeros(len(self.demand_study.zones))
        for (_, d), flow in demand.flows.items():
            found[sides[d]] += flow.by_origin.sum(axis=0)
            found[sides[1 - d]] += flow.by_destination.sum(axis=0)
        return found

    @cached_property
    def by_zone(self) -> pd.DataFrame:
        """A row for each zone: trips_per_day and reference_per_day that begin or end there, each trip at both its ends."""
        now, before = (self.trips_by_zone(one) for one in (self.demand, self.reference))
        return pd.DataFrame({"trips_per_day": now, "reference_per_day": before})

    @cached_property
    def node_trips(self) -> pd.DataFrame:
        """Trips a day between nodes across the boundary: :func:`corridor.study.node_layer.trips_between`."""
        study, zones = self.demand_study.study, self.demand_study.zones
        return trips_between(nodes_of(study), study.region.sides, zones, (self.demand, self.reference))

    @cached_property
    def new_crossings(self) -> tuple[float, float, float] | None:
        """Trips a day through control points that were not counted, at the low, central and high constant for them.

        The low end of trips belongs to the high end of the constant. None where there is no such control point.
        """
        new = self.demand.new_gates
        if not new.any():
            return None
        study, scenario_id = self.demand_study, self.scenario_id
        low, _, high = study.parameters.ends("new_line_constant_min")
        net, costs = study.study.network(scenario_id), study.costs(scenario_id)

        def at(constant_min: float) -> float:
            base, land = study.base(self.period, self.day, self.state, self.own, constant_min)
            return float(study.loads(net, costs, base, land)[:, new].sum())

        return at(high), float(self.demand.loads()[:, new].sum()), at(low)

    @cached_property
    def ranges(self) -> pd.DataFrame:
        """Main figures at both ends of each assumption: see :func:`corridor.study.demand_ranges.ranges`; takes minutes."""
        return ranges(self)

    # --- thirds of the boundary ---

    @cached_property
    def ends(self) -> pd.DataFrame:
        """Trips a day by the thirds of both ends and the control point, both directions.

        Returns
        -------
        pandas.DataFrame
            south_third, north_third (:data:`corridor.study.demand.THIRDS`), checkpoint_id, trips_per_day, reference_per_day.
        """
        found = [_by_ends(one) for one in (self.demand, self.reference)]
        frame = pd.concat(found, axis=1, keys=["trips_per_day", "reference_per_day"]).fillna(0.0)
        return frame.rename_axis(["south_third", "north_third", "checkpoint_id"]).reset_index()

    @property
    def ends_xy_m(self) -> dict[str, tuple[float, float]]:
        """Where the trips of each side and third begin and end on average in the reference.

        Returns
        -------
        dict
            By side (0 south, 1 north) and third, as in "0 west": x and y in EPSG:4547 metres, centres of zones weighted by
            trips. A third without trips is left out.
        """
        study = self.demand_study
        zones, weight = study.zones, self.trips_by_zone(self.reference)
        found, centres = {}, (zones.centre_x_m, zones.centre_y_m)
        for side in (0, 1):
            for number, third in enumerate(THIRDS):
                here = (zones.side == side) & (study.third_of_zone == number) & (weight > 0)
                if here.any():
                    x, y = (float(np.average(v[here], weights=weight[here])) for v in centres)
                    found[f"{side} {third}"] = x, y
        return found

    @cached_property
    def third_of_gate(self) -> Mapping[str, str]:
        """The third of the boundary that each control point is in."""
        table = self.demand_study.study.catalog.table("demand_sites")
        return dict(zip(table["checkpoint_id"], table["third"], strict=True))

    # --- benefit ---

    @cached_property
    def _benefits(self) -> tuple[Benefit, ...]:
        return benefits(self.demand, self.reference)

    @cached_property
    def benefit(self) -> pd.DataFrame:
        """A row for each traveller group: hours and HKD saved a day, trips new and moved.

        `saved_h` is generalised hours by the log-sum, `saved_half_h` the same by the rule of a half.
        """
        rows = [
            (b.key[0].group, b.logsum_min / 60, b.half_min / 60, b.saved_hkd, b.trips_new, b.trips_moved)
            for b in self._benefits
        ]
        columns = ["group", "saved_h", "saved_half_h", "saved_hkd", "trips_new", "trips_moved"]
        return pd.DataFrame(rows, columns=columns).groupby("group", sort=False).sum().reset_index()

    @cached_property
    def benefit_by_district(self) -> pd.DataFrame:
        """Generalised hours saved a day by district of residence, by the rule of a half.

        What a zone saves is shared out among its cells by residents. Savings of those who live beyond the region are in the row
        `outside`.

        Returns
        -------
        pandas.DataFrame
            district_id, saved_half_h; negative where travellers lose time.
        """
        study, zones = self.demand_study.study, self.demand_study.zones
        land, model = self.demand.land, self.demand.base.model
        residents, saved = study.cells.people(self.state), np.zeros(len(zones))
        beyond_h = 0.0
        for b in self._benefits:
            # home ends hold those from beyond the region too: only the residents' part of a saving is theirs
            share = model.living_inside(b.key, land)
            saved[model.sides[b.key[0].home]] += b.home_min / 60 * share
            beyond_h += float((b.home_min / 60 * (1 - share)).sum())
        whole = zones.sums(residents)[zones.of_cell]
        of_cell = (
            np.divide(residents, whole, out=np.zeros_like(residents), where=whole > 0) * saved[zones.of_cell]
        )
        by_district = pd.Series(of_cell).groupby(study.cells.table["district_id"].to_numpy()).sum()
        by_district[OUTSIDE] = beyond_h
        return by_district.rename("saved_half_h").rename_axis("district_id").reset_index()

    # --- CO2 ---

    @cached_property
    def co2(self) -> pd.DataFrame:
        """Passenger-km and kg of CO2 a day by mode on the network, in both; local buses and feeders are left out.

        Rides are straight lines times a detour, at stated factors a passenger-km: an order of magnitude.
        """
        value = self.demand_study.parameters
        modes = sorted({*self.demand.costs.modes, *self.reference.costs.modes})
        km = [_passenger_km(one, modes) * value["ride_detour"] for one in (self.demand, self.reference)]
        factor = np.array([value[f"co2_{mode}_g_per_pkm"] for mode in modes])
        return pd.DataFrame(
            {
                "mode": modes,
                "passenger_km": km[0],
                "reference_passenger_km": km[1],
                "co2_kg": km[0] * factor / 1000,
                "reference_co2_kg": km[1] * factor / 1000,
            }
        )

    # --- what the model is ---

    @cached_property
    def constants(self) -> pd.DataFrame:
        """Constants that make the model reproduce the counts.

        Returns
        -------
        pandas.DataFrame
            group (as counted), direction, checkpoint_id, constant_min (generalised minutes, 0 in the mean over passengers),
            constant_hkd (at the mean value of time), and large: beyond `large_constant_min` of the table, which points to a
            variable that the model lacks. A control point without passengers has no row.
        """
        base, parameters = self.demand.base, self.demand_study.parameters
        rows = [
            (group, direction, gate, minutes, minutes / 60 * base.model.assumptions.mean_value_of_time_hkd_h)
            for group, constant in base.constant_min.items()
            for d, direction in enumerate(DIRECTIONS)
            for gate, minutes in zip(base.costs.gates, constant[d], strict=True)
            if np.isfinite(minutes)  # a gate without passengers has none
        ]
        frame = pd.DataFrame(
            rows, columns=["group", "direction", "checkpoint_id", "constant_min", "constant_hkd"]
        )
        return frame.assign(large=frame["constant_min"].abs() > parameters["large_constant_min"])

    def _repr_html_(self) -> str:
        both = self.travellers.by_control_point.iterrows()
        rows = [(i, f"{r.trips_per_day:,.0f}", f"{r.change_per_day:+,.0f}") for i, r in both]
        title = f"Crossings a day, {self.scenario_id} against {self.reference_id} (screening aid)"
        return html_table(title, ("control point", "trips a day", "change"), rows)


def _trips(demand: Demand) -> pd.Series:
    groups = (*dict.fromkeys(s.group for s, _ in demand.flows), ALL)
    rows = [
        (gate, direction, group, trips)
        for group in groups
        for direction, loads in zip(DIRECTIONS, demand.loads(None if group == ALL else group), strict=True)
        for gate, trips in zip(demand.gates, loads, strict=True)
    ]
    keys = ["checkpoint_id", "direction", "group"]
    return pd.DataFrame(rows, columns=[*keys, "trips"]).groupby(keys, sort=False)["trips"].sum()


def _by_ends(demand: Demand) -> pd.Series:
    """Trips by third of the south end, third of the north end, and control point."""
    rows: dict[tuple[str, str, str], float] = {}
    for (_, d), flow in demand.flows.items():
        for (a, b, k), trips in np.ndenumerate(flow.by_class):
            south, north = (a, b) if d == 0 else (b, a)
            key = (THIRDS[south], THIRDS[north], demand.gates[k])
            rows[key] = rows.get(key, 0.0) + float(trips)
    return pd.Series(rows)


def _passenger_km(demand: Demand, modes: list[str]) -> F64:
    """Kilometres on vehicles by mode, as the crow flies from ride to ride."""
    total = np.zeros(len(modes))
    for (segment, d), flow in demand.flows.items():
        costs = demand.costs.at(segment.spell)
        where = [modes.index(mode) for mode in costs.modes]
        origin, destination = (demand.base.model.sides[x] for x in (d, 1 - d))
        for trips, km in (
            (flow.by_origin, costs.to_gate_km[:, :, origin]),
            (flow.by_destination, costs.from_gate_km[:, :, destination]),
        ):
            total[where] += np.where(trips > 0, trips * np.where(np.isfinite(km), km, 0.0), 0.0).sum(
                axis=(1, 2)
            )
    return total
