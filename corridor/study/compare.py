"""Results to deltas, tables and ranking: what a planner reads, and what the pages draw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely import box

from corridor.access.search.cells import Cells
from corridor.access.search.parameters import AccessParameters
from corridor.core.cache import Kept
from corridor.core.crs import WGS84, WORKING, project
from corridor.core.errors import ParameterError, Problem, ScenarioError
from corridor.core.progress import Progress, silent
from corridor.ecology.works.profile import Work
from corridor.schema.comparison import ComparisonFile, Point
from corridor.schema.measure import Measure
from corridor.schema.text import Text
from corridor.study.criteria import (
    ACROSS_MIN,
    HOURS,
    MORNING,
    across,
    figures_of,
    least_served,
    other_side_jobs,
)
from corridor.study.ecology_process import assessed_beside
from corridor.study.pairs import paired
from corridor.study.question import Asked, Question, question
from corridor.study.ranking import verdict
from corridor.study.run import Result, inputs_key, result_key, run
from corridor.study.study import Study, read_clock
from corridor.study.values import Bounds, values_of

SIDE_BY_SIDE = 2  # scenarios worked on together: what one does alone fills the gaps of the other
ZONE_M = 1_000.0
NOTHING_KEPT = Kept(None)


def _text(en: str, hant: str, hans: str) -> Text:
    return Text(en=en, zh_hant=hant, zh_hans=hans)


@dataclass(frozen=True)
class Comparison:
    """Scenarios side by side, all measured against one reference.

    ``zone_values[scenario_id]`` has the shape (measure, zone), float32, NaN where nothing is known or reached.
    """

    results: Mapping[str, Result]
    reference_id: str
    measures: tuple[Measure, ...]
    zones: gpd.GeoDataFrame
    """zone_id, region, district_id, residents, jobs; squares of 1 km, EPSG:4326."""
    zone_values: Mapping[str, NDArray[np.float32]]
    headline: pd.DataFrame
    """Index scenario_id, a column for each criterion."""
    headline_low: pd.DataFrame
    headline_high: pd.DataFrame
    criteria: pd.DataFrame
    """Index criterion_id: titles in three scripts, unit, direction, group, confidence, note, anchor with its reason."""
    ranking: pd.DataFrame
    """profile, scenario_id, score, score_low, score_high, rank, rank_low, rank_high, first_share, judges_first; on
    today's people (:class:`corridor.score.Verdict`)."""
    ranking_buildout: pd.DataFrame
    """The same on the land state `buildout-2035`."""
    pairs: pd.DataFrame
    """pair, question in three scripts, terms, criterion, value, unit."""
    district_gains: pd.DataFrame
    """scenario_id, hour, district_id, names, region, residents, measure, reference, value, gain."""
    hub_minutes: pd.DataFrame
    """scenario_id and :data:`corridor.study.run.HUB_COLUMNS`."""
    cell_values: pd.DataFrame
    """Exact cell values: cell_id, scenario_id and one column a measure."""
    do_minimum: str = ""
    """What the comparison file calls the do-minimum; the reference is another where the study lacks it."""
    value_points: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Index scenario_id, a column for each criterion with an anchor: its value against the reference."""
    dominance: pd.DataFrame = field(default_factory=pd.DataFrame)
    """scenario_id, counterfactual, dominated, dominated_by; on today's people, no weight in it."""
    dominance_buildout: pd.DataFrame = field(default_factory=pd.DataFrame)
    """The same on the land state `buildout-2035`."""
    weights: pd.DataFrame = field(default_factory=pd.DataFrame)
    """profile, criterion, judges, weight, weight_sd, weight_low, weight_high."""
    better: pd.DataFrame = field(default_factory=pd.DataFrame)
    """profile, scenario_id, against, probability, judges_share; on today's people."""
    better_buildout: pd.DataFrame = field(default_factory=pd.DataFrame)
    """The same on the land state `buildout-2035`."""
    asked: Mapping[str, Asked] = field(default_factory=dict)
    """The comparison file and the files of weights."""
    opens_on: str = ""
    """The scenario that maps open on, where it was compared."""
    points: Mapping[str, Point] = field(default_factory=dict)
    """By pair, what it tells in the answer."""


