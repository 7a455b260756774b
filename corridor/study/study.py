"""A study: one catalogue of layers, a library of scenarios, and what is computed from them once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from corridor.access.cost.choices import Choice
from corridor.access.cost.departure import Costing
from corridor.access.journeys.spread import DRAWS, SEED, Spread
from corridor.access.search.cells import Cells, Place
from corridor.access.search.journey import Journey, Objective
from corridor.access.surroundings.base import BaseLayer
from corridor.core.errors import Problems, UnknownStationError
from corridor.core.notebook import html_table
from corridor.core.progress import Progress, silent
from corridor.demand.segments import BASE_PERIOD
from corridor.network.bus import BusNetwork
from corridor.network.compiled import compile_network
from corridor.network.loads import Travellers, direction_between
from corridor.network.overlay import NetworkTables, build_network
from corridor.network.walk import Ground
from corridor.schema.scenario import Scenario
from corridor.study import stages
from corridor.study.access import EVERYBODY, Access
from corridor.study.clock import service_clock
from corridor.study.files import StudyFiles
from corridor.study.journeys import Leaving, Trip
from corridor.study.network import ScenarioNetwork
from corridor.study.places import Gazetteer
from corridor.study.stage import Stages

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx
    import pandas as pd

    from corridor.ecology.land.land import Land
    from corridor.ecology.works.profile import Work
    from corridor.study.demand import DemandStudy
    from corridor.study.demand_report import DemandReport
    from corridor.study.edit import Edit
    from corridor.study.nature import NatureLand


class Study(StudyFiles):
    """Layers and scenarios that are compared together.

    Everything is loaded and computed on demand and kept for the life of the study: networks by scenario, walks and local
    buses once for all of them. Places are ids or names, in any script, of stations, control point halls and hubs, or
    positions "lon,lat" (EPSG:4326). Hours are clock times "HH:MM"; after midnight a day of service goes on to "30:59".

    Parameters
    ----------
    catalog, scenario_folders, parameters, kept
        As of :class:`corridor.study.files.StudyFiles`.

    Raises
    ------
    CatalogError, LayerError
        When a layer is first needed, with every problem of it.

    Examples
    --------
    >>> study = Study.bundled()
    >>> study.journey("Hung Shui Kiu", "Qianhai", "western-2035", "08:30").time_s / 60  # doctest: +SKIP
    """

    @classmethod
    def of(cls, files: StudyFiles) -> Self:
        """A study of files that are open, with the scenarios that were added to their library.

        Where they are one already, it is that one.
        """
        if isinstance(files, cls):
            return files
        made = cls(files.catalog, files.scenario_folders)
        vars(made).update(vars(files))  # what is read of them already, too
        return made

    @cached_property
    def stages(self) -> Stages:
        """What is computed from layers and scenarios, each once."""
        return Stages(self, stages.TABLE, str(self.scenario_folders[-1].absolute()))

    # --- layers ---

    @property
    def tables(self) -> NetworkTables:
        """Stations, lines and services."""
        return self.stages.of(stages.TABLES)

    @cached_property
    def coastline(self) -> gpd.GeoDataFrame:
        """Land of both sides, EPSG:4326."""
        return self.catalog.vector("coastline")

    @cached_property
    def districts(self) -> gpd.GeoDataFrame:
        """Districts of both sides, EPSG:4326."""
        return self.catalog.vector("districts")

    @property
    def alignments(self) -> Mapping[str, object]:
        """Drawn alignments (EPSG:4326) by line id."""
        return self.stages.of(stages.ALIGNMENTS)

    @property
    def ground(self) -> Ground:
        """Where people can walk."""
        return self.stages.of(stages.GROUND)

    @property
    def buses(self) -> BusNetwork | None:
        """Local buses."""
        return self.stages.of(stages.BUSES)

    @property
    def cells(self) -> Cells:
        """Populated cells."""
        return self.stages.of(stages.CELLS)

    @property
    def base(self) -> BaseLayer:
        """Walks, local buses and feeders, shared by all scenarios."""
        return self.stages.of(stages.BASE)

    @property
    def access(self) -> Access:
        """Who reaches what, on any network of the study."""
        return self.stages.of(stages.ACCESS)

    @property
    def land(self) -> Land:
        """Habitat, designations, corridors and wildlife sites."""
        return self.stages.of(stages.LAND)

    @property
    def nature(self) -> NatureLand:
        """The land as the ecology methods need it: grids, quality, animals, tables of rules."""
        return self.stages.of(stages.NATURE)

    # --- places ---

    @property
    def gazetteer(self) -> Gazetteer:
        """Places by name."""
        return self.stages.of(stages.GAZETTEER)

    @property
    def places(self) -> pd.DataFrame:
        """The table of named places, by place_id."""
        return self.gazetteer.table

    @property
    def hubs(self) -> tuple[tuple[str, Place], ...]:
        """The named places between which times are compared, with their ids."""
        return self.gazetteer.hubs

    def place(self, text: str, scenario_id: str) -> Place:
        """Find a place among the stations of a scenario: see :meth:`corridor.study.places.Gazetteer.find`."""
        return self.gazetteer.find(text, self.network(scenario_id))

    def position(self, name: str, lon: float, lat: float) -> Place:
        """A position on land (EPSG:4326); its side is read off the coastline."""
        return self.gazetteer.position(name, lon, lat)

    # --- scenarios ---

    def network(self, scenario_id: str) -> ScenarioNetwork:
        """A scenario's network, built once."""
        return self.stages.of(stages.NET, scenario_id)

    def network_of(self, scenario: Scenario) -> ScenarioNetwork:
        """The network of a resolved scenario that need not be one of the library, built and compiled."""
        network = build_network(self.tables, scenario)
        return ScenarioNetwork(network, compile_network(network, self.ground))

    def graph(self, scenario_id: str) -> nx.MultiDiGraph:
        """A scenario's network as a graph to read and walk through with NetworkX (:mod:`corridor.network.graph`)."""
        from corridor.network.graph import build_graph

        return build_graph(self.network(scenario_id).network, self.ground)

    def edit(self, scenario_id: str) -> Edit:
        """Begin an edit: a scenario to try ideas on, rescored in seconds (:class:`corridor.study.edit.Edit`).

        >>> Study.bundled().edit("both-2035").headway("hswrl", 4).score("08:30").table  # doctest: +SKIP
        """
        from corridor.study.edit import Edit

        scenario, net = self.scenario(scenario_id), self.network(scenario_id)
        return Edit(self.tables, self.proposals, self.access, scenario, net, scenario)

    def works(self, scenario_id: str) -> tuple[Work, ...]:
        """Place what a scenario builds on the ground (EPSG:4547): lines part by part, and sites.

        Raises
        ------
        ScenarioError
            Naming every line whose alignment is not in the alignments layer.
        """
        return self.stages.of(stages.WORKS, scenario_id)

    def costing(
        self, scenario_id: str, travellers: Travellers = EVERYBODY, value_of_time_hkd_h: float | None = None
    ) -> Costing:
        """Weigh minutes and money for one traveller group on a scenario's network.

        A value of time in HKD an hour takes the place of the group's own; at infinity money does not count.
        """
        return self.access.costing(self.network(scenario_id), travellers, value_of_time_hkd_h)

    # --- journeys and times ---

    def _leaving(
        self, scenario_id: str, at: str, who: Travellers = EVERYBODY, direction: str = "both"
    ) -> Leaving:
        net = self.network(scenario_id).for_travellers(who, direction)
        costing = partial(self.costing, scenario_id, who)
        return Leaving(net, self.base, who, service_clock(at), self.parameters.fixed_wait, costing)

    def _trip(self, places: tuple[str, str], scenario_id: str, at: str, who: Travellers) -> Trip:
        start, end = self.gazetteer.find_two(*places, self.network(scenario_id))
        direction = direction_between(start.region, end.region, self.region.sides)
        return Trip(self._leaving(scenario_id, at, who, direction), start, end, direction)

    def journey(
        self, origin: str, destination: str, scenario_id: str, at: str, *, group: str | None = None, load: float = 1.0,
        least: Objective = "cost",
    ) -> Journey:  # fmt: skip
        """Find the expected journey between two places.

        Parameters
        ----------
        origin, destination
            Places by id, name or "lon,lat" (EPSG:4326).
        scenario_id
            The scenario, levers stacked with '+'.
        at
            Clock time of leaving the origin, "HH:MM".
        group
            A traveller group, whose clearance times and value of time are used; the mean of all by default.
        load
            Passengers at the control points, over those of the mean day of 2025; queues grow with it.
        least
            "cost" for the least generalised cost, "time" for the least expected time.

        Returns
        -------
        Journey
            The likeliest way leg by leg, and the best way through every other control point. Times are in seconds and
            expected over all lines that the strategy may take (Spiess and Florian 1989).

        Raises
        ------
        UnknownStationError
            Where a place is not known.
        UnreachableError
            Where there is no way at that hour, with the reason at each control point.

        Examples
        --------
        >>> found = Study.bundled().journey("admiralty", "qianhai", "baseline-2024", "21:30")  # doctest: +SKIP
        >>> found.time_s / 60, found.checkpoints, found.fare_hkd  # doctest: +SKIP
        """
        return self._trip((origin, destination), scenario_id, at, Travellers(group, load)).journey(least)

    def choices(
        self, origin: str, destination: str, scenario_id: str, at: str, *, group: str | None = None, load: float = 1.0
    ) -> tuple[Choice, ...]:  # fmt: skip
        """Find the ways that no other beats in both minutes and dollars (:mod:`corridor.access.cost.choices`).

        Parameters are those of :meth:`journey`. The search goes over the low, central and high value of time of the group,
        and one at which money does not count; a way between two of these may be missed.
        """
        return self._trip((origin, destination), scenario_id, at, Travellers(group, load)).choices()

    def spread(
        self, origin: str, destination: str, scenario_id: str, at: str, draws: int = DRAWS, seed: int = SEED, *,
        group: str | None = None, load: float = 1.0, least: Objective = "cost",
    ) -> Spread:  # fmt: skip
        """Simulate the time between two places over random service phases and clearance times.

        Parameters are those of :meth:`journey`, whose policy the traveller keeps to, and

        Parameters
        ----------
        draws, seed
            How often the journey is made, and the seed of the draws: the same seed gives the same percentiles.

        Returns
        -------
        Spread
            10th, 50th and 90th percentile in seconds, and the share of draws that miss a last departure or a closing.

        Raises
        ------
        UnreachableError
            Where there is no way.
        """
        trip = self._trip((origin, destination), scenario_id, at, Travellers(group, load))
        return trip.spread(draws, seed, least)

    def release(self) -> None:
        """Free what access keeps in memory and makes again where it is needed: some hundreds of MB an hour."""
        self.access.release()

    @cached_property
    def demand_study(self) -> DemandStudy:
        """Zones, segments and counts of the demand model, shared by all scenarios."""
        from corridor.study.demand import DemandStudy

        return DemandStudy(self)

    def demand(
        self, scenario_id: str, reference_id: str, *, period: str = BASE_PERIOD, day: str = "all", state: str = "census",
        counts: Path | None = None, trips: Path | None = None, shares: Path | None = None, zones: Path | None = None,
    ) -> DemandReport:  # fmt: skip
        """Trips a day across the boundary on a scenario's network, against those on a reference network.

        `period` is the counted period that the model reproduces, `day` a type of day (all, weekday, friday, weekend,
        holiday), `state` a land state. The others are files of one's own in place of tables: see docs/demand.md.
        """
        from corridor.study.demand_own import OwnFiles
        from corridor.study.demand_report import DemandReport

        model, own = self.demand_study, OwnFiles(counts, trips, shares, zones)
        scenario, reference = (
            model.demand(i, period=period, day=day, state=state, own=own) for i in (scenario_id, reference_id)
        )
        return DemandReport(model, scenario_id, reference_id, period, day, state, own, scenario, reference)

    def hub_choices(self, scenario_id: str, at: str) -> pd.DataFrame:
        """List :meth:`choices` for every pair of hubs, both ways: see :func:`corridor.access.cost.hubs.hub_choices`."""
        return self._leaving(scenario_id, at).hub_choices(self.hubs)

    def hub_spread(self, scenario_id: str, at: str, draws: int = DRAWS, seed: int = SEED) -> pd.DataFrame:
        """Simulate every pair of hubs, both ways, under the policy of least expected time; percentiles in minutes.

        See :func:`corridor.access.journeys.spread.hub_spread`.
        """
        return self._leaving(scenario_id, at).hub_spread(self.hubs, draws, seed)

    def cell_minutes(
        self, places: Sequence[Place], scenario_id: str, at: str, limit_min: float = 90.0
    ) -> NDArray[np.float32]:
        """Compute the minutes from every populated cell to places (from :meth:`place`), leaving at "HH:MM".

        Returns
        -------
        numpy.ndarray
            Shape (place, cell), float32, in the order of ``study.cells``; NaN where it takes more than `limit_min`.
        """
        from corridor.access.reach.reach import minutes_to_places

        departure = self.access.departure(self.network(scenario_id).compiled, at, limit_min)
        return minutes_to_places(departure, self.base, places)

    def times(
        self, origins: pd.DataFrame, destinations: pd.DataFrame, scenario_id: str, at: str, progress: Progress = silent
    ) -> pd.DataFrame:  # fmt: skip
        """Compute the times between places of your own.

        Parameters
        ----------
        origins, destinations
            Columns id, lon, lat (EPSG:4326).
        scenario_id, at
            The scenario, and the clock time of leaving, "HH:MM".
        progress
            Called with each step (:mod:`corridor.core.progress`).

        Returns
        -------
        pandas.DataFrame
            from, to, minutes: a row a pair, NaN without service; least expected time, all modes, on foot too.

        Raises
        ------
        UnknownStationError
            Naming every place that is not on land, by the label of its row.
        """
        from corridor.access.journeys.tables import travel_table

        compiled, clock_s = self.network(scenario_id).compiled, service_clock(at)
        problems = Problems(UnknownStationError)
        start = self.gazetteer.positions(origins, problems)
        end = start if destinations is origins else self.gazetteer.positions(destinations, problems)
        problems.raise_all()
        return travel_table(compiled, self.base, start, end, clock_s, self.parameters.fixed_wait, progress)

    def sketch(self, ideas: Path = Path("ideas")) -> Any:
        """Draw lines in a notebook: the page of ``corridor sketch``, below the cell, until ``stop()`` or the kernel's end.

        Parameters
        ----------
        ideas
            Folder of ideas.

        Returns
        -------
        corridor.sketch.notebook.Sketch
            What the notebook shows; its ``address`` opens in any browser on this machine.

        Raises
        ------
        AssetError
            Where the extra 'sketch' is not installed.
        """
        from importlib import import_module

        # by its name: the page is of a floor above, which a study needs for this alone
        return import_module("corridor.sketch.notebook").opened(self, ideas)

    def _repr_html_(self) -> str:
        ids = self.library.ids()
        rows = [(i, self.library.file(i)[0].title.en, self.library.file(i)[0].kind) for i in ids]
        return html_table("Scenarios of the study", ("scenario", "title", "kind"), rows)
