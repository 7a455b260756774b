"""Scenarios compared: which ones, against which reference, and whether the study's parameters allow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from corridor.access.search.parameters import AccessParameters
from corridor.core.cache import Kept
from corridor.core.errors import ParameterError, Problems, ScenarioError, unknown
from corridor.core.progress import Progress, silent
from corridor.study.appraise import appraise
from corridor.study.assemble import assemble
from corridor.study.cities import cities
from corridor.study.clock import clock_problems
from corridor.study.compared_demand import travellers_of
from corridor.study.comparison import Comparison as Comparison
from corridor.study.criteria import HOURS, MORNING
from corridor.study.freight import freight
from corridor.study.groups import grouped
from corridor.study.measure import ACROSS_MIN
from corridor.study.phases import check_phases, phases
from corridor.study.question import Question, question
from corridor.study.recreation import recreation
from corridor.study.run import run_all
from corridor.study.study import Study
from corridor.study.watershed import watershed

MOST_HOURS = 48
MOST_MIN = 24 * 60


def compare(
    study: Study,
    scenario_ids: Sequence[str] = (),
    progress: Progress = silent,
    kept: Kept | None = None,
    weights: Sequence[Path] = (),
    prices: Path | None = None,
) -> Comparison:
    """Run scenarios (those of the comparison file by default) and set them side by side.

    Parameters
    ----------
    study
        Layers and scenario files.
    scenario_ids
        Scenarios, levers stacked with '+'. The reference (the do-minimum of the comparison file, where the study has it)
        is added in front where it is not among them.
    progress
        Called as each step begins (:mod:`corridor.core.progress`).
    kept
        What is kept here is not computed again (:mod:`corridor.study.stages`); without it nothing is kept on disk.
    weights
        CSV files of more panels of judges (:mod:`corridor.schema.weights`).
    prices
        A CSV of funding with the user's own prices (docs/value.md).

    Returns
    -------
    Comparison
        Criteria with their ranges, zones and cells with every measure, paired questions, dominance and rankings, cost and value.

    Raises
    ------
    ParameterError, ScenarioError, LayerError
        Before any computing, with all that is wrong with the study's parameters or with a file.

    Examples
    --------
    >>> study = Study.bundled()
    >>> comparison = compare(study, ["committed-2030", "western-2035"])  # doctest: +SKIP
    >>> comparison.headline.T, comparison.pairs  # doctest: +SKIP
    """
    if kept:
        study.kept = kept
    return compared(study, wanted(study, scenario_ids, weights, prices), progress)


def compared(study: Study, asked: Wanted, progress: Progress = silent) -> Comparison:
    """As :func:`compare`, of what :func:`wanted` found."""
    ids, reference = asked.scenario_ids, asked.reference_id
    results = run_all(study, ids, progress)
    travellers = travellers_of(study, ids, reference, progress)
    comparison = assemble(study, results, reference, asked.question, travellers)
    return replace(
        comparison,
        appraisal=appraise(study, ids, reference, travellers, asked.question.prices),
        freight=freight(study.catalog),
        cities=cities(study.catalog, comparison.hub_minutes, study.places, reference),
        recreation=recreation(study, ids),
        watershed=watershed(study, ids),
        groups=grouped(study, ids, travellers),
        phases=phases(study, comparison, asked.question.file),
    )


@dataclass(frozen=True)
class Wanted:
    """What is compared: scenarios, the reference among them, and by which question."""

    scenario_ids: tuple[str, ...]
    reference_id: str
    question: Question


def wanted(
    study: Study, scenario_ids: Sequence[str] = (), weights: Sequence[Path] = (), prices: Path | None = None
) -> Wanted:
    """Say what :func:`compare` would compare, which takes and raises the same."""
    check_parameters(study.parameters)
    asked = question(study, weights, prices)
    check_phases(study, asked.file)
    ids = list(dict.fromkeys(scenario_ids or default_scenarios(study, asked)))
    reference = reference_of(study, ids, asked.file.do_minimum)
    if reference not in ids:
        ids.insert(0, reference)
    if prices is not None and asked.prices is not None:
        _check_lines(study, ids, prices, asked.prices)
    return Wanted(tuple(ids), reference, asked)


def _check_lines(study: Study, ids: Sequence[str], path: Path, prices: pd.DataFrame) -> None:
    """Refuse prices of lines that nothing proposes: they would count for nothing, without a word."""
    known = {*study.proposals, *(spec.id for i in ids for spec in study.scenario(i).works)}
    with Problems(ScenarioError) as found:
        for row, line_id in enumerate(prices["line_id"]):
            if line_id not in known:
                use = "the id of a proposed line"
                found.extend([unknown(f"{path.name} row {row + 1}", "line", str(line_id), use, known)])


def check_parameters(parameters: AccessParameters) -> None:
    """Check that a study has the hours and cut-offs that the criteria need, before any work.

    Raises
    ------
    ParameterError
        With every hour or cut-off that is missing, every limit that is not above 0 or too long, and too many hours.
    """
    remedy = "add it, or score single scenarios at other hours with corridor.run"
    problems = Problems(ParameterError)
    for name, given, needed, expected in (
        ("hours", parameters.hours, HOURS, "the criteria's hours"),
        ("cutoffs_min", parameters.cutoffs_min, ACROSS_MIN, "the criteria's cut-offs in minutes"),
        ("cost_hours", parameters.cost_hours, (MORNING,), "the hour of the criteria on cost"),
    ):
        for value in (v for v in needed if v not in given):
            listed = ", ".join(map(str, given)) or "none"
            problems.add(f"parameters: {name}", f"{listed}: {value} is missing", expected, remedy)
    if len(parameters.hours) > MOST_HOURS:
        problems.add(
            "parameters: hours", f"{len(parameters.hours):,} of them", f"{MOST_HOURS} at most", remedy
        )
    for name, minutes in (
        *(("cutoffs_min", m) for m in parameters.cutoffs_min),
        ("hub_limit_min", parameters.hub_limit_min),
    ):
        if not 0 < minutes <= MOST_MIN:
            expected = f"minutes above 0, {MOST_MIN} at most"
            problems.add(f"parameters: {name}", str(minutes), expected, "correct it")
    problems.extend(clock_problems(parameters.hours[:MOST_HOURS], ParameterError))
    problems.raise_all()


def default_scenarios(study: Study, asked: Question) -> tuple[str, ...]:
    """Choose what is compared where the user names no scenario.

    Returns
    -------
    tuple of str
        The scenarios of the study's own comparison file; without one, all scenarios, but no levers, of its own folder.
    """
    if asked.own and asked.file.scenarios:
        return asked.file.scenarios
    return tuple(i for i in study.own_scenarios if study.library.file(i)[0].kind == "scenario")


def reference_of(study: Study, ids: Sequence[str], do_minimum: str) -> str:
    """Choose what changes are measured against.

    Parameters
    ----------
    study
        The study.
    ids
        The scenarios to compare.
    do_minimum
        The do-minimum that the comparison file names, levers stacked with '+'.

    Returns
    -------
    str
        The do-minimum where the study has its files; else what the first scenario extends; else the first scenario.

    Raises
    ------
    ScenarioError
        Where no scenario is named.
    """
    if not ids:
        raise ScenarioError.at(
            "comparison", "names no scenario", "one at least", "see 'corridor scenarios list'"
        )
    if set(do_minimum.split("+")) <= set(study.library.ids()):
        return do_minimum
    return study.scenario(ids[0]).reference or ids[0]