def compare(
    study: Study,
    scenario_ids: Sequence[str] = (),
    progress: Progress = silent,
    kept: Kept = NOTHING_KEPT,
    weights: Sequence[Path] = (),
) -> Comparison:
    """Run scenarios (those of the comparison file by default) and set them side by side.

    `progress` is told each scenario as its work begins (:mod:`corridor.core.progress`). Results that are `kept` are not
    worked out again (:mod:`corridor.core.cache`). `weights`: CSV files of more panels of judges.
    """
    check_parameters(study.parameters)
    asked = question(study, weights)
    ids = list(dict.fromkeys(scenario_ids or default_scenarios(study, asked)))
    reference = reference_of(study, ids, asked.file.do_minimum)
    if reference not in ids:
        ids.insert(0, reference)
    inputs = inputs_key(study) if kept.folder else ""
    keys = {i: result_key(study, i, inputs) for i in ids} if inputs else {}
    results: dict[str, Result | None] = {i: kept.get(keys[i], Result) if keys else None for i in ids}
    new = [i for i in ids if results[i] is None]
    works = {i: study.works(i) for i in new}
    found = _run_all(study, works, progress)
    for scenario_id, result in found.items():
        if keys:
            kept.put(keys[scenario_id], result)
    return assemble(study, {i: results[i] or found[i] for i in ids}, reference, asked)


def _run_all(study: Study, works: Mapping[str, tuple[Work, ...]], progress: Progress) -> dict[str, Result]:
    """Ecology in a process of its own, and two scenarios' access at a time here."""
    if not works:
        return {}
    with (
        assessed_beside(works, study.land, study.nature.profile) as nature,
        ThreadPoolExecutor(SIDE_BY_SIDE) as pool,
    ):
        for scenario_id in works:
            study.network(scenario_id)  # every input is checked before times are worked out
        _ = study.base, study.hubs  # loaded before the scenarios go their ways
        access = {i: pool.submit(run, study, i, partial(nature, i)) for i in works}
        found = {}
        for done, scenario_id in enumerate(works):
            progress(scenario_id, done, len(works))
            found[scenario_id] = access[scenario_id].result()
    return found


MOST_HOURS = 48
MOST_MIN = 24 * 60


def check_parameters(parameters: AccessParameters) -> None:
    """The criteria need their hours and their cut-off; a :class:`ParameterError` says what is missing, before any work."""
    remedy = "add it, or score single scenarios at other hours with corridor.run"
    problems = [
        Problem(
            "parameters: hours",
            f"{', '.join(parameters.hours)}: {hour} is missing",
            "the criteria's hours",
            remedy,
        )
        for hour in HOURS
        if hour not in parameters.hours
    ]
    stands = ", ".join(map(str, parameters.cutoffs_min))
    problems += [
        Problem(
            "parameters: cutoffs_min",
            f"{stands}: {minutes} is missing",
            "the criteria's cut-offs in minutes",
            remedy,
        )
        for minutes in ACROSS_MIN
        if minutes not in parameters.cutoffs_min
    ]
    if MORNING not in parameters.cost_hours:
        given = ", ".join(parameters.cost_hours) or "none"
        problems.append(
            Problem("parameters: cost_hours", given, f"{MORNING}, the hour of the criteria on cost", remedy)
        )
    if len(parameters.hours) > MOST_HOURS:
        problems.append(
            Problem(
                "parameters: hours", f"{len(parameters.hours):,} of them", f"{MOST_HOURS} at most", remedy
            )
        )
    for name, minutes in (
        *(("cutoffs_min", m) for m in parameters.cutoffs_min),
        ("hub_limit_min", parameters.hub_limit_min),
    ):
        if not 0 < minutes <= MOST_MIN:
            expected = f"minutes above 0, {MOST_MIN} at most"
            problems.append(Problem(f"parameters: {name}", str(minutes), expected, "correct it"))
    for hour in parameters.hours[:MOST_HOURS]:
        try:
            read_clock(hour)
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ParameterError(problems)


