"""An ensemble on a cluster: Dask distributed scores the draws, on this machine or on any cluster by its address.

Each worker loads the study once. A draw is one task that gives all its scenarios, seeded by the design, so figures do
not depend on how many workers there are, on their order, or on one that is lost.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

import pandas as pd

from corridor.access.search.threads import one_thread
from corridor.core.cache import Kept, key_of
from corridor.core.errors import CorridorError, Problem
from corridor.core.in_memory import Kept as KeptInMemory
from corridor.core.progress import Progress, silent
from corridor.study.ensemble.coarse import CoarseStudy
from corridor.study.ensemble.design import AS_IT_IS, Design
from corridor.study.ensemble.inputs import inputs_of
from corridor.study.ensemble.score import Scorer
from corridor.study.ensemble.store import Store, differing
from corridor.study.ensemble.travel import draws_travellers
from corridor.study.question import question
from corridor.study.study import Study

NO_DRAW = -1
"""The task that scores the study as it is, on thinned cells."""
_SCORERS: KeptInMemory[str, Scorer] = KeptInMemory(most=1)
"""Of a worker: the study of its last task."""
_ONE_AT_A_TIME = Lock()
"""Of a worker with several threads, which a cluster of one's own may have: a scorer keeps what it finds, for one thread."""
S_A_SCENARIO = 1.75
"""Processor seconds that a scenario takes on a draw of the shipped study, on a machine in other use."""
S_TRAVELLERS, S_TO_CALIBRATE = 0.45, 0.9
"""What travellers take besides: of a scenario, and of the calibration that all scenarios of a draw share."""
S_TO_BEGIN = 30.0
"""Processor seconds until a worker has the study, and what all draws share."""
MEASURED_ON = 2_565
"""Thinned cells of the study that these two were measured on."""
GB_PROGRAM, GB_A_CELL, GB_TWO_CELLS = 0.6, 5e-5, 2e-9
"""Memory of a worker: the program and the study, what is kept of a thinned cell (walks, buses, times to points), and of two
cells (two bytes, minutes by local bus). The shipped study has 0.75 GB measured."""
GB_TRAVELLERS = 0.1
"""Of the same cells: trips between all zones in two land states, of the reference and of one scenario (some 50 MB, by their size)."""


@dataclass(frozen=True)
class Task:
    """What every worker needs to score a draw.

    Attributes
    ----------
    folder
        Of the study; None for the shipped one. Workers on other machines need it at the same place.
    files
        Scenario files beside those of the study.
    kept
        Where stages are kept; None for nowhere.
    inputs
        Hashes of what figures depend on (:func:`corridor.study.ensemble.inputs.inputs_of`): a worker with others refuses.
    """

    folder: Path | None
    files: tuple[Path, ...]
    kept: Path | None
    scenario_ids: tuple[str, ...]
    reference_id: str
    design: Design
    inputs: Mapping[str, str]

    @property
    def key(self) -> str:
        """What tells the scorer of this task from others in one worker."""
        of = (self.inputs, self.folder, self.files, self.scenario_ids, self.reference_id)
        return key_of([repr(of)])


def score_task(task: Task, index: int) -> pd.DataFrame:
    """Score one draw in a worker: scenario by criterion, on thinned cells."""
    with _ONE_AT_A_TIME, one_thread():
        scorer = _SCORERS.known(task.key, lambda: _scorer(task))
        if index == NO_DRAW:
            return scorer.score(AS_IT_IS)
        try:
            return scorer.score(task.design.draw(index))
        except CorridorError as error:
            raise type(error)(_of_draw(problem, index) for problem in error.problems) from None


def _of_draw(problem: Problem, index: int) -> Problem:
    """A fault that the study does not have as it is: an assumption was drawn from too far out."""
    narrow = "narrow the range of assumptions in the layer of role assumptions"
    remedy = f"{problem.remedy}, or {narrow}" if problem.remedy else narrow
    return replace(problem, where=f"draw {index}: {problem.where}", remedy=remedy)


def _scorer(task: Task) -> Scorer:
    kept = Kept(task.kept)
    study = Study.open(task.folder, kept) if task.folder else Study.bundled(kept)
    for path in task.files:
        study.library.add_file(path)
    if other := differing(task.inputs, inputs_of(study, task.scenario_ids)):
        what, remedy = f"a worker has other {', '.join(other)}", "install the same version, copy the study"
        raise CorridorError.at("cluster", what, "the same on all machines", remedy)
    return Scorer(study, task.scenario_ids, task.reference_id, question(study).file).prepare()


