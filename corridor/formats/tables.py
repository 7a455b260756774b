"""The tables of a comparison and of a review, and their figures as plain data for JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from corridor.core.csv_tables import for_people
from corridor.ecology.impact.assess import TABLES
from corridor.formats.provenance import NOTICE
from corridor.schema.text import LANGS, Text
from corridor.study.comparison import Comparison
from corridor.study.demand_report import DemandReport
from corridor.study.nodes import side_by_side
from corridor.study.review import Review, Reviewed
from corridor.study.study import Study
from corridor.study.travellers import Travellers

Frame = TypeVar("Frame", bound=pd.DataFrame)


def write_csvs(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write tables by name into a folder as CSV for people, a file each; it is made where there are any."""
    if tables:
        folder.mkdir(exist_ok=True)
    for name, frame in tables.items():
        write_text(folder / f"{name}.csv", for_people(frame, "%.6g"))


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write plain data as JSON that a person can read; NumPy's numbers become plain ones."""
    text = json.dumps(
        data,
        ensure_ascii=False,
        indent=1,
        sort_keys=True,
        allow_nan=False,
        default=lambda number: number.item(),
    )
    write_text(path, text + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a text as UTF-8, its line breaks as they are."""
    path.write_text(text, encoding="utf-8", newline="")


def criteria_table(comparison: Comparison) -> pd.DataFrame:
    """One row for each scenario and criterion: value, low, high, unit, change against the reference, value points.

    Returns
    -------
    pandas.DataFrame
        Columns scenario, counterfactual, criterion, title, unit, value, low, high, change_against, change,
        value_points, better, confidence.
    """
    rows, points = [], comparison.value_points
    reference = comparison.headline.loc[comparison.reference_id]
    for scenario_id, values in comparison.headline.iterrows():
        for criterion_id, value in values.items():
            criterion = comparison.criteria.loc[criterion_id]
            rows.append(
                {
                    "scenario": scenario_id,
                    "counterfactual": comparison.results[str(scenario_id)].counterfactual,
                    "criterion": criterion_id,
                    "title": criterion["title_en"],
                    "unit": criterion["unit"],
                    "value": value,
                    "low": comparison.headline_low.loc[scenario_id, criterion_id],
                    "high": comparison.headline_high.loc[scenario_id, criterion_id],
                    "change_against": comparison.reference_id,
                    "change": value - reference[criterion_id],
                    "value_points": points.loc[scenario_id, criterion_id] if criterion_id in points else None,
                    "better": criterion["direction"],
                    "confidence": criterion["confidence"],
                }
            )
    return pd.DataFrame(rows)


def cell_table(study: Study, comparison: Comparison) -> pd.DataFrame:
    """Exact values of every cell: opportunities by time and by cost, one column a scenario and measure, with its unit.

    Parameters
    ----------
    study
        The study.
    comparison
        Results.

    Returns
    -------
    pandas.DataFrame
        (cells,) the columns of the layer of cells, then ``SCENARIO:MEASURE [unit]`` as whole numbers.
    """
    counted = [m for m in comparison.measures if m.higher_is_better]
    columns = {
        f"{scenario_id}:{m.measure_id} [{m.unit.en}]": frame[m.measure_id].round().astype("int32").to_numpy()
        for scenario_id, frame in comparison.cell_values.groupby("scenario_id", sort=False)
        for m in counted
    }
    return pd.concat([study.cells.table, pd.DataFrame(columns)], axis=1)


def traveller_tables(comparison: Comparison) -> dict[str, pd.DataFrame]:
    """The tables of the demand model by name, all scenarios and land states stacked; none where demand is not modelled.

    Returns
    -------
    dict
        Tables of :class:`corridor.study.travellers.Travellers` with scenario_id, counterfactual and land_state in front.
    """
    found: dict[str, list[pd.DataFrame]] = {}
    for state, shown in comparison.travellers.items():
        for scenario_id, one in shown.items():
            frames = travel_frames(one, one.thirds)
            frames |= {"node_trips": one.node_trips} if len(one.node_trips) else {}
            for name, frame in frames.items():
                table = in_front(frame, scenario_id, comparison.results[scenario_id].counterfactual)
                table.insert(2, "land_state", state)
                found.setdefault(name, []).append(table)
    return {name: pd.concat(frames, ignore_index=True) for name, frames in found.items()}


def travel_frames(of: Travellers | DemandReport, thirds: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables that travellers of a scenario and a demand report have in common, by the names of their files."""
    return {
        "crossings": of.crossings,
        "loads": of.loads,
        "thirds": thirds,
        "benefit_by_group": of.benefit,
        "benefit_by_district": of.benefit_by_district,
        "co2": of.co2,
    }


def scores(comparison: Comparison) -> dict[str, Any]:
    """A comparison as plain data for JSON.

    Returns
    -------
    dict
        Notice and reference, scenarios with their texts and ecology headlines, phases, scenarios side by side, criteria, figures by scenario and criterion
        (central, low, high, value points), the rows of dominance, weights, ranking, pairs and hubs, and tables of cost and value. Figures are rounded to
        six decimal places; missing ones are None.
    """
    by_scenario = {
        "values": comparison.headline, "low": comparison.headline_low, "high": comparison.headline_high,
        "value_points": comparison.value_points,
    }  # fmt: skip
    costs = comparison.appraisal.tables if comparison.appraisal else {}
    listed = (
        "dominance", "dominance_buildout", "weights", "ranking", "ranking_buildout", "better", "better_buildout", "pairs",
        "hub_minutes",
    )  # fmt: skip
    return {
        "notice": NOTICE,
        "reference": comparison.reference_id,
        "scenarios": {
            i: {
                "title": _texts(r.title),
                "question": _texts(r.question),
                "year": r.year,
                "counterfactual": r.counterfactual,
                "flag": r.flag,
                "assumptions": [_texts(t) for t in r.assumptions],
                "not_modelled": [_texts(t) for t in r.scenario.not_modelled],
                "seasonal_rules": list(r.scenario.seasonal_rules),
                "ecology": asdict(r.headlines["central"]),
            }
            for i, r in comparison.results.items()
        },
        "phases": [
            {
                "year": p.year,
                "scenario_id": p.scenario.id,
                "title": _texts(p.scenario.title),
                "flag": p.scenario.flag,
            }
            for p in comparison.phases.known
        ],
        "side_by_side": side_by_side(comparison),
        "criteria": json.loads(comparison.criteria.to_json(orient="index")),
        **{name: _by_scenario(frame) for name, frame in by_scenario.items()},
        **{name: _records(getattr(comparison, name)) for name in listed},
        # the whole account is a CSV
        "economy": {name: _records(t) for name, t in costs.items() if name != "ecological_account"},
    }


def _texts(text: Text) -> dict[str, str]:
    return {lang: text.in_script(lang) for lang in LANGS}


def _by_scenario(frame: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    return {
        str(i): {str(c): (round(float(v), 6) if pd.notna(v) else None) for c, v in row.items()}
        for i, row in frame.iterrows()
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return list(json.loads(frame.round(6).to_json(orient="records")))


def review_tables(reviewed: Review) -> dict[str, pd.DataFrame]:
    """The tables of a review by the names of their files.

    Returns
    -------
    dict
        Each table holds both sides of the review, with scenario_id and counterfactual in front. Conflicts have a point,
        lon and lat (EPSG:4326), in place of their shape; `difference` is there where the subject is set against another.
    """
    tables = {"conflicts": pd.concat([_plain_conflicts(s) for s in reviewed.sides], ignore_index=True)}
    for name in TABLES:
        frames = [of_scenario(s, getattr(s.ecology, name)) for s in reviewed.sides]
        tables[name] = pd.concat(frames, ignore_index=True)
    crossed = [
        of_scenario(s, s.streams.drop(columns="scenario_id")) for s in reviewed.sides if s.streams is not None
    ]
    if crossed:
        tables["streams"] = pd.concat(crossed, ignore_index=True)
    if reviewed.difference is not None:
        tables["difference"] = reviewed.difference.headline
    return tables


def of_scenario(side: Reviewed, frame: Frame) -> Frame:
    """A table of one side of a review with its scenario in front."""
    return in_front(frame, side.scenario.id, side.scenario.counterfactual)


def in_front(frame: Frame, scenario_id: str, counterfactual: bool) -> Frame:
    """A table with the scenario it is of in front, and whether that is a counterfactual.

    Parameters
    ----------
    frame
        Any table.
    scenario_id
        For the new first column `scenario_id`.
    counterfactual
        For the new second column.
    """
    named: Frame = frame.copy()
    named.insert(0, "scenario_id", scenario_id)
    named.insert(1, "counterfactual", counterfactual)
    return named


def _plain_conflicts(side: Reviewed) -> pd.DataFrame:
    """Conflicts as rows, with a point of each."""
    points = side.conflicts.geometry.representative_point()
    plain = of_scenario(side, pd.DataFrame(side.conflicts.drop(columns="geometry")))
    return plain.assign(lon=points.x.round(6), lat=points.y.round(6))


def review_figures(reviewed: Review) -> dict[str, Any]:
    """The headline figures of a review as plain data for JSON.

    Returns
    -------
    dict
        By "values", "low" and "high" (widths of structures): the figures of each scenario, in the unit that each name ends
        in; which scenarios are counterfactual; the number of conflicts of each.
    """
    sides = {side.scenario.id: side for side in reviewed.sides}
    cases = {"values": "central", "low": "low", "high": "high"}
    return {
        "notice": NOTICE,
        **{name: {i: asdict(s.headlines[case]) for i, s in sides.items()} for name, case in cases.items()},
        "counterfactual": [i for i, side in sides.items() if side.scenario.counterfactual],
        "conflicts": {i: len(side.conflicts) for i, side in sides.items()},
    }