def default_scenarios(study: Study, asked: Question) -> tuple[str, ...]:
    """The scenarios of the study's own comparison file; without one, its own scenarios beside the do-minimum."""
    if asked.own and asked.file.scenarios:
        return asked.file.scenarios
    return tuple(i for i in study.own_scenarios if study.library.file(i)[0].kind == "scenario")


def reference_of(study: Study, ids: Sequence[str], do_minimum: str) -> str:
    """What changes are measured against: the do-minimum, else what the first scenario extends, else itself."""
    if not ids:
        raise ScenarioError(
            Problem("comparison", "names no scenario", "one at least", "see 'corridor scenarios list'")
        )
    if set(do_minimum.split("+")) <= set(study.library.ids()):
        return do_minimum
    return study.scenario(ids[0]).reference or ids[0]


def assemble(study: Study, results: Mapping[str, Result], reference_id: str, asked: Question) -> Comparison:
    """Tables of a comparison from its results."""
    cells, file = study.cells, asked.file
    measures = _measures(study)
    cell_values = {i: _cell_measures(study, r, measures) for i, r in results.items()}
    zone_of, zones = _zones(cells)
    weight = cells.people() + 1e-3 * (cells.people(what="jobs") + 1)
    zone_values = {i: _zone_means(v, zone_of, weight, len(zones)) for i, v in cell_values.items()}
    figures = _figures(study, results, least_served(cells, results[reference_id]), file)
    ranked = [
        i
        for i in results
        if i == reference_id or results[i].scenario.date >= results[reference_id].scenario.date
    ]
    judged = figures.of(ranked)
    unreal = {i for i, r in results.items() if r.counterfactual}
    on_census, on_buildout = (
        verdict(judged, criteria, reference_id, asked.panels, unreal)
        for criteria in (file.scored, file.scored_on_buildout)
    )
    scored = {c.id: c for c in (*file.scored, *file.scored_on_buildout)}
    values = values_of(figures.central, list(scored.values()), reference_id)
    return Comparison(
        results=dict(results),
        reference_id=reference_id,
        measures=measures,
        zones=zones,
        zone_values=zone_values,
        headline=figures.central,
        headline_low=figures.low,
        headline_high=figures.high,
        criteria=_criteria_table(file),
        ranking=on_census.ranking,
        ranking_buildout=on_buildout.ranking,
        pairs=paired(figures.central, file.pairs, file.shown),
        district_gains=_district_gains(study, results, reference_id),
        hub_minutes=pd.concat(
            [r.hub_minutes.assign(scenario_id=i) for i, r in results.items()], ignore_index=True
        ),
        cell_values=_cell_frame(cells, measures, cell_values),
        do_minimum=file.do_minimum,
        value_points=values,
        dominance=on_census.dominance,
        dominance_buildout=on_buildout.dominance,
        weights=on_census.weights,
        better=on_census.better,
        better_buildout=on_buildout.better,
        asked=asked.asked,
        opens_on=file.opens_on or "",
        points={pair.id: pair.point for pair in file.pairs if pair.point},
    )


def _figures(
    study: Study, results: Mapping[str, Result], least: NDArray[np.bool_], file: ComparisonFile
) -> Bounds:
    central, low, high = (
        pd.DataFrame({i: figures_of(study, r, least, file, case) for i, r in results.items()}).T
        for case in ("central", "low", "high")
    )
    # wider works can disturb less: they take instead
    return Bounds(central, np.minimum(low, high), np.maximum(low, high))


def _criteria_table(file: ComparisonFile) -> pd.DataFrame:
    """A row a criterion, those on the planned build-out after the others of their group."""
    rows = []
    for c in file.shown:
        anchor = c.anchor
        rows.append(
            {
                "criterion_id": c.id, "unit": c.unit, "direction": c.direction, "group": c.group,
                "confidence": c.confidence, "note": c.note, **_scripts("title", c.title),
                "anchor": anchor.change if anchor else None, "anchor_value": anchor.value if anchor else None,
                **_scripts("anchor_reason", anchor.reason if anchor else Text(en="")),
                "anchor_source": " ".join(anchor.source) if anchor else "",
                "anchor_confidence": anchor.confidence if anchor else "",
            }
        )  # fmt: skip
    return pd.DataFrame(rows).set_index("criterion_id")


