"""One scenario, scored: Scenario -> Result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiLineString, Point

from corridor.access.cost.departure import CostDeparture
from corridor.access.cost.hubs import cost_hub_table
from corridor.access.journeys.tables import hub_table
from corridor.access.reach.gravity import Gravity, gravity_from_cells
from corridor.access.reach.minutes import minutes_to_places
from corridor.access.reach.reach import Reach, reach_from_cells
from corridor.access.search.departure import Departure, with_clearance
from corridor.access.search.journey import LIMIT_S
from corridor.core.cache import key_of
from corridor.core.crs import WGS84, WORKING, project
from corridor.ecology.impact.assess import EcologyResult
from corridor.ecology.impact.cases import Assessment, assess_cases
from corridor.ecology.impact.difference import Headline
from corridor.ecology.works.profile import Work
from corridor.network.compiled import CompiledNetwork
from corridor.network.service import DAY_S, Network, service_clock_s
from corridor.schema.scenario import Scenario
from corridor.schema.text import Text
from corridor.study.study import Study, read_clock


@dataclass(frozen=True)
class Result:
    """What one scenario does for access and to nature, with what was asked and how sure it is."""

    scenario: Scenario
    lines: gpd.GeoDataFrame
    """line_id, names, mode, axis, status, added, counterfactual, part_id, structure; EPSG:4326, a row for each part."""
    stations: gpd.GeoDataFrame
    """station_id, names, region, system, status, added, accuracy_m; EPSG:4326."""
    checkpoints: gpd.GeoDataFrame
    """checkpoint_id, names, kind, regime, open, close, clearance_*_min, daily_2025, design_capacity_pax_day, status, changed; EPSG:4326."""
    reach: Mapping[str, Reach]
    """By hour: opportunities within each cut-off, for every cell."""
    cell_hub_minutes: Mapping[str, NDArray[np.float32]]
    """By hour: (hub, cell) minutes from each cell to each hub, NaN where not reached."""
    gravity: Mapping[str, Gravity]
    """By hour: opportunities discounted by generalised cost, for every cell."""
    hospital_minutes: NDArray[np.float32]
    """(cell,) minutes to the nearest public hospital in the morning, NaN where none is reached or known."""
    hub_minutes: pd.DataFrame
    """A row a pair and hour, both ways: :data:`HUB_COLUMNS`. Least expected time with low and high clearance, and the
    control point of that way; least generalised cost likewise, with the minutes and the fare of the cheapest way."""
    ecology: EcologyResult
    headlines: Mapping[str, Headline]
    """Headline figures of the ecology part with low, central and high widths."""

    @property
    def scenario_id(self) -> str:
        """The scenario's id, levers stacked with '+'."""
        return self.scenario.id

    @property
    def title(self) -> Text:
        """The scenario's title."""
        return self.scenario.title

    @property
    def question(self) -> Text:
        """What the scenario asks."""
        return self.scenario.question

    @property
    def counterfactual(self) -> bool:
        """Whether no government proposed it."""
        return self.scenario.counterfactual

    @property
    def year(self) -> int:
        """The year it stands for."""
        return self.scenario.year

    @property
    def assumptions(self) -> tuple[Text, ...]:
        """What is assumed, of the scenario and of the lines it adds."""
        return tuple(
            dict.fromkeys(
                [*self.scenario.assumptions, *(t for w in self.scenario.works for t in w.assumptions)]
            )
        )

    @property
    def footprint(self) -> gpd.GeoDataFrame:
        """Components of every part and site, EPSG:4326."""
        frame = self.ecology.footprint
        return (
            frame.set_geometry(project(frame.geometry.to_numpy(), WORKING, WGS84), crs=WGS84)
            if len(frame)
            else frame
        )

    @property
    def habitat_take(self) -> pd.DataFrame:
        """Habitat under the footprint, by component."""
        return self.ecology.habitat_take

    @property
    def designation_take(self) -> pd.DataFrame:
        """Designated areas under the footprint, by component; areas of different designations overlap."""
        return self.ecology.designation_take

    @property
    def habitat_disturbance(self) -> pd.DataFrame:
        """Habitat near the works and near trains in the open, by band."""
        return self.ecology.habitat_disturbance

    @property
    def corridor_crossings(self) -> pd.DataFrame:
        """Each green corridor against each part of each line."""
        return self.ecology.corridor_crossings

    @property
    def wildlife_conflicts(self) -> pd.DataFrame:
        """Egretries, roosts and flight corridors within 500 m."""
        return self.ecology.wildlife_conflicts


def assess_scenario(study: Study, scenario_id: str) -> Assessment:
    """What a scenario's works take, disturb and cross."""
    return assess_cases(study.works(scenario_id), study.land, study.nature.profile)


def inputs_key(study: Study) -> str:
    """A hash of what all scenarios share: layers, parameters, the program."""
    catalog = study.catalog
    return key_of(
        [
            repr(study.parameters),
            *(entry.model_dump_json() for entry in catalog.entries),
            *(catalog.file_of(entry).read_bytes() for entry in catalog.entries),
        ]
    )


