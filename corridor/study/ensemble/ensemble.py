"""How sure a comparison is: draws of every assumption, scored, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

import pandas as pd

from corridor.core import paths
from corridor.core.errors import CatalogError, CorridorError, ParameterError
from corridor.core.progress import Progress, silent
from corridor.drawing.compared import Compared, Criterion, Scenario
from corridor.drawing.i18n import t
from corridor.ecology.impact.assess import stacked
from corridor.schema.assumptions import Assumption, correlations, read_assumptions
from corridor.schema.comparison import ComparisonFile
from corridor.schema.text import Text
from corridor.schema.varied import NO_TRAVELLERS, VARIED
from corridor.study.compare import Wanted, wanted
from corridor.study.compared_demand import travellers_of
from corridor.study.criteria import figures_of, least_served
from corridor.study.ensemble.attribution import Box, flip_point, tornado
from corridor.study.ensemble.cluster import cluster
from corridor.study.ensemble.design import SEED, design_of
from corridor.study.ensemble.findings import Findings, findings
from corridor.study.ensemble.inputs import inputs_of
from corridor.study.ensemble.run import NO_DRAW, Task, asked_of, run_draws, size_of
from corridor.study.ensemble.score import COST, corrected
from corridor.study.ensemble.store import ASKED, Store, differing, read_asked
from corridor.study.ensemble.surrogate import COLUMNS, variance_shares
from corridor.study.ensemble.thinning import score_thinning, thinning
from corridor.study.ensemble.travel import check_travellers, draws_travellers, of_travellers
from corridor.study.question import question
from corridor.study.run import run_all
from corridor.study.study import Study
from corridor.study.travellers import ByState

MOST_DRAWS = 100_000
LEAST_DRAWS = 10
COST_UNIT = "hkd_bn"
MATTER = 3
"""Assumptions that are named of each difference."""


@dataclass(frozen=True)
class Ensemble:
    """Draws of a comparison and what they say.

    Attributes
    ----------
    draws
        Index draw, scenario_id; a column for each criterion, in its unit.
    inputs
        Index draw; the value of each assumption, common to all that it is about.
    assumptions
        The table, those that are not varied yet included.
    central
        Scenario by criterion: the study as it is.
    findings
        Probabilities, differences, rank acceptability, regret.
    leans_on
        scenario_id, against, profile, then the columns of :func:`corridor.study.ensemble.attribution.tornado` of the difference in
        score.
    flips
        By profile and pair (the one that leads in most draws first), where the order turns round; None where no box says so.
    compared
        Titles of scenarios, and criteria as the study has them; those that draws do not measure have no values.
    shares
        scenario_id, against, profile, then the columns of :func:`corridor.study.ensemble.surrogate.variance_shares` of the
        difference in score; no rows where too few draws are there to tell.
    thinning
        criterion, taken_off (the most that thinned cells are off for a scenario in the study as it is, which is taken off its
        draws), apart (the most that this differs between two scenarios: differences below it are small for thinned cells).
    score_thinning
        The same of differences in score (:func:`corridor.study.ensemble.thinning.score_thinning`).
    """

    scenario_ids: tuple[str, ...]
    reference_id: str
    seed: int
    draws: pd.DataFrame
    inputs: pd.DataFrame
    assumptions: tuple[Assumption, ...]
    central: pd.DataFrame
    findings: Findings
    leans_on: pd.DataFrame
    flips: Mapping[tuple[str, str, str], Box | None]
    compared: Compared
    shares: pd.DataFrame = field(default_factory=pd.DataFrame)
    thinning: pd.DataFrame = field(default_factory=pd.DataFrame)
    score_thinning: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def not_yet(self) -> tuple[Assumption, ...]:
        """Assumptions of the table that draws do not vary yet."""
        return tuple(a for a in self.assumptions if a.not_yet)

    def near(self, profile: str, a: str, b: str) -> bool:
        """Whether thinned cells may account for the difference in score of a pair."""
        table = self.score_thinning
        if not len(table):
            return False
        pair = table["scenario_id"].isin([a, b]) & table["against"].isin([a, b])
        return bool(table.loc[pair & (table["profile"] == profile), "near"].any())


def task_of(study: Study, asked: Wanted, draws: int, seed: int = SEED, files: Sequence[Path] = ()) -> Task:
    """What an ensemble of a comparison would score.

    Parameters
    ----------
    study, asked
        The study, and what is compared (:func:`corridor.study.compare.wanted`).
    draws, seed
        How many draws, and their seed.
    files
        Scenario files that are not of the study.

    Raises
    ------
    CatalogError, LayerError, ParameterError
        Where the study has no table of assumptions, with all that is wrong with it, or for a number of draws that is too small
        or too large.
    """
    if not LEAST_DRAWS <= draws <= MOST_DRAWS:
        expected = f"{LEAST_DRAWS} to {MOST_DRAWS:,}"
        raise ParameterError.at("draws", f"{draws:,}", expected, "choose another number")
    if not study.catalog.having("assumptions"):
        what, remedy = "no layer of role assumptions", "add a table of assumptions (docs/ensembles.md)"
        raise CatalogError.at("catalogue", what, "what may vary, and how far", remedy)
    table = study.catalog.table("assumptions")
    design = design_of(_assumptions(study), correlations(table), draws, seed)
    if draws_travellers(study, asked.question.file):
        check_travellers(study, design)
    return Task(
        _folder_of(study),
        tuple(p.absolute() for p in files),
        study.kept.folder,
        asked.scenario_ids,
        asked.reference_id,
        design,
        inputs_of(study, asked.scenario_ids),
    )


def _assumptions(study: Study) -> tuple[Assumption, ...]:
    """The table; what is of the demand model alone is held where draws have no travellers."""
    rows = read_assumptions(study.catalog.table("assumptions"))
    if draws_travellers(study, question(study).file):
        return rows
    return tuple(replace(a, held=NO_TRAVELLERS) if VARIED[a.varies].needs_demand else a for a in rows)


def _folder_of(study: Study) -> Path | None:
    """The folder of a study of one's own; None for the shipped one."""
    own = study.scenario_folders[-1]
    return None if own == paths.scenarios_dir() else own.parent.absolute()


