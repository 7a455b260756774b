"""Results to deltas, tables and ranking: what a planner reads, and what the pages draw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely import box

from corridor.access.cells import Cells
from corridor.access.parameters import AccessParameters
from corridor.crs import WGS84, WORKING, project
from corridor.ecology.process import assessed_beside
from corridor.ecology.profile import Work
from corridor.errors import ParameterError, Problem, ScenarioError
from corridor.kept import Kept
from corridor.progress import Progress, silent
from corridor.result import Result, inputs_key, result_key, run
from corridor.schema.text import Text
from corridor.score import BUILDOUT, CRITERIA, Criterion, rank
from corridor.study import Study, read_clock

DO_MINIMUM = "committed-2030"
DEFAULT_SCENARIOS = (
    "baseline-2024",
    "committed-2030",
    "central-2035",
    "western-2035",
    "both-2035",
    "western-viaduct",
    "ecology-first",
    "committed-2030+clearance-joint",
    "both-2035+clearance-joint",
)
CRITERIA_HOURS = ("08:30", "23:00")  # morning and late, as the criteria name them
CRITERIA_CUTOFF_MIN = 60
SIDE_BY_SIDE = 2  # scenarios worked on together: what one does alone fills the gaps of the other
ZONE_M = 1_000.0
NOTHING_KEPT = Kept(None)
LEAST_SERVED_SHARE = 0.4


@dataclass(frozen=True)
class Measure:
    """One thing a zone is coloured by: what, when, in which unit; higher is better unless it is a time."""

    measure_id: str
    title: Text
    unit: Text
    hour: str
    higher_is_better: bool


@dataclass(frozen=True)
class Pair:
    """Two or more scenarios set against each other: the sum of `signs` times their values."""

    pair_id: str
    question: Text
    terms: tuple[tuple[str, float], ...]


def _text(en: str, hant: str, hans: str) -> Text:
    return Text(en=en, zh_hant=hant, zh_hans=hans)


PAIRS: tuple[Pair, ...] = (
    Pair(
        "committed",
        _text("What do already funded works deliver?", "已承諾工程帶來甚麼？", "已承诺工程带来什么？"),
        (("committed-2030", 1), ("baseline-2024", -1)),
    ),
    Pair(
        "central",
        _text("What does the central line add to the do-minimum?", "中線增加甚麼？", "中线增加什么？"),
        (("central-2035", 1), ("committed-2030", -1)),
    ),
    Pair(
        "western",
        _text("What does the western line add to the do-minimum?", "西線增加甚麼？", "西线增加什么？"),
        (("western-2035", 1), ("committed-2030", -1)),
    ),
    Pair(
        "western-on-central",
        _text(
            "What does the western line add once the central one is there?",
            "有中線之後，西線再增加甚麼？",
            "有中线之后，西线再增加什么？",
        ),
        (("both-2035", 1), ("central-2035", -1)),
    ),
    Pair(
        "central-on-western",
        _text(
            "What does the central line add once the western one is there?",
            "有西線之後，中線再增加甚麼？",
            "有西线之后，中线再增加什么？",
        ),
        (("both-2035", 1), ("western-2035", -1)),
    ),
    Pair(
        "interaction",
        _text(
            "Do the lines complement (more than their sum) or substitute (less)?",
            "兩線互補（大於總和）還是替代（小於總和）？",
            "两线互补（大于总和）还是替代（小于总和）？",
        ),
        (("both-2035", 1), ("central-2035", -1), ("western-2035", -1), ("committed-2030", 1)),
    ),
    Pair(
        "tunnel-benefit",
        _text(
            "What does the tunnel avoid against the counterfactual viaduct?",
            "隧道相比假設的高架橋避免了甚麼？",
            "隧道相比假设的高架桥避免了什么？",
        ),
        (("western-2035", 1), ("western-viaduct", -1)),
    ),
    Pair(
        "ecology-premium",
        _text(
            "What does the avoid-first design cost and spare?",
            "避免優先的設計代價與所保護者為何？",
            "避让优先的设计代价与所保护者为何？",
        ),
        (("ecology-first", 1), ("both-2035", -1)),
    ),
    Pair(
        "checkpoint-benefit",
        _text(
            "What does joint clearance bring without a new line?",
            "不建新線，聯合查驗帶來甚麼？",
            "不建新线，联合查验带来什么？",
        ),
        (("committed-2030+clearance-joint", 1), ("committed-2030", -1)),
    ),
    Pair(
        "checkpoint-with-both",
        _text(
            "What does joint clearance bring on top of both lines?",
            "兩線之上，聯合查驗帶來甚麼？",
            "两线之上，联合查验带来什么？",
        ),
        (("both-2035+clearance-joint", 1), ("both-2035", -1)),
    ),
)
"""The comparisons of FACTS section 15; one is printed where all its scenarios are in the run."""


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
    """Index criterion_id: titles in three scripts, unit, direction, group, confidence, note."""
    ranking: pd.DataFrame
    """profile, scenario_id, score, score_low, score_high, rank, rank_low, rank_high, first_share; on today's people."""
    ranking_buildout: pd.DataFrame
    """The same on the land state `buildout-2035`."""
    pairs: pd.DataFrame
    """pair, question in three scripts, terms, criterion, value, unit."""
    district_gains: pd.DataFrame
    """scenario_id, hour, district_id, names, region, residents, measure, reference, value, gain."""
    hub_minutes: pd.DataFrame
    """scenario_id, hour, from_place, to_place, minutes, minutes_low, minutes_high, checkpoint_id."""
    cell_values: pd.DataFrame
    """Exact cell values: cell_id, scenario_id and one column a measure."""