def result_key(study: Study, scenario_id: str, inputs: str) -> str:
    """A hash of everything that the scenario's result depends on; `inputs` as :func:`inputs_key` gives it."""
    return key_of([inputs, study.scenario(scenario_id).model_dump_json()])


def run(study: Study, scenario_id: str, ecology: Callable[[], Assessment] | None = None) -> Result:
    """Score one scenario: access at every hour of the study, and ecology of everything it builds.

    `ecology` may fetch that part from elsewhere, so that many scenarios can be assessed while access is computed.
    """
    scenario = study.scenario(scenario_id)
    net = study.network(scenario_id)
    works = study.works(scenario_id)
    reach, cell_hubs = {}, {}
    for hour in study.parameters.hours:
        key = (net.compiled.fingerprint, hour)
        if key not in study.known_access:
            study.known_access[key] = _access(study, net.compiled, hour)
        reach[hour], cell_hubs[hour] = study.known_access[key]
    nature = ecology() if ecology else assess_scenario(study, scenario_id)
    return Result(
        scenario=scenario,
        lines=_lines(net.network, works),
        stations=_stations(net.network, scenario),
        checkpoints=_checkpoints(net.network),
        reach=reach,
        cell_hub_minutes=cell_hubs,
        gravity={hour: _gravity(study, scenario_id, hour) for hour in study.parameters.cost_hours},
        hospital_minutes=_hospital_minutes(study, net.compiled),
        hub_minutes=_hub_minutes(study, scenario_id),
        ecology=nature.result,
        headlines=nature.headlines,
    )


def _access(study: Study, compiled: CompiledNetwork, hour: str) -> tuple[Reach, NDArray[np.float32]]:
    asked = study.parameters
    start = service_clock_s(read_clock(hour))
    longest_min = max(*asked.cutoffs_min, asked.hub_limit_min)
    far = study.base.departure(compiled, start, 60.0 * longest_min, asked.fixed_wait)
    near = far.within(60.0 * max(asked.cutoffs_min))
    hubs = minutes_to_places(far, study.base, [p for _, p in study.hubs])
    reached = reach_from_cells(near, study.base, asked.cutoffs_min, keep=False)
    return reached.reach(hour, asked.cutoffs_min), hubs


def _hospital_minutes(study: Study, compiled: CompiledNetwork) -> NDArray[np.float32]:
    if not study.hospitals:
        return np.full(len(study.cells.region), np.nan, dtype=np.float32)
    key = (compiled.fingerprint, study.parameters.hours[0])
    if key not in study.known_hospitals:
        start = service_clock_s(read_clock(key[1]))
        limit_s = 60.0 * study.parameters.hub_limit_min
        departure = study.base.departure(compiled, start, limit_s, study.parameters.fixed_wait)
        minutes = minutes_to_places(departure, study.base, study.hospitals)
        study.known_hospitals[key] = np.fmin.reduce(minutes)
    return study.known_hospitals[key]


def _gravity(study: Study, scenario_id: str, hour: str) -> Gravity:
    """Opportunities of every cell, each counted less the dearer the way to it."""
    compiled, costing = study.network(scenario_id).compiled, study.costing(scenario_id)
    key = (compiled.fingerprint, costing.fingerprint, hour)
    if key not in study.known_gravity:
        asked = study.parameters
        start = service_clock_s(read_clock(hour))
        runs_s = 60.0 * max(asked.cutoffs_min)
        leaving = CostDeparture(Departure(compiled, start, runs_s, asked.fixed_wait), costing)
        study.known_gravity[key] = gravity_from_cells(leaving, asked.gravity_per_min)
    return study.known_gravity[key]


HUB_COLUMNS = (
    "hour",
    "from_place",
    "to_place",
    "minutes",
    "minutes_low",
    "minutes_high",
    "soonest_checkpoint_id",
    "cost_min",
    "cost_low_min",
    "cost_high_min",
    "cost_way_min",
    "fare_hkd",
    "checkpoint_id",
)


def _hub_minutes(study: Study, scenario_id: str) -> pd.DataFrame:
    """Hub table at mean clearance, with times and costs at low and high clearance beside it."""
    net, costing = study.network(scenario_id), study.costing(scenario_id)
    points = [net.network.checkpoints[c] for c in net.compiled.cp_ids]
    low = np.array([p.clearance_low_s for p in points], dtype=np.float32)
    high = np.array([p.clearance_high_s for p in points], dtype=np.float32)
    fixed_wait = study.parameters.fixed_wait
    frames = []
    for hour in study.parameters.hours:
        start = service_clock_s(read_clock(hour))
        departure = study.base.departure(net.compiled, start, LIMIT_S, fixed_wait)
        around = {hub: study.base.surroundings(departure, place) for hub, place in study.hubs}
        mean, fast, slow = (
            hub_table(d, study.base, study.hubs, around)
            for d in (departure, with_clearance(departure, low), with_clearance(departure, high))
        )
        leaving = CostDeparture(Departure(net.compiled, start, LIMIT_S, fixed_wait), costing)
        costs = cost_hub_table(leaving, net.network, departure.network, study.base, study.hubs, (low, high))
        times = mean.rename(columns={"checkpoint_id": "soonest_checkpoint_id"}).assign(
            hour=hour, minutes_low=fast["minutes"], minutes_high=slow["minutes"]
        )
        frames.append(times.merge(costs, on=["from_place", "to_place"], validate="one_to_one"))
    return pd.concat(frames, ignore_index=True)[list(HUB_COLUMNS)]


