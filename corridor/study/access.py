"""Access on the networks of a study: by hour, to hospitals, between hubs, by cost. What scenarios share is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from corridor.access.cost.cost import cost_weights, fare_groups
from corridor.access.cost.departure import CostDeparture, Costing
from corridor.access.cost.hubs import cost_hub_table
from corridor.access.journeys.tables import hub_table
from corridor.access.reach.gravity import Gravity, gravity_from_cells
from corridor.access.reach.reach import Reach, Reached, Start, minutes_to_places, reach_from_cells
from corridor.access.search.cells import Place
from corridor.access.search.departure import Departure, with_clearance
from corridor.access.search.journey import LIMIT_S
from corridor.access.search.parameters import AccessParameters, CostWeights
from corridor.access.surroundings.base import BaseLayer
from corridor.core.cache import Known, made
from corridor.core.crs import WGS84, frame_in_wgs84
from corridor.core.in_memory import Kept
from corridor.network.compiled import CompiledNetwork
from corridor.network.fares import CostParameters
from corridor.network.loads import Travellers
from corridor.study.clock import service_clock
from corridor.study.network import ScenarioNetwork
from corridor.study.places import Gazetteer

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from shapely import MultiPolygon

F32 = NDArray[np.float32]
Counted = Literal["jobs", "residents", "jobs across"]
COUNTED: tuple[Counted, ...] = get_args(Counted)
EVERYBODY = Travellers()
HUB_COLUMNS = (
    "hour", "from_place", "to_place", "minutes", "minutes_low", "minutes_high", "soonest_checkpoint_id", "cost_min",
    "cost_low_min", "cost_high_min", "cost_way_min", "fare_hkd", "checkpoint_id",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Access:
    """Who reaches what on a network, for the cells, hubs and hospitals of a study.

    What :mod:`corridor.study.stages` asks for is kept there: scenarios that differ in works or year alone share it.
    """

    base: BaseLayer
    parameters: AccessParameters
    gazetteer: Gazetteer
    _costed: Kept[CostWeights, BaseLayer] = field(init=False, default_factory=Kept)
    _batches: Kept[tuple[object, ...], Reached] = field(init=False, default_factory=lambda: Kept(2))
    """What edits start from: the batches of a scenario at an hour are some 70 to 80 MB."""
    _areas: dict[bytes, MultiPolygon] = field(init=False, default_factory=dict)

    def release(self) -> None:
        """Free what is large and made again where it is needed: tables of local buses, and what edits start from."""
        self._batches.clear()
        for layer in (self.base, *self._costed.values()):
            layer.release()

    def costing(
        self,
        net: ScenarioNetwork,
        travellers: Travellers = EVERYBODY,
        value_of_time_hkd_h: float | None = None,
    ) -> Costing:
        """See :meth:`corridor.study.study.Study.costing`."""
        fares = net.network.fares
        parameters = fares.cost if fares else CostParameters()
        feeder_hkd = fares.feeder_hkd if fares else 0.0
        weights = cost_weights(parameters, value_of_time_hkd_h or parameters.of(travellers.group))
        costed = self._costed.known(weights, lambda: self.base.costed(weights, feeder_hkd))
        return Costing(fare_groups(net.network, net.compiled), weights, costed, feeder_hkd)

    def departure(self, compiled: CompiledNetwork, hour: str, limit_min: float) -> Departure:
        """Leave at a clock time for anywhere within a limit.

        Parameters
        ----------
        compiled
            The network.
        hour
            Clock time "HH:MM"; before 05:00 it belongs to the service day that began the day before.
        limit_min
            Longest journey, door to door, in minutes.

        Raises
        ------
        ScenarioError
            Where `hour` is no clock time.
        """
        return self.base.departure(
            compiled, service_clock(hour), 60.0 * limit_min, self.parameters.fixed_wait
        )

    def at(self, compiled: CompiledNetwork, hour: str) -> tuple[Reach, F32]:
        """Count opportunities within each cut-off, and take the minutes to every hub, of every cell.

        Parameters
        ----------
        compiled
            The network.
        hour
            Clock time "HH:MM" at which every cell is left.

        Returns
        -------
        Reach
            Jobs and residents within each cut-off of the study, (cell,) each.
        numpy.ndarray
            (hub, cell) expected minutes, float32, hubs in the order of the gazetteer; NaN where a hub is not reached within the
            limit on a hub's minutes or, where it is longer, the longest cut-off.
        """
        asked = self.parameters
        far = self.departure(compiled, hour, max(*asked.cutoffs_min, asked.hub_limit_min))
        near = far.within(60.0 * max(asked.cutoffs_min))
        reached = reach_from_cells(near, self.base, asked.cutoffs_min, keep=False)
        minutes = minutes_to_places(far, self.base, [place for _, place in self.gazetteer.hubs])
        return reached.reach(hour, asked.cutoffs_min), minutes

    def reached(
        self, compiled: CompiledNetwork, hour: str, cutoffs_min: Sequence[int], known: Reached | None = None
    ) -> Reached:
        """Count opportunities within each cut-off, and what another network can start from where this starts from nothing.

        Parameters
        ----------
        compiled
            The network.
        hour
            Clock time "HH:MM" of departure.
        cutoffs_min
            Cut-offs in minutes, door to door.
        known
            What an earlier network reached; batches of destinations whose times cannot differ are taken from it.

        Returns
        -------
        Reached
            Counts (cell, side, cut-off, land state x opportunity), and the batches they came from.
        """
        departure = self._counting(compiled, hour, cutoffs_min)
        return reach_from_cells(departure, self.base, cutoffs_min, known, keep=known is None)

    def _counting(self, compiled: CompiledNetwork, hour: str, cutoffs_min: Sequence[int]) -> Departure:
        # the limit of a whole run, so that a shorter cut-off alone counts the same
        return self.departure(compiled, hour, max(*cutoffs_min, *self.parameters.cutoffs_min))

    def kept_reached(
        self, compiled: CompiledNetwork, hour: str, cutoffs_min: tuple[int, ...], known: Known = made
    ) -> Reached:
        """As :meth:`reached`, kept in memory for the edits that start from this network.

        Only the last two are kept, as each takes some 70 to 80 MB.

        Parameters
        ----------
        compiled, hour, cutoffs_min
            As there.
        known
            Keeps it from one run to the next, where that is wanted.
        """
        clock_s = service_clock(hour)

        def work() -> Reached:
            departure = self._counting(compiled, hour, cutoffs_min)

            def start() -> Start:
                found = reach_from_cells(departure, self.base, cutoffs_min)
                return Start(found.counts, found.batches)

            of = [compiled.fingerprint, repr((clock_s, cutoffs_min, departure.limit_s, departure.fixed_wait))]
            return Reached.again(known(Start, "what edits start from", of, start), departure, self.base)

        return self._batches.known((compiled.fingerprint, clock_s, cutoffs_min), work)

    def minutes_to_nearest(
        self, places: Sequence[Place], compiled: CompiledNetwork, hour: str, limit_min: float
    ) -> F32:
        """Minutes from each cell to the nearest of some places, leaving at an hour.

        Returns
        -------
        numpy.ndarray
            (cell,) float32; NaN where no place is within the limit, and everywhere if there is none.
        """
        if not places:
            return np.full(len(self.base.cells.region), np.nan, dtype=np.float32)
        minutes = minutes_to_places(self.departure(compiled, hour, limit_min), self.base, places)
        return np.asarray(np.fmin.reduce(minutes))

    def gravity(self, compiled: CompiledNetwork, costing: Costing, hour: str) -> Gravity:
        """Opportunities of every cell, discounted by generalised cost: ``sum_j O_j exp(-b c_ij)`` (Hansen 1959).

        Parameters
        ----------
        compiled
            The network.
        costing
            Fares and weights from which the generalised cost c in minutes follows.
        hour
            Clock time "HH:MM"; services and control points count that run within the longest cut-off from then.

        Returns
        -------
        Gravity
            Discounted jobs and residents of each land state and side, by cell; b is ``gravity_per_min`` of the parameters.
        """
        asked = self.parameters
        runs_s = 60.0 * max(asked.cutoffs_min)
        departure = Departure(compiled, service_clock(hour), runs_s, asked.fixed_wait)
        return gravity_from_cells(CostDeparture(departure, costing), asked.gravity_per_min)

    def hub_minutes(self, net: ScenarioNetwork, costing: Costing, hour: str) -> pd.DataFrame:
        """Times, generalised costs and fares between all hubs at an hour.

        Returns
        -------
        pandas.DataFrame
            A row for each ordered pair of hubs, with the columns :data:`HUB_COLUMNS`. Minutes and costs (minutes) are
            at mean clearance times; their low and high figures are at the low and the high end of every clearance time at
            once. NaN where there is no service within the limit.
        """

        points = [net.network.checkpoints[c] for c in net.compiled.cp_ids]
        low = np.array([p.clearance_low_s for p in points], dtype=np.float32)
        high = np.array([p.clearance_high_s for p in points], dtype=np.float32)
        clearance = low, high
        base, hubs = self.base, self.gazetteer.hubs
        departure = self.departure(net.compiled, hour, LIMIT_S / 60.0)
        around = {hub: base.surroundings(departure, place) for hub, place in hubs}
        departures = departure, *(with_clearance(departure, ends) for ends in clearance)
        mean, fast, slow = (hub_table(d, base, hubs, around) for d in departures)
        plain = Departure(net.compiled, service_clock(hour), LIMIT_S, self.parameters.fixed_wait)
        leaving = CostDeparture(plain, costing)
        costs = cost_hub_table(leaving, net.network, departure.network, base, hubs, clearance)
        times = mean.rename(columns={"checkpoint_id": "soonest_checkpoint_id"}).assign(
            hour=hour, minutes_low=fast["minutes"], minutes_high=slow["minutes"]
        )
        both = times.merge(costs, on=["from_place", "to_place"], validate="one_to_one")
        return both[list(HUB_COLUMNS)]

    def hub_areas(self, minutes: F32) -> gpd.GeoDataFrame:
        """The area from which each hub is reached within each cut-off of the study.

        Parameters
        ----------
        minutes
            (hub, cell) of one scenario, as :meth:`at` gives them.

        Returns
        -------
        geopandas.GeoDataFrame
            place_id, cutoff_min, area_ha (hectares) and geometry in EPSG:4326; no row where no cell is reached.
        """
        import geopandas as gpd
        import pandas as pd

        from corridor.access.measures.isochrone import isochrones

        cells, cutoffs = self.base.cells, self.parameters.cutoffs_min
        frames = [
            isochrones(cells.x_m, cells.y_m, of_hub, cutoffs, known=self._areas).assign(place_id=place_id)
            for (place_id, _), of_hub in zip(self.gazetteer.hubs, minutes, strict=True)
        ]
        columns = ["place_id", "cutoff_min", "area_ha", "geometry"]
        if not frames:
            return gpd.GeoDataFrame(columns=columns, geometry="geometry", crs=WGS84)
        whole = pd.concat(frames, ignore_index=True)
        reached = whole.loc[whole["cells"] > 0, columns].astype({"cutoff_min": int})
        return frame_in_wgs84(reached.reset_index(drop=True))


def across(side: NDArray[np.int8], sides: Sequence[str], of_side: Callable[[str], F32]) -> F32:
    """Take for each cell the value of the opposite side of the boundary.

    Parameters
    ----------
    side
        (cell,) 0 on the first side (south), 1 on the second (north).
    sides
        Ids of both sides, south first.
    of_side
        Gives the values (cell,) that count opportunities of one side alone.

    Returns
    -------
    numpy.ndarray
        (cell,) float32.
    """
    south, north = (of_side(name) for name in sides)
    return np.where(side == 0, north, south).astype(np.float32)


def counted(
    reach: Reach, cutoff_min: int, what: Counted, side: NDArray[np.int8], state: str = "census"
) -> F32:
    """Count what every cell reaches within a cut-off.

    Parameters
    ----------
    reach
        Opportunities within each cut-off at one hour.
    cutoff_min
        One of its cut-offs, in minutes.
    what
        "jobs" or "residents" on both sides, or "jobs across": jobs on the opposite side of the boundary alone.
    side
        (cell,) 0 south, 1 north.
    state
        Land state whose opportunities count, such as "census".

    Returns
    -------
    numpy.ndarray
        (cell,) float32.
    """
    if what != "jobs across":
        return reach.of(cutoff_min, what, state)
    return across(side, reach.sides, lambda name: reach.of(cutoff_min, "jobs", state, name))