def ensemble(
    study: Study,
    scenario_ids: Sequence[str] = (),
    draws: int = 200,
    *,
    folder: Path,
    seed: int = SEED,
    scheduler: str = "",
    workers: int = 0,
    weights: Sequence[Path] = (),
    files: Sequence[Path] = (),
    progress: Progress = silent,
) -> Ensemble:
    """Draw every assumption, score every scenario on each draw, and read off how sure the comparison is.

    Parameters
    ----------
    study, scenario_ids, weights
        As for :func:`corridor.study.compare.compare`.
    draws, seed
        How many draws, and their seed; the same give the same figures.
    folder
        Where draws are kept as they come: an ensemble that was stopped goes on from there.
    scheduler, workers
        The address of a Dask scheduler; without, as many workers on this machine, one for each processor by default.
    files
        Scenario files that are not of the study.
    progress
        Called with each step, and the time left.

    Raises
    ------
    CorridorError
        With what is wrong with the study, the table of assumptions, the folder or the cluster, before any draw.
    """
    asked = wanted(study, scenario_ids, weights)
    task = task_of(study, asked, draws, seed, files)
    store = Store.begin(folder, asked_of(task))
    indices = [NO_DRAW, *range(draws)]
    if set(indices) - set(store.done):
        with cluster(scheduler, workers, size_of(task, study).gb_a_worker) as client:
            run_draws(client, task, store, indices, progress)
    return read(study, asked, task, store, progress)


def reopen(study: Study, folder: Path, weights: Sequence[Path] = (), files: Sequence[Path] = ()) -> Ensemble:
    """Read an ensemble that was drawn before, without drawing anything.

    Parameters
    ----------
    study, weights, files
        As for :func:`ensemble`; weights may differ from those of then.
    folder
        Where its draws are; an ensemble that was stopped has those that it came to.

    Raises
    ------
    CorridorError
        Where the folder is none of an ensemble, has too few draws, or draws of another program, other layers or other files.
    """
    if not (folder / ASKED).is_file():
        what, expected = "is not the folder of an ensemble", f"a folder with {ASKED}"
        raise CorridorError.at(str(folder), what, expected, f"corridor ensemble --out {folder}")
    before, store = read_asked(folder / ASKED), Store(folder)
    ids, draws, seed = (before.get(key) for key in ("scenarios", "draws", "seed"))
    asked = wanted(study, ids if isinstance(ids, list) else (), weights)
    task = task_of(
        study, asked, draws if isinstance(draws, int) else 0, seed if isinstance(seed, int) else SEED, files
    )
    now = asked_of(task)
    if other := differing(before, now):
        what = f"holds draws of another question: other {', '.join(other)}"
        raise CorridorError.at(
            str(folder), what, "draws of this study and program", "draw the ensemble again"
        )
    if NO_DRAW not in store.done or len(store.done) <= LEAST_DRAWS:
        what, expected = f"has {max(len(store.done) - 1, 0)} draws", f"{LEAST_DRAWS} or more"
        raise CorridorError.at(str(folder), what, expected, "run the same 'corridor ensemble' to its end")
    return read(study, asked, task, store)


