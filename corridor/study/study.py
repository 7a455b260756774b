"""A study: one catalogue of layers, a library of scenarios, and what is computed from them once.

study = Study.bundled()
study.journey("a station", "another", "baseline-2024", "08:30")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.access.cost.choices import Choice, find_choices
from corridor.access.cost.cost import cost_weights, fare_groups
from corridor.access.cost.departure import CostDeparture, Costing
from corridor.access.cost.hubs import hub_choices
from corridor.access.cost.policy import cheapest_policy
from corridor.access.cost.price import priced_journey, with_assumed
from corridor.access.cost.router import CostRouter, find_cheapest
from corridor.access.journeys.router import Asked, Router, find_journey
from corridor.access.journeys.spread import (
    DRAWS,
    SEED,
    ClearanceTimes,
    Spread,
    hub_spread,
    policy_spread,
    soonest_policy,
)
from corridor.access.journeys.tables import travel_table
from corridor.access.reach.gravity import Gravity
from corridor.access.reach.minutes import minutes_to_places
from corridor.access.reach.reach import Reach, Reached
from corridor.access.search.cells import Cells, Place
from corridor.access.search.departure import Departure
from corridor.access.search.journey import LIMIT_S, Journey, Objective, Rates
from corridor.access.search.parameters import AccessParameters, CostWeights
from corridor.access.surroundings.base import BaseLayer
from corridor.core import paths
from corridor.core.containment import inside, raster_at
from corridor.core.crs import project_xy
from corridor.core.errors import CatalogError, Problem, ScenarioError, UnknownStationError
from corridor.core.progress import Progress, silent
from corridor.ecology.land.land import Land
from corridor.ecology.works.profile import Work
from corridor.ecology.works.works import work_from_spec
from corridor.network.bus import BusNetwork
from corridor.network.compiled import CompiledNetwork, compile_graph
from corridor.network.fares import CostParameters, Fares
from corridor.network.graph import build_graph
from corridor.network.loads import Travellers, direction_between, for_travellers, without_queue
from corridor.network.overlay import NetworkTables, build_network
from corridor.network.service import Network, service_clock_s
from corridor.network.stations import Names
from corridor.network.street_ground import StreetGround
from corridor.network.streets import StreetGraph
from corridor.network.walk import Ground
from corridor.schema.catalog import Catalog
from corridor.schema.comparison import FILE as COMPARISON
from corridor.schema.line import LineSpec, clock_s
from corridor.schema.region import Region
from corridor.schema.scenario import Scenario, ScenarioLibrary, nearest, read_proposals
from corridor.study.edit import Edit, KeptKey
from corridor.study.nature import NatureLand

EVERYBODY = Travellers()


@dataclass(frozen=True)
class ScenarioNetwork:
    """A scenario's network: as a record, as a graph to read, and compiled for computing."""

    network: Network
    graph: nx.MultiDiGraph
    compiled: CompiledNetwork