def run_draws(
    client: Any, task: Task, store: Store, wanted: Sequence[int], progress: Progress = silent
) -> None:
    """Score the draws that are not there yet, and keep each as it comes.

    Parameters
    ----------
    client
        Of a Dask cluster (:func:`corridor.study.ensemble.cluster.cluster`).
    task
        What is scored.
    store
        Where draws are kept.
    wanted
        Indices of draws; :data:`NO_DRAW` is the study as it is.
    progress
        Called with every draw that is done, and the time left.

    Raises
    ------
    CorridorError
        What went wrong in a worker; where several workers were lost with one draw, or the cluster was. Draws that are done
        are kept.
    """
    from distributed import as_completed

    known = set(store.done)
    missing = [i for i in wanted if i not in known]
    shared = client.scatter(task, broadcast=True)
    futures = {client.submit(score_task, shared, i, pure=False, retries=2): i for i in missing}
    begun = time.monotonic()
    for done, future in enumerate(as_completed(list(futures)), start=1):
        store.put(futures[future], _figures(future, futures[future]))
        left_min = (time.monotonic() - begun) / done * (len(missing) - done) / 60
        progress(
            f"draw {len(known) + done} of {len(wanted)}, about {left_min:.0f} min left",
            done - 1,
            len(missing),
        )
        future.release()


def _figures(future: Any, index: int) -> pd.DataFrame:
    """What a worker found, or why it found nothing."""
    from distributed.scheduler import KilledWorker

    where = "the study as it is" if index == NO_DRAW else f"draw {index}"
    try:
        found: pd.DataFrame = future.result()
    except CorridorError as error:
        raise CorridorError(error.problems) from None
    except KilledWorker:
        what = "several workers were lost while they worked on it"
        remedy = "choose fewer --workers, or see the log of the workers"
        raise CorridorError.at(where, what, "enough memory for each worker", remedy) from None
    except (CancelledError, OSError):
        what, remedy = "the cluster was lost", "run the same command again: draws that are done are kept"
        raise CorridorError.at(where, what, "a scheduler that runs to the end", remedy) from None
    return found


@dataclass(frozen=True)
class Size:
    """What an ensemble will take, known before it starts.

    Attributes
    ----------
    draws
        Those that are still to be scored.
    cells
        Cells that stand for those of the study, one for each block and side.
    travellers
        Whether draws predict who crosses where.
    """

    draws: int
    scenarios: int
    cells: int
    travellers: bool = False

    @property
    def time_s(self) -> float:
        """Processor seconds of all draws: a scenario takes as long as there are cells to come from, travellers as pairs of zones."""
        cells = self.cells / MEASURED_ON
        travellers = (self.scenarios * S_TRAVELLERS + S_TO_CALIBRATE) * cells**2 * self.travellers
        return self.draws * (self.scenarios * S_A_SCENARIO * cells + travellers)

    @property
    def gb_a_worker(self) -> float:
        """Memory of a worker, GB."""
        trips = GB_TRAVELLERS * (self.cells / MEASURED_ON) ** 2 * self.travellers
        return GB_PROGRAM + GB_A_CELL * self.cells + GB_TWO_CELLS * self.cells**2 + trips

    def words(self, workers: int) -> str:
        """What is said before it starts; without `workers`, they are those of a cluster elsewhere.

        Examples
        --------
        >>> Size(500, 8, 2565).words(2)
        '500 draws of 8 scenarios from 2,565 cells: about 117 min of processor time, 59 min on 2 workers, 0.7 GB of memory each'
        >>> Size(500, 8, 2565, travellers=True).words(0)
        '500 draws of 8 scenarios from 2,565 cells, with travellers: about 154 min of processor time, 0.8 GB of memory a worker'
        """
        each = f"{self.gb_a_worker:.1f} GB of memory"
        what = f"{self.draws:,} draws of {self.scenarios} scenarios from {self.cells:,} cells"
        what += ", with travellers" * self.travellers
        what += f": about {self.time_s / 60:.0f} min of processor time"
        if not workers:
            return f"{what}, {each} a worker"
        here_min = (self.time_s / workers + S_TO_BEGIN) / 60
        return f"{what}, {here_min:.0f} min on {workers} worker{'s' * (workers > 1)}, {each} each"


def size_of(task: Task, study: Study, done: Collection[int] = ()) -> Size:
    """What an ensemble will take, without the draws that are there already."""
    missing = set(range(task.design.draws)) - set(done)
    travellers = draws_travellers(study, question(study).file)
    return Size(len(missing), len(task.scenario_ids), len(CoarseStudy.of(study).cells.region), travellers)


def asked_of(task: Task) -> dict[str, Any]:
    """What tells the draws of one question from those of another, as text."""
    design = task.design
    return {
        **task.inputs,
        "scenarios": list(task.scenario_ids),
        "reference": task.reference_id,
        "draws": design.draws,
        "seed": design.seed,
        "assumptions": design.drawn,
    }