def _scripts(name: str, text: Text) -> dict[str, str]:
    return {f"{name}_en": text.en, f"{name}_zh_hant": text.zh_hant, f"{name}_zh_hans": text.zh_hans}


_WHAT = {"jobs": _text("Jobs", "職位", "岗位"), "residents": _text("Residents", "居民", "居民")}
_UNIT = {"jobs": _text("jobs", "個職位", "个岗位"), "residents": _text("residents", "人", "人")}


def _measures(study: Study) -> tuple[Measure, ...]:
    found = []
    for hour in study.parameters.hours:
        stamp = hour.replace(":", "")
        for what, title in _WHAT.items():
            for cut in study.parameters.cutoffs_min:
                found.append(
                    Measure(
                        f"{what}_{cut}_{stamp}",
                        _text(
                            f"{title.en} within {cut} min, {hour}",
                            f"{cut}分鐘內可達{title.zh_hant}，{hour}",
                            f"{cut}分钟内可达{title.zh_hans}，{hour}",
                        ),
                        _UNIT[what],
                        hour,
                        True,
                    )
                )
        if hour in study.parameters.cost_hours:
            found += _gravity_measures(hour)
        for cut in (minutes for minutes in study.parameters.cutoffs_min if minutes >= min(ACROSS_MIN)):
            found.append(
                Measure(
                    f"other_side_jobs_{cut}_{stamp}",
                    _text(
                        f"Jobs across the boundary within {cut} min, {hour}",
                        f"{cut}分鐘內可達對岸職位，{hour}",
                        f"{cut}分钟内可达对岸岗位，{hour}",
                    ),
                    _UNIT["jobs"],
                    hour,
                    True,
                )
            )
        for place_id, _ in study.hubs:
            row = study.places.loc[place_id]
            found.append(
                Measure(
                    f"to_{place_id}_{stamp}",
                    _text(
                        f"Time to {row['name_en']}, {hour}",
                        f"往{row['name_zh_hant']}時間，{hour}",
                        f"往{row['name_zh_hans']}时间，{hour}",
                    ),
                    _text("min", "分鐘", "分钟"),
                    hour,
                    False,
                )
            )
    return tuple(found)


def _gravity_measures(hour: str) -> list[Measure]:
    stamp = hour.replace(":", "")
    unit = _text("jobs, discounted", "個職位（折減）", "个岗位（折减）")
    return [
        Measure(
            f"jobs_gravity_{stamp}",
            _text(
                f"Jobs by generalised cost, {hour}",
                f"可達職位（按廣義成本折減），{hour}",
                f"可达岗位（按广义成本折减），{hour}",
            ),
            unit,
            hour,
            True,
        ),
        Measure(
            f"other_side_jobs_gravity_{stamp}",
            _text(
                f"Jobs across the boundary by generalised cost, {hour}",
                f"可達對岸職位（按廣義成本折減），{hour}",
                f"可达对岸岗位（按广义成本折减），{hour}",
            ),
            unit,
            hour,
            True,
        ),
    ]


def _cell_measures(study: Study, result: Result, measures: Sequence[Measure]) -> NDArray[np.float32]:
    """(measure, cell)."""
    hubs = [place_id for place_id, _ in study.hubs]
    rows = []
    for measure in measures:
        kind, hour = measure.measure_id.rsplit("_", 1)[0], measure.hour
        if kind.startswith("to_"):
            rows.append(result.cell_hub_minutes[hour][hubs.index(kind.removeprefix("to_"))])
        elif kind == "jobs_gravity":
            rows.append(result.gravity[hour].of("jobs"))
        elif kind == "other_side_jobs_gravity":
            gravity = result.gravity[hour]
            rows.append(across(study.cells, partial(gravity.of, "jobs", "census")))
        elif kind.startswith("other_side_jobs_"):
            rows.append(other_side_jobs(study.cells, result, int(kind.rsplit("_", 1)[1]), hour))
        else:
            what, cut = kind.split("_")
            rows.append(result.reach[hour].of(int(cut), what))
    return np.stack(rows).astype(np.float32)


