"""The stages of a study, each with what it reads and what it makes; :mod:`corridor.study.stage` says how they are kept.

To add one, write a pure function and a line below, after the stages that it reads. The arguments of the function are what it
reads:

- ``catalog``: the layers of the roles in ``layers`` (and those whose ids they name); to read another raises a LookupError;
- ``scenario``, ``parameters``: with the fields that are declared; the others are blank;
- the name of an earlier stage: its result;
- anything else, such as ``hour`` or ``work``: given by whoever asks, ``study.stages.of(REACH, scenario_id, hour="08:30")``.

``makes`` is the full name of the type of a result that is kept, in whose annotations every record in it must be found.
``keep=False`` is for what is quick to make, or cannot be packed (:mod:`corridor.core.packing`). Change a function, and everything is
worked out again: a key holds a hash of the program.

What works needs is imported in the functions: a journey between two places needs no layers of nature.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from corridor.access.search.cells import Cells, cells_when_used
from corridor.access.search.parameters import AccessParameters
from corridor.access.surroundings.base import BaseLayer
from corridor.core.cache import Known
from corridor.network.bus import BusNetwork
from corridor.network.compiled import CompiledNetwork, compile_network
from corridor.network.overlay import NetworkTables, build_network
from corridor.network.service import Network
from corridor.network.walk import Ground
from corridor.schema.catalog import Catalog
from corridor.schema.scenario import Scenario
from corridor.study.access import Access
from corridor.study.layers import read_buses, read_land, read_open_ground, with_streets
from corridor.study.network import ScenarioNetwork
from corridor.study.places import Gazetteer
from corridor.study.stage import Stage

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray
    from shapely.geometry import LineString
    from shapely.geometry.base import BaseGeometry

    from corridor.access.cost.departure import Costing
    from corridor.access.reach.gravity import Gravity
    from corridor.access.reach.reach import Reach
    from corridor.ecology.impact.assess import EcologyResult
    from corridor.ecology.impact.difference import Assessment
    from corridor.ecology.land.land import Land
    from corridor.ecology.works.parameters import ParameterTable
    from corridor.ecology.works.profile import Work
    from corridor.study.line_view import LineView
    from corridor.study.nature import NatureLand
    from corridor.study.zones import Zones


def _alignments(catalog: Catalog) -> Mapping[str, LineString]:
    frame = catalog.vector_if_any("alignments")
    return dict(zip(frame["line_id"], frame.geometry, strict=True))


def _cells(catalog: Catalog, parameters: AccessParameters) -> Cells:
    region = catalog.region
    return Cells.from_table(catalog.table("cells"), region.sides, region.built_out(parameters.build_out))


def _zones(cells: Cells) -> Zones:
    from corridor.study.zones import zones_of

    return zones_of(cells)


def _base(
    cells: Callable[[], Cells],
    ground: Ground,
    buses: BusNetwork | None,
    parameters: AccessParameters,
    known: Known,
) -> BaseLayer:
    # a journey between two places needs no cells
    return BaseLayer(cells_when_used(cells), ground, buses if parameters.local_buses else None, known=known)


def _nature(catalog: Catalog, land: Land) -> NatureLand:
    from corridor.study.nature import NatureLand

    return NatureLand(catalog, land)


def _profile(nature: NatureLand) -> ParameterTable:
    return nature.profile


def _works(
    scenario: Scenario, tables: NetworkTables, alignments: Mapping[str, LineString]
) -> tuple[Work, ...]:
    from corridor.study.works import works_of

    return works_of(scenario, tables.stations, alignments, set(tables.lines["line_id"]))


def _layers(
    network: Network, works: tuple[Work, ...], scenario: Scenario
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    from corridor.study import network_tables

    return (
        network_tables.lines(network, works),
        network_tables.stations(network, scenario),
        network_tables.checkpoints(network),
    )


def _costing(access: Access, net: ScenarioNetwork) -> Costing:
    return access.costing(net)


def _reach(access: Access, compiled: CompiledNetwork, hour: str) -> tuple[Reach, NDArray[np.float32]]:
    return access.at(compiled, hour)


def _gravity(access: Access, compiled: CompiledNetwork, costing: Costing, hour: str) -> Gravity:
    return access.gravity(compiled, costing, hour)


def _hospital(access: Access, compiled: CompiledNetwork, hour: str) -> NDArray[np.float32]:
    hospitals, limit_min = access.gazetteer.hospitals, access.parameters.hub_limit_min
    return access.minutes_to_nearest(hospitals, compiled, hour, limit_min)


def _entrances(access: Access, compiled: CompiledNetwork, hour: str, limit_min: float) -> NDArray[np.float32]:
    return access.minutes_to_nearest(access.gazetteer.entrances, compiled, hour, limit_min)


def _hubs(access: Access, net: ScenarioNetwork, costing: Costing, hour: str) -> pd.DataFrame:
    return access.hub_minutes(net, costing, hour)


def _hub_areas(access: Access, reach: tuple[Reach, NDArray[np.float32]], hour: str) -> gpd.GeoDataFrame:
    return access.hub_areas(reach[1])  # of that hour


def _ecology(works: tuple[Work, ...], land: Land, profile: ParameterTable) -> Assessment:
    from corridor.ecology.impact.difference import assess_cases

    return assess_cases(works, land, profile)


def _account(ecology: Assessment, nature: NatureLand) -> pd.DataFrame:
    import pandas as pd

    from corridor.ecology.appraisal.account import AREAS, KEYS, ecological_account

    if nature.quality is None:
        return pd.DataFrame(columns=[*KEYS, *AREAS])
    return ecological_account(nature.quality, ecology.result.footprint)


def _lengths(scenario: Scenario) -> dict[str, float]:
    return {spec.id: spec.length_km for spec in scenario.works if spec.length_km is not None}


def _shore(catalog: Catalog) -> BaseGeometry:
    import shapely

    from corridor.ecology.impact.long_section import side_outlines

    return shapely.union_all(list(side_outlines(catalog.vector("coastline")).values()))


def _built(works: tuple[Work, ...], lengths: Mapping[str, float], shore: BaseGeometry) -> pd.DataFrame:
    from corridor.study.appraisal.cost import quantities

    return quantities(works, lengths, shore)


def _streams(
    works: tuple[Work, ...], ecology: Assessment, land: Land, profile: ParameterTable
) -> pd.DataFrame:
    from corridor.study.watershed import streams_crossed

    return streams_crossed(works, ecology.result.footprint, land, profile)


def _taken(catalog: Catalog, ecology: Assessment) -> pd.DataFrame:
    from corridor.study.groups import taken

    return taken(ecology.result.footprint, catalog.vector("districts"))


def _line_view(
    work: Work, alone: EcologyResult, land: Land, nature: NatureLand, tables: NetworkTables
) -> LineView:
    from corridor.schema.rows import names
    from corridor.study.line_view import line_view

    return line_view(work, alone, land, nature, names(tables.stations, "station_id"), tables.region.names)


def _crossings(rows: pd.DataFrame, land: Land) -> pd.DataFrame:
    from corridor.ecology.impact.corridors import line_crossings

    return line_crossings(rows, land)


def _bands(footprint: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    from corridor.study.line_view import bands

    return bands(footprint)


def _stated(scenario: Scenario) -> Scenario:
    return scenario


# --- what all scenarios share ---

TABLES = Stage(
    "tables", NetworkTables.load, keep=False,
    layers=(
        "stations", "lines", "patterns", "pattern_stops", "headways", "hours", "interchanges", "checkpoints", "alignments",
        "daily_crossings", "highest_days", "clearance_assumptions", "tariffs", "fare_matrix", "line_fares",
        "cost_parameters", "value_of_time",
    ),
)  # fmt: skip
ALIGNMENTS = Stage("alignments", _alignments, layers=("alignments",), keep=False)
OPEN_GROUND = Stage(
    "open_ground", read_open_ground, "corridor.network.walk.Ground", layers=("coastline", "terrain")
)
GROUND = Stage("ground", with_streets, layers=("walk_graph",), keep=False)
BUSES = Stage("buses", read_buses, "corridor.network.bus.BusNetwork", layers=("bus_stops", "bus_patterns"))
CELLS = Stage("cells", _cells, layers=("cells",), parameters=("build_out",), keep=False)
ZONES = Stage("zones", _zones, "corridor.study.zones.Zones")
GAZETTEER = Stage("gazetteer", Gazetteer, layers=("places", "facilities", "entrances"), keep=False)
BASE = Stage("base", _base, parameters=("local_buses",), later=("cells",), keep=False)
ACCESS = Stage(
    "access", Access, keep=False, parameters=("cutoffs_min", "hub_limit_min", "gravity_per_min", "fixed_wait")
)
LAND = Stage(
    "land", read_land, keep=False,
    layers=("habitat", "habitat_classes", "designations", "green_corridors", "wildlife_sites", "streams"),
)  # fmt: skip
NATURE = Stage(
    "nature", _nature, keep=False,
    layers=(
        "habitat_classes", "threats", "sensitivity", "land_use", "coastline", "taxa", "taxon_resistance", "taxon_cores",
        "compensation", "significance", "profile_parameters", "seasonal_rules",
    ),
)  # fmt: skip
PROFILE = Stage("profile", _profile, "corridor.ecology.works.parameters.ParameterTable")

# --- a scenario's network, and what is built ---

NETWORK = Stage(
    "network", build_network, "corridor.network.service.Network",
    scenario=(
        "id", "date", "works", "removed_lines", "line_changes", "added_stations", "moved_stations", "closed_stations",
        "checkpoint_edits",
    ),
)  # fmt: skip
COMPILED = Stage("compiled", compile_network, "corridor.network.compiled.CompiledNetwork")
NET = Stage("net", ScenarioNetwork, keep=False)
WORKS = Stage(
    "works", _works, "tuple[corridor.ecology.works.profile.Work, ...]",
    scenario=("id", "counterfactual", "works", "added_stations", "moved_stations"),
)  # fmt: skip
LAYERS = Stage("layers", _layers, "builtins.tuple", scenario=("works", "line_changes"))
"""Lines, stations and control points, EPSG:4326."""

# --- who reaches what, by hour ---

COSTING = Stage("costing", _costing, keep=False, mark=lambda c: c.fingerprint)
REACH = Stage("reach", _reach, "tuple[corridor.access.reach.reach.Reach, numpy.ndarray]")
GRAVITY = Stage("gravity", _gravity, "corridor.access.reach.gravity.Gravity")
HOSPITAL = Stage("hospital", _hospital, "numpy.ndarray")
ENTRANCES = Stage("entrances", _entrances, "numpy.ndarray")
HUBS = Stage("hubs", _hubs, "pandas.DataFrame")
HUB_AREAS = Stage("hub_areas", _hub_areas, "geopandas.GeoDataFrame")

# --- what it does to nature ---

ECOLOGY = Stage("ecology", _ecology, "corridor.ecology.impact.difference.Assessment")

ACCOUNT = Stage("account", _account, "pandas.DataFrame")
"""Hectares and quality of every habitat on every side, before and after the works."""

LENGTHS = Stage("lengths", _lengths, "builtins.dict", scenario=("works",))
SHORE = Stage("shore", _shore, layers=("coastline",), keep=False)
BUILT = Stage("built", _built, "pandas.DataFrame")
"""Kilometres and stations that are built (:func:`corridor.study.appraisal.cost.quantities`)."""
STREAMS = Stage("streams", _streams, "pandas.DataFrame")
TAKEN = Stage("taken", _taken, "pandas.DataFrame", layers=("districts",))

LINE_VIEW = Stage("line_view", _line_view, "corridor.study.line_view.LineView")
CROSSINGS = Stage("crossings", _crossings, "pandas.DataFrame")
BANDS = Stage("bands", _bands, "geopandas.GeoDataFrame")

# --- what is written ---

STATED = Stage(
    "stated",
    _stated,
    scenario=tuple(f for f in Scenario.model_fields if f not in ("places", "overruled")),
    keep=False,
)
TRAVELLERS: Stage[Any] = Stage("travellers", None, "corridor.study.travellers.Travellers")
"""Who crosses where on a land state, beside the reference: :mod:`corridor.study.compared_demand` predicts it."""
WRITTEN: Stage[Any] = Stage("written", None, "corridor.web.written.Written")
"""The files of a comparison, of all that the study has: :mod:`corridor.web.written` looks for them and makes them."""

TABLE: tuple[Stage[Any], ...] = tuple(one for one in list(globals().values()) if isinstance(one, Stage))
"""Every stage, each after those that it reads."""