def _names(record: object) -> dict[str, str]:
    names = record.names  # type: ignore[attr-defined]
    return {"name_en": names.en, "name_zh_hant": names.zh_hant, "name_zh_hans": names.zh_hans}


def _lines(network: Network, works: tuple[Work, ...]) -> gpd.GeoDataFrame:
    """Existing lines from stop to stop, and every part of every work along its drawn alignment."""
    rows: list[dict[str, object]] = []
    shapes: list[LineString | MultiLineString] = []
    built = {work.line_id for work in works}
    for line in network.lines.values():
        legs = {
            frozenset((a.station_id, b.station_id))
            for p in network.patterns
            if p.line_id == line.line_id
            for a, b in zip(p.stops[:-1], p.stops[1:], strict=True)
        }
        if not legs or line.line_id in built:
            continue
        rows.append(
            {
                "line_id": line.line_id,
                **_names(line),
                "mode": line.mode,
                "axis": line.axis,
                "status": line.status,
                "added": line.added,
                "counterfactual": False,
                "colour": line.colour,
                "part_id": "",
                "structure": "",
            }
        )
        shapes.append(MultiLineString([_chord(network, *sorted(leg)) for leg in sorted(map(sorted, legs))]))
    for work in works:
        line = network.lines[work.line_id]
        for part in work.parts:
            rows.append(
                {
                    "line_id": work.line_id,
                    **_names(line),
                    "mode": line.mode,
                    "axis": line.axis,
                    "status": work.status,
                    "added": True,
                    "counterfactual": work.counterfactual,
                    "colour": "",
                    "part_id": part.part_id,
                    "structure": part.structure,
                }
            )
            shapes.append(work.course(part))
    return gpd.GeoDataFrame(rows, geometry=project(np.array(shapes, dtype=object), WORKING, WGS84), crs=WGS84)


def _chord(network: Network, a: str, b: str) -> LineString:
    stations = network.stations
    return LineString([(stations[s].x_m, stations[s].y_m) for s in (a, b)])


def _stations(network: Network, scenario: Scenario) -> gpd.GeoDataFrame:
    added = {s for work in scenario.works for s in (*work.opens, *work.stops)}
    added |= {
        s
        for change in scenario.line_changes
        for s in (*(change.stops or ()), *(a.id for a in change.add_stops))
    }
    stations = sorted(network.stations.values(), key=lambda s: s.station_id)
    rows = [
        {
            "station_id": s.station_id,
            **_names(s),
            "region": s.region,
            "system": s.system,
            "status": s.status,
            "added": s.station_id in added and s.status != "existing",
            "accuracy_m": s.accuracy_m,
        }
        for s in stations
    ]
    points = project(np.array([Point(s.x_m, s.y_m) for s in stations], dtype=object), WORKING, WGS84)
    return gpd.GeoDataFrame(rows, geometry=points, crs=WGS84)


def _checkpoints(network: Network) -> gpd.GeoDataFrame:
    points = sorted(
        (c for c in network.checkpoints.values() if c.status in {"existing", "closed"}),
        key=lambda c: c.checkpoint_id,
    )
    rows = [
        {
            "checkpoint_id": c.checkpoint_id,
            **_names(c),
            "kind": c.kind,
            "regime": c.regime,
            "open": _clock(c.open_s),
            "close": _clock(c.close_s),
            "clearance_mean_min": c.clearance_s / 60,
            "clearance_low_min": c.clearance_low_s / 60,
            "clearance_high_min": c.clearance_high_s / 60,
            "clearance_assumed": c.clearance_assumed,
            "daily_2025": c.daily_2025,
            "design_capacity_pax_day": c.design_capacity_pax_day,
            "status": c.status,
            "changed": c.changed,
        }
        for c in points
    ]
    middle = [Point(*np.nanmean([c.south_xy_m, c.north_xy_m], axis=0)) for c in points]
    return gpd.GeoDataFrame(rows, geometry=project(np.array(middle, dtype=object), WORKING, WGS84), crs=WGS84)


def _clock(seconds: float) -> str:
    return "24:00" if seconds == DAY_S else f"{int(seconds) // 3600:02d}:{int(seconds) % 3600 // 60:02d}"
