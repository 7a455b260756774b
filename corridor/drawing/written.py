"""A written comparison as the figures read it: what the folder holds, and what is missing from it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from numpy.typing import NDArray

from corridor.core.containment import inside, map_source
from corridor.core.crs import WGS84, WORKING, project
from corridor.core.errors import LayerError, MissingColumnError, Problems, ScenarioError, nearest
from corridor.core.in_memory import kept
from corridor.drawing.compared import Compared, Criterion, Scenario
from corridor.drawing.legend import Scale, scales
from corridor.drawing.numbers import gravest
from corridor.schema.comparison import TODAY
from corridor.schema.measure import Measure
from corridor.schema.rows import row_name
from corridor.schema.text import Text

CASES = ("value", "low", "high")
PACKAGE, SCORES, TABLE = "results.gpkg", "scores.json", "results.csv"
REMEDY = "write the folder again with 'corridor compare --out DIR'"
_SCENARIO = re.compile(r"[a-z0-9+-]{1,200}")
LEVELS = 4096
"""Into how many steps the classes of the pages round the largest value."""
LAYERS = {
    "zones": ("district_id", "residents"),
    "lines": ("line_id", "name_en", "axis", "status", "added", "mode", "scenario_id"),
    "checkpoints": ("checkpoint_id", "name_en", "daily_2025", "scenario_id"),
    "stations": ("name_en", "added", "scenario_id"),
    "designations": ("name_en", "designation"),
    "green_corridors": ("corridor_id", "name_en"),
    "phase_lines": ("line_id", "name_en", "axis", "status", "added", "mode", "year"),
    "groups": ("grouping_id", "group_id", "name_en"),
}
"""What the maps need of the GeoPackage, with the columns they read."""
IF_ANY = frozenset({"designations", "green_corridors", "groups"})
"""Layers that a study may not give; nothing of them is drawn then."""


def _flag(row: Mapping[str, Any]) -> str:
    """The flag of a scenario in scores.json; files written before it was there say only what is counterfactual."""
    return gravest([str(row.get("flag", "")), "counterfactual" if row["counterfactual"] else ""])


@dataclass(frozen=True)
class Written:
    """A folder that ``corridor compare`` wrote; layers are read when they are asked for.

    Attributes
    ----------
    folder
        The folder.
    scores
        scores.json as read.
    """

    folder: Path
    scores: Mapping[str, Any]

    @cached_property
    def _package(self) -> str:
        """The GeoPackage as GDAL is given it."""
        return map_source(self.folder / PACKAGE, str(self.folder / PACKAGE))

    @cached_property
    def compared(self) -> Compared:
        """Scenarios in the order of the comparison, and the criteria on today's people in that of results.csv."""
        table = pd.read_csv(self.folder / TABLE)
        if missing := [c for c in ("scenario", "criterion", *CASES) if c not in table]:
            where, what = str(self.folder / TABLE), f"has no column {', '.join(missing)}"
            raise LayerError.at(where, what, "the file as written", REMEDY)
        table = table.astype(dict.fromkeys(CASES, float))
        scenarios = self._scenarios(table["scenario"].unique())
        return Compared(scenarios, str(self.scores["reference"]), tuple(self._criteria(table)))

    def _scenarios(self, ids: Iterable[str]) -> dict[str, Scenario]:
        rows = self.scores["scenarios"]
        order = [i for i in ids if i in rows]
        # ids become names of files and columns, and the folder may be somebody else's
        if odd := [i for i in order if not _SCENARIO.fullmatch(i)]:
            where, fault = str(self.folder / TABLE), f"has the scenario {odd[0][:60]!r}"
            raise LayerError.at(where, fault, "ids of small letters, digits, '-' and '+'", REMEDY)
        return {i: Scenario(i, Text(**rows[i]["title"]), _flag(rows[i])) for i in order}

    def _criteria(self, table: pd.DataFrame) -> Iterator[Criterion]:
        known = self.scores["criteria"]
        for i, rows in table.set_index("scenario").groupby("criterion", sort=False):
            if i in known and known[i].get("state", TODAY) == TODAY:
                about, values = known[i], (rows[case].to_dict() for case in CASES)
                better, scored = about["direction"] == "higher", about.get("anchor") is not None
                title, unit, group = row_name(about, "title"), str(about["unit"]), str(about["group"])
                yield Criterion(i, title, unit, better, group, scored, *values)

    @cached_property
    def ranked(self) -> list[str]:
        """The scenarios that are ranked against each other: none from before the reference. All, where none is ranked."""
        ids = {row["scenario_id"] for row in self.scores.get("ranking", ())}
        return [i for i in self.compared.ids if i in ids] or self.compared.ids

    @kept()
    def layer(self, name: str) -> gpd.GeoDataFrame:
        """A layer of the GeoPackage.

        Parameters
        ----------
        name
            A key of :data:`LAYERS`.

        Returns
        -------
        geopandas.GeoDataFrame
            In EPSG:4547; without rows where a study need not give the layer.

        Raises
        ------
        LayerError
            For a layer that is missing.
        MissingColumnError
            For columns of :data:`LAYERS` that it lacks.
        """
        path = self.folder / PACKAGE
        if name not in {row[0] for row in pyogrio.list_layers(self._package)}:
            if name in IF_ANY:
                return gpd.GeoDataFrame(columns=[*LAYERS[name], "geometry"], crs=WORKING, dtype=object)
            raise LayerError.at(str(path), f"has no layer {name}", ", ".join(LAYERS), REMEDY)
        frame = gpd.read_file(self._package, layer=name)
        if missing := [c for c in LAYERS[name] if c not in frame.columns]:
            raise MissingColumnError.at(f"{path} {name}", f"has no column {', '.join(missing)}", "", REMEDY)
        return frame.set_geometry(project(frame.geometry.to_numpy(), WGS84, WORKING), crs=WORKING)

    def of_scenario(self, name: str, scenario_id: str) -> gpd.GeoDataFrame:
        """The rows of a layer that belong to one scenario."""
        frame = self.layer(name)
        return frame[frame["scenario_id"] == scenario_id]

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """What zones have values of, for every scenario; a measure that one of them lacks is left out.

        Raises
        ------
        MissingColumnError
            Where none is left.
        """
        columns, reference = list(self.layer("zones").columns), self.compared.reference_id
        ids = [c.split(":", 1)[1] for c in columns if c.startswith(f"{reference}:")]
        known = [i for i in ids if all(f"{s}:{i}" in columns for s in self.compared.ids)]
        whole = tuple(measure for i in known if (measure := Measure.parse(i)))
        if not whole:
            where, expected = f"{self.folder / PACKAGE} zones", f"columns such as {reference}:jobs_60_0830"
            raise MissingColumnError.at(where, "has no values of all scenarios", expected, REMEDY)
        return whole

    @cached_property
    def values(self) -> dict[str, NDArray[np.float64]]:
        """By scenario: the values of zones.

        Returns
        -------
        dict
            (measure, zone) values in the unit of each measure; NaN where nothing is known or reached.
        """
        zones = self.layer("zones")
        columns = [m.measure_id for m in self.measures]
        return {s: zones[[f"{s}:{c}" for c in columns]].to_numpy(float).T for s in self.compared.ids}

    @cached_property
    def scales(self) -> tuple[Scale, ...]:
        """The classes of the pages: one scale a measure, the same for all scenarios and hours."""
        return scales(self.measures, self.values, self.compared.reference_id, LEVELS)

    def row(self, measure_id: str) -> int:
        """Which row of the values a measure is.

        Parameters
        ----------
        measure_id
            Id of a measure with its hour.

        Raises
        ------
        ScenarioError
            For a measure that the folder lacks, with those it has.
        """
        known = [m.measure_id for m in self.measures]
        if measure_id not in known:
            raise ScenarioError.at("--measure", f"{measure_id} is not in {self.folder}", "one of " + ", ".join(known), nearest(measure_id, known, "choose one"))  # fmt: skip
        return known.index(measure_id)

    def scale(self, row: int) -> Scale:
        """The scale that a measure is drawn with."""
        return next(s for s in self.scales if row in s.hours.values())

    def district_means(self, measure_id: str) -> pd.DataFrame:
        """Means over the residents of each district, from the exact values of cells.

        Parameters
        ----------
        measure_id
            Id of a measure with its hour.

        Returns
        -------
        pandas.DataFrame
            Index district_id, a column for each scenario, in the unit of the measure; NaN for a district without
            residents.

        Raises
        ------
        MissingColumnError
            For a scenario without values of the measure.
        """
        layer = f"{self.folder / PACKAGE} cells"
        fields = list(pyogrio.read_info(self._package, layer="cells")["fields"])
        columns = {
            s: next((f for f in fields if f.startswith(f"{s}:{measure_id} [")), "") for s in self.compared.ids
        }
        if absent := [f"{s}:{measure_id}" for s, name in columns.items() if not name]:
            raise MissingColumnError.at(layer, f"has no column {', '.join(absent)}", "", REMEDY)
        wanted = ["district_id", "residents_census", *columns.values()]
        cells = pyogrio.read_dataframe(self._package, layer="cells", columns=wanted, read_geometry=False)
        weight = cells["residents_census"]
        total = cells[list(columns.values())].mul(weight, axis=0).groupby(cells["district_id"]).sum()
        people = weight.groupby(cells["district_id"]).sum()
        means = total.div(people.where(people > 0), axis=0)
        means.columns = pd.Index(list(columns))
        return means