def read(study: Study, asked: Wanted, task: Task, store: Store, progress: Progress = silent) -> Ensemble:
    """What draws that are there say; the study as it is is scored on all its cells, or taken from what is kept."""
    exact = _exact(study, asked, progress)
    raw = store.draws()
    as_it_is = raw.loc[NO_DRAW]
    drawn = raw.drop(index=NO_DRAW, level="draw")
    frames = {i: corrected(f.droplevel("draw"), as_it_is, exact) for i, f in drawn.groupby(level="draw")}
    draws = pd.concat(frames, names=["draw"])
    file, design = asked.question.file, task.design
    directions = {c.id: c.direction for c in file.shown if c.id in draws} | {COST: "lower"}
    directions = {c: d for c, d in directions.items() if draws[c].notna().any()}
    found = findings(draws, directions, file.scored, asked.reference_id, asked.question.panels)
    values = design.common.loc[sorted(frames)]
    leans_on, shares, flips = _attributed(found, values[_of_scores(file, design.assumptions)])
    central = exact.reindex(columns=draws.columns).fillna(as_it_is)
    return Ensemble(
        task.scenario_ids,
        task.reference_id,
        design.seed,
        draws,
        values,
        _assumptions(study),
        central,
        found,
        leans_on,
        flips,
        _compared(study, task, file, central),
        shares,
        thinning(exact, as_it_is),
        score_thinning(exact, as_it_is, file.scored, asked.question.panels, found),
    )


def _compared(study: Study, task: Task, file: ComparisonFile, central: pd.DataFrame) -> Compared:
    """Scenarios and criteria as charts take them, and cost, which draws measure besides."""
    values = {str(c): column.dropna().to_dict() for c, column in central.items()}

    def criterion(name: str, title: Text, unit: str, higher: bool, group: str, scored: bool) -> Criterion:
        return Criterion(name, title, unit, higher, group, scored, values.get(name, {}), {}, {})

    scored = {c.id for c in file.scored}
    shown = [
        criterion(c.id, c.title, c.unit, c.direction == "higher", c.group, c.id in scored) for c in file.shown
    ]
    cost = criterion(COST, t("ensemble_cost"), COST_UNIT, False, "cost", False)
    scenarios = {i: study.scenario(i) for i in task.scenario_ids}
    named = {i: Scenario(i, s.title, s.flag) for i, s in scenarios.items()}
    return Compared(named, task.reference_id, (*shown, cost))


def _exact(study: Study, asked: Wanted, progress: Progress) -> pd.DataFrame:
    """Scenario by criterion, on all cells."""
    results = run_all(study, asked.scenario_ids, progress)
    least = least_served(study.cells, results[asked.reference_id])
    file = asked.question.file
    travellers: ByState = {}
    if draws_travellers(study, file):
        travellers = travellers_of(study, asked.scenario_ids, asked.reference_id, progress)
    rows = {i: figures_of(study, r, least, file, "central", travellers) for i, r in results.items()}
    return pd.DataFrame(rows).T


def _of_scores(file: ComparisonFile, assumptions: Sequence[Assumption]) -> list[str]:
    """Assumptions that scores may follow: where no criterion of travellers is scored, none of the demand model alone."""
    travellers = of_travellers(file.scored, file)
    return [a.assumption_id for a in assumptions if travellers or not VARIED[a.varies].needs_demand]


def _attributed(
    found: Findings, values: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, dict[tuple[str, str, str], Box | None]]:
    """For each panel and pair: what the difference in score leans on, with shares of its variance, and where the order turns."""
    orders, shares = list[pd.DataFrame](), list[pd.DataFrame]()
    flips = dict[tuple[str, str, str], Box | None]()
    for profile, scores in found.scores.items():
        for a, b in combinations(scores.columns, 2):
            difference = (scores[a] - scores[b]).to_numpy()
            first, second, led = (a, b, difference) if (difference > 0).mean() >= 0.5 else (b, a, -difference)
            order = tornado(values, led)
            for table, frames in ((order, orders), (variance_shares(values, led), shares)):
                for name, value in (("profile", profile), ("against", second), ("scenario_id", first)):
                    table.insert(0, name, value)
                frames.append(table)
            matter = order["assumption_id"].head(MATTER + 1).tolist()
            flips[profile, first, second] = flip_point(values[matter], led < 0)
    none = pd.DataFrame(columns=["scenario_id", "against", "profile", *COLUMNS])
    return stacked([pd.DataFrame(), *orders]), stacked([none, *shares]), flips
