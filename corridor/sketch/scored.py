"""A drawing scored on a study that is in memory: first what is quick and exact, then the slow parts step by step."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, Literal

import pandas as pd
import shapely

from corridor.access.search.cells import Cells
from corridor.core.errors import ScenarioError
from corridor.core.in_memory import Kept, kept
from corridor.ecology.appraisal.seasons import season_flags
from corridor.ecology.impact.assess import EcologyResult, LandTake, assess, take_of_work
from corridor.ecology.impact.difference import Assessment, assess_cases
from corridor.ecology.impact.long_section import long_section
from corridor.ecology.land.land import Land
from corridor.ecology.works.profile import Work
from corridor.schema.line import LonLat
from corridor.schema.resolved import Scenario, laid_over
from corridor.schema.rows import NAMES, Names, names
from corridor.schema.section import LongSection
from corridor.sketch.drawing import HERE, Drawing, Setting, scenario_of
from corridor.sketch.refusal import refused
from corridor.study.appraisal.cost import priced, quantities, with_overrun
from corridor.study.appraise import ROLES as COST_ROLES
from corridor.study.clock import service_clock
from corridor.study.demand import ROLES as DEMAND_ROLES
from corridor.study.demand import Values
from corridor.study.demand_edit import TravellersBefore
from corridor.study.edit import Edit, EditScore
from corridor.study.line_view import with_names
from corridor.study.nature import NatureLand
from corridor.study.network import ScenarioNetwork
from corridor.study.question import question
from corridor.study.study import Study
from corridor.study.works import works_of

CUTOFF_MIN = 60
"""The one cut-off that a drawing is scored at, to the digits of a run that counts at others too."""
CUTOFFS_MIN = (CUTOFF_MIN,)
SCORES_KEPT = 8
Step = Literal["ranges", "hubs", "quality", "fragmentation", "travellers", "connectivity"]
STEPS: tuple[Step, ...] = ("ranges", "quality", "fragmentation", "hubs", "travellers", "connectivity")
"""The slow parts, in the order in which they arrive."""


@dataclass(frozen=True)
class Nature:
    """What the drawn line takes of the land, exact at central widths of structures; the slow parts judge the whole scenario."""

    works: tuple[Work, ...]
    """Everything that the scenario builds, the drawn line among it."""
    line: LandTake | None
    """The drawn line alone; None where only services change. What it disturbs is among the slow parts."""
    seasons: pd.DataFrame
    section: LongSection | None


@dataclass(frozen=True, eq=False)
class First:
    """The first answer to a drawing: all of it exact."""

    scenario: Scenario
    score: EditScore
    nature: Nature
    cost_hkd_bn: pd.Series | None
    """low, central, high with overrun; None without a line, or where the study has no unit costs."""


@dataclass(frozen=True)
class Refined:
    """One of the slow parts: tables by name, before and after where both are known."""

    step: Step
    table: pd.DataFrame


class Sketcher:
    """A study held in memory, on whose do-minimum lines are drawn.

    Parameters
    ----------
    study
        The study; it is only read.
    """

    def __init__(self, study: Study):
        self.study = study
        self.do_minimum = question(study).file.do_minimum
        self._two = ThreadPoolExecutor(2)
        self._scored: Kept[tuple[str, str], EditScore] = Kept(SCORES_KEPT)

    @cached_property
    def edit(self) -> Edit:
        """The do-minimum as edits start from it."""
        return self.study.edit(self.do_minimum)

    @cached_property
    def setting(self) -> Setting:
        """What drawings are checked against."""
        study, tables = self.study, self.study.tables
        west, south, east, north = (float(v) for v in study.coastline.total_bounds)
        rows = tables.stations.to_dict("records")
        places: dict[str, tuple[LonLat, str]] = {
            str(r["station_id"]): ((float(r["lon"]), float(r["lat"])), str(r["region"])) for r in rows
        }
        regimes = dict(zip(tables.checkpoints["checkpoint_id"], tables.checkpoints["regime"], strict=True))
        return Setting(
            do_minimum=self.do_minimum,
            stations=places,
            side_at=study.gazetteer.side_at,
            bounds=(west, south, east, north),
            sides=study.region.sides,
            checkpoints={str(k): str(v) for k, v in regimes.items()},
            profile=study.nature.profile,
        )

    @property
    def cells(self) -> Cells:
        """Populated cells, in the order of every figure by cell."""
        return self.study.cells

    @property
    def hours(self) -> tuple[str, ...]:
        """Hours of departure that may be asked for."""
        return tuple(self.study.parameters.hours)

    def warm(self, hour: str) -> None:
        """Work out what the first answer at an hour starts from: the do-minimum, and the land."""
        self._start(hour)
        base = self.edit.access.base
        base.cell_walks()
        base.cells_by_bus(service_clock(hour))
        assert self.sea and self.setting and self.study.tables.routes and self.nature.season_rules is not None

    def _start(self, hour: str) -> None:
        """What the do-minimum reaches, which every score starts from: as an earlier start of the program kept it, or made now."""
        access = self.edit.access
        access.kept_reached(self.edit.unedited_net.compiled, hour, CUTOFFS_MIN, access.base.known)

    # --- the scenario ---

    def scenario(self, drawing: Drawing) -> Scenario:
        """The scenario of a drawing, by the rules of a scenario file.

        Raises
        ------
        ScenarioError
            With everything that is wrong with it, in sentences.
        """
        file, source = scenario_of(drawing, self.setting)
        before = self.study.scenario(self.do_minimum)
        after, _ = laid_over(before, file, source, self.study.proposals)
        return after.model_copy(update={"id": drawing.id, "title": file.title})

    def _edited(self, scenario: Scenario) -> Edit:
        return replace(self.edit, scenario=scenario, changes=tuple(scenario.words()))

    # --- the first answer ---

    def first(self, drawing: Drawing, hour: str) -> First:
        """The exact answer that a pencil waits for.

        Parameters
        ----------
        drawing
            As the page sent it.
        hour
            Clock time of departure, one of :attr:`hours`.

        Raises
        ------
        ScenarioError
            With everything that is wrong with the drawing.
        """
        if hour not in self.hours:
            use = ", ".join(self.hours)
            raise ScenarioError.at(HERE, f"leaves at {hour!r}", f"one of {use}", "choose one")
        scenario = self.scenario(drawing)
        edited = self._edited(scenario)
        nature = self._two.submit(self._nature, scenario)
        assert edited.compiled  # a fault of the network is said first, whatever the land says
        if not edited.network.patterns:
            raise refused("no_line")
        # a bend moved, a structure chosen: as long as no train runs otherwise, everybody reaches what they did
        key = edited.compiled.fingerprint, hour
        self._start(hour)
        score = self._scored.known(key, lambda: edited.score(hour, CUTOFFS_MIN))
        found = nature.result()
        return First(scenario, score, found, self._cost(scenario, found))

    @property
    def nature(self) -> NatureLand:
        """Grids and tables of rules of the land."""
        return self.study.nature

    @cached_property
    def base(self) -> EcologyResult:
        """What the do-minimum itself builds."""
        return assess(self.study.works(self.do_minimum), self.study.land, self.nature.profile)

    @cached_property
    def sea(self) -> Any:
        """The outline of all land, EPSG:4547, off which a tunnel is undersea."""
        return shapely.union_all(list(self.nature.sides.values()))

    def _works(self, scenario: Scenario) -> tuple[Work, ...]:
        tables = self.study.tables
        return works_of(scenario, tables.stations, self.study.alignments, set(tables.lines["line_id"]))

    def _nature(self, scenario: Scenario) -> Nature:
        works, land, nature = self._works(scenario), self.study.land, self.nature
        drawn = next((w for w in works if w.line_id == scenario.id), None)
        if drawn is None:
            return Nature(works, None, pd.DataFrame(), None)
        line = take_of_work(drawn, land, nature.profile)
        return Nature(
            works, line, season_flags(line, land, nature.season_rules), self._section(drawn, scenario, land)
        )

    def _section(self, work: Work, scenario: Scenario, land: Land) -> LongSection:
        stops, nature = self._station_names, self.nature
        found = long_section(work, land, stops, nature.sides, nature.profile, self.study.region.names)
        return with_names(found, scenario.added_stations)

    @cached_property
    def _station_names(self) -> Names:
        return names(self.study.tables.stations, "station_id")

    @cached_property
    def unit_costs(self) -> pd.DataFrame:
        """What a unit of each part of a line costs."""
        return self.study.catalog.table("unit_costs")

    @cached_property
    def _overrun(self) -> tuple[float, float, float]:
        table = self.study.catalog.table("appraisal_parameters")
        return Values(table, "appraisal_parameters").ends("overrun_share")

    @cached_property
    def district_names(self) -> Names:
        """Districts by id."""
        return names(self.study.districts, "district_id")

    @cached_property
    def habitat_names(self) -> Names:
        """Habitats by id."""
        return names(self.nature.classes, "habitat_id")

    def _cost(self, scenario: Scenario, found: Nature) -> pd.Series | None:
        drawn = [w for w in found.works if w.line_id == scenario.id]
        if not drawn or not all(self.study.catalog.having(role) for role in COST_ROLES):
            return None
        lengths = {w.id: w.length_km for w in scenario.works if w.length_km is not None}
        items = priced(quantities(drawn, lengths, self.sea), self.unit_costs)
        return with_overrun(items[["low", "central", "high"]].sum(), self._overrun)

    # --- the slow parts ---

    def refined(self, found: First, hour: str) -> Iterator[Refined]:
        """The slow parts of the answer, one after another; whoever takes them may stop between two.

        Parameters
        ----------
        found
            The first answer.
        hour
            As of :meth:`first`.
        """
        for step in STEPS:
            table = getattr(self, f"_{step}")(found, hour)
            if table is not None:
                yield Refined(step, table)

    def _ranges(self, found: First, hour: str) -> pd.DataFrame:
        """Headline figures at low, central and high widths: a row each, of the whole scenario."""
        headlines = self._assessed(found).headlines
        return pd.DataFrame({case: vars(headline) for case, headline in headlines.items()})

    @kept(most=1)
    def _assessed(self, found: First) -> Assessment:
        """Everything that the scenario builds, assessed once for all slow parts."""
        return assess_cases(found.nature.works, self.study.land, self.nature.profile)

    def _quality(self, found: First, hour: str) -> pd.DataFrame | None:
        from corridor.ecology.quality.quality import assess_quality

        if self.nature.quality is None:
            return None
        lost = [
            assess_quality(self.nature.quality, prints).loss_ha
            for prints in (self.base.footprint, self._assessed(found).result.footprint)
        ]
        return pd.DataFrame({"before": [-lost[0]], "after": [-lost[1]]})

    def _fragmentation(self, found: First, hour: str) -> pd.DataFrame:
        before, after = (
            self.nature.fragmented.change(prints).groups.set_index("group")
            for prints in (self.base.footprint, self._assessed(found).result.footprint)
        )
        return pd.DataFrame(
            {"before": before["mesh_ha_after"], "after": after["mesh_ha_after"], "cut": after["patches_cut"]}
        )

    def _hubs(self, found: First, hour: str) -> pd.DataFrame:
        edited = self._edited(found.scenario)
        net = ScenarioNetwork(edited.network, edited.compiled)
        keys, before = ["from_place", "to_place"], self._hub_minutes(hour)
        after = self._hubs_of(net, hour)
        return before[[*keys, "minutes"]].merge(
            after[[*keys, "minutes"]], on=keys, suffixes=("_before", "_after")
        )

    @lru_cache(maxsize=4)  # noqa: B019 - a sketcher lives as long as the program
    def _hub_minutes(self, hour: str) -> pd.DataFrame:
        return self._hubs_of(self.study.network(self.do_minimum), hour)

    def _hubs_of(self, net: ScenarioNetwork, hour: str) -> pd.DataFrame:
        access = self.edit.access
        return access.hub_minutes(net, access.costing(net), hour)

    @cached_property
    def travellers(self) -> TravellersBefore | None:
        """Who crosses where in the do-minimum; None where the study lacks a table of demand."""
        having = all(self.study.catalog.having(role) for role in DEMAND_ROLES)
        return TravellersBefore(self.study, self.do_minimum) if having else None

    def _travellers(self, found: First, hour: str) -> pd.DataFrame | None:
        """Crossings of the whole day, whatever the hour that is shown."""
        if self.travellers is None:
            return None
        edited = self._edited(found.scenario)
        table = self.travellers.after(edited)
        points = {**self.edit.network.checkpoints, **edited.network.checkpoints}
        of_points = [points[i].names for i in table.index]
        return table.assign(**{of: [getattr(n, of.removeprefix("name_")) for n in of_points] for of in NAMES})

    def _connectivity(self, found: First, hour: str) -> pd.DataFrame | None:
        from corridor.ecology.connectivity.taxa import assess_taxa

        if self.nature.taxa is None:
            return None
        prints = self._assessed(found).result.footprint
        return assess_taxa(
            self.nature.taxa, found.nature.works, prints, ("central",), table=self.nature.profile
        ).headline()