class Study:
    """Layers and scenarios that are compared together; loads and computes on demand, keeps what is shared."""

    def __init__(
        self, catalog: Catalog, scenario_folders: Sequence[Path], parameters: AccessParameters | None = None
    ):
        self.catalog = catalog
        self.parameters = parameters or AccessParameters()
        self._folders = tuple(scenario_folders)
        self._networks: dict[str, ScenarioNetwork] = {}
        self._costed: dict[CostWeights, BaseLayer] = {}
        self.known_access: dict[tuple[str, str], tuple[Reach, NDArray[np.float32]]] = {}
        """By network and hour: scenarios that differ only in what they build share their access."""
        self.known_hospitals: dict[tuple[str, str], NDArray[np.float32]] = {}
        """By network and hour: minutes to the nearest hospital."""
        self.known_gravity: dict[tuple[str, str, str], Gravity] = {}
        """By network, costs and hour."""
        self.kept_reach: dict[KeptKey, Reached] = {}
        """What edits start from."""

    @classmethod
    def bundled(cls) -> Study:
        """The study that travels with the program."""
        return cls(Catalog.bundled(), (paths.scenarios_dir(),))

    @classmethod
    def open(cls, folder: Path) -> Study:
        """A study of one's own: a folder with ``catalog.yaml`` and ``scenarios/``, as ``corridor init`` makes it.

        A catalogue that extends the shipped one brings the shipped scenarios too; a scenario file of the same
        name takes one's place.
        """
        if not (folder / "catalog.yaml").is_file():
            raise CatalogError(
                Problem(
                    str(folder),
                    "holds no catalog.yaml",
                    "the folder of a study",
                    "make one with 'corridor init'",
                )
            )
        catalog = Catalog.open(inside(folder, "catalog.yaml"))
        own = inside(folder, "scenarios")
        for path in own.glob("*.yaml"):
            inside(folder, f"scenarios/{path.name}")
        return cls(catalog, (paths.scenarios_dir(), own) if catalog.homes else (own,))

    @property
    def region(self) -> Region:
        """The two sides of the boundary, and what is said of them."""
        return self.catalog.region

    @property
    def own_scenarios(self) -> tuple[str, ...]:
        """Ids of the scenario files of the study's own folder."""
        return tuple(sorted(p.stem for p in self._folders[-1].glob("*.yaml") if p.name != COMPARISON))

    @property
    def scenario_folders(self) -> tuple[Path, ...]:
        """Where scenario files are, the study's own folder last."""
        return self._folders

    @property
    def comparison_path(self) -> Path:
        """The study's own comparison file, else the shipped one."""
        held = [folder / COMPARISON for folder in reversed(self._folders) if (folder / COMPARISON).is_file()]
        return held[0] if held else paths.scenarios_dir() / COMPARISON

    @property
    def story_path(self) -> Path:
        """Where the study's own story stands, if it has one."""
        return self._folders[-1] / "story" / "story.yaml"

    @cached_property
    def proposals(self) -> dict[str, LineSpec]:
        """Proposed lines by id; none where the catalogue has none."""
        if not self.catalog.having("proposals"):
            return {}
        return read_proposals(self.catalog.path(self.catalog.one("proposals")))

    @cached_property
    def library(self) -> ScenarioLibrary:
        """The scenario files."""
        return ScenarioLibrary(self._folders, self.proposals)

    @cached_property
    def tables(self) -> NetworkTables:
        """Stations, lines and services."""
        return NetworkTables.load(self.catalog)

    @cached_property
    def coastline(self) -> gpd.GeoDataFrame:
        """Land of both sides."""
        return self.catalog.vector("coastline")

    @cached_property
    def districts(self) -> gpd.GeoDataFrame:
        """Districts of both sides."""
        return self.catalog.vector("districts")

    @cached_property
    def ground(self) -> Ground:
        """Where people can walk: by the streets of the catalogue's walking graph, if it has one, else over land."""
        ground = Ground.from_coastline(self.coastline, sides=self.region.sides)
        if self.catalog.having("terrain"):
            ground = ground.with_heights(self.catalog.raster_path("terrain"))
        if not self.catalog.having("walk_graph"):
            return ground
        graph = StreetGraph.load(self.catalog.path(self.catalog.one("walk_graph")))
        return StreetGround.of(ground, graph)

    @cached_property
    def places(self) -> pd.DataFrame:
        """Named hubs."""
        return self.catalog.table("places").set_index("place_id", drop=False)

    @cached_property
    def hubs(self) -> tuple[tuple[str, Place], ...]:
        """The hubs of the hub table."""
        table = self.places
        chosen = table[pd.to_numeric(table["hub"]) == 1] if "hub" in table else table
        return tuple((place_id, self._hub(place_id)) for place_id in chosen.index)

    @cached_property
    def centres(self) -> NDArray[np.bool_]:
        """Which hubs are a centre of work of their side today; planned centres are none yet."""
        table = self.places
        chosen = pd.to_numeric(table["centre"]) == 1 if "centre" in table else table["place_id"].notna()
        return np.array([bool(chosen[place_id]) for place_id, _ in self.hubs])

    @cached_property
    def hospitals(self) -> tuple[Place, ...]:
        """Public hospitals, on the sides whose facilities the catalogue knows."""
        if not self.catalog.having("facilities"):
            return ()
        table = self.catalog.table("facilities")
        listed = table[table["kind"] == "hospital"]
        return tuple(self.position(str(r.facility_id), r.lon, r.lat) for r in listed.itertuples())

    @cached_property
    def cells(self) -> Cells:
        """Populated cells."""
        return Cells.from_table(self.catalog.table("cells"), self.region.sides)

    @cached_property
    def base(self) -> BaseLayer:
        """Walks, local buses and feeders, shared by all scenarios."""
        return BaseLayer(self.cells, self.ground, self.buses if self.parameters.local_buses else None)

    @cached_property
    def buses(self) -> BusNetwork | None:
        """Local buses of the side that has tables of them."""
        if not self.catalog.having("bus_patterns"):
            return None
        return BusNetwork.from_tables(self.catalog.table("bus_stops"), self.catalog.table("bus_patterns"))

    @cached_property
    def land(self) -> Land:
        """Habitat, designations, corridors and wildlife sites."""
        with raster_at(self.catalog.raster_path("habitat")) as raster:
            habitat, transform, nodata = raster.read(1), raster.transform, int(raster.nodata)
        return Land.from_wgs84(
            habitat,
            transform,
            self.catalog.table("habitat_classes"),
            self.catalog.vector_if_any("designations"),
            self.catalog.vector_if_any("green_corridors"),
            self.catalog.vector_if_any("wildlife_sites"),
            nodata=nodata,
        )

    @cached_property
    def nature(self) -> NatureLand:
        """The land as the ecology methods need it: grids, quality, animals, tables of rules."""
        return NatureLand(self.catalog, self.land)

    @cached_property
    def alignments(self) -> Mapping[str, object]:
        """Drawn alignments (WGS84) by line id."""
        frame = self.catalog.vector_if_any("alignments")
        return dict(zip(frame["line_id"], frame.geometry, strict=True))

    @lru_cache(maxsize=64)  # noqa: B019 - a study lives as long as the program
    def scenario(self, scenario_id: str) -> Scenario:
        """A scenario resolved, levers stacked with '+'."""
        return self.library.resolve(scenario_id)

    def network(self, scenario_id: str) -> ScenarioNetwork:
        """A scenario's network, built once."""
        if scenario_id not in self._networks:
            network = build_network(self.tables, self.scenario(scenario_id))
            graph = build_graph(network, self.ground)
            self._networks[scenario_id] = ScenarioNetwork(network, graph, compile_graph(graph, network))
        return self._networks[scenario_id]

    def edit(self, scenario_id: str) -> Edit:
        """A scenario to try ideas on: see :class:`corridor.study.edit.Edit`."""
        net = self.network(scenario_id)
        return Edit.of(self, self.scenario(scenario_id), net.network, net.compiled)

    def network_for(self, scenario_id: str, travellers: Travellers, direction: str) -> ScenarioNetwork:
        """A scenario's network with the clearance times of some travellers in one direction."""
        net = self.network(scenario_id)
        if travellers.are_all:
            return net
        network = for_travellers(net.network, travellers, direction)
        clear = [network.checkpoints[c].clearance_s for c in net.compiled.cp_ids]
        compiled = replace(net.compiled, cp_clear_s=np.array(clear, dtype=np.float32))
        return ScenarioNetwork(network, net.graph, compiled)

    def costing(
        self,
        scenario_id: str,
        travellers: Travellers = EVERYBODY,
        value_of_time_hkd_h: float | None = None,
    ) -> Costing:
        """What generalised costs of a scenario's network are worked out from, for one traveller group.

        A value of time takes the place of the group's own; infinite, money does not count.
        """
        net = self.network(scenario_id)
        fares = net.network.fares
        parameters = fares.cost if fares else CostParameters()
        weights = cost_weights(parameters, value_of_time_hkd_h or parameters.of(travellers.group))
        feeder_hkd = fares.feeder_hkd if fares else 0.0
        if weights not in self._costed:
            self._costed[weights] = self.base.costed(weights, feeder_hkd)
        groups = fare_groups(net.network, net.compiled)
        return Costing(groups, weights, self._costed[weights], feeder_hkd)

    def works(self, scenario_id: str) -> tuple[Work, ...]:
        """What a scenario builds, ready for the ecology part."""
        scenario = self.scenario(scenario_id)
        table = self.tables.stations
        x, y = project_xy(table["lon"].to_numpy(float), table["lat"].to_numpy(float))
        xy = {s: (float(a), float(b)) for s, a, b in zip(table["station_id"], x, y, strict=True)}
        for edit in scenario.moved_stations:
            east, north = project_xy(*edit.lonlat)
            xy[edit.id] = (float(east), float(north))
        drawn = [spec for spec in scenario.works if spec.alignment or spec.profile or spec.sites or spec.runs]
        missing = [s for s in drawn if s.alignment not in self.alignments]
        if missing:
            raise ScenarioError(
                [
                    Problem(
                        f"{scenario_id}: line {s.id}",
                        f"alignment {s.alignment!r} is not known",
                        "a line_id of the alignments layer",
                        nearest(str(s.alignment), self.alignments),
                    )
                    for s in missing
                ]
            )
        return tuple(
            work_from_spec(s, self.alignments[str(s.alignment)], xy, scenario.counterfactual) for s in drawn
        )

    def place(self, text: str, scenario_id: str) -> Place:
        """A station, hall or hub by id or by name in any script, or a position "lon,lat".

        Raises :class:`UnknownStationError` with the nearest names, or with the choices where a name is ambiguous.
        """
        stripped = text.strip()
        if position := _lonlat(stripped):
            return self.position(stripped, *position)
        net = self.network(scenario_id)
        if stripped in net.compiled.index:
            return _point_place(net, stripped)
        if stripped in self.places.index:
            return self._hub(stripped)
        folded = stripped.casefold()
        stations = [s.station_id for s in net.network.stations.values() if folded in _folded(s.names)]
        main = [i for i in stations if net.network.stations[i].system not in {"light_rail", "road", "ferry"}]
        if (
            len(main or stations) == 1
        ):  # a railway station before the tram or bus stop or pier of the same name
            return _point_place(net, (main or stations)[0])
        rows = self.places[[folded in _folded(_row_names(r)) for r in self.places.itertuples()]]
        if not stations and len(rows) == 1:
            return self._hub(str(rows["place_id"].iloc[0]))
        if stations:
            raise UnknownStationError(
                Problem(
                    f"place {text!r}", "is ambiguous", "one of " + ", ".join(sorted(stations)), "give the id"
                )
            )
        known = [
            *net.compiled.index,
            *self.places.index,
            *(s.names.en for s in net.network.stations.values()),
        ]
        raise UnknownStationError(
            Problem(
                f"place {text!r}",
                "is not known",
                "a station, control point hall or hub, by id or name, or lon,lat",
                nearest(stripped, known),
            )
        )

    def position(self, name: str, lon: float, lat: float, where: str = "") -> Place:
        """A position on land; its side is read off the coastline. `where` says in messages where it is written."""
        x, y = (float(v) for v in project_xy(lon, lat))
        region = self.ground.region_at(x, y)
        if region is None:
            hint = (
                "swap lon and lat"
                if self.ground.region_at(*(float(v) for v in project_xy(lat, lon)))
                else "move it onto land"
            )
            raise UnknownStationError(
                Problem(
                    where or f"position {name}",
                    f"{name!r}, lon {lon}, lat {lat} is not on land of the study area"
                    if where
                    else f"lon {lon}, lat {lat} is not on land of the study area",
                    "a place on land",
                    hint,
                )
            )
        return Place(name, None, x, y, region)

    def _positions(self, frame: pd.DataFrame, problems: list[Problem]) -> list[Place]:
        """The places of a table with columns id, lon, lat; what is wrong is noted by the label of its row."""
        places = []
        for row in frame.itertuples():
            where = row.Index if isinstance(row.Index, str) else f"row {row.Index}"
            try:
                places.append(self.position(str(row.id), float(row.lon), float(row.lat), where))
            except UnknownStationError as error:
                problems += error.problems
        return places

    def _hub(self, place_id: str) -> Place:
        row = self.places.loc[place_id]
        station = row.get("station_id")
        x, y = (float(v) for v in project_xy(row["lon"], row["lat"]))
        return Place(
            str(row["name_en"]), station if isinstance(station, str) else None, x, y, str(row["region"])
        )

    def journey(
        self,
        origin: str,
        destination: str,
        scenario_id: str,
        at: str,
        *,
        group: str | None = None,
        load: float = 1.0,
        least: Objective = "cost",
    ) -> Journey:
        """The expected journey of least generalised cost between two places, leaving at a clock time "HH:MM".

        `group` is a traveller group (default: the mean of all), `load` the passengers over the mean day of 2025; the
        direction is that of the journey. With `least` "time" it is the journey of least expected time.
        """
        travellers = Travellers(group, load)
        asked, direction, net = self._asked(origin, destination, scenario_id, at, travellers)
        costing = self.costing(scenario_id, travellers)
        if least == "time":
            found = find_journey(net.network, net.compiled, self.base, asked)
            found = priced_journey(found, costing, net.compiled)
        else:
            found = find_cheapest(net.network, net.compiled, self.base, asked, costing)
        unknown = without_queue(net.network, direction)
        found = replace(found, direction=direction, group=group, load=load, no_queue=unknown)
        return _at_rates(found, costing, net.network.fares)

    def _asked(
        self, origin: str, destination: str, scenario_id: str, at: str, travellers: Travellers
    ) -> tuple[Asked, str, ScenarioNetwork]:
        """What is asked, in which direction, and the network as these travellers meet it."""
        start, end = self.place(origin, scenario_id), self.place(destination, scenario_id)
        direction = direction_between(start.region, end.region, self.region.sides)
        net = self.network_for(scenario_id, travellers, direction)
        return Asked(start, end, read_clock(at), self.parameters.fixed_wait), direction, net

    def choices(
        self,
        origin: str,
        destination: str,
        scenario_id: str,
        at: str,
        *,
        group: str | None = None,
        load: float = 1.0,
    ) -> tuple[Choice, ...]:
        """Ways that no other beats in both minutes and dollars: see :mod:`corridor.access.cost.choices`.

        Values of time are the low, central and high ones of the group, and one at which money does not count.
        """
        travellers = Travellers(group, load)
        asked, _, net = self._asked(origin, destination, scenario_id, at, travellers)
        router = Router.of(net.network, net.compiled, self.base, asked)
        found = find_choices(router, self._departures(scenario_id, net, at, travellers))
        if not found:
            raise router.no_way(())
        fares = net.network.fares
        return tuple(replace(c, legs=with_assumed(c.legs, fares)) for c in found) if fares else found

    def hub_choices(self, scenario_id: str, at: str) -> pd.DataFrame:
        """The same for every pair of hubs, both ways: see :func:`corridor.access.cost.hubs.hub_choices`."""
        net = self.network(scenario_id)
        departures = self._departures(scenario_id, net, at, EVERYBODY)
        return hub_choices(departures, net.network, self._departure(net, at).network, self.base, self.hubs)

    def _departures(
        self, scenario_id: str, net: ScenarioNetwork, at: str, travellers: Travellers
    ) -> dict[float, CostDeparture]:
        """By value of time: those of a group, and infinite."""
        parameters = net.network.fares.cost if net.network.fares else CostParameters()
        clock = service_clock_s(read_clock(at))
        departure = Departure(net.compiled, clock, LIMIT_S, self.parameters.fixed_wait)
        values = dict.fromkeys((*parameters.values_of(travellers.group), float("inf")))
        return {v: CostDeparture(departure, self.costing(scenario_id, travellers, v)) for v in values}

    def spread(
        self,
        origin: str,
        destination: str,
        scenario_id: str,
        at: str,
        draws: int = DRAWS,
        seed: int = SEED,
        *,
        group: str | None = None,
        load: float = 1.0,
        least: Objective = "cost",
    ) -> Spread:
        """Percentiles of the time between two places over random service phases and clearance times.

        The same policy as :meth:`journey`, simulated `draws` times from a fixed seed; raises
        :class:`UnreachableError` where there is no way.
        """
        travellers = Travellers(group, load)
        asked, _, net = self._asked(origin, destination, scenario_id, at, travellers)
        router = Router.of(net.network, net.compiled, self.base, asked)
        departure = self._departure(net, at)
        if least == "time":
            policy = soonest_policy(departure, self.base, asked.origin, asked.destination)
        else:
            plain = replace(departure, network=net.compiled, _clocked={})
            costing = self.costing(scenario_id, travellers)
            policy = cheapest_policy(CostRouter(router, CostDeparture(plain, costing)))
        if policy is None:
            raise router.no_way(())
        return policy_spread(policy, departure, _clearance_times(net), _draws(draws), seed)

    def hub_spread(self, scenario_id: str, at: str, draws: int = DRAWS, seed: int = SEED) -> pd.DataFrame:
        """Percentiles in minutes for every pair of hubs, both ways, of the policy of least expected time.

        See :func:`corridor.access.journeys.spread.hub_spread`.
        """
        net = self.network(scenario_id)
        departure, clearance = self._departure(net, at), _clearance_times(net)
        around = {hub: self.base.surroundings(departure, place) for hub, place in self.hubs}
        return hub_spread(departure, self.base, self.hubs, around, clearance, _draws(draws), seed)

    def cell_minutes(
        self, places: Sequence[Place], scenario_id: str, at: str, limit_min: float = 90.0
    ) -> NDArray[np.float32]:
        """Minutes from every cell to each place (place, cell), NaN where it takes more than `limit_min`."""
        compiled, clock = self.network(scenario_id).compiled, service_clock_s(read_clock(at))
        departure = self.base.departure(compiled, clock, 60.0 * limit_min, self.parameters.fixed_wait)
        return minutes_to_places(departure, self.base, places)

    def _departure(self, net: ScenarioNetwork, at: str) -> Departure:
        clock = service_clock_s(read_clock(at))
        return self.base.departure(net.compiled, clock, LIMIT_S, self.parameters.fixed_wait)

    def times(
        self,
        origins: pd.DataFrame,
        destinations: pd.DataFrame,
        scenario_id: str,
        at: str,
        progress: Progress = silent,
    ) -> pd.DataFrame:
        """Minutes from every origin to every destination (columns id, lon, lat): from, to, minutes (NaN: no way).

        An :class:`UnknownStationError` names every place that is not on land, by the label of its row.
        """
        net = self.network(scenario_id)
        problems: list[Problem] = []
        start = self._positions(origins, problems)
        end = start if destinations is origins else self._positions(destinations, problems)
        if problems:
            raise UnknownStationError(problems)
        return travel_table(
            net.compiled, self.base, start, end, read_clock(at), self.parameters.fixed_wait, progress
        )


