"""The tables of a comparison, from the results of its scenarios."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.access.search.cells import Cells
from corridor.schema.comparison import ON_BUILDOUT, ComparisonFile, Criterion, Pair
from corridor.schema.measure import Measure
from corridor.schema.rows import NAMES, in_columns
from corridor.schema.text import Text
from corridor.study import stages
from corridor.study.comparison import Comparison
from corridor.study.criteria import figures_of, least_served, measured_as
from corridor.study.measure import cell_values, measures_of
from corridor.study.question import Question
from corridor.study.ranking import verdict
from corridor.study.run import Result
from corridor.study.study import Study
from corridor.study.travellers import ByState
from corridor.study.values import Bounds, values_of

PAIRS = (
    "pair", "question_en", "question_zh_hant", "question_zh_hans", "terms", "criterion", "value", "unit",
)  # fmt: skip


def assemble(
    study: Study, results: Mapping[str, Result], reference_id: str, asked: Question, travellers: ByState
) -> Comparison:
    """Bring results together in the tables of a comparison; no journey or impact is computed here.

    Parameters
    ----------
    study
        The study of the results.
    results
        Results by scenario id, the reference among them.
    reference_id
        The scenario that changes are measured against.
    asked
        The comparison file and the panels of weights.
    travellers
        By land state and scenario; empty where demand is not modelled.

    Returns
    -------
    Comparison
        All results side by side. Scenarios of an earlier year than the reference are shown and not ranked: they lack what
        the reference already has.
    """
    cells, file = study.cells, asked.file
    measures = measures_of(study)
    of_cells = {
        i: np.stack([cell_values(study, r, m) for m in measures]).astype(np.float32)
        for i, r in results.items()
    }
    zones = study.stages.of(stages.ZONES)
    figures = _figures(study, results, least_served(cells, results[reference_id]), file, travellers)
    start = results[reference_id].scenario.date
    judged = figures.of([i for i, r in results.items() if i == reference_id or r.scenario.date >= start])
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
        zones=zones.frame,
        zone_values={i: zones.means(v) for i, v in of_cells.items()},
        headline=figures.central,
        headline_low=figures.low,
        headline_high=figures.high,
        criteria=_criteria_table(file),
        pairs=paired(figures.central, file.pairs, file.shown),
        district_gains=_district_gains(study, results, reference_id, measures),
        hub_minutes=pd.concat(
            [r.hub_minutes.assign(scenario_id=i) for i, r in results.items()], ignore_index=True
        ),
        cell_values=_cell_frame(cells, measures, of_cells),
        do_minimum=file.do_minimum,
        value_points=values,
        **vars(on_census),
        **{name + ON_BUILDOUT: frame for name, frame in vars(on_buildout).items() if name != "weights"},
        asked=asked.asked,
        opens_on=file.opens_on or "",
        points={pair.id: pair.point for pair in file.pairs if pair.point},
        travellers=travellers,
    )


def _figures(
    study: Study, results: Mapping[str, Result], least: NDArray[np.bool_], file: ComparisonFile, travellers: ByState
) -> Bounds:  # fmt: skip
    central, low, high = (
        pd.DataFrame({i: figures_of(study, r, least, file, case, travellers) for i, r in results.items()}).T
        for case in ("central", "low", "high")
    )
    # wider works can disturb less: they take instead
    return Bounds(central, np.minimum(low, high), np.maximum(low, high))


def _criteria_table(file: ComparisonFile) -> pd.DataFrame:
    """A row a criterion, those on the planned build-out after the others of their group."""
    rows, measured = [], measured_as(file)
    for c in file.shown:
        anchor = c.anchor
        rows.append(
            {
                "criterion_id": c.id, "unit": c.unit, "direction": c.direction, "group": c.group,
                "state": measured[c.id][0], "confidence": c.confidence, "note": c.note, **in_columns(c.title, "title"),
                "anchor": anchor.change if anchor else None, "anchor_value": anchor.value if anchor else None,
                **in_columns(anchor.reason if anchor else Text(en=""), "anchor_reason"),
                "anchor_source": " ".join(anchor.source) if anchor else "",
                "anchor_confidence": anchor.confidence if anchor else "",
            }
        )  # fmt: skip
    return pd.DataFrame(rows).set_index("criterion_id")


def _district_gains(
    study: Study, results: Mapping[str, Result], reference_id: str, measures: Sequence[Measure]
) -> pd.DataFrame:
    """Resident-weighted means by district of opportunities within each cut-off, and their change against the reference."""
    cells = study.cells
    code, ids = pd.factorize(cells.table["district_id"], sort=True)
    people = np.bincount(code, cells.people(), len(ids))

    def means(result: Result, m: Measure) -> NDArray[np.float64]:
        total = np.bincount(code, cells.people() * cell_values(study, result, m), len(ids))
        return np.asarray(total / np.maximum(people, 1))

    frames = []
    for measure in (m for m in measures if m.cutoff_min and m.side == "both"):
        base = means(results[reference_id], measure)
        for scenario_id, result in results.items():
            value = means(result, measure)
            frames.append(
                pd.DataFrame(
                    {
                        "scenario_id": scenario_id, "hour": measure.hour, "district_id": ids, "measure": measure.measure_id,
                        "residents": people, "reference": base, "value": value, "gain": value - base,
                    }
                )
            )  # fmt: skip
    table = pd.concat(frames, ignore_index=True)
    names = study.districts.set_index("district_id")[[*NAMES, "region"]]
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


def paired(figures: pd.DataFrame, pairs: Sequence[Pair], criteria: Sequence[Criterion]) -> pd.DataFrame:
    """Say what one scenario adds to another: sum the terms of each pair on each criterion.

    Parameters
    ----------
    figures
        Scenario (index) by criterion (columns).
    pairs
        Questions of the comparison file with their signed scenarios; one whose scenarios were not all compared is left out.
    criteria
        The criteria of `figures`, for their units.

    Returns
    -------
    pandas.DataFrame
        pair, its question in three scripts, terms ("a - b"), criterion, value, unit: a row a pair and criterion.

    Examples
    --------
    What a tunnel avoids is the tunnel less the viaduct on the same line: terms {"western-2035": 1, "western-viaduct": -1}.
    """
    units = {c.id: c.unit for c in criteria}
    rows = []
    for pair in pairs:
        if all(scenario_id in figures.index for scenario_id in pair.terms):
            asked = pair.question.en, pair.question.zh_hant, pair.question.zh_hans, _words(pair)
            change = sum(sign * figures.loc[i] for i, sign in pair.terms.items())
            rows += [(pair.id, *asked, c, float(value), units[c]) for c, value in change.items()]
    return pd.DataFrame(rows, columns=list(PAIRS))


def _words(pair: Pair) -> str:
    signed = (f"{'+' if sign > 0 else '-'} {scenario_id}" for scenario_id, sign in pair.terms.items())
    return " ".join(signed).removeprefix("+ ")