def compare(
    study: Study,
    scenario_ids: Sequence[str] = (),
    progress: Progress = silent,
    kept: Kept = NOTHING_KEPT,
) -> Comparison:
    """Run scenarios (all shipped ones by default) and set them side by side.

    `progress` is told each scenario as its work begins (:mod:`corridor.progress`). Results that are `kept` are not
    worked out again (:mod:`corridor.kept`).
    """
    check_parameters(study.parameters)
    ids = list(dict.fromkeys(scenario_ids or default_scenarios(study)))
    reference = reference_of(study, ids)
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
    return assemble(study, {i: results[i] or found[i] for i in ids}, reference)


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
        for hour in CRITERIA_HOURS
        if hour not in parameters.hours
    ]
    if CRITERIA_CUTOFF_MIN not in parameters.cutoffs_min:
        stands = ", ".join(map(str, parameters.cutoffs_min))
        problems.append(
            Problem(
                "parameters: cutoffs_min",
                f"{stands}: {CRITERIA_CUTOFF_MIN} is missing",
                "the criteria's cut-off in minutes",
                remedy,
            )
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


def default_scenarios(study: Study) -> tuple[str, ...]:
    """The shipped comparison; of a study of one's own, its own scenarios beside the do-minimum."""
    own = study.own_scenarios
    if all(part in own for scenario_id in DEFAULT_SCENARIOS for part in scenario_id.split("+")):
        return DEFAULT_SCENARIOS
    return tuple(i for i in own if study.library.file(i)[0].kind == "scenario")


def reference_of(study: Study, ids: Sequence[str]) -> str:
    """What changes are measured against: the do-minimum, else what the first scenario extends, else itself."""
    if not ids:
        raise ScenarioError(
            Problem("comparison", "names no scenario", "one at least", "see 'corridor scenarios list'")
        )
    if DO_MINIMUM in study.library.ids():
        return DO_MINIMUM
    return study.scenario(ids[0]).reference or ids[0]


def assemble(study: Study, results: Mapping[str, Result], reference_id: str) -> Comparison:
    """Tables of a comparison from its results."""
    cells = study.cells
    measures = _measures(study)
    cell_values = {i: _cell_measures(study, r, measures) for i, r in results.items()}
    zone_of, zones = _zones(cells)
    weight = cells.people() + 1e-3 * (cells.people(what="jobs") + 1)
    zone_values = {i: _zone_means(v, zone_of, weight, len(zones)) for i, v in cell_values.items()}
    least = _least_served(cells, results[reference_id])
    central, low, high = (
        pd.DataFrame({i: _criteria(study, r, least, case) for i, r in results.items()}).T
        for case in ("central", "low", "high")
    )
    low, high = (
        np.minimum(low, high),
        np.maximum(low, high),
    )  # wider works can disturb less: they take instead
    table = (
        pd.DataFrame(
            [
                asdict(c)
                | {"title_en": c.title.en, "title_zh_hant": c.title.zh_hant, "title_zh_hans": c.title.zh_hans}
                for c in (*CRITERIA, *BUILDOUT)
            ]
        )
        .drop(columns=["title"])
        .set_index("criterion_id")
    )
    ranked = [
        i
        for i in results
        if i == reference_id or results[i].scenario.date >= results[reference_id].scenario.date
    ]
    on_census, on_buildout = (
        rank(central.loc[ranked], low.loc[ranked], high.loc[ranked], criteria)
        if len(ranked) > 1
        else _no_ranking()
        for criteria in (CRITERIA, _on_buildout())
    )
    return Comparison(
        results=dict(results),
        reference_id=reference_id,
        measures=measures,
        zones=zones,
        zone_values=zone_values,
        headline=central,
        headline_low=low,
        headline_high=high,
        criteria=table,
        ranking=on_census,
        ranking_buildout=on_buildout,
        pairs=_pairs(central, table),
        district_gains=_district_gains(study, results, reference_id),
        hub_minutes=pd.concat(
            [r.hub_minutes.assign(scenario_id=i) for i, r in results.items()], ignore_index=True
        ),
        cell_values=_cell_frame(cells, measures, cell_values),
    )


def _on_buildout() -> tuple[Criterion, ...]:
    """The criteria with those on people and jobs taken on the planned build-out."""
    planned = {c.criterion_id.removesuffix("_buildout"): c for c in BUILDOUT}
    return tuple(planned.get(c.criterion_id, c) for c in CRITERIA)


def _no_ranking() -> pd.DataFrame:
    return pd.DataFrame(
        columns=[
            "profile",
            "scenario_id",
            "score",
            "score_low",
            "score_high",
            "rank",
            "rank_low",
            "rank_high",
            "first_share",
        ]
    )


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
        for cut in study.parameters.cutoffs_min[-2:]:
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


def _cell_measures(study: Study, result: Result, measures: Sequence[Measure]) -> NDArray[np.float32]:
    """(measure, cell)."""
    hubs = [place_id for place_id, _ in study.hubs]
    rows = []
    for measure in measures:
        kind, hour = measure.measure_id.rsplit("_", 1)[0], measure.hour
        if kind.startswith("to_"):
            rows.append(result.cell_hub_minutes[hour][hubs.index(kind.removeprefix("to_"))])
        elif kind.startswith("other_side_jobs_"):
            rows.append(_other_side(study.cells, result, int(kind.rsplit("_", 1)[1]), hour))
        else:
            what, cut = kind.split("_")
            rows.append(result.reach[hour].of(int(cut), what))
    return np.stack(rows).astype(np.float32)


def _other_side(
    cells: Cells, result: Result, cutoff_min: int, hour: str, state: str = "census"
) -> NDArray[np.float32]:
    south, north = (result.reach[hour].of(cutoff_min, "jobs", state, side) for side in cells.sides)
    return np.where(cells.side == 0, north, south).astype(np.float32)


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


def _least_served(cells: Cells, reference: Result) -> NDArray[np.bool_]:
    """The cells of the 40 % of residents who reach least jobs within an hour in the reference."""
    reach = reference.reach["08:30"].of(60, "jobs")
    order = np.argsort(reach, kind="stable")
    share = np.cumsum(cells.people()[order]) / cells.people().sum()
    chosen = np.zeros(len(reach), dtype=bool)
    chosen[order[share <= LEAST_SERVED_SHARE]] = True
    return chosen


def _criteria(study: Study, result: Result, least: NDArray[np.bool_], case: str) -> dict[str, float]:
    """Every criterion's value; `case` takes the low or high end of what is uncertain.

    Uncertain are where residents live whose homes are modelled (or spread evenly), clearance (times between hubs only) and
    the widths of structures.
    """
    cells = study.cells
    values: dict[str, float] = {}
    for state, suffix in (("census", ""), ("buildout-2035", "_buildout")):
        spreads = [cells.people(state)]
        if state == "census" and case != "central":
            spreads.append(cells.evenly_spread())
        found = [_jobs(cells, result, least, people, state) for people in spreads]
        pick = min if case == "low" else max
        values |= {f"{name}{suffix}": pick(f[name] for f in found) for name in found[0]}
    values["hub_minutes_0830"] = _hub_mean(
        study, result, {"central": "minutes", "low": "minutes_low", "high": "minutes_high"}[case]
    )
    figures = asdict(result.headlines[case])
    values |= {c.criterion_id: figures[c.criterion_id] for c in CRITERIA if c.group == "nature"}
    return values


def _jobs(
    cells: Cells, result: Result, least: NDArray[np.bool_], people: NDArray[np.float64], state: str
) -> dict[str, float]:
    """Jobs within an hour, as means over residents."""
    jobs, late = (result.reach[hour].of(CRITERIA_CUTOFF_MIN, "jobs", state) for hour in CRITERIA_HOURS)
    across = _other_side(cells, result, CRITERIA_CUTOFF_MIN, CRITERIA_HOURS[0], state)
    return {
        "jobs_60_0830": float(np.average(jobs, weights=people)),
        "other_side_jobs_60_0830": float(np.average(across, weights=people)),
        "least_served_jobs_60_0830": float(np.average(jobs[least], weights=people[least])),
        "jobs_60_2300": float(np.average(late, weights=people)),
    }


def _hub_mean(study: Study, result: Result, column: str) -> float:
    """Mean minutes between hubs on opposite sides in the morning; a pair without a way within the limit counts as the limit."""
    side = {place_id: place.region for place_id, place in study.hubs}
    table = result.hub_minutes
    across = table[
        (table["hour"] == "08:30") & (table["from_place"].map(side) != table["to_place"].map(side))
    ]
    limit = study.parameters.hub_limit_min
    return float(across[column].fillna(limit).clip(upper=limit).mean())


def _pairs(values: pd.DataFrame, criteria: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for pair in PAIRS:
        if not all(scenario_id in values.index for scenario_id, _ in pair.terms):
            continue
        total = sum(sign * values.loc[scenario_id] for scenario_id, sign in pair.terms)
        terms = " ".join(
            f"{'+' if sign > 0 else '-'} {scenario_id}" for scenario_id, sign in pair.terms
        ).removeprefix("+ ")
        for criterion_id, value in total.items():
            rows.append(
                {
                    "pair": pair.pair_id,
                    "question_en": pair.question.en,
                    "question_zh_hant": pair.question.zh_hant,
                    "question_zh_hans": pair.question.zh_hans,
                    "terms": terms,
                    "criterion": criterion_id,
                    "value": float(value),
                    "unit": criteria.loc[criterion_id, "unit"],
                }
            )
    return pd.DataFrame(
        rows,
        columns=[
            "pair",
            "question_en",
            "question_zh_hant",
            "question_zh_hans",
            "terms",
            "criterion",
            "value",
            "unit",
        ],
    )


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