def read(folder: Path) -> Written:
    """Open a folder that ``corridor compare`` wrote.

    Parameters
    ----------
    folder
        The folder.

    Raises
    ------
    LayerError
        With every file that is missing, or for scores.json that cannot be read.
    CorridorError
        For a file that is a link out of the folder.
    """
    if not folder.is_dir():
        remedy = "run 'corridor compare' first, or name its --out"
        raise LayerError.at(str(folder), "is no folder", "the output of 'corridor compare'", remedy)
    with Problems(error=LayerError) as problems:
        for name in (PACKAGE, SCORES, TABLE):
            if not (folder / name).is_file():
                problems.add(str(folder), f"has no {name}", "a folder written by 'corridor compare'", REMEDY)
    for name in (PACKAGE, SCORES, TABLE):
        inside(folder, name)
    where = str(folder / SCORES)
    try:
        found = json.loads((folder / SCORES).read_text(encoding="utf-8"))
    except ValueError as error:
        raise LayerError.at(where, f"is no JSON ({error})", "the file as written", REMEDY) from None
    if missing := [k for k in ("reference", "scenarios", "criteria") if k not in found]:
        raise LayerError.at(where, f"has no {', '.join(missing)}", "a comparison", REMEDY)
    return Written(folder, found)


def chosen(written: Written, asked: Sequence[str]) -> list[str]:
    """The scenarios asked for, in the order asked; all where none is.

    Parameters
    ----------
    written
        The comparison.
    asked
        Ids of scenarios.

    Raises
    ------
    ScenarioError
        With every one that the folder lacks, and the nearest to it.
    """
    known = written.compared.ids
    expected = "one of " + ", ".join(known)
    with Problems(error=ScenarioError) as problems:
        for i in asked:
            if i not in known:
                remedy = nearest(i, known, "choose one")
                problems.add("--scenario", f"{i} is not in {written.folder}", expected, remedy)
    return list(asked) or known