def _clearance_times(net: ScenarioNetwork) -> ClearanceTimes:
    """Means and 90th percentiles: the high end of a range is read as what nine of ten stay under."""
    points = [net.network.checkpoints[c] for c in net.compiled.cp_ids]
    mean, high = ([getattr(p, f) for p in points] for f in ("clearance_s", "clearance_high_s"))
    return ClearanceTimes.of(np.array(mean, dtype=float), np.array(high, dtype=float))


def _at_rates(journey: Journey, costing: Costing, fares: Fares | None) -> Journey:
    """A journey with what its money and minutes were counted at, and the fares that are assumptions marked."""
    if fares is None:
        return replace(journey, fare_hkd=float("nan"), rates=Rates(costing.weights))
    rates = Rates(costing.weights, fares.cost.of(journey.group), fares.cost.cny_per_hkd)
    others = tuple(replace(a, legs=with_assumed(a.legs, fares)) for a in journey.alternatives)
    return replace(journey, legs=with_assumed(journey.legs, fares), alternatives=others, rates=rates)


def _draws(draws: int) -> int:
    if draws < 1:
        raise ScenarioError(Problem("draws", f"{draws}", "1 or more", "write e.g. 2000"))
    return draws


def read_clock(text: str) -> float:
    """Seconds after midnight of "HH:MM"; a :class:`ScenarioError` says what is wrong."""
    try:
        return float(clock_s(text))
    except ValueError:
        raise ScenarioError(
            Problem("hour", f"{text!r}", "a clock time HH:MM between 00:00 and 30:59", "write e.g. 08:30")
        ) from None


def _lonlat(text: str) -> tuple[float, float] | None:
    parts = text.split(",")
    if len(parts) != 2:
        return None
    try:
        lon, lat = float(parts[0]), float(parts[1])
    except ValueError:
        return None
    return (lon, lat) if np.isfinite([lon, lat]).all() else None


def _point_place(net: ScenarioNetwork, point: str) -> Place:
    i = net.compiled.index[point]
    name = net.graph.nodes[point]["name"]
    return Place(name, point, float(net.compiled.x_m[i]), float(net.compiled.y_m[i]), net.compiled.region[i])


def _row_names(row: object) -> Names:
    return Names(*(str(getattr(row, c, "")) for c in ("name_en", "name_zh_hant", "name_zh_hans")))


def _folded(names: Names) -> set[str]:
    return {names.en.casefold(), names.zh_hant.casefold(), names.zh_hans.casefold()}