def _zones(cells: Cells) -> tuple[NDArray[np.int64], gpd.GeoDataFrame]:
    """The zone of each cell, and the zones: squares of 1 km of one side."""
    col, row = (cells.x_m // ZONE_M).astype(int), (cells.y_m // ZONE_M).astype(int)
    frame = cells.table.assign(
        zone_id=[f"{r}-{c}-{w}" for r, c, w in zip(cells.region, col, row, strict=True)], col=col, row=row
    )
    frame["jobs"], frame["residents"] = cells.people(what="jobs"), cells.people()
    grouped = frame.groupby("zone_id", sort=True)
    cells_of = frame.groupby(["zone_id", "district_id"]).size()
    district = cells_of.sort_values(ascending=False, kind="stable").reset_index("district_id")["district_id"]
    zones = grouped.agg(
        region=("region", "first"),
        residents=("residents", "sum"),
        jobs=("jobs", "sum"),
        col=("col", "first"),
        row=("row", "first"),
    ).reset_index()
    zones.insert(2, "district_id", zones["zone_id"].map(district.groupby(level=0).first()))
    x, y = zones["col"].to_numpy() * ZONE_M, zones["row"].to_numpy() * ZONE_M
    squares = project(box(x, y, x + ZONE_M, y + ZONE_M), WORKING, WGS84)
    return grouped.ngroup().to_numpy(), gpd.GeoDataFrame(
        zones.drop(columns=["col", "row"]), geometry=squares, crs=WGS84
    )


def _zone_means(
    values: NDArray[np.float32], zone_of: NDArray[np.int64], weight: NDArray[np.float64], n: int
) -> NDArray[np.float32]:
    """Means over the cells of each zone, weighted by residents (a thousandth of a job where nobody lives).

    NaN where less than half of the weight is reached: a mean over the few near cells would make new reach look worse.
    """
    whole = np.bincount(zone_of, weight, n)
    out = np.full((len(values), n), np.nan, dtype=np.float32)
    for i, row in enumerate(values):
        known = np.isfinite(row)
        total = np.bincount(zone_of[known], weight[known], n)
        with np.errstate(invalid="ignore", divide="ignore"):
            out[i] = np.where(
                total > 0.5 * whole,
                np.bincount(zone_of[known], weight[known] * row[known], n) / total,
                np.nan,
            )
    return out


def _district_gains(study: Study, results: Mapping[str, Result], reference_id: str) -> pd.DataFrame:
    """Resident-weighted means by district, and their change against the reference."""
    cells, districts = study.cells, study.districts.set_index("district_id")
    code, ids = pd.factorize(cells.table["district_id"], sort=True)
    people = np.bincount(code, cells.people(), len(ids))

    def means(result: Result, hour: str, what: str, cut: int) -> NDArray[np.float64]:
        total = np.bincount(code, cells.people() * result.reach[hour].of(cut, what), len(ids))
        return np.asarray(total / np.maximum(people, 1))

    frames = []
    for hour in study.parameters.hours:
        for what in ("jobs", "residents"):
            for cut in study.parameters.cutoffs_min:
                base = means(results[reference_id], hour, what, cut)
                for scenario_id, result in results.items():
                    value = means(result, hour, what, cut)
                    frames.append(
                        pd.DataFrame(
                            {
                                "scenario_id": scenario_id,
                                "hour": hour,
                                "district_id": ids,
                                "measure": f"{what}_{cut}_{hour.replace(':', '')}",
                                "residents": people,
                                "reference": base,
                                "value": value,
                                "gain": value - base,
                            }
                        )
                    )
    table = pd.concat(frames, ignore_index=True)
    names = districts[["name_en", "name_zh_hant", "name_zh_hans", "region"]]
    return table.join(names, on="district_id")


def _cell_frame(
    cells: Cells, measures: Iterable[Measure], values: Mapping[str, NDArray[np.float32]]
) -> pd.DataFrame:
    columns = [m.measure_id for m in measures]
    frames = []
    for scenario_id, array in values.items():
        frame = pd.DataFrame(array.T, columns=columns)
        frame.insert(0, "cell_id", cells.table["cell_id"].to_numpy())
        frame.insert(0, "scenario_id", scenario_id)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)
